"""Finished documents that have an article, by id: what `newsmill retry --all` begins again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

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


_FINISHED = """
    from documents d
    where d.cluster_id is not null and d.finished_at < :until
      and (cast(:since as timestamptz) is null or d.finished_at >= :since)
      and not exists (select from work w where w.id = d.id)
      and (cast(:path_regex as text) is null
           or exists (select from sightings s where s.file_id = d.file_id and s.path ~ :path_regex))
"""


def database_time(connection: Connection) -> datetime:
    """Now, by the clock that says when a document was finished."""
    now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
    return now


def finished_count(connection: Connection, which: Finished) -> int:
    """How many these are; reads the table, some seconds at tens of millions of rows."""
    count: int = connection.execute(text(f"select count(*) {_FINISHED}"), _parameters(which)).scalar_one()
    return count


def finished_ids(connection: Connection, which: Finished, *, after: int, limit: int) -> list[int]:
    """The next of them by id."""
    return list(
        connection.scalars(
            text(f"select d.id {_FINISHED} and d.id > :after order by d.id limit :limit"),
            _parameters(which) | {"after": after, "limit": limit},
        )
    )


def _parameters(which: Finished) -> dict[str, object]:
    return {
        "until": which.until,
        "since": which.since,
        "path_regex": None if which.path is None else glob_regex(which.path),
    }
