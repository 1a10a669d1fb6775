"""`newsmill restore`: a backup into an empty system, the blobs first, then the database in one transaction.

A run that is interrupted leaves a database as it was, so the same command may be given again.
"""

import os
from collections.abc import Callable
from pathlib import Path

from redis import Redis, RedisError
from rich.console import Console
from sqlalchemy import text

from console.cli.printing import counted
from console.cli.progress import progress_on
from console.servers.client_programs import Tool, find_tool, run_tool
from console.servers.embedded import servers
from console.services.backup_folder import Backup, BackupFolder
from console.services.copying import Copied, copy_blobs
from db.migrating import current_revision, is_known, migrate
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill.errors import ConfigurationError, TerminalError, TransientError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from worker.app import queue_name

__all__ = ["run_restore"]

_NAMED = 10
_ALIVE_SECONDS = 15.0
_ANALYZE_SECONDS = 3600.0


def run_restore(
    settings: Settings,
    path: Path,
    *,
    overwrite: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
    err: Console,
) -> int:
    """Restores the backup in the folder, after asking if files are replaced; the exit code is 1 if it lacks raw bytes.

    Raises ConfigurationError, before anything is changed, if the system holds something (unless `overwrite`), is at
    work, or cannot take this backup; TerminalError if the backup is damaged.
    """
    path = Path(os.path.abspath(path))
    with BackupFolder.opened(path, create=False) as folder:
        backup = _checked(folder)
        with servers(settings) as urls:
            database = Database(urls.database_url, name="newsmill restore")
            try:
                redis = _connected(urls)
                tool, files = _require_ready(database, backup, overwrite=overwrite)
                said = f"replace all that this system holds, {counted(files, 'file')}, by the backup in {folder.path}"
                if files and ask is not None and not ask(f"{said}: go on?"):
                    out.print("nothing was changed")
                    return 1
                copied = _restore_blobs(settings, folder, backup, err)
                with progress_on(err) as progress:
                    progress.add_task("restoring the database", total=None)
                    _restore_database(database, folder, backup, tool, redis)
                files, documents = _counts(database)
            finally:
                database.close()
    out.print(
        f"{counted(files, 'file')}, {counted(documents, 'document')} and {counted(copied.blobs, 'blob')} restored, each"
        " blob's hash checked;"
        " start with: newsmill up",
        soft_wrap=True,
    )
    if copied.missing:
        named = ", ".join(sha256.hex() for sha256 in copied.missing[:_NAMED])
        err.print(f"newsmill: missing when the backup was made: {counted(len(copied.missing), 'blob')}: {named}")
    return 1 if copied.missing else 0


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


def _connected(urls: ServerUrls) -> Redis:
    redis = Redis.from_url(urls.redis_url, socket_connect_timeout=5, socket_timeout=5)
    try:
        redis.ping()
    except (RedisError, ValueError) as error:
        raise ConfigurationError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error
    return redis


def _require_ready(database: Database, backup: Backup, *, overwrite: bool) -> tuple[Tool, int]:
    """A system that may be replaced, with nobody at work in it; and how many files it holds."""
    with database.transaction() as connection:
        major = int(connection.execute(text("select current_setting('server_version_num')")).scalar_one()) // 10_000
        tool = find_tool("pg_restore", max(major, backup.postgres))
        current = current_revision(connection)
        if current is None:
            return tool, 0
        if not is_known(current):
            raise ConfigurationError(f"the database is at revision {current}, which this older code does not know")
        alive = connection.scalars(
            text("select distinct role from processes where seen_at > now() - make_interval(secs => :s) order by 1"),
            {"s": _ALIVE_SECONDS},
        ).all()
        files = connection.execute(text("select count(*) from files")).scalar_one()
    if alive:
        raise ConfigurationError(
            f"{', '.join(alive)} of this system run, or ran within the last {_ALIVE_SECONDS:.0f} s: stop them first"
        )
    if files and not overwrite:
        raise ConfigurationError(
            f"this system holds {counted(files, 'file')}: restore into an empty one (another NEWSMILL_HOME, or database"
            " and blob store), or say --replace, and it loses what it holds"
        )
    return tool, files


def _restore_blobs(settings: Settings, folder: BackupFolder, backup: Backup, err: Console) -> Copied:
    target = BlobStore(settings.blobs)
    free = target.free_bytes()
    if free is not None and backup.size_bytes > free:
        raise TransientError(
            f"blob store {target.location}: the backup needs {backup.size_bytes:,} bytes and {free:,} are free"
        )
    with progress_on(err) as progress:
        task = progress.add_task("restoring blobs", total=backup.blobs)
        copied = copy_blobs(
            folder.entries(folder.path / backup.manifest),
            folder.blobs,
            target,
            again=True,
            tick=lambda count: progress.advance(task, count),
        )
    damaged = [sha256.hex() for sha256 in copied.missing if sha256.hex() not in set(backup.missing)]
    if damaged:
        raise TerminalError(
            f"{folder.path}: missing in the backup, or not what their hash says: {counted(len(damaged), 'blob')}, such"
            f" as {damaged[0]}; the database was not touched"
        )
    return copied


def _restore_database(database: Database, folder: BackupFolder, backup: Backup, tool: Tool, redis: Redis) -> None:
    with database.transaction() as connection:
        current = current_revision(connection)
    if current not in (None, backup.revision):
        database.retrying(lambda: migrate(database, backup.revision))  # what is replaced has the names of what comes
    # What it says of other documents under the same ids must not meet these.
    redis.delete(*(queue_name(stage) for stage in Stage))
    database.engine.dispose()
    arguments = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    try:
        run_tool(tool, [*arguments, str(folder.path / backup.dump)], database.url)
    except TransientError as error:
        raise TransientError(f"the database is as it was, restoring it failed: {error}; run it again") from error
    with database.transaction(durable=True, statement_seconds=_ANALYZE_SECONDS) as connection:
        connection.execute(text("delete from leases"))
        connection.execute(text("update work set lease_token = null, dispatched_at = null"))
        connection.execute(text("analyze"))
    database.retrying(lambda: migrate(database))


def _counts(database: Database) -> tuple[int, int]:
    with database.transaction() as connection:
        row = connection.execute(
            text("select (select count(*) from files) as files, (select count(*) from documents) as documents")
        ).one()
    return row.files, row.documents
