"""What was changed through the web console and the HTTP API, by whom."""

from typing import Any

from sqlalchemy import Connection

from db.audits import Audited, audited, note
from db.sessions import Database

__all__ = ["Audited", "changes", "write"]


def write(database: Database, who: str, action: str, details: dict[str, Any]) -> None:
    """Notes a change, durably."""
    database.run(note, who, action, details, durable=True)


def changes(database: Database, *, before: int | None = None, limit: int = 50) -> tuple[Audited, ...]:
    """Up to `limit` changes with ids below `before`, the newest first."""
    return database.run(_changes, before, limit)


def _changes(connection: Connection, before: int | None, limit: int) -> tuple[Audited, ...]:
    return tuple(audited(connection, before=before, limit=limit))
