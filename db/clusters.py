"""Cluster labels in PostgreSQL: reads what the pure function `ingest.clusters` needs, and writes what it says.

Labels follow from the links between the texts of finished documents, so they depend on the set of documents alone
(promise 4). They change under one transaction-level advisory lock: with a single lock there is no order to get wrong,
no deadlock and no lost merge, and a batch holds it for milliseconds.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from operator import attrgetter

from sqlalchemy import Connection, Row, text

from db.records import Arrival
from ingest.clusters import Member, Outcome, Placement, settle_clusters

__all__ = ["place", "withdraw"]

_LABEL_LOCK = 7_301_003

# What ranks an article among the members of its cluster.
_ARTICLE = """
    a.char_count, num_nonnulls(a.title, a.byline, a.publisher, a.published_at, a.language, a.url) as metadata_count
"""


def place(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Placement]:
    """Where these documents belong; relabels the others of their clusters, and leaves the arrivals' rows to the caller.

    An arrival may have had a place before (a replay). Holds the label lock until the transaction ends.
    """
    _lock(connection)
    arriving = {arrival.id for arrival in arrivals}
    broken = set(
        connection.scalars(
            text("select cluster_id from documents where id = any(cast(:ids as bigint[])) and cluster_id is not null"),
            {"ids": list(arriving)},
        )
    )
    texts = {arrival.text_id for arrival in arrivals}
    links = _links_of(connection, texts)
    near = texts | {text_id for pair in links for text_id in pair}
    touched = set(
        connection.scalars(
            text("""
            select distinct cluster_id from documents
            where text_id = any(cast(:texts as bigint[])) and cluster_id is not null
            """),
            {"texts": list(near)},
        )
    )
    rows = [row for row in _members(connection, touched | broken) if row.id not in arriving]
    newcomers = _newcomers(connection, arrivals)
    placements = settle_clusters(
        [*newcomers, *map(_member, rows)], _known(links, rows, texts) | _inner_links(connection, rows, broken)
    )
    _demote(connection, arriving)
    _relabel(connection, rows, placements)
    return {id_: placements[id_] for id_ in arriving}


def withdraw(connection: Connection, ids: Collection[int]) -> None:
    """Takes documents that failed for good out of their clusters, with their articles, and settles who is left."""
    if not ids:
        return
    _lock(connection)
    broken = set(
        connection.scalars(
            text("""
            with old as (select id, cluster_id from documents where id = any(cast(:ids as bigint[])) for update)
            update documents d set cluster_id = null, text_id = null from old where d.id = old.id
            returning old.cluster_id
            """),
            {"ids": list(ids)},
        )
    )
    connection.execute(text("delete from articles where document_id = any(cast(:ids as bigint[]))"), {"ids": list(ids)})
    rows = _members(connection, broken)
    _relabel(connection, rows, settle_clusters(list(map(_member, rows)), _inner_links(connection, rows, broken)))


def _lock(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LABEL_LOCK})


def _links_of(connection: Connection, texts: Collection[int]) -> set[tuple[int, int]]:
    rows = connection.execute(
        text("""
        select low_text_id, high_text_id from links where low_text_id = any(cast(:texts as bigint[]))
        union all
        select low_text_id, high_text_id from links where high_text_id = any(cast(:texts as bigint[]))
        """),
        {"texts": list(texts)},
    )
    return {(row.low_text_id, row.high_text_id) for row in rows}


def _members(connection: Connection, clusters: Collection[int]) -> list[Row[tuple[int, ...]]]:
    if not clusters:
        return []
    return list(
        connection.execute(
            text(f"""
            select d.id, d.text_id, d.cluster_id, d.outcome, d.ordinal, t.hash, f.sha256, {_ARTICLE}
            from documents d
            join articles a on a.document_id = d.id
            join texts t on t.id = d.text_id
            join files f on f.id = d.file_id
            where d.cluster_id = any(cast(:clusters as bigint[])) order by d.id
            """),  # noqa: S608 - a constant
            {"clusters": list(clusters)},
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


def _known(
    links: Iterable[tuple[int, int]], rows: Iterable[Row[tuple[int, ...]]], texts: Collection[int]
) -> set[tuple[int, int]]:
    counted = {row.text_id for row in rows} | set(texts)
    return {(low, high) for low, high in links if low in counted and high in counted}


def _inner_links(
    connection: Connection, rows: Sequence[Row[tuple[int, ...]]], broken: Collection[int]
) -> set[tuple[int, int]]:
    """What holds the existing clusters together: the label where nobody left or changed, else the links themselves."""
    intact = sorted((row for row in rows if row.cluster_id not in broken), key=attrgetter("cluster_id"))
    chained = {(a.text_id, b.text_id) for a, b in pairwise(intact) if a.cluster_id == b.cluster_id}
    loose = {row.text_id for row in rows if row.cluster_id in broken}
    return chained | {(low, high) for low, high in _links_of(connection, loose) if low in loose and high in loose}


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
