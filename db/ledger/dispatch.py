"""Which rows should have a message in Redis."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Connection,
    DateTime,
    Row,
    any_,
    bindparam,
    func,
    select,
    update,
)

from db.expressions import CLOCK, array, seconds
from db.models import Work
from db.pauses import not_paused
from db.records import Dispatch
from newsmill.vocabulary import Lane, Stage

__all__ = ["DISPATCHED", "dispatches", "lose_dispatches", "take_ready", "undispatch"]

DISPATCHED: Final = (Work.id, Work.stage, Work.generation, Work.size_bytes, Work.alone, Work.dispatched_at)
"""What `dispatches` reads of a row."""


_TAKE_READY = (
    update(Work)
    .where(
        Work.id.in_(
            select(Work.id)
            .where(
                Work.lane == Lane.ADMITTED,
                Work.lease_token.is_(None),
                Work.dispatched_at.is_(None),
                Work.is_due,
                not_paused(Work.stage),
            )
            .order_by(Work.id)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
            .correlate(None)
        )
    )
    .values(dispatched_at=CLOCK, next_attempt_at=None)
    .returning(*DISPATCHED)
)


def take_ready(connection: Connection, limit: int) -> list[Dispatch]:
    """Dispatches ready rows, each to one caller only. What waits at a paused stage goes on waiting."""
    return dispatches(connection.execute(_TAKE_READY, {"limit": limit}))


_UNDISPATCH = update(Work).where(Work.id == any_(array("ids")), Work.lease_token.is_(None)).values(dispatched_at=None)


def undispatch(connection: Connection, ids: Sequence[int]) -> None:
    """Takes back the dispatch of rows whose message could not be published. The sweeper sends them again."""
    connection.execute(_UNDISPATCH, {"ids": ids})


_TIMESTAMP = DateTime(timezone=True)
_watermark = func.coalesce(bindparam("watermark", type_=_TIMESTAMP), CLOCK, type_=_TIMESTAMP)
_LOSE_DISPATCHES = (
    update(Work)
    .where(
        Work.lane == Lane.ADMITTED,
        Work.lease_token.is_(None),
        Work.stage == bindparam("of_stage"),
        Work.is_later == bindparam("is_later", type_=Boolean()),
        _watermark <= CLOCK,
        Work.dispatched_at < _watermark - seconds("grace_seconds"),
    )
    .values(dispatched_at=None)
)


def lose_dispatches(
    connection: Connection, stage: Stage, watermark: datetime | None, grace_seconds: float, *, later: bool = False
) -> int:
    """Makes ready what was dispatched before everything that its queue still holds, and was not claimed.

    `later` chooses the stage's queue of what goes behind all other work. `watermark` is the dispatch time of the oldest
    message in the queue, None if the queue is empty. Queues are first in, first out: what is older than the watermark
    has left the queue, and after the grace period nobody is about to claim it. So a slow queue never causes a second
    message, and a flushed one is noticed within the grace period. Returns how many rows these are.
    """
    parameters = {"of_stage": stage, "is_later": later, "watermark": watermark, "grace_seconds": grace_seconds}
    return connection.execute(_LOSE_DISPATCHES, parameters).rowcount


def dispatches(rows: Iterable[Row[Any]]) -> list[Dispatch]:
    """Returns the rows in id order, as what is to be published."""
    return [
        Dispatch(row.id, Stage(row.stage), row.generation, row.size_bytes, row.alone, row.dispatched_at)
        for row in sorted(rows, key=lambda row: row.id)
    ]
