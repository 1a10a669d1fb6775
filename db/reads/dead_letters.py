"""Dead letters, one by one or by reason: what failed for good, what was rejected and what intake could not take.

An item that is tried again is no dead letter while it is at work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, CursorResult, DateTime, Text, bindparam, text

from db.pauses import INTAKE
from db.reads.lookups import origins
from db.reads.patterns import glob_regex, reason_regex
from newsmill.vocabulary import Outcome

__all__ = ["DeadLetter", "Group", "Groups", "Selection", "failed_ids", "groups", "letters", "untaken", "untaken_groups"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Selects dead letters; a field that is None selects all.

    `stage`: of the last attempt, or "intake". `reason`: a part of the message or of a group's reason, in upper or lower
    case, or the error class. `path`: a shell pattern (see `db.reads.patterns`) that any sighting of the file matches.
    `since` and `until`: when it ended, from `since` on and before `until`.
    """

    stage: str | None = None
    reason: str | None = None
    path: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A document, a container (its ordinal is None) or a path that was not taken (no id): why, and since when."""

    outcome: str
    id: int | None
    path: str
    ordinal: int | None
    stage: str
    error_class: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Dead letters of one stage, error class and reason.

    The reason is the message without what is one document's own: FILE stands for the file's path, and # for a number or
    a long hexadecimal word.
    """

    stage: str
    error_class: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    example_id: int | None
    example_path: str


@dataclass(frozen=True, slots=True)
class Groups:
    """The commonest reasons, most frequent first, and how many letters and reasons there are in all."""

    count: int
    reasons: int
    groups: list[Group]


# Raw: messages are cut, replaced and matched by regular expressions here, in steps that read from top to bottom.

# Numbers that are words of their own: those of "utf-8" and "sha256" say something.
_GENERAL = """
    regexp_replace(regexp_replace(said, '\\m[0-9a-f]{16,}\\M', '#', 'g'),
                   '(?<![[:alnum:]_]|[[:alnum:]]-)[0-9]+([.,:/-][0-9]+)*(?![[:alnum:]_])', '#', 'g')
"""

_SAID = """
    replace(case when starts_with(message, path || ': ') then substr(message, length(path) + 3)
                 when starts_with(message, path || ' line ' || ordinal || ': ')
                 then substr(message, length(path || ' line ' || ordinal) + 3)
                 when starts_with(message, path || ' document ' || ordinal || ': ')
                 then substr(message, length(path || ' document ' || ordinal) + 3) else message end, path, 'FILE')
"""

_CHOSEN = """
    (:since is null or at >= :since) and (:until is null or at < :until)
    and (:stage is null or stage = :stage)
    and (:reason is null or lower(error_class) = lower(:reason) or said ~* :reason_regex)
"""

_LETTERS = f"""
with ended as (
    select d.id, d.file_id, d.ordinal, d.finished_at as at, coalesce(d.reason, '') as message
    from documents d where d.outcome = :outcome and not exists (select from work w where w.id = d.id)
    union all
    select f.id, f.id, null, f.finished_at, f.error from files f where f.error is not null and :outcome = 'failed'
), traced as (
    select ended.*, origin.path, coalesce(last.stage, '') as stage, coalesce(last.error_class, '') as error_class
    from ended
    cross join lateral (select s.path from sightings s where s.file_id = ended.file_id order by s.id limit 1) origin
    left join lateral (select x.stage, x.error_class from failures x where x.item_id = ended.id
                       order by x.id desc limit 1) last on true
    where :path_regex is null
       or exists (select from sightings s where s.file_id = ended.file_id and s.path ~ :path_regex)
), said as (
    select *, {_SAID} as said from traced
), letters as (
    select * from said where {_CHOSEN}
)
"""  # noqa: S608 - constants

_UNTAKEN = f"""
with traced as (
    select cast(null as bigint) as id, cast(null as bigint) as ordinal, path, last_at as at, message, error_class,
           '{INTAKE}' as stage
    from intake_errors where :path_regex is null or path ~ :path_regex
), said as (
    select *, {_SAID} as said from traced
), letters as (
    select * from said where {_CHOSEN}
)
"""  # noqa: S608 - constants

# Equal messages first: they are few as a rule, and only what is left of them meets the regular expressions.
_GROUPS = f"""
, equal as (
    select stage, error_class, said, count(*) as n, min(at) as first_at, max(at) as last_at,
           min(id) as id, min(path) as path
    from letters group by 1, 2, 3
), alike as (
    select stage, error_class, {_GENERAL} as reason, sum(n) as n, min(first_at) as first_at, max(last_at) as last_at,
           min(id) as id, min(path) as path
    from equal group by 1, 2, 3
)
select alike.*, count(*) over () as reasons, sum(n) over () as total
from alike order by n desc, last_at desc, reason limit :limit
"""  # noqa: S608 - constants

_SELECTED: tuple[BindParameter[Any], ...] = (
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("until", type_=DateTime(timezone=True)),
    *(bindparam(name, type_=Text()) for name in ("stage", "reason", "reason_regex", "path_regex")),
)
_OF_OUTCOME: tuple[BindParameter[Any], ...] = (*_SELECTED, bindparam("outcome", type_=Text()))
_LETTER_GROUPS = text(_LETTERS + _GROUPS).bindparams(*_OF_OUTCOME)
_UNTAKEN_GROUPS = text(_UNTAKEN + _GROUPS).bindparams(*_SELECTED)
_EACH_LETTER = text(f"{_LETTERS} select * from letters order by at, id").bindparams(*_OF_OUTCOME)  # noqa: S608
_EACH_UNTAKEN = text(f"{_UNTAKEN} select * from letters order by at, id").bindparams(*_SELECTED)  # noqa: S608
_FAILED_IDS = text(f"{_LETTERS} select id from letters order by id").bindparams(*_OF_OUTCOME)  # noqa: S608


def groups(connection: Connection, selection: Selection, outcome: str, *, limit: int) -> Groups:
    """Returns documents (and, with outcome `failed`, containers) that ended so, by reason; at most `limit` groups."""
    parameters = _parameters(selection) | {"outcome": outcome, "limit": limit}
    found = _grouped(connection.execute(_LETTER_GROUPS, parameters))
    names = origins(connection, [group.example_id for group in found.groups if group.example_id is not None])
    return replace(found, groups=[replace(group, example_path=names[group.example_id or 0]) for group in found.groups])


def untaken_groups(connection: Connection, selection: Selection, *, limit: int) -> Groups:
    """Returns the paths that intake could not take, by reason; at most `limit` groups."""
    return _grouped(connection.execute(_UNTAKEN_GROUPS, _parameters(selection) | {"limit": limit}))


def letters(connection: Connection, selection: Selection, outcome: str) -> Iterator[DeadLetter]:
    """Yields the single ones behind `groups`, the oldest first; streamed, on a connection that streams."""
    return _single(connection.execute(_EACH_LETTER, _parameters(selection) | {"outcome": outcome}), outcome)


def untaken(connection: Connection, selection: Selection) -> Iterator[DeadLetter]:
    """Yields the single ones behind `untaken_groups`, the oldest first."""
    return _single(connection.execute(_EACH_UNTAKEN, _parameters(selection)), "not_taken")


def failed_ids(connection: Connection, selection: Selection, *, page: int) -> Iterator[list[int]]:
    """Yields the ids of failed documents and containers in ascending order, in pages; on a connection that streams."""
    rows = connection.execute(_FAILED_IDS, _parameters(selection) | {"outcome": Outcome.FAILED})
    for part in rows.scalars().partitions(page):
        yield list(part)


def _parameters(selection: Selection) -> dict[str, Any]:
    return {
        "since": selection.since,
        "until": selection.until,
        "stage": selection.stage,
        "reason": selection.reason,
        "reason_regex": None if selection.reason is None else reason_regex(selection.reason),
        "path_regex": None if selection.path is None else glob_regex(selection.path),
    }


def _grouped(result: CursorResult[Any]) -> Groups:
    rows = result.all()
    found = [
        Group(
            stage=row.stage,
            error_class=row.error_class,
            reason=row.reason,
            count=int(row.n),
            first_at=row.first_at,
            last_at=row.last_at,
            example_id=row.id,
            example_path=row.path,
        )
        for row in rows
    ]
    return Groups(int(rows[0].total), rows[0].reasons, found) if rows else Groups(0, 0, [])


def _single(rows: CursorResult[Any], outcome: str) -> Iterator[DeadLetter]:
    for row in rows:
        yield DeadLetter(outcome, row.id, row.path, row.ordinal, row.stage, row.error_class, row.message, row.at)
