"""Which revision the schema has, and which this code needs. Every command asks: so without Alembic, which is slow."""

from pathlib import Path

from sqlalchemy import Connection, text

from db.sessions import Database
from newsmill.errors import ConfigurationError

__all__ = ["SCRIPTS", "current_revision", "head_revision", "is_known", "require_current", "require_known"]

SCRIPTS = Path(__file__).parent / "migrations"
"""Where Alembic finds the migrations."""

# Raw: the table is Alembic's. to_regclass gives null for one that is not there, in whatever schema is searched first.
_HAS_TABLE = text("select to_regclass('alembic_version') is not null")
_CURRENT = text("select version_num from alembic_version")


def _known() -> list[str]:
    """The revisions that this code has, oldest first: a migration's file is named `REVISION_words.py`."""
    return sorted(path.name.partition("_")[0] for path in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def head_revision() -> str:
    """Returns the revision that this code was written for."""
    return _known()[-1]


def is_known(revision: str) -> bool:
    """Returns whether this code has a migration of that name."""
    return revision in _known()


def current_revision(connection: Connection) -> str | None:
    """Returns the revision of the database; None when it has no tables of ours."""
    if not connection.execute(_HAS_TABLE).scalar_one():
        return None
    revision: str | None = connection.execute(_CURRENT).scalar_one_or_none()
    return revision


def require_current(database: Database) -> None:
    """Raises ConfigurationError with the next step unless the database is at the code's revision."""
    with database.transaction() as connection:
        current, head = current_revision(connection), head_revision()
    if current == head:
        return
    if current is None:
        raise ConfigurationError("the database has no Newsmill tables: `newsmill up` or `newsmill migrate` makes them")
    require_known(current)
    raise ConfigurationError(f"the database is at revision {current}, this code needs {head}; run `newsmill migrate`")


def require_known(current: str | None) -> None:
    """Raises ConfigurationError if newer code than this has migrated the database."""
    if current is not None and not is_known(current):
        raise ConfigurationError(
            f"the database is at revision {current}, which this older code ({head_revision()}) does not know;"
            " upgrade Newsmill"
        )
