"""Blobs: the blob store compared with the ledger, a 256th at a time; what nothing needs may be taken away."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from console.services.progress import Activity, Report, unreported
from db.erasure import marks
from db.reads import lookups
from db.sessions import Database
from ingest.blobs.store import BlobStore, StoredBlob
from worker.duties.blobs import BlobCollector

__all__ = ["BlobAudit", "StoredBlob", "audit", "paths_of", "remove"]

_PARTS = 256
_YOUNG_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class BlobAudit:
    """Blobs in all, those that no file has, and digests of files whose blob is not there.

    A blob that is not an hour old may belong to a file that is being taken in: it counts as `young`, not as unneeded.
    """

    blobs: int
    size_bytes: int
    young: int
    unneeded: tuple[StoredBlob, ...]
    missing: tuple[bytes, ...]

    @property
    def unneeded_bytes(self) -> int:
        """What taking the unneeded ones away would free."""
        return sum(blob.size_bytes for blob in self.unneeded)


@dataclass(slots=True)
class _Found:
    blobs: int = 0
    size_bytes: int = 0
    young: int = 0
    unneeded: list[StoredBlob] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)


def audit(database: Database, blobs: BlobStore, report: Report = unreported) -> BlobAudit:
    """Compares all of them and changes nothing. Raises TransientError if the store does not answer."""
    found = _Found()
    activity = Activity("comparing", report, _PARTS)
    for part in range(_PARTS):
        _compare(database, blobs, part, found)
        activity.advance(1)
    return BlobAudit(found.blobs, found.size_bytes, found.young, tuple(found.unneeded), tuple(found.missing))


def remove(database: Database, blobs: BlobStore, found: BlobAudit) -> int:
    """Takes away what the audit found unneeded, unless a file has it by now; returns how many blobs went.

    While a backup runs none goes: the sweeper takes them away when it has ended.
    """
    if not found.unneeded:
        return 0
    database.run(_mark, [blob.sha256 for blob in found.unneeded], durable=True)
    return BlobCollector(database, blobs).run()


def paths_of(database: Database, digests: Sequence[bytes]) -> dict[bytes, str]:
    """A path at which a file with these bytes was seen, for each that a file has."""
    return database.run(lookups.paths_of_digests, digests)


def _compare(database: Database, blobs: BlobStore, part: int, found: _Found) -> None:
    """Adds what is to be said of the blobs whose SHA-256 begins with the byte `part`."""
    listed = {blob.sha256: blob for blob in blobs.listed(part)}
    named = database.run(marks.digests, part)
    found.blobs += len(listed)
    found.size_bytes += sum(blob.size_bytes for blob in listed.values())
    for sha256 in sorted(listed.keys() - named):
        if listed[sha256].written_at > time.time() - _YOUNG_SECONDS:
            found.young += 1
        else:
            found.unneeded.append(listed[sha256])
    # Those that came after the store was listed are there; those that went since are no file's any more.
    gone = {sha256 for sha256 in named - listed.keys() if not blobs.exists(sha256)}
    if gone:
        found.missing += sorted(database.run(marks.named, gone))


def _mark(connection: Connection, digests: Sequence[bytes]) -> None:
    marks.mark(connection, digests, refused=False)
