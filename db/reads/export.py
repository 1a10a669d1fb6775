"""Articles out of the database, streamed: the corpus, or every document."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, text

from db.articles import METADATA_COLUMNS, metadata_of
from db.reads.versions import versions
from db.sessions import Database
from ingest.metadata.codec import METADATA
from ingest.similarity.sketches import estimate_containment, unpack_sketch

__all__ = ["EXPORT_FIELDS", "rows_for_export"]

EXPORT_FIELDS = (
    "id", "file", "sightings", "ordinal", "sha256", "outcome", "cluster_id", "canonical_id", "similarity",
    *METADATA.keys, "text", "error",
)  # fmt: skip

_METADATA = ", ".join(f"a.{column.name}" for column in METADATA_COLUMNS)
# Each may hold an article of many megabytes: 150 of 3 MB took 789 MiB when 500 rows were fetched at once (measured).
_ROWS_AT_ONCE = 10


def rows_for_export(
    database: Database, *, everything: bool = False, with_versions: bool = False
) -> Iterator[dict[str, Any]]:
    """The corpus, or every document, in id order; streamed, so memory is bounded whatever the size.

    With versions, each row has the other members of its cluster as an iterator, to be read before the next row.
    """
    query = text(f"""
        select d.id, d.ordinal, d.outcome, d.cluster_id, d.reason, f.sha256,
               (select array_agg(path order by first) from (
                    select path, min(s.id) as first from sightings s where s.file_id = d.file_id group by path) as p
               ) as paths,
               c.id as canonical_id, t.sketch, d.text_id, ct.sketch as canonical_sketch, c.text_id as canonical_text_id,
               {_METADATA}, a.text,
               :with_versions and exists (
                   select from documents v where v.cluster_id = d.cluster_id and v.id <> d.id) as has_versions
        from documents d
        join files f on f.id = d.file_id
        left join articles a on a.document_id = d.id
        left join documents c on c.cluster_id = d.cluster_id and c.outcome = 'unique'
        left join texts t on t.id = d.text_id
        left join texts ct on ct.id = c.text_id
        {"" if everything else "where d.outcome = 'unique'"}
        order by d.id
    """)  # noqa: S608 - constants
    with database.stream(rows_at_once=_ROWS_AT_ONCE) as connection:
        for row in connection.execute(query, {"with_versions": with_versions}):
            yield {
                "id": row.id,
                "file": row.paths[0] if row.paths else None,
                "sightings": row.paths or [],
                "ordinal": row.ordinal,
                "sha256": row.sha256.hex(),
                "outcome": row.outcome,
                "cluster_id": row.cluster_id,
                "canonical_id": row.canonical_id,
                "similarity": _similarity(row),
                **METADATA.texts(metadata_of(row)),
                "text": row.text,
                "error": row.reason,
                **({"versions": _versions(connection, row)} if with_versions else {}),
            }


def _versions(connection: Connection, row: Row[Any]) -> Iterator[dict[str, Any]]:
    if row.has_versions:
        for version in versions(connection, row.cluster_id, differences=True):
            if version.id != row.id:
                yield version.fields()


def _similarity(row: Row[Any]) -> float | None:
    """To the canonical article: 1 for the same text, else the containment that the two sketches tell."""
    if row.text_id is None or row.canonical_text_id is None:
        return None
    if row.text_id == row.canonical_text_id:
        return 1.0
    return round(estimate_containment(unpack_sketch(row.sketch), unpack_sketch(row.canonical_sketch)), 3)
