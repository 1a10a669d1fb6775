"""`newsmill backup`: the database by pg_dump and the raw bytes, of one moment, while everything goes on running.

A dump and a manifest are made from one snapshot. A file's blob is written before its row and never changes, so all
blobs that the snapshot names are there; a hold (`db.erasure.tombstones`), taken before the snapshot, keeps them
until they are copied.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from uuid import uuid4

from rich.console import Console
from sqlalchemy import Connection, text

from console.cli.printing import counted
from console.cli.progress import progress_on
from console.processes.opening import opened_database
from console.servers.client_programs import Tool, find_tool, run_tool
from console.services.backup_folder import Backup, BackupFolder, ManifestEntry
from console.services.copying import copy_blobs
from db.erasure import freezes
from db.migrating import head_revision
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill import __version__
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings

__all__ = ["run_backup"]

_HOLD_SECONDS = 120.0
_RENEW_SECONDS = 10.0
_NAMED = 10
_PARTS = 256

# Leases are dumped: those who held them are gone where it is restored, and the sweeper gives their work to others.
_NOT_DUMPED = ("processes", "blob_holds")


class _Hold:
    """Keeps blobs from being removed while it is ticked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._name = f"backup {uuid4().hex}"
        self._due = 0.0

    def tick(self) -> None:
        """Renews it now and then."""
        if monotonic() >= self._due:
            self._due = monotonic() + _RENEW_SECONDS
            self._database.retrying(self._renew)

    def end(self) -> None:
        """Lets blobs go again."""
        with self._database.transaction() as connection:
            freezes.thaw(connection, self._name)

    def _renew(self) -> None:
        with self._database.transaction(durable=True) as connection:
            freezes.freeze(connection, self._name, _HOLD_SECONDS)


def run_backup(settings: Settings, path: Path, *, out: Console, err: Console) -> int:
    """Writes a backup, or brings the one in the folder up to date; the exit code is 1 if raw bytes were missing.

    A run that is interrupted or fails leaves the backup that was there; the next one goes on with what is copied.
    """
    path = Path(os.path.abspath(path))
    if path.resolve().is_relative_to(settings.inbox.resolve()):
        raise ConfigurationError(f"{path} is in the inbox, where what it holds would be taken in: name another folder")
    with BackupFolder.opened(path, create=True) as folder, opened_database(settings, "backup") as database:
        folder.tidy(folder.read())
        with _explained(path), _held(database) as hold:
            backup = _back_up(settings, folder, database, hold, err)
        _remove_unneeded(folder, backup)
    blobs, size = counted(backup.blobs, "blob"), counted(backup.size_bytes, "byte")
    out.print(f"{blobs} of {size}, and the database, in {path}", soft_wrap=True)
    if backup.missing:
        named = ", ".join(backup.missing[:_NAMED]) + (" …" if len(backup.missing) > _NAMED else "")
        err.print(
            "newsmill: missing or damaged in the blob store, and so in the backup:"
            f" {counted(len(backup.missing), 'blob')}: {named}; `newsmill blobs` and `newsmill verify` tell more",
            soft_wrap=True,
        )
    return 1 if backup.missing else 0


def _back_up(settings: Settings, folder: BackupFolder, database: Database, hold: _Hold, err: Console) -> Backup:
    now = datetime.now(UTC)
    dump, manifest = folder.file("database", now), folder.file("manifest", now)
    with progress_on(err) as progress:
        progress.add_task("dumping the database", total=None)
        with database.stream() as connection:
            # It waits while pg_dump works.
            connection.execute(text("select set_config('idle_in_transaction_session_timeout', '0', true)"))
            snapshot = connection.execute(text("select pg_export_snapshot()")).scalar_one()
            major = _server_major(connection)
            tool = find_tool("pg_dump", major)
            _dump(tool, database.url, snapshot, dump, hold)
            blobs, size_bytes = folder.write_manifest(manifest, _named_blobs(connection))
        task = progress.add_task("copying blobs", total=blobs)

        def tick(count: int) -> None:
            hold.tick()
            progress.advance(task, count)

        source = BlobStore(settings.blobs)
        _require_room(folder, size_bytes)
        copied = copy_blobs(folder.entries(manifest), source, folder.blobs, again=False, tick=tick)
    backup = Backup(
        version=__version__,
        revision=head_revision(),
        postgres=tool.major,
        created_at=now.isoformat(),
        dump=dump.name,
        dump_sha256=folder.sha256_of(dump),
        manifest=manifest.name,
        manifest_sha256=folder.sha256_of(manifest),
        blobs=blobs,
        size_bytes=size_bytes,
        missing=[sha256.hex() for sha256 in copied.missing],
    )
    folder.write(backup)
    return backup


def _dump(tool: Tool, url: str, snapshot: str, dump: Path, hold: _Hold) -> None:
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
        run_tool(tool, arguments, url, tick=hold.tick)
    except TransientError as error:
        raise TransientError(f"{dump.parent}: the database was not dumped: {error}; run it again") from error


def _server_major(connection: Connection) -> int:
    return int(connection.execute(text("select current_setting('server_version_num')")).scalar_one()) // 10_000


def _named_blobs(connection: Connection) -> Iterator[ManifestEntry]:
    rows = connection.execute(text("select sha256, max(size_bytes) as size_bytes from files group by 1 order by 1"))
    for row in rows:
        yield ManifestEntry(bytes(row.sha256), row.size_bytes)


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
def _held(database: Database) -> Iterator[_Hold]:
    hold = _Hold(database)
    hold.tick()
    try:
        yield hold
    finally:
        hold.end()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransientError(f"{path}: {error.strerror or error}; what is copied stays, run it again") from error
