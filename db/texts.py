"""The near-duplicate index: distinct texts, their sketches' shingles and the links between them.

All of it is a pure function of texts, so every write here may be repeated by anybody at any time. Publish first, in a
transaction of its own, then probe: of two texts handled at the same moment at least one sees the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from ingest.sketches import pack_sketch

__all__ = ["IndexedText", "TextLink", "TextState", "bodies", "candidates", "link", "lookup", "publish"]


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text to publish: its normalised form, the hash of that, and its bottom-k sketch of int64 shingles."""

    hash: bytes
    body: str
    shingle_count: int
    sketch: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TextState:
    """Where a text stands in the index; `probed` once all its links are written."""

    id: int
    probed: bool


@dataclass(frozen=True, slots=True)
class TextLink:
    """Two texts, least id first, that the pair rule takes for the same report."""

    low_text_id: int
    high_text_id: int
    kind: str
    score: float


def publish(connection: Connection, texts: Sequence[IndexedText]) -> dict[bytes, TextState]:
    """Adds the texts that are new, with their shingles; returns the state of each by its hash.

    Rows go in by hash order, so that two workers with texts in common cannot deadlock.
    """
    new = sorted({t.hash: t for t in texts}.values(), key=lambda t: t.hash)
    added = connection.execute(
        text("""
        insert into texts (hash, body, shingle_count, sketch)
        select * from unnest(cast(:hashes as bytea[]), cast(:bodies as text[]), cast(:counts as int[]),
                             cast(:sketches as bytea[]))
        on conflict (hash) do nothing
        returning id, hash
        """),
        {
            "hashes": [t.hash for t in new],
            "bodies": [t.body for t in new],
            "counts": [t.shingle_count for t in new],
            "sketches": [pack_sketch(t.sketch) for t in new],
        },
    ).all()
    by_hash = {t.hash: t for t in new}
    rows = [(shingle, row.id) for row in added for shingle in by_hash[bytes(row.hash)].sketch.tolist()]
    if rows:
        connection.execute(
            text(
                "insert into shingles (shingle, text_id)"
                " select * from unnest(cast(:s as bigint[]), cast(:t as bigint[]))"
            ),
            {"s": _bigints(shingle for shingle, _ in rows), "t": _bigints(text_id for _, text_id in rows)},
        )
    return lookup(connection, [t.hash for t in new])


def lookup(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, TextState]:
    """The states of those of the texts that are published."""
    rows = connection.execute(
        text("select id, hash, probed from texts where hash = any(cast(:hashes as bytea[]))"), {"hashes": list(hashes)}
    )
    return {bytes(row.hash): TextState(row.id, row.probed) for row in rows}


def candidates(connection: Connection, sketches: Mapping[int, NDArray[np.int64]], shared: int) -> set[tuple[int, int]]:
    """Pairs (least id, greatest id) of one of these texts and any other whose sketches share so many shingles."""
    # The table grows faster than its statistics: without this, PostgreSQL takes it for small and reads it whole.
    connection.execute(
        text(
            "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
            " set_config('enable_seqscan', 'off', true)"
        )
    )
    rows = connection.execute(
        text("""
        select q.text_id, s.text_id as other_id
        from unnest(cast(:shingles as bigint[]), cast(:ids as bigint[])) as q (shingle, text_id)
        join shingles s on s.shingle = q.shingle and s.text_id <> q.text_id
        group by 1, 2 having count(*) >= :shared
        """),
        {
            "shingles": _bigints(np.concatenate(list(sketches.values())).tolist()),
            "ids": _bigints(text_id for text_id, sketch in sketches.items() for _ in sketch),
            "shared": shared,
        },
    )
    return {(min(row.text_id, row.other_id), max(row.text_id, row.other_id)) for row in rows}


def bodies(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The normalised texts themselves."""
    rows = connection.execute(
        text("select id, body from texts where id = any(cast(:ids as bigint[]))"), {"ids": list(ids)}
    )
    return {row.id: row.body for row in rows}


def link(connection: Connection, probed: Iterable[int], links: Sequence[TextLink]) -> None:
    """Writes the links that were found and marks the texts whose links are now complete."""
    ordered = sorted(links, key=lambda entry: (entry.low_text_id, entry.high_text_id))
    connection.execute(
        text("""
        insert into links (low_text_id, high_text_id, kind, score)
        select * from unnest(cast(:low as bigint[]), cast(:high as bigint[]), cast(:kind as text[]),
                             cast(:score as real[]))
        on conflict (low_text_id, high_text_id) do nothing
        """),
        {
            "low": [entry.low_text_id for entry in ordered],
            "high": [entry.high_text_id for entry in ordered],
            "kind": [entry.kind for entry in ordered],
            "score": [entry.score for entry in ordered],
        },
    )
    connection.execute(
        text("""
        update texts set probed = true
        where id in (select id from texts where id = any(cast(:ids as bigint[])) and not probed order by id for update)
        """),
        {"ids": sorted(probed)},
    )


def _bigints(values: Iterable[int]) -> str:
    """An array literal: thousands of numbers a batch, which psycopg's list adapter takes ten times as long to write."""
    return "{" + ",".join(map(str, values)) + "}"
