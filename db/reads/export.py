"""Articles out of the database, streamed: the corpus, or every document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Row,
    Text,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine

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

__all__ = ["EXPORT_FIELDS", "ExportFilter", "ExportedDocument", "exported_documents"]

_TIME = DateTime(timezone=True)

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


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which documents: of all that is not None, those that fit; times from the first on and before the second.

    `stored`: when the document ended. `published`: the article's date. `source`: its publisher.
    """

    outcome: str | None = None
    source: str | None = None
    language: str | None = None
    stored: tuple[datetime | None, datetime | None] = (None, None)
    published: tuple[datetime | None, datetime | None] = (None, None)

    def parameters(self) -> dict[str, Any]:
        """Returns what the statement takes."""
        return {
            "outcome": self.outcome,
            "source": self.source,
            "language": self.language,
            "stored_since": self.stored[0],
            "stored_until": self.stored[1],
            "published_since": self.published[0],
            "published_until": self.published[1],
        }


_articles = Article.__table__.c


def _fits(name: str, type_: TypeEngine[Any], condition: Callable[[BindParameter[Any]], Any]) -> ColumnElement[bool]:
    """Returns the condition on a parameter, which holds where that is null."""
    parameter = bindparam(name, type_=type_)
    return or_(parameter.is_(None), condition(parameter))


_CONDITIONS = (
    _fits("outcome", Text(), lambda value: Document.outcome == value),
    _fits("source", Text(), lambda value: _articles.publisher == value),
    _fits("language", Text(), lambda value: _articles.language == value),
    _fits("stored_since", _TIME, lambda value: Document.finished_at >= value),
    _fits("stored_until", _TIME, lambda value: Document.finished_at < value),
    _fits("published_since", _TIME, lambda value: _articles.published_at >= value),
    _fits("published_until", _TIME, lambda value: _articles.published_at < value),
)
_CHOSEN = _EVERYTHING.where(*_CONDITIONS)
_CHOSEN_OF_CORPUS = _CORPUS.where(*_CONDITIONS)


def exported_documents(
    database: Database, *, everything: bool = False, with_versions: bool = False, chosen: ExportFilter | None = None
) -> Iterator[ExportedDocument]:
    """Yields the corpus, or every document, in id order; streamed, so memory is bounded whatever the size.

    `chosen`: only those that fit.
    """
    parameters: dict[str, Any] = {"with_versions": with_versions}
    if chosen is None:
        statement = _EVERYTHING if everything else _CORPUS
    else:
        statement = _CHOSEN if everything else _CHOSEN_OF_CORPUS
        parameters |= chosen.parameters()
    with database.stream(rows_at_once=_ROWS_AT_ONCE) as connection:
        for row in connection.execute(statement, parameters):
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
