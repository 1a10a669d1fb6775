"""Articles out of the database, streamed: the corpus, or every document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Connection, Row, and_, bindparam, select
from sqlalchemy.orm import aliased

from db.articles import METADATA_COLUMNS, metadata_of
from db.index_models import TextVersion
from db.models import Article, Document, File
from db.reads.versions import Version, versions
from db.sessions import Database
from db.sightings import paths_of
from ingest.documents import Metadata
from ingest.metadata.codec import METADATA
from ingest.similarity.sketches import estimate_containment, unpack_sketch
from newsmill.vocabulary import Outcome

__all__ = ["EXPORT_FIELDS", "ExportedDocument", "exported_documents"]

EXPORT_FIELDS = (
    "id", "file", "sightings", "ordinal", "sha256", "outcome", "cluster_id", "canonical_id", "similarity",
    *METADATA.keys, "text", "error",
)  # fmt: skip

# Each may hold an article of many megabytes: 150 of 3 MB took 789 MiB when 500 rows were fetched at once (measured).
_ROWS_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class ExportedDocument:
    """A document with its article; the article's fields are None where there is none.

    `file` is the first of `sightings`. `similarity` to the canonical article, 0 to 1: 1 for the same text, else the
    share of the smaller text's shingles that both have, as their sketches tell. `versions`, if they were asked for, are
    the other members of its cluster, read from the database as they are iterated over: before the next document is.
    """

    id: int
    file: str | None
    sightings: list[str]
    ordinal: int
    sha256: str
    outcome: str | None
    cluster_id: int | None
    canonical_id: int | None
    similarity: float | None
    metadata: Metadata
    text: str | None
    error: str | None
    versions: Iterator[Version] | None = None

    def fields(self) -> dict[str, Any]:
        """Returns all but the versions, by name, in the order of EXPORT_FIELDS; each field of metadata is one."""
        metadata = METADATA.values(self.metadata)
        return {name: metadata[name] if name in metadata else getattr(self, name) for name in EXPORT_FIELDS}


_canonical, _other = aliased(Document), aliased(Document)
_canonical_text = aliased(TextVersion)
_EVERYTHING = (
    select(
        Document.id,
        Document.ordinal,
        Document.outcome,
        Document.cluster_id,
        Document.reason,
        File.sha256,
        paths_of(File.id).label("paths"),
        _canonical.id.label("canonical_id"),
        TextVersion.sketch,
        Document.text_id,
        _canonical_text.sketch.label("canonical_sketch"),
        _canonical.text_id.label("canonical_text_id"),
        *METADATA_COLUMNS,
        Article.text,
        and_(
            bindparam("with_versions", type_=Boolean()),
            select(_other.id).where(_other.cluster_id == Document.cluster_id, _other.id != Document.id).exists(),
        ).label("has_versions"),
    )
    .join_from(Document, File, File.id == Document.file_id)
    .outerjoin(Article, Article.document_id == Document.id)
    .outerjoin(_canonical, and_(_canonical.cluster_id == Document.cluster_id, _canonical.outcome == Outcome.UNIQUE))
    .outerjoin(TextVersion, TextVersion.id == Document.text_id)
    .outerjoin(_canonical_text, _canonical_text.id == _canonical.text_id)
    .order_by(Document.id)
)
_CORPUS = _EVERYTHING.where(Document.outcome == Outcome.UNIQUE)


def exported_documents(
    database: Database, *, everything: bool = False, with_versions: bool = False
) -> Iterator[ExportedDocument]:
    """Yields the corpus, or every document, in id order; streamed, so memory is bounded whatever the size."""
    with database.stream(rows_at_once=_ROWS_AT_ONCE) as connection:
        for row in connection.execute(_EVERYTHING if everything else _CORPUS, {"with_versions": with_versions}):
            yield ExportedDocument(
                id=row.id,
                file=row.paths[0] if row.paths else None,
                sightings=row.paths,
                ordinal=row.ordinal,
                sha256=row.sha256.hex(),
                outcome=row.outcome,
                cluster_id=row.cluster_id,
                canonical_id=row.canonical_id,
                similarity=_similarity(row),
                metadata=metadata_of(row),
                text=row.text,
                error=row.reason,
                versions=_other_versions(connection, row) if with_versions else None,
            )


def _other_versions(connection: Connection, row: Row[*tuple[Any, ...]]) -> Iterator[Version]:
    if row.has_versions:
        for version in versions(connection, row.cluster_id, differences=True):
            if version.id != row.id:
                yield version


def _similarity(row: Row[*tuple[Any, ...]]) -> float | None:
    """Returns that to the canonical article: 1 for the same text, else the containment that the two sketches tell."""
    if row.text_id is None or row.canonical_text_id is None:
        return None
    if row.text_id == row.canonical_text_id:
        return 1.0
    return round(estimate_containment(unpack_sketch(row.sketch), unpack_sketch(row.canonical_sketch)), 3)
