"""Brings the schema to the code's revision, one migrator at a time."""

from time import monotonic, sleep

import psycopg
import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db import revisions
from db.index_models import Base
from db.locks import LockKey, try_lock
from db.revisions import current_revision, head_revision, require_known
from db.sessions import Database, DatabaseUnavailableError
from newsmill.errors import TransientError

__all__ = ["LOCK_SECONDS", "MigrationBlockedError", "alembic_config", "differences", "migrate"]

log = structlog.get_logger(__name__)

_STATEMENT_SECONDS = 3600.0
_POLL_SECONDS = 0.2

LOCK_SECONDS = 5.0
"""How long a migration waits for a table. All others wait behind it: less than a lease holds without a heartbeat."""


class MigrationBlockedError(TransientError):
    """Other sessions hold what the migration would change. It was undone, and works once they are gone."""


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrades (or, to an older revision, downgrades) in one transaction: all of it or, if this process dies, nothing.

    A second migrator waits for the first and then finds nothing to do. Raises ConfigurationError if newer code than
    this has migrated already, and MigrationBlockedError if others hold the tables for more than 5 s: everybody would
    have to queue behind the migration.
    """
    deadline, told = monotonic() + _STATEMENT_SECONDS, False
    while not _migrate_alone(database, revision):
        if monotonic() > deadline:
            raise TransientError("another process has been migrating this database for an hour; see pg_stat_activity")
        if not told:
            log.info("another process migrates this database; waiting for it")
            told = True
        sleep(_POLL_SECONDS)


def _migrate_alone(database: Database, revision: str) -> bool:
    """Returns False if another process migrates. The caller asks again: a transaction that waits holds up vacuum."""
    try:
        with database.transaction(durable=True, statement_seconds=_STATEMENT_SECONDS) as connection:
            if not try_lock(connection, LockKey.MIGRATION):
                return False
            connection.execute(_LIMITS, {"lock": f"{LOCK_SECONDS}s"})
            require_known(current_revision(connection))
            config = alembic_config(connection)
            if revision in {"head", head_revision()} or _is_ahead(connection, revision):
                command.upgrade(config, revision)
            else:
                command.downgrade(config, revision)
    except DatabaseUnavailableError as error:
        # A deadlock is no such case: it passes, and whoever calls this tries again.
        if isinstance(getattr(error.__cause__, "orig", None), psycopg.errors.LockNotAvailable):
            raise MigrationBlockedError(
                f"the migration was undone: other sessions hold a table that it changes ({error}); run"
                " `newsmill migrate` again once long reads such as `newsmill export` are over"
            ) from error
        raise
    return True


# Raw: settings have no rows, and one query sets both.
# Without the check, what a killed migrator had begun would run on, and hold its locks, until the statement's end.
_LIMITS = text(
    "select set_config('lock_timeout', :lock, true), set_config('client_connection_check_interval', '2s', true)"
)


def differences(connection: Connection) -> list[object]:
    """Returns what Alembic would change to make the database agree with the models; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


def _is_ahead(connection: Connection, revision: str) -> bool:
    current = current_revision(connection)
    if current is None:
        return True
    older = {
        script.revision for script in ScriptDirectory.from_config(alembic_config()).iterate_revisions(current, "base")
    }
    return revision not in older | {"base"}


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for our scripts, on this connection if there is one."""
    config = Config()
    scripts = str(revisions.SCRIPTS).replace("%", "%%")  # ConfigParser would interpolate
    config.set_main_option("script_location", scripts)
    if connection is not None:
        config.attributes["connection"] = connection
    return config
