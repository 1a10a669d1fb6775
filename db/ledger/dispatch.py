"""Which rows should have a message in Redis."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from db.records import (
    Dispatch,
)
from newsmill.vocabulary import Lane, Stage

__all__ = ["lose_dispatches", "take_ready", "undispatch"]

NOT_PAUSED = "stage <> all(array(select scope from holds))"


IS_DUE = "(next_attempt_at is null or next_attempt_at <= clock_timestamp())"


def take_ready(connection: Connection, limit: int) -> list[Dispatch]:
    """Dispatches ready rows, each to one caller only; what waits at a paused stage goes on waiting."""
    rows = connection.execute(
        text(f"""
        update work set dispatched_at = clock_timestamp(), next_attempt_at = null
        where id in (
            select id from work
            where lane = :admitted and lease_token is null and dispatched_at is null
              and {IS_DUE} and {NOT_PAUSED}
            order by id limit :limit for update skip locked
        )
        returning id, stage, generation, size_bytes, alone, dispatched_at
        """),  # noqa: S608 - constants
        {"admitted": int(Lane.ADMITTED), "limit": limit},
    )
    return dispatches(rows)


def undispatch(connection: Connection, ids: Sequence[int]) -> None:
    """Takes back the dispatch of rows whose message could not be published; the sweeper sends them again."""
    connection.execute(
        text("update work set dispatched_at = null where id = any(cast(:ids as bigint[])) and lease_token is null"),
        {"ids": list(ids)},
    )


def lose_dispatches(connection: Connection, stage: Stage, watermark: datetime | None, grace_seconds: float) -> int:
    """Makes ready what was dispatched before everything that its queue still holds, and was not claimed.

    `watermark` is the dispatch time of the oldest message in the stage's queue, None if the queue is empty. Queues are
    first in, first out: what is older than the watermark left the queue, and after the grace period nobody is about to
    claim it. So a slow queue never causes a second message, and a flushed one is noticed within the grace period.
    """
    return connection.execute(
        text("""
        update work set dispatched_at = null
        where lane = :admitted and lease_token is null and stage = :stage
          and dispatched_at < least(cast(:watermark as timestamptz), clock_timestamp()) - make_interval(secs => :grace)
        """),
        {"admitted": int(Lane.ADMITTED), "stage": stage, "watermark": watermark, "grace": grace_seconds},
    ).rowcount


def dispatches(rows: Iterable[Row[Any]]) -> list[Dispatch]:
    return [
        Dispatch(row.id, Stage(row.stage), row.generation, row.size_bytes, row.alone, row.dispatched_at)
        for row in sorted(rows, key=lambda row: row.id)
    ]
