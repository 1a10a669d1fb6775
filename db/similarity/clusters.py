"""Cluster labels in PostgreSQL: reads what the pure function `ingest.similarity.clusters` needs, and writes what it
says.

Labels follow from the links between the texts of finished documents, so they depend on the set of documents alone
(promise 4). They change under one transaction-level advisory lock: with a single lock there is no order to get wrong,
no deadlock and no lost merge, and a batch holds it for milliseconds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, text

from db import locks
from db.plans import prefer_indexes
from db.records import Arrival
from db.types import bigints
from ingest.metadata.codec import METADATA
from ingest.similarity.clusters import Member, Placement, settle_clusters
from newsmill.vocabulary import Outcome

__all__ = ["lock", "place", "settle_anew", "withdraw"]


_ALL = "select * from documents where cluster_id = any(cast(:clusters as bigint[]))"
# Each half by an index of its own: a cluster may have a hundred thousand members.
_FIRSTS = """
    select * from documents where cluster_id = any(cast(:clusters as bigint[])) and outcome = 'unique'
    union all
    select * from documents
    where text_id = any(cast(:texts as bigint[])) and outcome = 'near_duplicate'
      and cluster_id = any(cast(:clusters as bigint[]))
"""

# What ranks an article among the members of its cluster; `MetadataCodec.count` is the same for the reference.
_ARTICLE = (
    f"a.char_count, num_nonnulls({', '.join(f'a.{name}' for name in METADATA.ranking_columns)}) as metadata_count"
)


def place(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Placement]:
    """Where these documents belong; relabels the others of their clusters, and leaves the arrivals' rows to the caller.

    An arrival may have had a place before (a replay). Holds the label lock until the transaction ends. Of a cluster
    that only grows no more is read than its canonical document and those whose texts arrive once more, so that a story
    of thousands of copies costs no more than one of two.
    """
    lock(connection)
    arriving = {arrival.id for arrival in arrivals}
    broken = set(
        connection.scalars(
            text("select cluster_id from documents where id = any(cast(:ids as bigint[])) and cluster_id is not null"),
            {"ids": bigints(arriving)},
        )
    )
    texts = {arrival.text_id for arrival in arrivals}
    links = _links_of(connection, texts)
    cluster_of = _clusters_of(connection, texts | {text_id for pair in links for text_id in pair}, arriving)
    growing = set(cluster_of.values()) - broken
    firsts = _members(connection, growing, firsts_of=texts)
    loose = [row for row in _members(connection, broken) if row.id not in arriving]
    canonical_text = {row.cluster_id: row.text_id for row in firsts if row.outcome == Outcome.UNIQUE}

    def counted(text_id: int) -> int:
        """The text itself, or the one that stands for its cluster."""
        cluster_id = cluster_of.get(text_id)
        return text_id if cluster_id is None else canonical_text.get(cluster_id, text_id)

    loose_texts = {row.text_id for row in loose}
    known = texts | loose_texts | set(canonical_text.values())
    pairs = {(counted(low), counted(high)) for low, high in links if counted(low) in known and counted(high) in known}
    pairs |= {(row.text_id, canonical_text[row.cluster_id]) for row in firsts}
    pairs |= {pair for pair in _links_of(connection, loose_texts) if loose_texts.issuperset(pair)}
    newcomers = _newcomers(connection, arrivals)
    placements = settle_clusters([*newcomers, *map(_member, firsts), *map(_member, loose)], pairs)
    placements = _with_labels(placements, firsts)
    _demote(connection, arriving)
    _relabel(connection, [*firsts, *loose], placements)
    _rename(connection, {row.cluster_id: placements[row.id].cluster_id for row in firsts})
    return {id_: placements[id_] for id_ in arriving}


def withdraw(connection: Connection, ids: Collection[int]) -> None:
    """Takes documents that failed for good or go out of their clusters, with their articles, and settles the rest."""
    if not ids:
        return
    lock(connection)
    broken = set(
        connection.scalars(
            text("""
            with old as (
                select id, cluster_id, text_id, base_text_id from documents
                where id = any(cast(:ids as bigint[])) for update
            ), orphaned as (
                insert into orphans (text_id)
                select distinct gone.id from old cross join lateral unnest(array[text_id, base_text_id]) as gone (id)
                where gone.id is not null order by 1
                on conflict (text_id) do update set due = greatest(orphans.due, excluded.due)
            )
            update documents d set cluster_id = null, text_id = null, base_text_id = null from old where d.id = old.id
            returning old.cluster_id
            """),
            {"ids": list(ids)},
        )
    )
    connection.execute(text("delete from articles where document_id = any(cast(:ids as bigint[]))"), {"ids": list(ids)})
    settle_anew(connection, broken - {None})


def settle_anew(connection: Connection, clusters: Collection[int]) -> None:
    """Labels the documents of these clusters as if they had just been found. The caller holds the lock."""
    rows = _members(connection, clusters)
    left = {row.text_id for row in rows}
    links = [pair for pair in _links_of(connection, left) if left.issuperset(pair)]
    _relabel(connection, rows, settle_clusters(list(map(_member, rows)), links))


def lock(connection: Connection) -> None:
    """Whoever changes labels does it alone, until the transaction ends."""
    locks.lock(connection, locks.LockKey.LABELS)


def _links_of(connection: Connection, texts: Collection[int]) -> set[tuple[int, int]]:
    rows = connection.execute(
        text("""
        select low_text_id, high_text_id from links where low_text_id = any(cast(:texts as bigint[]))
        union all
        select low_text_id, high_text_id from links where high_text_id = any(cast(:texts as bigint[]))
        """),
        {"texts": bigints(texts)},
    )
    return {(row.low_text_id, row.high_text_id) for row in rows}


def _clusters_of(connection: Connection, texts: Collection[int], but: Collection[int]) -> dict[int, int]:
    """The clusters of these texts, by documents other than `but`; all documents of one text are in one cluster."""
    rows = connection.execute(
        text("""
        select q.text_id, d.cluster_id from unnest(cast(:texts as bigint[])) as q (text_id)
        cross join lateral (
            select cluster_id from documents
            where text_id = q.text_id and cluster_id is not null and id <> all(cast(:but as bigint[])) limit 1
        ) d
        """),
        {"texts": bigints(texts), "but": bigints(but)},
    )
    return {row.text_id: row.cluster_id for row in rows}


def _members(
    connection: Connection, clusters: Collection[int], firsts_of: Collection[int] | None = None
) -> list[Row[tuple[int, ...]]]:
    """The documents of these clusters, or only the canonical ones and the first of each of the texts `firsts_of`."""
    if not clusters:
        return []
    prefer_indexes(connection)
    return list(
        connection.execute(
            text(f"""
            select d.id, d.text_id, d.cluster_id, d.outcome, d.ordinal, t.hash, f.sha256, {_ARTICLE}
            from ({_ALL if firsts_of is None else _FIRSTS}) d
            join articles a on a.document_id = d.id
            join texts t on t.id = d.text_id
            join files f on f.id = d.file_id
            order by d.id
            """),  # noqa: S608 - constants
            {"clusters": bigints(clusters), "texts": bigints(firsts_of or ())},
        )
    )


def _newcomers(connection: Connection, arrivals: Sequence[Arrival]) -> list[Member]:
    rows = connection.execute(
        text(f"""
        select d.id, n.text_id, d.ordinal, t.hash, f.sha256, {_ARTICLE}
        from unnest(cast(:ids as bigint[]), cast(:texts as bigint[])) as n (id, text_id)
        join documents d on d.id = n.id
        join articles a on a.document_id = d.id
        join files f on f.id = d.file_id
        join texts t on t.id = n.text_id
        """),  # noqa: S608 - a constant
        {"ids": [arrival.id for arrival in arrivals], "texts": [arrival.text_id for arrival in arrivals]},
    )
    return list(map(_member, rows))


def _member(row: Row[tuple[int, ...]]) -> Member:
    return Member(
        document_id=row.id,
        text_id=row.text_id,
        char_count=row.char_count,
        metadata_count=row.metadata_count,
        text_hash=bytes(row.hash),
        sha256=bytes(row.sha256),
        ordinal=row.ordinal,
    )


def _with_labels(placements: dict[int, Placement], firsts: Iterable[Row[tuple[int, ...]]]) -> dict[int, Placement]:
    """The placements under the least document ids, also of members that were not read: theirs is their old label."""
    labels = {placement.canonical_id: placement.cluster_id for placement in placements.values()}
    for row in firsts:
        canonical_id = placements[row.id].canonical_id
        labels[canonical_id] = min(labels[canonical_id], row.cluster_id)
    return {id_: replace(placement, cluster_id=labels[placement.canonical_id]) for id_, placement in placements.items()}


def _rename(connection: Connection, labels: dict[int, int]) -> None:
    """Gives what is left of whole clusters their new labels."""
    changed = {old: new for old, new in labels.items() if old != new}
    if changed:
        connection.execute(
            text("""
            update documents d set cluster_id = q.new
            from unnest(cast(:old as bigint[]), cast(:new as bigint[])) as q (old, new) where d.cluster_id = q.old
            """),
            {"old": bigints(changed), "new": bigints(changed.values())},
        )


def _demote(connection: Connection, ids: Collection[int]) -> None:
    connection.execute(
        text("""
        update documents set outcome = :near where id = any(cast(:ids as bigint[])) and outcome = :unique
        """),
        {"ids": list(ids), "near": Outcome.NEAR_DUPLICATE, "unique": Outcome.UNIQUE},
    )


def _relabel(connection: Connection, rows: Sequence[Row[tuple[int, ...]]], placements: dict[int, Placement]) -> None:
    changed = [
        (row.id, placements[row.id])
        for row in rows
        if (row.cluster_id, row.outcome) != (placements[row.id].cluster_id, placements[row.id].outcome)
    ]
    if not changed:
        return
    # A cluster has one canonical document at every moment (a unique index says so): give up the old ones first.
    _demote(connection, [id_ for id_, _ in changed])
    connection.execute(
        text("""
        update documents d set cluster_id = p.cluster_id, outcome = p.outcome
        from unnest(cast(:ids as bigint[]), cast(:clusters as bigint[]), cast(:outcomes as text[]))
             as p (id, cluster_id, outcome)
        where d.id = p.id
        """),
        {
            "ids": [id_ for id_, _ in changed],
            "clusters": [placement.cluster_id for _, placement in changed],
            "outcomes": [placement.outcome for _, placement in changed],
        },
    )
