"""Copies blobs from one store to another, and hashes each on its way; and hashes those that are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256 as new_digest
from itertools import groupby
from typing import BinaryIO, cast

from console.services.backups.folder import ManifestEntry
from ingest.blobs.store import BlobStore, StagedBlob
from newsmill.errors import TransientError

__all__ = ["Copied", "copy_blobs", "is_intact"]

_GROUP_BLOBS = 100
_GROUP_BYTES = 256 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024


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
    standing: Callable[[int], Mapping[bytes, int]],
    tick: Callable[[int], None],
) -> Copied:
    """Copies the blobs, which come in the order of their hashes, but those that the target has in that size.

    `standing` says which these are, with their sizes, of the hashes that begin with a byte.
    The result names what the source lacks, and what has another hash than its name: the target never gets that. `tick`
    is called often, with the number of blobs done since. Raises TransientError when a store fails.
    """
    copied = Copied()
    for first_byte, part in groupby(entries, key=lambda entry: entry.sha256[0]):
        there = standing(first_byte)
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


def is_intact(store: BlobStore, sha256: bytes, tick: Callable[[int], None]) -> bool:
    """Returns whether the store has this blob and its bytes are what its name says; reads all of it.

    A blob that cannot be read is none. `tick` is called at each read.
    """
    digest = new_digest()
    try:
        with store.open(sha256) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                tick(0)
                digest.update(chunk)
    except TransientError:
        return False
    return digest.digest() == sha256


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
