"""The record of what people change through the web console and the HTTP API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, insert, or_, select

from db.models import AuditEntry

__all__ = ["Audited", "audited", "note"]


@dataclass(frozen=True, slots=True)
class Audited:
    """A change: `action` is a word such as "retry"; `details` say of what, and what came of it."""

    id: int
    at: datetime
    who: str
    action: str
    details: dict[str, Any]


_NOTE = insert(AuditEntry)


def note(connection: Connection, who: str, action: str, details: dict[str, Any]) -> None:
    """Writes a row."""
    connection.execute(_NOTE, {"who": who, "action": action, "details": details})


_before = bindparam("before", type_=BigInteger())
_AUDITED = (
    select(AuditEntry.id, AuditEntry.at, AuditEntry.who, AuditEntry.action, AuditEntry.details)
    .where(or_(_before.is_(None), AuditEntry.id < _before))
    .order_by(AuditEntry.id.desc())
    .limit(bindparam("limit", type_=BigInteger()))
)


def audited(connection: Connection, *, before: int | None = None, limit: int) -> Iterator[Audited]:
    """Yields up to `limit` changes with ids below `before`, the newest first."""
    for row in connection.execute(_AUDITED, {"before": before, "limit": limit}):
        yield Audited(**row._asdict())
