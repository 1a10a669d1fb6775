"""Copies blobs from one store to another, and hashes each on its way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import BinaryIO, cast

from console.services.backups.folder import ManifestEntry
from ingest.blobs.store import BlobStore, StagedBlob
from newsmill.errors import TransientError

__all__ = ["Copied", "copy_blobs"]

_GROUP_BLOBS = 100
_GROUP_BYTES = 256 * 1024 * 1024


@dataclass(slots=True)
class Copied:
    """How many blobs were copied, how many were there, and which are missing or have another hash than their name."""

    blobs: int = 0
    size_bytes: int = 0
    there: int = 0
    missing: list[bytes] = field(default_factory=list)


def copy_blobs(
    entries: Iterable[ManifestEntry],
    source: BlobStore,
    target: BlobStore,
    *,
    again: bool,
    tick: Callable[[int], None],
) -> Copied:
    """Copies the blobs, which come in the order of their hashes; with `again` also those that the target has
    in that size.

    The result names what the source lacks, and what has another hash than its name: the target never gets that. `tick`
    is called often, with the number of blobs done since. Raises TransientError when a store fails.
    """
    copied = Copied()
    for first_byte, part in groupby(entries, key=lambda entry: entry.sha256[0]):
        there = {} if again else {blob.sha256: blob.size_bytes for blob in target.listed(first_byte)}
        for group in _groups(part):
            wanted = [entry for entry in group if there.get(entry.sha256) != entry.size_bytes]
            copied.there += len(group) - len(wanted)
            staged: list[StagedBlob] = []
            try:
                for entry in wanted:
                    blob = _staged(source, target, entry, tick)
                    if blob is None:
                        copied.missing.append(entry.sha256)
                    else:
                        staged.append(blob)
                target.commit(staged)
            except BaseException:
                target.discard(staged)
                raise
            copied.blobs += len(staged)
            copied.size_bytes += sum(blob.size_bytes for blob in staged)
            tick(len(group))
    return copied


def _staged(
    source: BlobStore, target: BlobStore, entry: ManifestEntry, tick: Callable[[int], None]
) -> StagedBlob | None:
    try:
        stream = source.open(entry.sha256)
    except TransientError:
        if source.exists(entry.sha256):  # raises if the store is away: then nobody knows about the blob
            raise
        return None
    with stream:
        blob = target.stage(cast(BinaryIO, _Ticking(stream, tick)))
    if blob.sha256 != entry.sha256:
        target.discard([blob])
        return None
    return blob


class _Ticking:
    """Ticks at each read, so that a large blob does not look like a standstill."""

    def __init__(self, stream: BinaryIO, tick: Callable[[int], None]) -> None:
        self._read = stream.read
        self._tick = tick

    def read(self, size: int) -> bytes:
        self._tick(0)
        return self._read(size)


def _groups(entries: Iterable[ManifestEntry]) -> Iterator[list[ManifestEntry]]:
    group: list[ManifestEntry] = []
    size_bytes = 0
    for entry in entries:
        if group and (len(group) == _GROUP_BLOBS or size_bytes + entry.size_bytes > _GROUP_BYTES):
            yield group
            group, size_bytes = [], 0
        group.append(entry)
        size_bytes += entry.size_bytes
    if group:
        yield group
