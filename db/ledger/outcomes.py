"""How an item moves on, waits, or ends."""

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    Boolean,
    Connection,
    Double,
    Integer,
    Text,
    any_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from db.expressions import CLOCK, array, seconds, unnested
from db.ledger.dispatch import DISPATCHED, dispatches
from db.ledger.labels import either_of, orphaned
from db.models import Document, Failure, File, Work
from db.records import Claim, Completion, Dispatch, Retry, TerminalFailure
from newsmill.vocabulary import Lane, Stage

__all__ = [
    "advance",
    "complete",
    "defer",
    "end_without_article",
    "fail",
    "hand_back",
    "note_failures",
    "take_work",
]

# What has waited so often (some five minutes) gives its place in flight to others: a blob that is missing for ever, or
# thousands of them, would hold them up.
_PATIENCE: Final = 10
_MAX_WAITS: Final = 1000

_holds_lease = Work.lease_token == bindparam("token")
_ADVANCE = (
    update(Work)
    .where(Work.id == any_(array("ids")), _holds_lease)
    .values(stage=bindparam("to_stage"), lease_token=None, waits=0, dispatched_at=CLOCK)
    .returning(*DISPATCHED)
)


def advance(connection: Connection, claim: Claim, stage: Stage, ids: Sequence[int]) -> list[Dispatch]:
    """Moves the items that the lease still holds to `stage`, dispatched, and touches nobody else's row.

    A suspect stays one: what cost too much in one stage may do so in the next, and fresh work goes first.
    """
    return dispatches(connection.execute(_ADVANCE, {"ids": ids, "token": claim.token, "to_stage": stage}))


_done = unnested(
    "done",
    id=array("ids"),
    text_id=array("text_ids"),
    base_text_id=array("base_text_ids"),
    outcome=array("outcomes", Text()),
    cluster_id=array("cluster_ids"),
    journey=array("journeys", Text()),
)
_text_before = either_of(Document.text_id, Document.base_text_id, name="text_before")
_COMPLETE = (
    update(Document)
    .where(Document.id == _done.c.id)
    .values(
        outcome=_done.c.outcome,
        reason=None,
        text_id=_done.c.text_id,
        base_text_id=_done.c.base_text_id,
        cluster_id=_done.c.cluster_id,
        finished_at=CLOCK,
        journey=cast(_done.c.journey, JSONB),
    )
    .add_cte(
        orphaned(
            select(_text_before.c.id)
            .distinct()
            .select_from(Document)
            .join(_done, Document.id == _done.c.id)
            .join(_text_before, true())
            .where(_text_before.c.id.is_not(None), _text_before.c.id.not_in([_done.c.text_id, _done.c.base_text_id]))
            .order_by(_text_before.c.id)
        ).cte("orphaned")
    )
)


def complete(connection: Connection, completions: Sequence[Completion]) -> None:
    """Writes the end of documents with an article, whose work rows this transaction has taken by `take_work`.

    Texts that they had before, and have no more, become orphans.
    """
    connection.execute(
        _COMPLETE,
        {
            "ids": [c.id for c in completions],
            "text_ids": [c.text_id for c in completions],
            "base_text_ids": [c.base_text_id for c in completions],
            "outcomes": [c.outcome for c in completions],
            "cluster_ids": [c.cluster_id for c in completions],
            "journeys": [json.dumps(c.journey) for c in completions],
        },
    )


_TAKE_WORK = delete(Work).where(Work.id == any_(array("ids")), _holds_lease).returning(Work.id)


def take_work(connection: Connection, claim: Claim, ids: Sequence[int]) -> set[int]:
    """Deletes the work rows that the lease still holds; returns their ids, which this transaction may finish."""
    return set(connection.scalars(_TAKE_WORK, {"ids": ids, "token": claim.token}))


def fail(connection: Connection, claim: Claim, terminal_failures: Sequence[TerminalFailure]) -> list[int]:
    """Ends items without an article, those that the lease still holds; returns the documents that had a place before.

    The caller takes these out of their clusters (`db.similarity.clusters.withdraw`) in the same transaction.
    """
    ours = take_work(connection, claim, [failure.id for failure in terminal_failures])
    ended = [failure for failure in terminal_failures if failure.id in ours]
    note_failures(connection, claim.stage, claim.worker, ended)
    return end_without_article(connection, claim.stage, ended)


_failed = unnested("failed", id=array("ids"), outcome=array("outcomes", Text()), message=array("messages", Text()))
_FAIL_FILES = update(File).where(File.id == _failed.c.id).values(finished_at=CLOCK, error=_failed.c.message)
_FAIL_DOCUMENTS = (
    update(Document)
    .where(Document.id == _failed.c.id)
    .values(outcome=_failed.c.outcome, reason=_failed.c.message, finished_at=CLOCK)
    .returning(Document.id, Document.text_id, Document.cluster_id)
)


def end_without_article(connection: Connection, stage: str, terminal_failures: Sequence[TerminalFailure]) -> list[int]:
    """Writes the end of items whose work rows are gone; returns the documents that had a place before."""
    parameters = {
        "ids": [failure.id for failure in terminal_failures],
        "outcomes": [failure.outcome for failure in terminal_failures],
        "messages": [failure.message for failure in terminal_failures],
    }
    if stage == Stage.UNPACK:
        connection.execute(_FAIL_FILES, parameters)
        return []
    rows = connection.execute(_FAIL_DOCUMENTS, parameters)
    # One that was stored before texts had rows of their own has a cluster and no text.
    return [row.id for row in rows if row.text_id is not None or row.cluster_id is not None]


_attempted = unnested(
    "attempted", item_id=array("ids"), error_class=array("classes", Text()), message=array("messages", Text())
)
_NOTE_FAILURES = insert(Failure).from_select(
    ["item_id", "generation", "stage", "worker", "error_class", "message"],
    select(
        _attempted.c.item_id,
        func.coalesce(Document.generation, 0),
        bindparam("at_stage", type_=Text()),
        bindparam("by_worker", type_=Text()),
        _attempted.c.error_class,
        _attempted.c.message,
    ).select_from(_attempted.outerjoin(Document, Document.id == _attempted.c.item_id)),
)


def note_failures(connection: Connection, stage: str, worker: str, failures: Sequence[TerminalFailure | Retry]) -> None:
    """Adds a row for each failed attempt. These are kept for ever."""
    connection.execute(
        _NOTE_FAILURES,
        {
            "at_stage": stage,
            "by_worker": worker,
            "ids": [failure.id for failure in failures],
            "classes": [failure.error_class for failure in failures],
            "messages": [failure.message for failure in failures],
        },
    )


_retried = unnested(
    "retried",
    id=array("ids"),
    wait_seconds=array("wait_seconds", Double()),
    strike=array("are_strikes", Boolean()),
    alone=array("are_suspects", Boolean()),
)
_DEFER = (
    update(Work)
    .where(Work.id == _retried.c.id, _holds_lease)
    .values(
        lease_token=None,
        dispatched_at=None,
        waits=func.least(Work.waits + 1, _MAX_WAITS),
        alone=or_(Work.alone, _retried.c.alone),
        strikes=Work.strikes + cast(_retried.c.strike, Integer()),
        lane=case((Work.waits >= _PATIENCE, int(Lane.BULK)), else_=Work.lane),
        next_attempt_at=CLOCK + seconds(_retried.c.wait_seconds),
    )
    .returning(Work.id)
)


def defer(connection: Connection, claim: Claim, retries: Sequence[Retry]) -> None:
    """Lets items that the lease still holds wait for their next attempt, and notes why.

    A suspect is tried alone from now on; strikes count toward its dead letter. An item that has waited often leaves its
    place in flight to others, and is admitted anew when its time has come.
    """
    parameters = {
        "token": claim.token,
        "ids": [retry.id for retry in retries],
        "wait_seconds": [retry.wait_seconds for retry in retries],
        "are_strikes": [retry.strike for retry in retries],
        "are_suspects": [retry.alone for retry in retries],
    }
    ours = set(connection.scalars(_DEFER, parameters))
    note_failures(connection, claim.stage, claim.worker, [retry for retry in retries if retry.id in ours])


_suspect = bindparam("suspect", type_=Boolean())
_HAND_BACK = (
    update(Work)
    .where(Work.id == any_(array("ids")), _holds_lease)
    .values(
        lease_token=None,
        dispatched_at=None,
        alone=or_(Work.alone, _suspect),
        waits=case((_suspect, Work.waits), else_=literal_column("0")),
    )
)


def hand_back(connection: Connection, claim: Claim, *, suspect: bool = False) -> None:
    """Makes what the lease still holds ready again, and counts it against nobody; a suspect is tried alone."""
    parameters = {"ids": [item.id for item in claim.items], "token": claim.token, "suspect": suspect}
    connection.execute(_HAND_BACK, parameters)
