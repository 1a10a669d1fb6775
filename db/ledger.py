"""Every statement that changes the ledger, each with what it guarantees (promises 1 and 2).

A document is registered once, is in exactly one state, and whoever writes for it holds its lease: each statement that
moves an item on names the lease's token and touches only rows that still hold it. Times are PostgreSQL's clock alone.

An admitted row of `work` is leased (`lease_token`), dispatched (`dispatched_at`: a message for it should be in Redis),
waiting (`next_attempt_at` lies ahead) or else ready. Rows in another lane wait for admission.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from db.models import Lane, Stage
from db.queries import origins
from db.records import (
    AdmissionLimits,
    Claim,
    ClaimedItem,
    Completion,
    Death,
    Dispatch,
    NewDocument,
    NewFile,
    Setback,
    Verdict,
)

__all__ = [
    "admit",
    "advance",
    "claim",
    "clear_intake_error",
    "complete",
    "defer",
    "end_lease",
    "expired_leases",
    "fail",
    "finish_unpacking",
    "hand_back",
    "has_leases",
    "leases_of",
    "lock_lease",
    "lose_dispatches",
    "lose_leases",
    "note_failures",
    "note_intake_error",
    "register_files",
    "register_page",
    "release_leases",
    "renew_leases",
    "retry",
    "retry_files",
    "take_ready",
    "take_work",
    "undispatch",
]

# Keys of advisory locks: any fixed numbers do, as long as they differ.
_ADMISSION_LOCK = 7_301_001

# Unpacking goes first (`worker.app.QUEUE_ORDER`): a folder of dumps must not keep every process from all the rest.
_MAX_CONTAINERS = 4

# So many rows of a paused stage admission passes over: a million of them cost half a second each time (measured).
_LOOK_AHEAD = 100_000
_NOT_PAUSED = "stage <> all(array(select scope from holds))"

# What has waited so often (some five minutes) gives its place in flight to others: a blob that is missing for ever, or
# thousands of them, would hold them up.
_PATIENCE = 10
_IS_DUE = "(next_attempt_at is null or next_attempt_at <= clock_timestamp())"


def register_files(connection: Connection, files: Sequence[NewFile]) -> dict[tuple[bytes, str], int]:
    """Registers files, sightings, documents and work in the caller's transaction; returns the files' ids.

    The same bytes again add a sighting and nothing else, whoever registers them at the same moment: the unique key on
    (sha256, media type) decides. Rows go in by key order, so two registrars cannot deadlock.
    """
    distinct = sorted({(f.sha256, f.media_type): f for f in files}.items())
    connection.execute(
        text("""
        with incoming as (
            select * from unnest(cast(:sha256 as bytea[]), cast(:media_type as text[]), cast(:size_bytes as bigint[]),
                                 cast(:is_container as boolean[]), cast(:lane as smallint[]))
                     as t (sha256, media_type, size_bytes, is_container, lane)
        ), new_files as (
            insert into files (sha256, media_type, size_bytes, is_container)
            select sha256, media_type, size_bytes, is_container from incoming order by sha256, media_type
            on conflict (sha256, media_type) do nothing
            returning id, sha256, media_type, size_bytes, is_container
        ), new_documents as (
            insert into documents (file_id, ordinal, size_bytes)
            select id, 1, size_bytes from new_files where not is_container
            returning id, file_id, size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select coalesce(d.id, f.id), case when f.is_container then :unpack else :parse end, 0,
               case when f.is_container then 0 else f.size_bytes end, i.lane
        from new_files f
        join incoming i using (sha256, media_type)
        left join new_documents d on d.file_id = f.id
        order by 1
        """),
        {
            "sha256": [f.sha256 for _, f in distinct],
            "media_type": [f.media_type for _, f in distinct],
            "size_bytes": [f.size_bytes for _, f in distinct],
            "is_container": [f.is_container for _, f in distinct],
            "lane": [int(Lane.FRESH if f.fresh else Lane.BULK) for _, f in distinct],
            "unpack": Stage.UNPACK,
            "parse": Stage.PARSE,
        },
    )
    rows = connection.execute(
        text("""
        select f.id, f.sha256, f.media_type from files f
        join unnest(cast(:sha256 as bytea[]), cast(:media_type as text[])) as t (sha256, media_type)
          on f.sha256 = t.sha256 and f.media_type = t.media_type
        """),
        {"sha256": [f.sha256 for _, f in distinct], "media_type": [f.media_type for _, f in distinct]},
    )
    ids = {(bytes(row.sha256), row.media_type): row.id for row in rows}
    connection.execute(
        text("""
        with gone as (delete from intake_errors using unnest(cast(:path as text[])) as p (path)
                      where md5(intake_errors.path) = md5(p.path))
        insert into sightings (file_id, path, size_bytes, mtime_ns, ctime_ns, inode)
        select * from unnest(cast(:file_id as bigint[]), cast(:path as text[]), cast(:size_bytes as bigint[]),
                             cast(:mtime_ns as bigint[]), cast(:ctime_ns as bigint[]), cast(:inode as bigint[]))
        on conflict (md5(path), file_id, mtime_ns)
        do update set ctime_ns = excluded.ctime_ns, inode = excluded.inode, seen_at = now()
        """),
        _columns(
            {
                (f.path, ids[f.sha256, f.media_type], f.mtime_ns): f for f in sorted(files, key=lambda f: f.path)
            }.values(),
            ids,
        ),
    )
    return ids


def _columns(files: Iterable[NewFile], ids: dict[tuple[bytes, str], int]) -> dict[str, list[Any]]:
    rows = list(files)
    return {
        "file_id": [ids[f.sha256, f.media_type] for f in rows],
        "path": [f.path for f in rows],
        "size_bytes": [f.size_bytes for f in rows],
        "mtime_ns": [f.mtime_ns for f in rows],
        "ctime_ns": [f.ctime_ns for f in rows],
        # An inode number may use all 64 bits; PostgreSQL's bigint is signed.
        "inode": [f.inode - (1 << 64) if f.inode >= 1 << 63 else f.inode for f in rows],
    }


def register_page(
    connection: Connection,
    token: int,
    file_id: int,
    page: Sequence[NewDocument],
    *,
    unpacked_bytes: int,
    unpacked_lines: int,
) -> bool:
    """Registers a page of a container's documents and how far it is unpacked, together; False if the lease is lost."""
    held = connection.execute(
        text("""
        update files set unpacked_bytes = :unpacked_bytes, unpacked_lines = :unpacked_lines
        where id = (select id from work where id = :file_id and lease_token = :token for update)
        """),
        {"file_id": file_id, "token": token, "unpacked_bytes": unpacked_bytes, "unpacked_lines": unpacked_lines},
    )
    if held.rowcount == 0:
        return False
    connection.execute(
        text("""
        with new_documents as (
            insert into documents (file_id, ordinal, offset_bytes, size_bytes)
            select :file_id, * from unnest(cast(:ordinal as bigint[]), cast(:offset_bytes as bigint[]),
                                           cast(:size_bytes as bigint[]))
            on conflict (file_id, ordinal) do nothing
            returning id, size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :parse, 0, size_bytes, :lane from new_documents order by id
        """),
        {
            "file_id": file_id,
            "ordinal": [d.ordinal for d in page],
            "offset_bytes": [d.offset_bytes for d in page],
            "size_bytes": [d.size_bytes for d in page],
            "parse": Stage.PARSE,
            "lane": int(Lane.BULK),
        },
    )
    return True


def finish_unpacking(connection: Connection, token: int, file_id: int) -> bool:
    """Ends a container's own work, once; False if the lease is lost."""
    gone = connection.execute(
        text("delete from work where id = :id and lease_token = :token"), {"id": file_id, "token": token}
    )
    if gone.rowcount == 0:
        return False
    connection.execute(text("update files set finished_at = now(), error = null where id = :id"), {"id": file_id})
    end_lease(connection, token)
    return True


def note_intake_error(connection: Connection, path: str, error_class: str, message: str) -> None:
    """Remembers why a path could not be accepted, once a path, however often it is tried."""
    connection.execute(
        text("""
        insert into intake_errors (path, error_class, message) values (:path, :error_class, :message)
        on conflict (md5(path)) do update set error_class = excluded.error_class, message = excluded.message,
                                         attempts = intake_errors.attempts + 1, last_at = now()
        """),
        {"path": path, "error_class": error_class, "message": message},
    )


def clear_intake_error(connection: Connection, path: str) -> None:
    """Forgets a path's trouble: it was accepted, or it is gone."""
    connection.execute(text("delete from intake_errors where md5(path) = md5(:path)"), {"path": path})


def admit(connection: Connection, limits: AdmissionLimits) -> list[Dispatch]:
    """Admits waiting rows up to the limits, oldest first, and dispatches them; none of a stage that is paused.

    Bulk rows leave `fresh_share` of both limits free, and of containers only a few are in flight. One advisory lock at
    a time admits, so the limits hold; a single document larger than the byte limit is admitted when nothing else is in
    flight, for which bulk rows wait if it is fresh.
    """
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADMISSION_LOCK})
    used = connection.execute(
        text(f"""
        select count(*) as documents, coalesce(sum(case when size_bytes <= :largest then size_bytes end), 0) as bytes,
               count(*) filter (where stage = :unpack and {_IS_DUE}) as containers
        from work where lane = :lane
        """),  # noqa: S608 - a constant
        {"lane": int(Lane.ADMITTED), "unpack": Stage.UNPACK, "largest": limits.largest_bytes},
    ).one()
    documents, size_bytes, containers = int(used.documents), int(used.bytes), int(used.containers)
    chosen: list[int] = []
    for lane, share in ((Lane.FRESH, 1.0), (Lane.BULK, 1.0 - limits.fresh_share)):
        room = int(limits.documents * share) - documents
        if room <= 0:
            continue
        waiting = connection.execute(
            text(f"""
            select id, stage, case when size_bytes <= :largest then size_bytes else 0 end as size_bytes
            from work where id = any(array(
                select id from (
                    select id, stage, next_attempt_at from work where lane = :lane order by id limit :look_ahead
                ) as next
                where {_NOT_PAUSED} and {_IS_DUE} and (:containers < {_MAX_CONTAINERS} or stage <> :unpack)
                order by id limit :room
            )) order by id for update skip locked
            """),  # noqa: S608 - constants
            {
                "lane": int(lane),
                "room": room,
                "look_ahead": _LOOK_AHEAD,
                "containers": containers,
                "unpack": Stage.UNPACK,
                "largest": limits.largest_bytes,
            },
        )
        is_full = False
        for row in waiting:
            if row.stage == Stage.UNPACK:
                if containers >= _MAX_CONTAINERS:
                    continue
                containers += 1
            is_full = bool(documents) and size_bytes + row.size_bytes > limits.size_bytes * share
            if is_full:
                break
            documents, size_bytes = documents + 1, size_bytes + row.size_bytes
            chosen.append(row.id)
        if is_full:  # bulk rows would fill what a large fresh one waits for
            break
    if not chosen:
        return []
    rows = connection.execute(
        text("""
        update work set lane = :admitted, dispatched_at = clock_timestamp(), next_attempt_at = null
        where id = any(cast(:ids as bigint[]))
        returning id, stage, generation, size_bytes, alone, dispatched_at
        """),
        {"admitted": int(Lane.ADMITTED), "ids": chosen},
    )
    return _dispatches(rows)


def take_ready(connection: Connection, limit: int) -> list[Dispatch]:
    """Dispatches ready rows, each to one caller only; what waits at a paused stage goes on waiting."""
    rows = connection.execute(
        text(f"""
        update work set dispatched_at = clock_timestamp(), next_attempt_at = null
        where id in (
            select id from work
            where lane = :admitted and lease_token is null and dispatched_at is null
              and {_IS_DUE} and {_NOT_PAUSED}
            order by id limit :limit for update skip locked
        )
        returning id, stage, generation, size_bytes, alone, dispatched_at
        """),  # noqa: S608 - constants
        {"admitted": int(Lane.ADMITTED), "limit": limit},
    )
    return _dispatches(rows)


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
    + """
select held.*, f.sha256, f.media_type, d.ordinal, d.offset_bytes, d.size_bytes,
       0 as unpacked_lines
from held join documents d on d.id = held.id join files f on f.id = d.file_id order by held.id
"""
)
_CLAIM_FILES = text(
    _CLAIM
    + """
select held.*, f.sha256, f.media_type, 0 as ordinal,
       f.unpacked_bytes as offset_bytes, f.size_bytes, f.unpacked_lines
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
    held = tuple(
        ClaimedItem(
            id=row.id,
            generation=row.generation,
            sha256=bytes(row.sha256),
            media_type=row.media_type,
            ordinal=row.ordinal,
            offset_bytes=row.offset_bytes,
            size_bytes=row.size_bytes,
            unpacked_lines=row.unpacked_lines,
            waits=row.waits,
            strikes=row.strikes,
        )
        for row in rows
    )
    return Claim(token=rows[0].lease_token, stage=stage, worker=worker, items=held)


def advance(connection: Connection, held: Claim, stage: Stage, ids: Sequence[int]) -> list[Dispatch]:
    """Moves the items that the lease still holds to `stage`, dispatched; nobody else's row is touched."""
    rows = connection.execute(
        text("""
        update work set stage = :stage, lease_token = null, alone = false, waits = 0, dispatched_at = clock_timestamp()
        where id = any(cast(:ids as bigint[])) and lease_token = :token
        returning id, stage, generation, size_bytes, alone, dispatched_at
        """),
        {"ids": list(ids), "token": held.token, "stage": stage},
    )
    return _dispatches(rows)


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


def take_work(connection: Connection, held: Claim, ids: Sequence[int]) -> set[int]:
    """Deletes the work rows that the lease still holds and returns their ids: what this transaction may finish."""
    return set(
        connection.scalars(
            text("delete from work where id = any(cast(:ids as bigint[])) and lease_token = :token returning id"),
            {"ids": list(ids), "token": held.token},
        )
    )


def fail(connection: Connection, held: Claim, verdicts: Sequence[Verdict]) -> list[int]:
    """Ends items without an article, those that the lease still holds; returns the documents that had a place before.

    The caller takes these out of their clusters (`db.clusters.withdraw`) in the same transaction.
    """
    ours = take_work(connection, held, [v.id for v in verdicts])
    ended = [v for v in verdicts if v.id in ours]
    note_failures(connection, held.stage, held.worker, ended)
    return _end_without_article(connection, held.stage, ended)


def _end_without_article(connection: Connection, stage: str, verdicts: Sequence[Verdict]) -> list[int]:
    parameters = {
        "ids": [v.id for v in verdicts],
        "outcomes": [v.outcome for v in verdicts],
        "messages": [v.message for v in verdicts],
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


def note_failures(connection: Connection, stage: str, worker: str, failures: Sequence[Verdict | Setback]) -> None:
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


def defer(connection: Connection, held: Claim, setbacks: Sequence[Setback]) -> None:
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
                "token": held.token,
                "patience": _PATIENCE,
                "bulk": int(Lane.BULK),
                "ids": [s.id for s in setbacks],
                "waits": [s.wait_seconds for s in setbacks],
                "strikes": [s.strike for s in setbacks],
                "alone": [s.alone for s in setbacks],
            },
        )
    )
    note_failures(connection, held.stage, held.worker, [s for s in setbacks if s.id in ours])


def hand_back(connection: Connection, held: Claim, *, suspect: bool = False) -> None:
    """Makes what the lease still holds ready again, and counts it against nobody; a suspect is to be tried alone."""
    connection.execute(
        text("""
        update work set lease_token = null, dispatched_at = null, alone = alone or :suspect,
                        waits = case when :suspect then waits else 0 end
        where id = any(cast(:ids as bigint[])) and lease_token = :token
        """),
        {"ids": [item.id for item in held.items], "token": held.token, "suspect": suspect},
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
    death: Death,
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
            "all_suspect": culprits is None or death.counts,
            "culprit_tokens": list(known),
            "culprit_ids": list(known.values()),
            "counts": death.counts,
            "wait": wait_seconds,
        },
    ).all()
    displaced: list[int] = []
    for row in rows:
        if not row.was_alone:
            continue
        message = f"{origins(connection, [row.id])[row.id]}: {death.message}"
        attempt = Verdict(row.id, "failed", death.error_class, message)
        note_failures(connection, row.stage, row.worker, [attempt])
        if row.strikes >= max_strikes or row.losses >= max_losses:
            connection.execute(text("delete from work where id = :id"), {"id": row.id})
            attempts = row.strikes + row.losses
            reason = f"{message} (alone, {attempts} attempts at {row.stage})"
            displaced += _end_without_article(
                connection, row.stage, [Verdict(row.id, "failed", death.error_class, reason)]
            )
    return displaced


def retry(connection: Connection, ids: Sequence[int], stage: Stage) -> list[int]:
    """Begins a new generation of finished documents at `stage`; returns those it began.

    The old rows stay visible until `store` replaces them. What is being worked on is left alone.
    """
    # Lock first, then look: a statement that waits for a lock still sees `work` as it was before it waited.
    locked = connection.scalars(
        text("select id from documents where id = any(cast(:ids as bigint[])) order by id for update"),
        {"ids": list(ids)},
    ).all()
    rows = connection.execute(
        text("""
        with renewed as (
            update documents d set generation = d.generation + 1
            where d.id = any(cast(:ids as bigint[])) and d.finished_at is not null
              and not exists (select from work w where w.id = d.id)
            returning d.id, d.generation, d.size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :stage, generation, size_bytes, :lane from renewed order by id
        on conflict (id) do nothing
        returning id
        """),
        {"ids": list(locked), "stage": stage, "lane": int(Lane.BULK)},
    )
    return [row.id for row in rows]


def retry_files(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Begins the unpacking of failed containers again, from the last committed page; returns those it began."""
    rows = connection.execute(
        text("""
        with chosen as (
            update files set finished_at = null, error = null
            where id = any(cast(:ids as bigint[])) and is_container and error is not null
            returning id
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :stage, 0, 0, :lane from chosen order by id
        on conflict (id) do nothing
        returning id
        """),
        {"ids": list(ids), "stage": Stage.UNPACK, "lane": int(Lane.BULK)},
    )
    return [row.id for row in rows]


def _dispatches(rows: Iterable[Row[Any]]) -> list[Dispatch]:
    return [
        Dispatch(row.id, Stage(row.stage), row.generation, row.size_bytes, row.alone, row.dispatched_at)
        for row in sorted(rows, key=lambda row: row.id)
    ]
