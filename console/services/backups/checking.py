"""The hashes of a backup, looked at again: bits rot, and a blob that was copied right may be wrong a year later.

Each backup looks at a share of the blobs that it finds in its folder, and copies anew what is damaged. `verify` looks
at all of them. `try_out` restores the database as well, into a throwaway one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from console.servers.client_programs import find_tool
from console.services.backups.contents import restore_dump
from console.services.backups.copier import is_intact
from console.services.backups.folder import Backup, BackupFolder, Checks
from console.services.progress import Activity, Report, unreported
from db.ledger.restored import release_all
from db.migrating import migrate
from db.reads.server import server_major
from db.reads.snapshot import document_count, file_count, stored_blobs
from db.sessions import Database
from ingest.blobs.store import BlobStore

__all__ = ["SMALL_BYTES", "TriedOut", "Trust", "Verified", "lacking", "try_out", "verify"]

SMALL_BYTES: Final = 1 << 30
"""A backup of no more is looked at as a whole each time: some seconds of reading."""

_PARTS = 256
_SHARE_PARTS = 32
_ANALYZE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Verified:
    """What a backup holds, and what of it is not as it was made.

    `damaged` are names of files in the folder: the dump, the manifest. `lost` are digests of blobs that are damaged or
    missing there, `missing` of those that were missing already when the backup was made.
    """

    blobs: int
    size_bytes: int
    damaged: tuple[str, ...]
    lost: tuple[bytes, ...]
    missing: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class TriedOut:
    """What a restore would bring: files, documents, and digests of blobs that files name and the backup lacks."""

    files: int
    documents: int
    lacking: tuple[bytes, ...]


class Trust:
    """Which blobs of the folder count as there: of a share of them, only those whose hash is right."""

    def __init__(self, folder: BackupFolder, size_bytes: int, tick: Callable[[int], None]) -> None:
        """Looks at an eighth of the blobs, from where the last run ended, or at all if they are few (in bytes)."""
        self._folder = folder
        self._tick = tick
        self._before = folder.checks()
        share = _PARTS if size_bytes <= SMALL_BYTES else _SHARE_PARTS
        self._parts = {(self._before.next_part + step) % _PARTS for step in range(share)}
        self._next = (self._before.next_part + share) % _PARTS
        self.damaged: set[bytes] = set()

    def standing(self, part: int) -> dict[bytes, int]:
        """Returns the blobs that begin with this byte and need no copy, with their sizes."""
        there = {blob.sha256: blob.size_bytes for blob in self._folder.blobs.listed(part)}
        looked_at = there if part in self._parts else there.keys() & self._before.damaged
        wrong = {sha256 for sha256 in looked_at if not is_intact(self._folder.blobs, sha256, self._tick)}
        self.damaged |= wrong
        return {sha256: size_bytes for sha256, size_bytes in there.items() if sha256 not in wrong}

    def note(self) -> None:
        """Notes how far this run looked. What was damaged is copied anew, or named as missing."""
        self._folder.note(Checks(self._next))


def verify(folder: BackupFolder, backup: Backup, report: Report = unreported) -> Verified:
    """Hashes everything that the backup holds, and notes what the next backup has to copy anew; heals nothing itself.

    Raises TransientError if the folder cannot be read.
    """
    damaged = [name for name, _ in folder.unlike(backup)]
    activity = Activity("hashing blobs", report, backup.blobs)
    missing = {bytes.fromhex(sha256) for sha256 in backup.missing}
    lost: list[bytes] = []
    for entry in [] if backup.manifest in damaged else folder.entries(folder.path / backup.manifest):
        if entry.sha256 not in missing and not is_intact(folder.blobs, entry.sha256, activity.advance):
            lost.append(entry.sha256)
        activity.advance(1)
    checks = folder.checks()
    folder.note(Checks(checks.next_part, checks.damaged | set(lost)))
    return Verified(backup.blobs, backup.size_bytes, tuple(damaged), tuple(lost), tuple(sorted(missing)))


def try_out(database: Database, folder: BackupFolder, backup: Backup, report: Report = unreported) -> TriedOut:
    """Restores the backup's database into this empty one, brings it to this version, and asks it what it needs.

    Raises TransientError if PostgreSQL does not take it, ConfigurationError if its programs are too old.
    """
    Activity("restoring the database", report)
    tool = find_tool("pg_restore", max(database.run(server_major), backup.postgres))
    restore_dump(tool, folder.path / backup.dump, database.url)
    database.run(release_all, durable=True, statement_seconds=_ANALYZE_SECONDS)
    database.retrying(lambda: migrate(database))
    return TriedOut(database.run(file_count), database.run(document_count), tuple(lacking(database, folder.blobs)))


def lacking(database: Database, blobs: BlobStore) -> list[bytes]:
    """Returns the digests of the files in the database that the store has no blob of, in their order."""
    part, listed = -1, set[bytes]()
    found = []
    with database.stream() as connection:
        for sha256, _ in stored_blobs(connection):
            if sha256[0] != part:  # they come in order
                part, listed = sha256[0], {blob.sha256 for blob in blobs.listed(sha256[0])}
            if sha256 not in listed:
                found.append(sha256)
    return found
