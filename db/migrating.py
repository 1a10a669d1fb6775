"""Brings the schema to the code's revision, one migrator at a time, and says how far they are apart."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db.models import Base
from db.sessions import Database
from newsmill.errors import ConfigurationError

__all__ = ["current_revision", "differences", "head_revision", "migrate", "require_current"]

_MIGRATION_LOCK = 7_301_002


def migrate(database: Database, revision: str = "head") -> None:
    """Upgrades (or, to an older revision, downgrades) in one transaction.

    A transaction-level advisory lock lets a second migrator wait and then find nothing to do. A lock that running
    workers hold for long makes the migration give up, rather than everybody queue behind it.
    """
    with database.transaction(durable=True, statement_seconds=3600) as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        config = _config(connection)
        if revision in {"head", head_revision()} or _is_ahead(connection, revision):
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)


def head_revision() -> str:
    """The revision this code was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - there is always a first migration
    return head


def current_revision(connection: Connection) -> str | None:
    """The revision of the database; None when it has no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def require_current(database: Database) -> None:
    """Raises ConfigurationError with the next step unless the database is at the code's revision."""
    with database.transaction() as connection:
        current, head = current_revision(connection), head_revision()
    if current == head:
        return
    if current is None:
        raise ConfigurationError("the database has no Newsmill tables; run `newsmill migrate` first")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current in known:
        raise ConfigurationError(
            f"the database is at revision {current}, this code needs {head}; run `newsmill migrate`"
        )
    raise ConfigurationError(
        f"the database is at revision {current}, which this older code ({head}) does not know; upgrade Newsmill"
    )


def differences(connection: Connection) -> list[object]:
    """What Alembic would have to change to make the database agree with the models; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Base.metadata))


def _is_ahead(connection: Connection, revision: str) -> bool:
    current = current_revision(connection)
    if current is None:
        return True
    older = {script.revision for script in ScriptDirectory.from_config(_config()).iterate_revisions(current, "base")}
    return revision not in older | {"base"}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if connection is not None:
        config.attributes["connection"] = connection
    return config
