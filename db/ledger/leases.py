"""Claims, and how a lease is renewed, ends, or is lost."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Double,
    Integer,
    Row,
    Text,
    any_,
    bindparam,
    delete,
    false,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db.expressions import CLOCK, array, seconds
from db.ledger.outcomes import end_without_article, note_failures
from db.locks import LockKey, lock
from db.models import Lease, Work
from db.reads.lookups import origins
from db.reads.sources import DOCUMENT_MEDIA_TYPE
from db.records import Claim, ClaimedItem, LeaseLoss, TerminalFailure
from ingest.containers.container import Cursor
from ingest.containers.locator import locator_from_json
from newsmill.vocabulary import Lane, Stage

__all__ = [
    "claim",
    "end_lease",
    "end_leases_of",
    "expired_leases",
    "has_leases",
    "leases_in_force",
    "leases_of",
    "lock_lease",
    "lose_leases",
    "release_leases",
    "renew_leases",
    "step_back",
]

# Raw: five steps, each of which reads what the one before returned, and a lock on one of their tables.
# `= any`, and no join: for one the planner may read the whole table with its dead rows (20 times slower).
# A message for a paused stage is spent: its items are ready from then on, so that no sweep takes them for lost.
_CLAIM = """
    with put_back as (
        update work set dispatched_at = null
        where id = any(:ids) and stage = :stage and lease_token is null
          and exists (select from holds where scope = :stage)
    ), picked as (
        select w.id from work w
        where w.id = any(:ids)
          and w.generation = (:generations)[array_position(:ids, w.id)]
          and w.stage = :stage and w.lease_token is null and w.dispatched_at is not null
          and (not w.alone or cardinality(:ids) = 1)
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
_claim_parameters = (array("ids"), array("generations", Integer()))

_CLAIM_DOCUMENTS = text(f"""
    {_CLAIM}
    select held.*, f.sha256, {DOCUMENT_MEDIA_TYPE} as media_type, f.media_type as file_media_type, d.ordinal, d.locator,
           d.offset_bytes, d.size_bytes
    from held join documents d on d.id = held.id join files f on f.id = d.file_id order by held.id
""").bindparams(*_claim_parameters)  # noqa: S608 - a constant

_CLAIM_FILES = text(f"""
    {_CLAIM}
    select held.*, f.sha256, f.media_type, f.size_bytes, f.unpacked_bytes, f.unpacked_lines, f.unpacked_within
    from held join files f on f.id = held.id order by held.id
""").bindparams(*_claim_parameters)  # noqa: S608 - a constant


def claim(
    connection: Connection,
    stage: Stage,
    items: Sequence[tuple[int, int]],
    *,
    worker: str,
    task_id: str,
    lease_seconds: float,
) -> Claim | None:
    """Leases those of the items (id, generation) that are at this stage and nobody's; returns None if there are none.

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
        sha256=row.sha256,
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
        sha256=row.sha256,
        media_type=row.media_type,
        ordinal=0,
        locator=None,
        offset_bytes=0,
        size_bytes=row.size_bytes,
        cursors=(outermost, *(Cursor(*one) for one in row.unpacked_within or ())),
        waits=row.waits,
        strikes=row.strikes,
    )


_LATER_AT_WORK = (
    select(func.count(Work.lease_token.distinct()), func.coalesce(func.bool_or(Work.alone), false()))
    .join(Lease, Lease.token == Work.lease_token)
    .where(Lease.worker == bindparam("of_worker"), Lease.expires_at > CLOCK, Work.lane == Lane.ADMITTED, Work.is_later)
)
_IS_SUSPECT = select(Work.id).where(Work.id == any_(array("ids")), Work.alone).exists().select()
_STEP_BACK = (
    update(Work)
    .where(Work.id == any_(array("ids")), Work.stage == bindparam("of_stage"), Work.lease_token.is_(None))
    .values(dispatched_at=None)
)


def step_back(connection: Connection, stage: Stage, ids: Sequence[int], *, worker: str, processes: int) -> bool:
    """Puts items that go behind all other work back, to be dispatched anew, if this worker is busy with such work.

    Of its processes half may be at large documents, and one at a suspect; the others are for all other work. Returns
    whether it put them back. Call it before `claim`, in the same transaction: it lets one caller at a time claim these.
    """
    lock(connection, LockKey.LATER)
    at_work, has_suspect = connection.execute(_LATER_AT_WORK, {"of_worker": worker}).one()
    is_suspect = bool(connection.scalar(_IS_SUSPECT, {"ids": ids}))
    if at_work < max(1, processes // 2) and not (has_suspect and is_suspect):
        return False
    connection.execute(_STEP_BACK, {"ids": ids, "of_stage": stage})
    return True


_END_LEASE = delete(Lease).where(Lease.token == bindparam("token"))


def end_lease(connection: Connection, token: int) -> None:
    """Ends a lease. Nothing else releases what it still held, so this comes last in a transaction."""
    connection.execute(_END_LEASE, {"token": token})


_RENEW = (
    update(Lease)
    .where(Lease.worker == bindparam("of_worker"), Lease.task_id == any_(array("task_ids", Text())))
    .values(expires_at=CLOCK + seconds("seconds"))
)


def renew_leases(connection: Connection, worker: str, task_ids: Sequence[str], seconds: float) -> int:
    """Keeps the leases of a worker's running tasks alive, and no others, by one statement; returns how many."""
    return connection.execute(_RENEW, {"of_worker": worker, "task_ids": task_ids, "seconds": seconds}).rowcount


_EXPIRED = select(Lease.token).where(Lease.expires_at < CLOCK).order_by(Lease.token).with_for_update(skip_locked=True)


def expired_leases(connection: Connection) -> list[int]:
    """Returns the tokens of leases whose worker sent no heartbeat in time; locked, so that one sweeper takes each."""
    return list(connection.scalars(_EXPIRED))


_HAS_LEASES = select(select(Lease.token).where(Lease.worker == bindparam("worker")).exists())


def has_leases(connection: Connection, worker: str) -> bool:
    """Returns whether any task of this worker holds a lease."""
    return bool(connection.scalar(_HAS_LEASES, {"worker": worker}))


_IN_FORCE = select(select(Lease.token).where(Lease.token == any_(array("tokens")), Lease.expires_at > CLOCK).exists())


def leases_in_force(connection: Connection, tokens: Collection[int]) -> bool:
    """Returns whether a worker may still be at what these leases held."""
    return bool(connection.scalar(_IN_FORCE, {"tokens": tokens}))


_LEASES_OF_TASK = (
    select(Lease.token)
    .where(Lease.worker == bindparam("worker"), Lease.task_id == bindparam("task_id"))
    .order_by(Lease.token)
    .with_for_update()
)


def leases_of(connection: Connection, worker: str, task_id: str) -> list[int]:
    """Returns the tokens of the leases that one task of a worker holds, for the parent of a child that died; locked."""
    return list(connection.scalars(_LEASES_OF_TASK, {"worker": worker, "task_id": task_id}))


_LOCK_LEASE = select(Lease.token).where(Lease.token == bindparam("token")).with_for_update()


def lock_lease(connection: Connection, token: int) -> list[int]:
    """Returns the token, if there still is such a lease; locked."""
    return list(connection.scalars(_LOCK_LEASE, {"token": token}))


_EXPIRE_NOW = (
    update(Lease).where(Lease.worker == bindparam("of_worker")).values(expires_at=func.least(Lease.expires_at, CLOCK))
)


def end_leases_of(connection: Connection, worker: str) -> None:
    """Lets the leases of a worker that is gone expire now, for the sweeper to release."""
    connection.execute(_EXPIRE_NOW, {"of_worker": worker})


_ended = delete(Lease).where(Lease.token == any_(array("tokens"))).returning(Lease.token, Lease.worker).cte("ended")
_RELEASE = (
    update(Work)
    .where(Work.lane == Lane.ADMITTED, Work.lease_token == _ended.c.token)
    .values(
        lease_token=None,
        dispatched_at=None,
        waits=func.least(Work.waits + 1, 1000),
        next_attempt_at=CLOCK
        + seconds(
            func.random()
            * func.least(
                bindparam("max_seconds", type_=Double()),
                bindparam("base_seconds", type_=Double()) * func.power(2, func.least(Work.waits, 30)),
            )
        ),
    )
)


def release_leases(connection: Connection, tokens: Sequence[int], *, base_seconds: float, max_seconds: float) -> None:
    """Takes back what the leases held, after an outage that counts against nobody; waits longer each time."""
    connection.execute(_RELEASE, {"tokens": tokens, "base_seconds": base_seconds, "max_seconds": max_seconds})


_LOCK_HELD = (
    select(Work.id)
    .where(Work.lane == Lane.ADMITTED, Work.lease_token == any_(array("tokens")))
    .order_by(Work.id)
    .with_for_update(key_share=True)
)

# Raw: what a lease held is counted, and compared with what was being computed, between its end and the update.
_LOSE = text("""
    with gone as (
        delete from leases where token = any(:tokens) returning token, worker
    ), held as (
        select w.id, gone.worker, count(*) over (partition by w.lease_token) = 1 as was_alone,
               coalesce(w.id = c.id, :all_suspect) as suspect
        from work w join gone on w.lease_token = gone.token
        left join unnest(:culprit_tokens, :culprit_ids) as c (token, id) on c.token = gone.token
        where w.lane = :admitted
    )
    update work w
    set lease_token = null, dispatched_at = null, alone = w.alone or held.was_alone or held.suspect,
        strikes = strikes + cast(held.was_alone and :counts as int),
        losses = losses + cast(held.was_alone and not :counts as int),
        next_attempt_at = case when held.was_alone
            then clock_timestamp() + make_interval(secs => :wait_seconds * (1 + w.strikes + w.losses)) end
    from held where w.id = held.id
    returning w.id, w.stage, w.strikes, w.losses, held.worker, held.was_alone
""").bindparams(
    array("tokens"),
    array("culprit_tokens"),
    bindparam("culprit_ids", type_=ARRAY(BigInteger())),  # with nulls, which the other type has no place for
    admitted=int(Lane.ADMITTED),
)

_GIVE_UP = delete(Work).where(Work.id == bindparam("item_id"))


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
    being computed (`culprits`, by token). If none was, and the loss is one that a document can cause, all are suspect;
    all, too, where nobody knows (`culprits` is None). What was alone gets a strike if a document can cause the loss,
    else a loss, and its failure is noted. At the limit of either it ends as failed, and the reason says which it was.
    """
    known = {} if culprits is None else culprits
    # In the order of a worker's own commit, work before its lease: one that is late would deadlock with this.
    connection.execute(_LOCK_HELD, {"tokens": tokens})
    rows = connection.execute(
        _LOSE,
        {
            "tokens": tokens,
            "all_suspect": culprits is None or loss.counts,
            "culprit_tokens": list(known),
            "culprit_ids": list(known.values()),
            "counts": loss.counts,
            "wait_seconds": wait_seconds,
        },
    ).all()
    displaced: list[int] = []
    for row in rows:
        if row.was_alone:
            ends = row.strikes >= max_strikes or row.losses >= max_losses
            displaced += _count(connection, row, loss, ends=ends)
    return displaced


def _count(connection: Connection, row: Row[Any], loss: LeaseLoss, *, ends: bool) -> list[int]:
    """Notes the failure of an item that was alone; returns the item if that `ends` it and it had a place."""
    message = f"{origins(connection, [row.id])[row.id]}: {loss.message}"
    attempt = TerminalFailure(row.id, "failed", loss.error_class, message)
    note_failures(connection, row.stage, row.worker, [attempt])
    if not ends:
        return []
    connection.execute(_GIVE_UP, {"item_id": row.id})
    reason = f"{message} (alone, {row.strikes + row.losses} attempts at {row.stage})"
    return end_without_article(connection, row.stage, [TerminalFailure(row.id, "failed", loss.error_class, reason)])
