"""Claims, and how a lease is renewed, ends, or is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from db.ledger.outcomes import end_without_article, note_failures
from db.reads.lookups import origins
from db.reads.sources import DOCUMENT_MEDIA_TYPE
from db.records import (
    Claim,
    ClaimedItem,
    LeaseLoss,
    TerminalFailure,
)
from ingest.containers.container import Cursor
from ingest.containers.locator import locator_from_json
from newsmill.vocabulary import Lane, Stage

__all__ = [
    "claim",
    "end_lease",
    "expired_leases",
    "has_leases",
    "leases_of",
    "lock_lease",
    "lose_leases",
    "release_leases",
    "renew_leases",
]

# By `= any`, not by a join, for which the planner may read the whole table with its dead rows (20 times slower).
# A message for a paused stage is spent: its items are ready from then on, so that no sweep takes them for lost.
_CLAIM = """
with put_back as (
    update work set dispatched_at = null
    where id = any(cast(:ids as bigint[])) and stage = :stage and lease_token is null
      and exists (select from holds where scope = :stage)
), picked as (
    select w.id from work w
    where w.id = any(cast(:ids as bigint[]))
      and w.generation = (cast(:generations as int[]))[array_position(cast(:ids as bigint[]), w.id)]
      and w.stage = :stage and w.lease_token is null and w.dispatched_at is not null
      and (not w.alone or cardinality(cast(:ids as bigint[])) = 1)
      and not exists (select from holds where scope = :stage)
    order by w.id for update of w skip locked
), lease as (
    insert into leases (token, worker, task_id, stage, expires_at)
    select cast(floor(random() * 9007199254740992) as bigint),
           :worker, :task_id, :stage, clock_timestamp() + make_interval(secs => :seconds)
    where exists (select from picked)
    returning token
), held as (
    update work w set lease_token = lease.token from picked, lease where w.id = picked.id
    returning w.id, w.generation, w.lease_token, w.waits, w.strikes
)
"""


_CLAIM_DOCUMENTS = text(
    _CLAIM
    + f"""
select held.*, f.sha256, {DOCUMENT_MEDIA_TYPE} as media_type, f.media_type as file_media_type, d.ordinal, d.locator,
       d.offset_bytes, d.size_bytes
from held join documents d on d.id = held.id join files f on f.id = d.file_id order by held.id
"""  # noqa: S608 - constants
)


_CLAIM_FILES = text(
    _CLAIM
    + """
select held.*, f.sha256, f.media_type, f.size_bytes, f.unpacked_bytes, f.unpacked_lines, f.unpacked_within
from held join files f on f.id = held.id order by held.id
"""
)


def claim(
    connection: Connection,
    stage: Stage,
    items: Sequence[tuple[int, int]],
    *,
    worker: str,
    task_id: str,
    lease_seconds: float,
) -> Claim | None:
    """Leases those of the items (id, generation) that are at this stage and nobody's; None if there are none.

    A suspect is claimed only by a message that names it alone, and nothing at a stage that is paused. The token is new
    with each claim, so a late or doubled message and a worker that was stopped past its lease find nothing to write to.
    """
    rows = connection.execute(
        _CLAIM_FILES if stage is Stage.UNPACK else _CLAIM_DOCUMENTS,
        {
            "ids": [item[0] for item in items],
            "generations": [item[1] for item in items],
            "stage": stage,
            "worker": worker,
            "task_id": task_id,
            "seconds": lease_seconds,
        },
    ).all()
    if not rows:
        return None
    held = map(_claimed_file if stage is Stage.UNPACK else _claimed_document, rows)
    return Claim(token=rows[0].lease_token, stage=stage, worker=worker, items=tuple(held))


def _claimed_document(row: Row[Any]) -> ClaimedItem:
    return ClaimedItem(
        id=row.id,
        generation=row.generation,
        sha256=bytes(row.sha256),
        media_type=row.media_type,
        ordinal=row.ordinal,
        locator=locator_from_json(row.locator, row.file_media_type),
        offset_bytes=row.offset_bytes,
        size_bytes=row.size_bytes,
        cursors=(),
        waits=row.waits,
        strikes=row.strikes,
    )


def _claimed_file(row: Row[Any]) -> ClaimedItem:
    outermost = Cursor(row.unpacked_bytes, row.unpacked_lines)
    return ClaimedItem(
        id=row.id,
        generation=row.generation,
        sha256=bytes(row.sha256),
        media_type=row.media_type,
        ordinal=0,
        locator=None,
        offset_bytes=0,
        size_bytes=row.size_bytes,
        cursors=(outermost, *(Cursor(*one) for one in row.unpacked_within or ())),
        waits=row.waits,
        strikes=row.strikes,
    )


def end_lease(connection: Connection, token: int) -> None:
    """Ends a lease; what it still held is released by nothing else, so end it last in a transaction."""
    connection.execute(text("delete from leases where token = :token"), {"token": token})


def renew_leases(connection: Connection, worker: str, task_ids: Sequence[str], seconds: float) -> int:
    """The heartbeat: one statement keeps the leases of a worker's running tasks alive, and of no others."""
    return connection.execute(
        text("""
        update leases set expires_at = clock_timestamp() + make_interval(secs => :seconds)
        where worker = :worker and task_id = any(cast(:task_ids as text[]))
        """),
        {"worker": worker, "task_ids": list(task_ids), "seconds": seconds},
    ).rowcount


def expired_leases(connection: Connection) -> list[int]:
    """Tokens of leases whose worker sent no heartbeat in time; locked, so that one sweeper takes each."""
    rows = connection.scalars(
        text("select token from leases where expires_at < clock_timestamp() order by token for update skip locked")
    )
    return list(rows)


def has_leases(connection: Connection, worker: str) -> bool:
    """Whether any task of this worker holds a lease."""
    return bool(
        connection.scalar(text("select exists (select from leases where worker = :worker)"), {"worker": worker})
    )


def leases_of(connection: Connection, worker: str, task_id: str) -> list[int]:
    """Tokens of the leases that one task of a worker holds, for the parent of a child that died."""
    rows = connection.scalars(
        text("select token from leases where worker = :worker and task_id = :task_id order by token for update"),
        {"worker": worker, "task_id": task_id},
    )
    return list(rows)


def lock_lease(connection: Connection, token: int) -> list[int]:
    """The token, if there still is such a lease; locked."""
    return list(connection.scalars(text("select token from leases where token = :token for update"), {"token": token}))


def release_leases(connection: Connection, tokens: Sequence[int], *, base_seconds: float, max_seconds: float) -> None:
    """Takes back what the leases held, after an outage that counts against nobody; waits longer each time."""
    connection.execute(
        text("""
        with gone as (delete from leases where token = any(cast(:tokens as bigint[])) returning token)
        update work set lease_token = null, dispatched_at = null, waits = least(waits + 1, 1000),
                        next_attempt_at = clock_timestamp() + make_interval(
                            secs => random() * least(:max_seconds, :base_seconds * power(2, least(waits, 30))))
        from gone where work.lane = :admitted and work.lease_token = gone.token
        """),
        {
            "tokens": list(tokens),
            "base_seconds": base_seconds,
            "max_seconds": max_seconds,
            "admitted": int(Lane.ADMITTED),
        },
    )


def lose_leases(
    connection: Connection,
    tokens: Sequence[int],
    loss: LeaseLoss,
    *,
    culprits: Mapping[int, int | None] | None = None,
    max_strikes: int,
    max_losses: int,
    wait_seconds: float,
) -> list[int]:
    """Releases what the leases held; returns the documents that had a place and have failed for good now.

    What shared its lease counts for nothing, and some of it becomes suspect, to be tried alone: the document that was
    being computed (`culprits`, by token) or, if none was and the death is one that a document can cause, all of them;
    all, too, where nobody knows (`culprits` is None). What was alone gets a strike if the death is one that a document
    can cause, else a loss, and its failure is noted. At the limit of either it ends as failed, and the reason says
    which it was.
    """
    known = {} if culprits is None else culprits
    # In the order of a worker's own commit, work before its lease: one that is late would deadlock with this.
    connection.execute(
        text("""
        select from work where lane = :admitted and lease_token = any(cast(:tokens as bigint[]))
        order by id for no key update
        """),
        {"tokens": list(tokens), "admitted": int(Lane.ADMITTED)},
    )
    rows = connection.execute(
        text("""
        with gone as (
            delete from leases where token = any(cast(:tokens as bigint[])) returning token, worker
        ), held as (
            select w.id, gone.worker, count(*) over (partition by w.lease_token) = 1 as was_alone,
                   coalesce(w.id = c.id, :all_suspect) as suspect
            from work w join gone on w.lease_token = gone.token
            left join unnest(cast(:culprit_tokens as bigint[]), cast(:culprit_ids as bigint[])) as c (token, id)
              on c.token = gone.token
            where w.lane = :admitted
        )
        update work w
        set lease_token = null, dispatched_at = null, alone = w.alone or held.was_alone or held.suspect,
            strikes = strikes + cast(held.was_alone and :counts as int),
            losses = losses + cast(held.was_alone and not :counts as int),
            next_attempt_at = case when held.was_alone
                then clock_timestamp() + make_interval(secs => :wait * (1 + w.strikes + w.losses)) end
        from held where w.id = held.id
        returning w.id, w.stage, w.strikes, w.losses, held.worker, held.was_alone
        """),
        {
            "tokens": list(tokens),
            "admitted": int(Lane.ADMITTED),
            "all_suspect": culprits is None or loss.counts,
            "culprit_tokens": list(known),
            "culprit_ids": list(known.values()),
            "counts": loss.counts,
            "wait": wait_seconds,
        },
    ).all()
    displaced: list[int] = []
    for row in rows:
        if not row.was_alone:
            continue
        message = f"{origins(connection, [row.id])[row.id]}: {loss.message}"
        attempt = TerminalFailure(row.id, "failed", loss.error_class, message)
        note_failures(connection, row.stage, row.worker, [attempt])
        if row.strikes >= max_strikes or row.losses >= max_losses:
            connection.execute(text("delete from work where id = :id"), {"id": row.id})
            attempts = row.strikes + row.losses
            reason = f"{message} (alone, {attempts} attempts at {row.stage})"
            displaced += end_without_article(
                connection, row.stage, [TerminalFailure(row.id, "failed", loss.error_class, reason)]
            )
    return displaced
