"""The versions of a story: the members of a cluster, and how each differs from the canonical article."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, text

from ingest.similarity.differences import Difference, difference, sentences_of
from ingest.similarity.sketches import estimate_containment, unpack_sketch

__all__ = ["EXACT", "INDIRECT", "SENTENCES", "Version", "cluster_size", "versions"]

EXACT = "exact"
INDIRECT = "indirect"
SENTENCES = 100
"""So many sentences are told of what a version adds, and of what it lacks; all are counted."""

_DIFFERENCE = tuple(field.name for field in fields(Difference))
_PAGE = 20
_MAX_CHARS = 200_000  # 20 texts of them and their sentences take some 20 MiB


@dataclass(frozen=True, slots=True)
class Version:
    """A member of a cluster, as it relates to the canonical one.

    `kind`: exact (the same normalised text), near or contains (the pair rule links the two), indirect (linked through
    others), None where it is the canonical one or not known yet. `score`: the share of the smaller text's shingles that
    both have, 0 to 1; of an indirect one it is estimated from sketches. `difference` is None where nobody asked, or
    where one of the two has over 200,000 characters.
    """

    id: int
    file: str
    ordinal: int
    outcome: str
    title: str | None
    kind: str | None
    score: float | None
    difference: Difference | None

    def fields(self) -> dict[str, Any]:
        """As JSON has it: the difference's fields are the version's own."""
        differs = self.difference
        return {
            "id": self.id,
            "file": self.file,
            "ordinal": self.ordinal,
            "outcome": self.outcome,
            "kind": self.kind,
            "score": self.score,
            "title": self.title,
            **(dict.fromkeys(_DIFFERENCE) if differs is None else asdict(differs)),
        }


def cluster_size(connection: Connection, cluster_id: int) -> int:
    """How many documents the cluster has."""
    size: int = connection.execute(
        text("select count(*) from documents where cluster_id = :cluster"), {"cluster": cluster_id}
    ).scalar_one()
    return size


def versions(
    connection: Connection, cluster_id: int, *, first: int | None = None, limit: int | None = None, differences: bool
) -> Iterator[Version]:
    """The members of a cluster: the canonical one, then `first`, near-duplicates and exact duplicates, each by id.

    Read a page at a time, on a connection that streams or for at most `limit` of them.
    """
    ids = connection.execute(
        text("""
        select id from documents where cluster_id = :cluster
        order by outcome = 'unique' desc, id = coalesce(:first, 0) desc, outcome = 'exact_duplicate', id limit :limit
        """),
        {"cluster": cluster_id, "first": first, "limit": limit},
    )
    canonical: dict[int, str] | None = None
    for page in ids.scalars().partitions(_PAGE):
        rows = {row.id: row for row in _rows(connection, cluster_id, page, differences=differences)}
        for row in (rows[id_] for id_ in page if id_ in rows):
            if row.id == row.canonical_id:
                canonical = None if row.text is None else sentences_of(row.text)
            yield _version(row, canonical, differences=differences)


def _rows(connection: Connection, cluster_id: int, ids: Sequence[int], *, differences: bool) -> list[Row[Any]]:
    return list(
        connection.execute(
            text("""
            select d.id, d.ordinal, d.outcome, d.text_id, c.id as canonical_id, c.text_id as canonical_text_id, a.title,
                   (select s.path from sightings s where s.file_id = d.file_id order by s.id limit 1) as path,
                   l.kind, l.score, t.sketch, ct.sketch as canonical_sketch,
                   case when :differences and a.char_count <= :max_chars then a.text end as text
            from documents d
            join documents c on c.cluster_id = d.cluster_id and c.outcome = 'unique'
            left join articles a on a.document_id = d.id
            left join texts t on t.id = d.text_id
            left join texts ct on ct.id = c.text_id
            left join links l on l.low_text_id = least(d.text_id, c.text_id)
                             and l.high_text_id = greatest(d.text_id, c.text_id)
            where d.id = any(cast(:ids as bigint[])) and d.cluster_id = :cluster
            """),
            {"cluster": cluster_id, "ids": list(ids), "differences": differences, "max_chars": _MAX_CHARS},
        )
    )


def _version(row: Row[Any], canonical: dict[int, str] | None, *, differences: bool) -> Version:
    kind, score = _relation(row)
    differs: Difference | None = None
    if differences and (kind == EXACT or row.id == row.canonical_id):
        differs = Difference(0, 0, (), ())
    elif canonical is not None and row.text is not None:
        differs = difference(canonical, sentences_of(row.text), limit=SENTENCES)
    return Version(row.id, row.path, row.ordinal, row.outcome, row.title, kind, score, differs)


def _relation(row: Row[Any]) -> tuple[str | None, float | None]:
    if row.id == row.canonical_id or row.text_id is None or row.canonical_text_id is None:
        return None, None
    if row.text_id == row.canonical_text_id:
        return EXACT, 1.0
    if row.kind is not None:
        return row.kind, round(row.score, 3)
    estimate = estimate_containment(unpack_sketch(row.sketch), unpack_sketch(row.canonical_sketch))
    return INDIRECT, round(estimate, 3)
