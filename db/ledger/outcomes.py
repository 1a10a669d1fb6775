"""How an item moves on, waits, or ends."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, text

from db.ledger.dispatch import dispatches
from db.records import (
    Claim,
    Completion,
    Dispatch,
    Retry,
    TerminalFailure,
)
from newsmill.vocabulary import Lane, Stage

__all__ = ["advance", "complete", "defer", "fail", "hand_back", "note_failures", "take_work"]

# What has waited so often (some five minutes) gives its place in flight to others: a blob that is missing for ever, or
# thousands of them, would hold them up.
_PATIENCE = 10


def advance(connection: Connection, claim: Claim, stage: Stage, ids: Sequence[int]) -> list[Dispatch]:
    """Moves the items that the lease still holds to `stage`, dispatched; nobody else's row is touched."""
    rows = connection.execute(
        text("""
        update work set stage = :stage, lease_token = null, alone = false, waits = 0, dispatched_at = clock_timestamp()
        where id = any(cast(:ids as bigint[])) and lease_token = :token
        returning id, stage, generation, size_bytes, alone, dispatched_at
        """),
        {"ids": list(ids), "token": claim.token, "stage": stage},
    )
    return dispatches(rows)


def complete(connection: Connection, completions: Sequence[Completion]) -> None:
    """Writes the end of documents whose work rows this transaction has taken by `take_work`."""
    connection.execute(
        text("""
        with orphaned as (
            insert into orphans (text_id)
            select distinct old.id from documents d
            join unnest(cast(:ids as bigint[]), cast(:text_ids as bigint[]), cast(:base_text_ids as bigint[]))
                 as c (id, text_id, base_text_id) on c.id = d.id
            cross join lateral unnest(array[d.text_id, d.base_text_id]) as old (id)
            where old.id is not null and old.id not in (c.text_id, c.base_text_id)
            order by 1 on conflict (text_id) do update set due = greatest(orphans.due, excluded.due)
        )
        update documents d
        set outcome = c.outcome, reason = null, text_id = c.text_id, base_text_id = c.base_text_id,
            cluster_id = c.cluster_id, finished_at = clock_timestamp(), journey = cast(c.journey as jsonb)
        from unnest(cast(:ids as bigint[]), cast(:text_ids as bigint[]), cast(:base_text_ids as bigint[]),
                    cast(:outcomes as text[]), cast(:cluster_ids as bigint[]), cast(:journeys as text[]))
             as c (id, text_id, base_text_id, outcome, cluster_id, journey)
        where d.id = c.id
        """),
        {
            "ids": [c.id for c in completions],
            "text_ids": [c.text_id for c in completions],
            "base_text_ids": [c.base_text_id for c in completions],
            "outcomes": [c.outcome for c in completions],
            "cluster_ids": [c.cluster_id for c in completions],
            "journeys": [json.dumps(c.journey) for c in completions],
        },
    )


def take_work(connection: Connection, claim: Claim, ids: Sequence[int]) -> set[int]:
    """Deletes the work rows that the lease still holds and returns their ids: what this transaction may finish."""
    return set(
        connection.scalars(
            text("delete from work where id = any(cast(:ids as bigint[])) and lease_token = :token returning id"),
            {"ids": list(ids), "token": claim.token},
        )
    )


def fail(connection: Connection, claim: Claim, terminal_failures: Sequence[TerminalFailure]) -> list[int]:
    """Ends items without an article, those that the lease still holds; returns the documents that had a place before.

    The caller takes these out of their clusters (`db.similarity.clusters.withdraw`) in the same transaction.
    """
    ours = take_work(connection, claim, [v.id for v in terminal_failures])
    ended = [v for v in terminal_failures if v.id in ours]
    note_failures(connection, claim.stage, claim.worker, ended)
    return end_without_article(connection, claim.stage, ended)


def end_without_article(connection: Connection, stage: str, terminal_failures: Sequence[TerminalFailure]) -> list[int]:
    parameters = {
        "ids": [v.id for v in terminal_failures],
        "outcomes": [v.outcome for v in terminal_failures],
        "messages": [v.message for v in terminal_failures],
    }
    if stage == Stage.UNPACK:
        connection.execute(
            text("""
            update files set finished_at = clock_timestamp(), error = v.message
            from unnest(cast(:ids as bigint[]), cast(:messages as text[])) as v (id, message) where files.id = v.id
            """),
            parameters,
        )
        return []
    rows = connection.execute(
        text("""
        update documents d set outcome = v.outcome, reason = v.message, finished_at = clock_timestamp()
        from unnest(cast(:ids as bigint[]), cast(:outcomes as text[]), cast(:messages as text[]))
             as v (id, outcome, message)
        where d.id = v.id
        returning d.id, d.text_id, d.cluster_id
        """),
        parameters,
    )
    # One that was stored before texts had rows of their own has a cluster and no text.
    return [row.id for row in rows if row.text_id is not None or row.cluster_id is not None]


def note_failures(connection: Connection, stage: str, worker: str, failures: Sequence[TerminalFailure | Retry]) -> None:
    """Adds a row for each failed attempt; these are kept for ever."""
    connection.execute(
        text("""
        insert into failures (item_id, generation, stage, worker, error_class, message)
        select f.id, coalesce(d.generation, 0), :stage, :worker, f.error_class, f.message
        from unnest(cast(:ids as bigint[]), cast(:classes as text[]), cast(:messages as text[]))
             as f (id, error_class, message)
        left join documents d on d.id = f.id
        """),
        {
            "stage": stage,
            "worker": worker,
            "ids": [f.id for f in failures],
            "classes": [f.error_class for f in failures],
            "messages": [f.message for f in failures],
        },
    )


def defer(connection: Connection, claim: Claim, retries: Sequence[Retry]) -> None:
    """Lets items that the lease still holds wait for their next attempt, and notes why.

    A suspect is tried alone from now on; strikes count toward its dead letter. What has waited often leaves its place
    in flight to others, and is admitted anew when its time has come.
    """
    ours = set(
        connection.scalars(
            text("""
            update work set lease_token = null, dispatched_at = null, waits = least(waits + 1, 1000),
                            alone = work.alone or s.alone, strikes = strikes + cast(s.strike as int),
                            lane = case when waits >= :patience then :bulk else lane end,
                            next_attempt_at = clock_timestamp() + make_interval(secs => s.wait_seconds)
            from unnest(cast(:ids as bigint[]), cast(:waits as double precision[]), cast(:strikes as boolean[]),
                        cast(:alone as boolean[]))
                 as s (id, wait_seconds, strike, alone)
            where work.id = s.id and work.lease_token = :token
            returning work.id
            """),
            {
                "token": claim.token,
                "patience": _PATIENCE,
                "bulk": int(Lane.BULK),
                "ids": [s.id for s in retries],
                "waits": [s.wait_seconds for s in retries],
                "strikes": [s.strike for s in retries],
                "alone": [s.alone for s in retries],
            },
        )
    )
    note_failures(connection, claim.stage, claim.worker, [s for s in retries if s.id in ours])


def hand_back(connection: Connection, claim: Claim, *, suspect: bool = False) -> None:
    """Makes what the lease still holds ready again, and counts it against nobody; a suspect is to be tried alone."""
    connection.execute(
        text("""
        update work set lease_token = null, dispatched_at = null, alone = alone or :suspect,
                        waits = case when :suspect then waits else 0 end
        where id = any(cast(:ids as bigint[])) and lease_token = :token
        """),
        {"ids": [item.id for item in claim.items], "token": claim.token, "suspect": suspect},
    )
