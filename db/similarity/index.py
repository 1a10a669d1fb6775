"""The near-duplicate index: distinct texts, their sketches' shingles and the links between them.

All of it is a pure function of texts, so every write here may be repeated by anybody at any time. Publish first, in a
transaction of its own, then probe: of two texts handled at the same moment at least one sees the other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from db.plans import prefer_indexes
from db.types import bigint_literal, bigints
from ingest.similarity.reference import HUBS
from ingest.similarity.sketches import Sketch, pack_sketch, unpack_sketch

__all__ = [
    "ORPHAN_SECONDS",
    "IndexedText",
    "TextLink",
    "bodies",
    "candidates",
    "link",
    "owned",
    "probed",
    "publish",
    "remove",
    "sketches",
]


# Much longer than a document takes from `deduplicate` to the end of `store`: one whose text is gone begins again there.
# What a dead letter has published counts for so long as a group of its own, unless the mill rests before.
ORPHAN_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text to publish: its id and hash, its normalised form, its sketch, and the passages of a base text."""

    id: int
    hash: bytes
    body: str
    sketch: Sketch
    passages: tuple[int, ...] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class TextLink:
    """Two texts, least id first, that the pair rule takes for the same report."""

    low_text_id: int
    high_text_id: int
    kind: str
    score: float


def publish(connection: Connection, texts: Sequence[IndexedText]) -> None:
    """Adds the texts that are new, with their shingles.

    Rows go in by id order, so that two workers with texts in common cannot deadlock. A text that was there without the
    passages of a base text, or with others, gets them with its group (`db.similarity.groups`). Until a document is
    stored with it (`owned`), a text is an orphan, who goes in time: nobody has to know what was published by whom.
    """
    new = sorted({t.id: t for t in texts}.values(), key=lambda t: t.id)
    added = set(
        connection.scalars(
            text("""
            with added as (
                insert into texts (id, hash, body, sketch, passages)
                select id, hash, body, sketch, cast(passages as bigint[])
                from unnest(cast(:ids as bigint[]), cast(:hashes as bytea[]), cast(:bodies as text[]),
                            cast(:sketches as bytea[]), cast(:passages as text[]))
                     as t (id, hash, body, sketch, passages)
                on conflict (id) do nothing
                returning id
            ), orphaned as (
                insert into orphans (text_id, due)
                select id, clock_timestamp() + make_interval(secs => :seconds)
                from unnest(cast(:ids as bigint[])) as q (id)
                where id in (select id from added) or exists (select from orphans where text_id = q.id)
                on conflict (text_id) do update set due = greatest(orphans.due, excluded.due)
            )
            select id from added
            """),
            {
                "seconds": ORPHAN_SECONDS,
                "ids": [t.id for t in new],
                "hashes": [t.hash for t in new],
                "bodies": [t.body for t in new],
                "sketches": [pack_sketch(t.sketch) for t in new],
                "passages": [None if t.passages is None else bigint_literal(t.passages) for t in new],
            },
        )
    )
    if added:
        shingles, ids = _keys({t.id: t.sketch for t in new if t.id in added})
        connection.execute(
            text(
                "insert into shingles (shingle, text_id)"
                " select * from unnest(cast(:s as bigint[]), cast(:t as bigint[])) on conflict do nothing"
            ),
            {"s": bigints(shingles), "t": bigints(ids)},
        )


def _keys(sketches: Mapping[int, Sketch]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The index keys of all these texts, and of each the text's id."""
    keys = [sketch.keys for sketch in sketches.values()]
    ids = np.repeat(np.fromiter(sketches, np.int64), np.fromiter(map(len, keys), np.int64))
    return np.concatenate(keys or [ids]), ids


def probed(connection: Connection, ids: Collection[int], *, lock: bool = False) -> set[int]:
    """Those of the texts that are published and whose links are complete; with `lock` they stay until the end."""
    query = "select id from texts where id = any(cast(:ids as bigint[])) and probed order by id"
    return set(connection.scalars(text(query + " for key share" * lock), {"ids": bigints(ids)}))


def candidates(
    connection: Connection, sketches: Mapping[int, Sketch], shared: Mapping[int, int], hubs: int = HUBS
) -> dict[int, dict[int, int]]:
    """Of each of these texts the others with which it shares `shared` of its index keys or more, and how many.

    Of a key that more than `hubs` texts have, only the pairs with one of its `hubs` least texts count, so that the work
    a text makes is bounded however often something recurs.
    """
    prefer_indexes(connection)
    shingles, ids = _keys(sketches)
    rows = connection.execute(
        text("""
        with asked as materialized (
            select q.*,
                   array(select s.text_id from shingles s where s.shingle = q.shingle order by 1 limit :hubs) as least
            from unnest(cast(:shingles as bigint[]), cast(:ids as bigint[]), cast(:shared as bigint[]))
                 as q (shingle, text_id, shared)
        ), pairs as (
            select text_id, shared, unnest(least) as other_id from asked where cardinality(least) > 1
            union all
            -- A text that is a hub itself meets everybody.
            select a.text_id, a.shared, s.text_id
            from asked a join shingles s on s.shingle = a.shingle and s.text_id > a.least[:hubs]
            where cardinality(a.least) = :hubs and a.text_id <= a.least[:hubs]
        ), counted as (
            select text_id, other_id, count(*) as count from pairs where text_id <> other_id
            group by text_id, shared, other_id having count(*) >= shared
        )
        select text_id, array_agg(other_id) as others, array_agg(count) as counts from counted group by 1
        """),
        {
            "shingles": bigints(shingles),
            "ids": bigints(ids),
            "shared": bigints(shared[id_] for id_ in ids.tolist()),
            "hubs": hubs,
        },
    )
    found = {row.text_id: dict(zip(row.others, row.counts, strict=True)) for row in rows}
    return {text_id: found.get(text_id, {}) for text_id in sketches}


def sketches(connection: Connection, ids: Collection[int]) -> dict[int, Sketch]:
    """The sketches of those of the texts that are published."""
    rows = connection.execute(
        text("select id, sketch from texts where id = any(cast(:ids as bigint[]))"), {"ids": bigints(ids)}
    )
    return {row.id: unpack_sketch(row.sketch) for row in rows}


def bodies(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The normalised texts themselves, of those that are published."""
    rows = connection.execute(
        text("select id, body from texts where id = any(cast(:ids as bigint[]))"), {"ids": bigints(ids)}
    )
    return {row.id: row.body for row in rows}


def link(connection: Connection, probed: Iterable[int], links: Sequence[TextLink]) -> None:
    """Writes the links that were found and marks the texts whose links are now complete."""
    ordered = sorted(links, key=lambda entry: (entry.low_text_id, entry.high_text_id))
    if ordered:
        connection.execute(
            text("""
            insert into links (low_text_id, high_text_id, kind, score)
            select * from unnest(cast(:low as bigint[]), cast(:high as bigint[]), cast(:kind as text[]),
                                 cast(:score as real[]))
            on conflict (low_text_id, high_text_id) do nothing
            """),
            {
                "low": bigints(entry.low_text_id for entry in ordered),
                "high": bigints(entry.high_text_id for entry in ordered),
                "kind": [entry.kind for entry in ordered],
                "score": [entry.score for entry in ordered],
            },
        )
    connection.execute(
        text("""
        update texts set probed = true
        where id in (select id from texts where id = any(cast(:ids as bigint[])) and not probed order by id for update)
        """),
        {"ids": bigints(sorted(probed))},
    )


def owned(connection: Connection, ids: Collection[int]) -> None:
    """These texts have documents that are stored in this transaction: they are no orphans.

    It waits for nobody. A row that maintenance has in hand it deletes itself, or leaves for another look.
    """
    connection.execute(
        text("""
        delete from orphans where text_id = any(array(
            select text_id from orphans where text_id = any(cast(:ids as bigint[])) for update skip locked))
        """),
        {"ids": bigints(ids)},
    )


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Takes texts out of the index with their shingles and links; groups are not its concern."""
    shingles, of_texts = _keys(sketches(connection, ids))
    connection.execute(
        text("""
        delete from shingles using unnest(cast(:shingles as bigint[]), cast(:ids as bigint[])) as q (shingle, text_id)
        where shingles.shingle = q.shingle and shingles.text_id = q.text_id
        """),
        {"shingles": bigints(shingles), "ids": bigints(of_texts)},
    )
    for statement in (
        "delete from links where low_text_id = any(cast(:ids as bigint[]))",
        "delete from links where high_text_id = any(cast(:ids as bigint[]))",
        "delete from texts where id = any(cast(:ids as bigint[]))",
    ):
        connection.execute(text(statement), {"ids": bigints(ids)})
