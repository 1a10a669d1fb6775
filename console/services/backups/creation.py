"""Backup: the database by pg_dump and the raw bytes, of one moment, while everything goes on running.

A dump and a manifest are made from one snapshot. A file's blob is written before its row and never changes, so all
blobs that the snapshot names are there. A freeze of removals (`db.erasure.freezes`), taken before the snapshot,
keeps them until they are copied.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from uuid import uuid4

from console.servers.client_programs import Tool, find_tool, run_tool
from console.services.backups.checking import Trust
from console.services.backups.copier import copy_blobs
from console.services.backups.folder import Backup, BackupFolder, ManifestEntry
from console.services.progress import Activity, Report, unreported
from db.erasure import freezes
from db.reads.server import server_major
from db.reads.snapshot import export_snapshot, stored_blobs
from db.revisions import head_revision
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill import __version__
from newsmill.errors import ConfigurationError, TerminalError, TransientError

__all__ = ["Backup", "Made", "opened_folder", "run"]

_FREEZE_SECONDS = 120.0
_RENEW_SECONDS = 10.0
_PARTS = 256

# Leases are dumped: those who held them are gone where it is restored, and the sweeper gives their work to others.
_NOT_DUMPED = ("processes", "blob_holds")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup, and digests of blobs that were damaged in its folder and are copied anew."""

    backup: Backup
    healed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Dumped:
    """What was made from the snapshot, and what the manifest lists."""

    at: datetime
    dump: Path
    manifest: Path
    tool: Tool
    blobs: int
    size_bytes: int


class _Freeze:
    """Keeps blobs from being removed while it is ticked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._name = f"backup {uuid4().hex}"
        self._due = 0.0

    def tick(self) -> None:
        """Renews it now and then."""
        if monotonic() >= self._due:
            self._due = monotonic() + _RENEW_SECONDS
            self._database.run(freezes.freeze, self._name, _FREEZE_SECONDS, durable=True)

    def end(self) -> None:
        """Lets blobs go again."""
        self._database.run(freezes.thaw, self._name, retry_seconds=0)


@contextmanager
def opened_folder(path: Path, inbox: Path) -> Iterator[BackupFolder]:
    """The folder for a backup, held alone. Raises ConfigurationError if it is no folder for that, or is in use."""
    if path.resolve().is_relative_to(inbox.resolve()):
        raise ConfigurationError(f"{path} is in the inbox, where what it holds would be taken in: name another folder")
    with BackupFolder.opened(path, create=True) as folder:
        yield folder


def run(database: Database, blobs: BlobStore, folder: BackupFolder, report: Report = unreported) -> Made:
    """Writes a backup, or brings the one in the folder up to date; the result names raw bytes that were missing.

    Of the blobs that are there it reads a share again (`Trust`), and copies anew what is damaged.

    A run that is interrupted or fails leaves the backup that was there; the next one goes on with what is copied.
    Raises TransientError and ConfigurationError.
    """
    with suppress(TerminalError):  # an index that nobody can read names nothing; this run writes another
        folder.tidy(folder.read())
    with _explained(folder.path), _frozen(database) as freeze:
        dumped = _dump(database, folder, freeze, report)
        _require_room(folder, dumped.size_bytes)
        missing, damaged = _copy(blobs, folder, dumped, freeze, report)
        backup = Backup(
            version=__version__,
            revision=head_revision(),
            postgres=dumped.tool.major,
            created_at=dumped.at.isoformat(),
            dump=dumped.dump.name,
            dump_sha256=folder.sha256_of(dumped.dump),
            manifest=dumped.manifest.name,
            manifest_sha256=folder.sha256_of(dumped.manifest),
            blobs=dumped.blobs,
            size_bytes=dumped.size_bytes,
            missing=[sha256.hex() for sha256 in missing],
        )
        folder.write(backup)
    _remove_unneeded(folder, backup)
    return Made(backup, tuple(sorted(damaged - set(missing))))


def _dump(database: Database, folder: BackupFolder, freeze: _Freeze, report: Report) -> _Dumped:
    now = datetime.now(UTC)
    dump, manifest = folder.file("database", now), folder.file("manifest", now)
    Activity("dumping the database", report)
    with database.stream() as connection:
        snapshot = export_snapshot(connection)
        tool = find_tool("pg_dump", server_major(connection))
        _run_dump(tool, database.url, snapshot, dump, freeze)
        entries = (ManifestEntry(sha256, size_bytes) for sha256, size_bytes in stored_blobs(connection))
        blobs, size_bytes = folder.write_manifest(manifest, entries)
    return _Dumped(now, dump, manifest, tool, blobs, size_bytes)


def _run_dump(tool: Tool, url: str, snapshot: str, dump: Path, freeze: _Freeze) -> None:
    dump.touch(mode=0o600)
    arguments = [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--file={dump}",
        *(f"--exclude-table-data={table}" for table in _NOT_DUMPED),
    ]
    try:
        run_tool(tool, arguments, url, tick=freeze.tick)
    except TransientError as error:
        raise TransientError(f"{dump.parent}: the database was not dumped: {error}; run it again") from error


def _copy(
    blobs: BlobStore, folder: BackupFolder, dumped: _Dumped, freeze: _Freeze, report: Report
) -> tuple[list[bytes], set[bytes]]:
    """Copies what the folder has not yet, or has damaged.

    Returns the digests of blobs that are missing or damaged in the store, and of those that were damaged in the folder.
    """
    activity = Activity("copying blobs", report, dumped.blobs)

    def tick(count: int) -> None:
        freeze.tick()
        activity.advance(count)

    trust = Trust(folder, dumped.size_bytes, tick)
    entries = folder.entries(dumped.manifest)
    copied = copy_blobs(entries, blobs, folder.blobs, standing=trust.standing, tick=tick)
    trust.note()
    needed = folder.entries(dumped.manifest) if trust.damaged else ()
    return copied.missing, {entry.sha256 for entry in needed if entry.sha256 in trust.damaged}


def _require_room(folder: BackupFolder, size_bytes: int) -> None:
    """Better now than after an hour of copying."""
    there = sum(blob.size_bytes for part in range(_PARTS) for blob in folder.blobs.listed(part))
    free = folder.blobs.free_bytes()
    if free is not None and size_bytes - there > free:
        raise TransientError(
            f"{folder.path}: the blobs need {size_bytes - there:,} bytes and {free:,} are free: free some space or"
            " name a folder on another disk"
        )


def _remove_unneeded(folder: BackupFolder, backup: Backup) -> None:
    """What a former backup had, and this one has not: also what was forgotten in between."""
    folder.tidy(backup)
    needed = folder.entries(folder.path / backup.manifest)
    entry = next(needed, None)
    for part in range(_PARTS):
        there = {blob.sha256 for blob in folder.blobs.listed(part)}
        while entry is not None and entry.sha256[0] == part:
            there.discard(entry.sha256)
            entry = next(needed, None)
        folder.blobs.remove(sorted(there))
    folder.blobs.sweep_temporaries()


@contextmanager
def _frozen(database: Database) -> Iterator[_Freeze]:
    freeze = _Freeze(database)
    freeze.tick()
    try:
        yield freeze
    finally:
        freeze.end()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransientError(f"{path}: {error.strerror or error}; what is copied stays, run it again") from error
