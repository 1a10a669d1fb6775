"""Restore: a backup into an empty system, the blobs first, then the database in one transaction.

A run that is interrupted leaves a database as it was, so the same call may be made again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from sqlalchemy import Connection

from console.servers.client_programs import Tool, find_tool
from console.services.backups.checking import lacking
from console.services.backups.contents import restore_dump
from console.services.backups.copier import copy_blobs, is_intact
from console.services.backups.folder import Backup, BackupFolder
from console.services.progress import Activity, Report, unreported
from db.ledger.restored import release_all
from db.migrating import migrate
from db.reads.lookups import paths_of_digests
from db.reads.server import server_major
from db.reads.snapshot import document_count, file_count, running_roles
from db.revisions import current_revision, is_known
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
    """What `run` brings into the system, with which program, and how many files it replaces there.

    With `without_damaged`, it goes on without the blobs that are damaged or missing in the backup.
    """

    backup: Backup
    tool: Tool
    replaced_files: int
    without_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """What the system holds now. `missing`: digests of blobs that were missing when the backup was made.

    `lost` are those that the backup has lost since, or has damaged, with a path at which a file with these bytes was
    seen (None: no file has them any more). `doubtful` are names of the dump or manifest, if it is not as it was made.
    `others` are kind and name of what is in the dump and is none of Newsmill's: it was left.
    """

    files: int
    documents: int
    blobs: int
    missing: tuple[bytes, ...]
    lost: dict[bytes, str | None]
    doubtful: tuple[str, ...]
    others: tuple[str, ...]


@contextmanager
def opened_backup(path: Path, *, damaged: bool = False) -> Iterator[tuple[BackupFolder, Backup]]:
    """The folder of a backup, held alone, and the backup in it, whose dump and manifest have the hashes they should.

    With `damaged`, they may have others. Raises ConfigurationError if there is no finished one, it is in use or of a
    later version; TerminalError if it is damaged.
    """
    with BackupFolder.opened(path, create=False) as folder:
        backup = _known(folder)
        for name, reason in [] if damaged else folder.unlike(backup):
            raise TerminalError(_damaged(folder, backup, name, reason))
        yield folder, backup


def plan(database: Database, backup: Backup, *, overwrite: bool, without_damaged: bool = False) -> RestorePlan:
    """Finds out whether the system can take this backup, and changes nothing.

    Raises ConfigurationError if the system holds something (unless `overwrite`), if somebody is at work in it, or if it
    or PostgreSQL's programs here are of a version that does not fit.
    """
    tool = find_tool("pg_restore", max(database.run(server_major), backup.postgres))
    return RestorePlan(backup, tool, database.run(_replaced_files, overwrite), without_damaged)


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
    the backup lacks bytes that it had when it was made, unless the plan goes on without them.
    """
    wrong = dict(folder.unlike(plan.backup))
    has_manifest = plan.backup.manifest not in wrong
    restored, missing, lost = _restore_blobs(blobs, folder, plan, has_manifest=has_manifest, report=report)
    Activity("restoring the database", report)
    try:
        others = _restore_database(database, redis, folder, plan)
    except TransientError as error:
        if plan.backup.dump not in wrong:
            raise
        raise TerminalError(_damaged(folder, plan.backup, plan.backup.dump, str(error))) from error
    files, documents = database.run(file_count), database.run(document_count)
    if not has_manifest:
        known = {*missing, *lost}
        lost = sorted([*lost, *(one for one in lacking(database, blobs) if one not in known)])
    paths = database.run(paths_of_digests, lost) if lost else {}
    named = {sha256: paths.get(sha256) for sha256 in lost}
    return Restored(files, documents, restored, tuple(missing), named, tuple(sorted(wrong)), tuple(others))


def _damaged(folder: BackupFolder, backup: Backup, name: str, reason: str) -> str:
    if name == backup.dump:
        way_out = (
            "make it anew while the system that it is of lives (newsmill backup), or take its raw bytes in anew:"
            f" newsmill ingest {folder.path / 'blobs'}"
        )
    else:
        way_out = "`newsmill backup` writes it anew, and `newsmill restore --without-damaged` does without it"
    return f"{folder.path / name} is damaged: {reason}; {way_out}"


def _known(folder: BackupFolder) -> Backup:
    backup = folder.read()
    if backup is None:
        raise ConfigurationError(f"{folder.path}: the backup was never finished; run `newsmill backup` once more")
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


def _restore_blobs(
    target: BlobStore, folder: BackupFolder, plan: RestorePlan, *, has_manifest: bool, report: Report
) -> tuple[int, list[bytes], list[bytes]]:
    """Copies the blobs; returns how many, which were missing when the backup was made, and which it has lost since."""
    backup, free = plan.backup, target.free_bytes()
    if free is not None and backup.size_bytes > free:
        raise TransientError(
            f"blob store {target.location}: the backup needs {backup.size_bytes:,} bytes and {free:,} are free"
        )
    entries = folder.entries(folder.path / backup.manifest) if has_manifest else folder.listed()
    activity = Activity("restoring blobs", report, backup.blobs)
    copied = copy_blobs(entries, folder.blobs, target, standing=lambda _: {}, tick=activity.advance)
    known = {bytes.fromhex(sha256) for sha256 in backup.missing}
    # Where it is restored in place, the store may have what the backup has lost.
    lost = [one for one in copied.missing if one not in known and not is_intact(target, one, activity.advance)]
    if lost and not plan.without_damaged:
        raise TerminalError(
            f"{folder.path}: missing in the backup, or not what their hash says: {len(lost):,}"
            f" blob{'' if len(lost) == 1 else 's'}, such as {lost[0].hex()}; the database was not touched; `newsmill"
            " backup` copies them anew, and `newsmill restore --without-damaged` does without them"
        )
    return copied.blobs, [one for one in copied.missing if one in known], lost


def _restore_database(database: Database, redis: Redis, folder: BackupFolder, plan: RestorePlan) -> list[str]:
    """Replaces the database; returns what of the dump is not ours and was left."""
    current = database.run(current_revision)
    if current not in (None, plan.backup.revision):
        # What is replaced has the names of what comes.
        database.retrying(lambda: migrate(database, plan.backup.revision))
    # What it says of other documents under the same ids must not meet these.
    redis.delete(*(queue_name(stage) for stage in Stage))
    database.engine.dispose()
    try:
        others = restore_dump(plan.tool, folder.path / plan.backup.dump, database.url, ["--clean", "--if-exists"])
    except TransientError as error:
        raise TransientError(f"the database is as it was, restoring it failed: {error}; run it again") from error
    database.run(release_all, durable=True, statement_seconds=_ANALYZE_SECONDS)
    database.retrying(lambda: migrate(database))
    return others
