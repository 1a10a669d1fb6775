"""Restore: a backup into an empty system, the blobs first, then the database in one transaction.

A run that is interrupted leaves a database as it was, so the same call may be made again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from sqlalchemy import Connection

from console.servers.client_programs import Tool, find_tool, run_tool
from console.services.backups.copier import Copied, copy_blobs
from console.services.backups.folder import Backup, BackupFolder
from console.services.progress import Activity, Report, unreported
from db.ledger.restored import release_all
from db.migrating import current_revision, is_known, migrate
from db.reads.server import server_major
from db.reads.snapshot import document_count, file_count, running_roles
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill.errors import ConfigurationError, TerminalError, TransientError
from newsmill.vocabulary import Stage
from worker.app import queue_name

__all__ = ["RestorePlan", "Restored", "opened_backup", "plan", "run"]

_ALIVE_SECONDS = 15.0
_ANALYZE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What `run` brings into the system, with which program, and how many files it replaces there."""

    backup: Backup
    tool: Tool
    replaced_files: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What the system holds now. `missing`: digests of blobs that were missing when the backup was made."""

    files: int
    documents: int
    blobs: int
    missing: tuple[bytes, ...]


@contextmanager
def opened_backup(path: Path) -> Iterator[tuple[BackupFolder, Backup]]:
    """The folder of a backup, held alone, and the backup in it, whose dump and manifest have the hashes they should.

    Raises ConfigurationError if there is no finished one, it is in use or of a later version; TerminalError if it is
    damaged.
    """
    with BackupFolder.opened(path, create=False) as folder:
        yield folder, _checked(folder)


def plan(database: Database, backup: Backup, *, overwrite: bool) -> RestorePlan:
    """Finds out whether the system can take this backup, and changes nothing.

    Raises ConfigurationError if the system holds something (unless `overwrite`), if somebody is at work in it, or if it
    or PostgreSQL's programs here are of a version that does not fit.
    """
    tool = find_tool("pg_restore", max(database.run(server_major), backup.postgres))
    return RestorePlan(backup, tool, database.run(_replaced_files, overwrite))


def run(
    database: Database,
    redis: Redis,
    blobs: BlobStore,
    folder: BackupFolder,
    plan: RestorePlan,
    report: Report = unreported,
) -> Restored:
    """Restores the backup in the folder as it was planned, and replaces what is there.

    Raises TransientError, with the database as it was, if the store or the database does not take it; TerminalError if
    the backup lacks bytes that it had when it was made.
    """
    copied = _restore_blobs(blobs, folder, plan.backup, report)
    Activity("restoring the database", report)
    _restore_database(database, redis, folder, plan)
    files, documents = database.run(file_count), database.run(document_count)
    return Restored(files, documents, copied.blobs, tuple(copied.missing))


def _checked(folder: BackupFolder) -> Backup:
    backup = folder.read()
    if backup is None:
        raise ConfigurationError(f"{folder.path}: the backup was never finished; run `newsmill backup` once more")
    for name, sha256 in ((backup.dump, backup.dump_sha256), (backup.manifest, backup.manifest_sha256)):
        if folder.sha256_of(folder.path / name) != sha256:
            raise TerminalError(f"{folder.path / name} is damaged: its hash is not the one in backup.json")
    if not is_known(backup.revision):
        raise ConfigurationError(
            f"{folder.path}: the backup is at revision {backup.revision}, which this older code does not know;"
            " upgrade Newsmill"
        )
    return backup


def _replaced_files(connection: Connection, overwrite: bool) -> int:
    current = current_revision(connection)
    if current is None:
        return 0
    if not is_known(current):
        raise ConfigurationError(f"the database is at revision {current}, which this older code does not know")
    alive, files = running_roles(connection, _ALIVE_SECONDS), file_count(connection)
    if alive:
        raise ConfigurationError(
            f"{', '.join(alive)} of this system run, or ran within the last {_ALIVE_SECONDS:.0f} s: stop them first"
        )
    if files and not overwrite:
        raise ConfigurationError(
            f"this system holds {files:,} file{'' if files == 1 else 's'}: restore into an empty one (another"
            " NEWSMILL_HOME, or database and blob store), or say --replace, and it loses what it holds"
        )
    return files


def _restore_blobs(target: BlobStore, folder: BackupFolder, backup: Backup, report: Report) -> Copied:
    free = target.free_bytes()
    if free is not None and backup.size_bytes > free:
        raise TransientError(
            f"blob store {target.location}: the backup needs {backup.size_bytes:,} bytes and {free:,} are free"
        )
    entries = folder.entries(folder.path / backup.manifest)
    activity = Activity("restoring blobs", report, backup.blobs)
    copied = copy_blobs(entries, folder.blobs, target, again=True, tick=activity.advance)
    damaged = [sha256.hex() for sha256 in copied.missing if sha256.hex() not in set(backup.missing)]
    if damaged:
        raise TerminalError(
            f"{folder.path}: missing in the backup, or not what their hash says: {len(damaged):,}"
            f" blob{'' if len(damaged) == 1 else 's'}, such as {damaged[0]}; the database was not touched"
        )
    return copied


def _restore_database(database: Database, redis: Redis, folder: BackupFolder, plan: RestorePlan) -> None:
    current = database.run(current_revision)
    if current not in (None, plan.backup.revision):
        # What is replaced has the names of what comes.
        database.retrying(lambda: migrate(database, plan.backup.revision))
    # What it says of other documents under the same ids must not meet these.
    redis.delete(*(queue_name(stage) for stage in Stage))
    database.engine.dispose()
    arguments = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    try:
        run_tool(plan.tool, [*arguments, str(folder.path / plan.backup.dump)], database.url)
    except TransientError as error:
        raise TransientError(f"the database is as it was, restoring it failed: {error}; run it again") from error
    database.run(release_all, durable=True, statement_seconds=_ANALYZE_SECONDS)
    database.retrying(lambda: migrate(database))
