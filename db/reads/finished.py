"""Finished documents that have an article, by id: what `newsmill retry --all` begins again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, Text, bindparam, func, or_, select

from db.expressions import CLOCK
from db.models import Document, Sighting, Work
from db.reads.patterns import glob_regex

__all__ = ["Finished", "database_time", "finished_count", "finished_ids"]


@dataclass(frozen=True, slots=True)
class Finished:
    """Documents that have an article, are not at work, and were last finished before `until`.

    `path`: a shell pattern (see db.reads.patterns) that any sighting of the file matches. `since`: finished then or
    later.
    """

    until: datetime
    since: datetime | None = None
    path: str | None = None


_path_regex = bindparam("path_regex", type_=Text())
_since = bindparam("since", type_=DateTime(timezone=True))
_is_finished: tuple[ColumnElement[Any], ...] = (
    Document.cluster_id.is_not(None),
    Document.finished_at < bindparam("until"),
    or_(_since.is_(None), Document.finished_at >= _since),
    ~select(Work.id).where(Work.id == Document.id).exists(),
    or_(
        _path_regex.is_(None),
        select(Sighting.id)
        .where(Sighting.file_id == Document.file_id, Sighting.path.regexp_match(_path_regex))
        .exists(),
    ),
)
_NOW = select(CLOCK)
_COUNT = select(func.count()).select_from(Document).where(*_is_finished)
_PAGE = (
    select(Document.id)
    .where(*_is_finished, Document.id > bindparam("after"))
    .order_by(Document.id)
    .limit(bindparam("limit"))
)


def database_time(connection: Connection) -> datetime:
    """Returns the time by the clock that says when a document was finished."""
    return connection.execute(_NOW).scalar_one()


def finished_count(connection: Connection, which: Finished) -> int:
    """Returns how many these are; reads the table, some seconds at tens of millions of rows."""
    return connection.execute(_COUNT, _parameters(which)).scalar_one()


def finished_ids(connection: Connection, which: Finished, *, after: int, limit: int) -> list[int]:
    """Returns the next of them by id."""
    return list(connection.scalars(_PAGE, _parameters(which) | {"after": after, "limit": limit}))


def _parameters(which: Finished) -> dict[str, object]:
    return {
        "until": which.until,
        "since": which.since,
        "path_regex": None if which.path is None else glob_regex(which.path),
    }
