"""Lets work into flight, up to a number of documents and a sum of bytes."""

from sqlalchemy import Connection, text

from db.ledger.dispatch import IS_DUE, NOT_PAUSED, dispatches
from db.locks import LockKey, lock
from db.records import (
    AdmissionLimits,
    Dispatch,
)
from newsmill.vocabulary import Lane, Stage

__all__ = ["admit"]

# Unpacking goes first (`worker.app.QUEUE_ORDER`): a folder of dumps must not keep every process from all the rest.
_MAX_CONTAINERS = 4


# So many rows of a paused stage admission passes over: a million of them cost half a second each time (measured).
_LOOK_AHEAD = 100_000


def admit(connection: Connection, limits: AdmissionLimits) -> list[Dispatch]:
    """Admits waiting rows up to the limits, oldest first, and dispatches them; none of a stage that is paused.

    Bulk rows leave `fresh_share` of both limits free, and of containers only a few are in flight. One advisory lock at
    a time admits, so the limits hold; a single document larger than the byte limit is admitted when nothing else is in
    flight, for which bulk rows wait if it is fresh.
    """
    lock(connection, LockKey.ADMISSION)
    used = connection.execute(
        text(f"""
        select count(*) as documents, coalesce(sum(case when size_bytes <= :largest then size_bytes end), 0) as bytes,
               count(*) filter (where stage = :unpack and {IS_DUE}) as containers
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
                where {NOT_PAUSED} and {IS_DUE} and (:containers < {_MAX_CONTAINERS} or stage <> :unpack)
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
    return dispatches(rows)
