"""The whole history of a file or a document: sightings, journey, failures, versions of its story."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, func, or_, select

from db.articles import METADATA_COLUMNS, metadata_of
from db.models import Article, Document, Failure, File, Pause, Sighting, Work
from db.reads.containers import Account, accounts
from db.reads.held import Related, digests_with, held_by, is_digest
from db.reads.versions import Revision, Version, cluster_size, revisions, versions
from db.sightings import first_path
from ingest.containers.locator import place_text
from ingest.documents import Metadata, value_of
from ingest.metadata.codec import METADATA, SOURCES
from newsmill.vocabulary import Outcome

__all__ = [
    "DocumentLine",
    "DocumentRecord",
    "FactRecord",
    "FailureRecord",
    "FileHistory",
    "FileRecord",
    "JourneyStep",
    "Related",
    "SightingRecord",
    "history",
    "overview",
]

# So many members of a cluster are told of; all are counted.
_VERSIONS = 50


class JourneyStep(NamedTuple):
    """A stage, when the document began it (milliseconds since 1970), and how long it was computed there."""

    stage: str
    began_ms: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class FailureRecord:
    """A failed attempt; only the last one of a generation need have ended it."""

    stage: str
    generation: int
    occurred_at: datetime
    worker: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True)
class SightingRecord:
    """A path at which the bytes of a file were seen, with the size and time of change of that file."""

    path: str
    size_bytes: int
    mtime_ns: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it was taken: `documents` are in it; `error` says why it could not be unpacked.

    A container has an `account` of them.
    """

    id: int
    sha256: str
    media_type: str
    size_bytes: int
    registered_at: datetime
    documents: int
    account: Account | None
    error: str | None
    paused_since: datetime | None
    failures: tuple[FailureRecord, ...]


@dataclass(frozen=True, slots=True)
class FactRecord:
    """A field of an article's metadata: its value as text, or None, and where that was read.

    `source` is a value of `FactSource`, or None where an older version stored the value. A date is as precise as its
    source.
    """

    name: str
    value: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document: where it stands, what became of it, each attempt that failed, and the versions of its story.

    `place` says where in its container it is: "crawl.warc › byte 512". `stage` is the next one of a document that is at
    work. `cluster` has up to 50 of `cluster_size` versions, the
    canonical one first, then the document itself. How they differ is told where one document is listed. So are
    `revisions`: up to 50 captures of its address, in order, if there are several. `contains` has up to 50 documents
    that a digest holds (`digest`), `contained_in` up to 50 digests that hold the document.
    """

    id: int
    ordinal: int
    place: str | None
    state: str
    stage: str | None
    next_attempt_at: datetime | None
    paused_since: datetime | None
    generation: int
    registered_at: datetime
    finished_at: datetime | None
    outcome: str | None
    reason: str | None
    metadata: Metadata
    word_count: int | None
    journey: tuple[JourneyStep, ...]
    failures: tuple[FailureRecord, ...]
    cluster_id: int | None
    cluster_size: int
    cluster: tuple[Version, ...]
    revisions: tuple[Revision, ...]
    digest: bool
    contains: tuple[Related, ...]
    contained_in: tuple[Related, ...]

    def facts(self) -> list[FactRecord]:
        """Returns every field of the metadata."""
        sources = METADATA.sources(self.metadata)
        return [FactRecord(name, text, sources.get(name)) for name, text in METADATA.texts(self.metadata).items()]

    def fields(self) -> dict[str, Any]:
        """Returns what JSON has: each value of the metadata is a field of its own, and SOURCES names their sources."""
        plain: dict[str, Any] = {}
        for name, value in asdict(self).items():
            if name == "metadata":
                plain |= METADATA.values(self.metadata) | {SOURCES: METADATA.sources(self.metadata)}
            elif name == "cluster":
                plain[name] = [{"path": version["file"], **version} for version in value]
            else:
                plain[name] = value
        return plain


@dataclass(frozen=True, slots=True)
class FileHistory:
    """A file, where it was seen, and its documents: the one that was asked for, or some, the failed ones first."""

    file: FileRecord
    sightings: tuple[SightingRecord, ...]
    documents: tuple[DocumentRecord, ...]

    def fields(self) -> dict[str, Any]:
        """Returns what JSON has of it."""
        return {
            "file": asdict(self.file),
            "sightings": [asdict(sighting) for sighting in self.sightings],
            "documents": [document.fields() for document in self.documents],
        }


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """What became of a document, in a line."""

    path: str
    ordinal: int
    is_container: bool
    outcome: str | None
    cluster_id: int | None
    metadata: Metadata
    reason: str | None
    journey: tuple[JourneyStep, ...]


_id = bindparam("id", type_=BigInteger())
_file_id = bindparam("file_id", type_=BigInteger())
_FILE_ID = select(
    func.coalesce(
        select(Document.file_id).where(Document.id == _id).scalar_subquery(),
        select(File.id).where(File.id == _id).scalar_subquery(),
    )
)
_waits_for_pause = and_(Pause.scope == Work.stage, Work.lease_token.is_(None))
_FILE = (
    select(
        File.id,
        File.sha256,
        File.media_type,
        File.size_bytes,
        File.registered_at,
        File.is_container,
        File.error,
        select(func.count()).where(Document.file_id == File.id).scalar_subquery().label("document_count"),
        Pause.since.label("paused_since"),
    )
    .select_from(File)
    .outerjoin(Work, Work.id == File.id)
    .outerjoin(Pause, _waits_for_pause)
    .where(File.id == _id)
)
_SIGHTINGS = (
    select(Sighting.path, Sighting.size_bytes, Sighting.mtime_ns, Sighting.seen_at)
    .where(Sighting.file_id == _id)
    .order_by(Sighting.id)
)
_DOCUMENTS = (
    select(
        Document.id,
        Document.ordinal,
        Document.generation,
        Document.registered_at,
        Document.finished_at,
        Document.outcome,
        Document.reason,
        Document.journey,
        Document.cluster_id,
        Document.text_id,
        Document.locator,
        Work.id.is_not(None).label("is_open"),
        Work.state.label("state"),
        Work.stage,
        Work.next_attempt_at,
        Pause.since.label("paused_since"),
        *METADATA_COLUMNS,
        Article.word_count,
    )
    .select_from(Document)
    .outerjoin(Work, Work.id == Document.id)
    .outerjoin(Article, Article.document_id == Document.id)
    .outerjoin(Pause, _waits_for_pause)
    .where(Document.file_id == _file_id, or_(Document.id == _id, _id == _file_id))
    .order_by((Document.outcome == Outcome.FAILED).desc().nulls_last(), Document.ordinal)
    .limit(bindparam("limit"))
)


def history(connection: Connection, item_id: int, *, documents_limit: int) -> FileHistory | None:
    """Returns all that is known of a file or, with its file, of one document; None if nobody has that id.

    A file's documents are listed up to the limit, the failed ones first.
    """
    file_id = connection.scalar(_FILE_ID, {"id": item_id})
    if file_id is None:
        return None
    parameters = {"id": item_id, "file_id": file_id, "limit": documents_limit}
    documents = connection.execute(_DOCUMENTS, parameters).all()
    return FileHistory(
        file=_file(connection, file_id),
        sightings=tuple(SightingRecord(*row) for row in connection.execute(_SIGHTINGS, {"id": file_id})),
        documents=tuple(_document(connection, row, alone=len(documents) == 1) for row in documents),
    )


def _file(connection: Connection, file_id: int) -> FileRecord:
    row = connection.execute(_FILE, {"id": file_id}).one()
    return FileRecord(
        id=row.id,
        sha256=row.sha256.hex(),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        registered_at=row.registered_at,
        documents=row.document_count,
        account=next(iter(accounts(connection, [row.id])), None) if row.is_container else None,
        error=row.error,
        paused_since=row.paused_since,
        failures=_failures(connection, row.id) if row.is_container else (),
    )


def _document(connection: Connection, row: Row[*tuple[Any, ...]], *, alone: bool) -> DocumentRecord:
    ended = "failed" if row.outcome == Outcome.FAILED else "done"
    has_cluster = row.cluster_id is not None
    metadata = metadata_of(row)
    digest = has_cluster and is_digest(connection, row.text_id)
    return DocumentRecord(
        id=row.id,
        ordinal=row.ordinal,
        place=place_text(row.locator),
        state=row.state if row.is_open else ended,
        stage=row.stage,
        next_attempt_at=row.next_attempt_at,
        paused_since=row.paused_since,
        generation=row.generation,
        registered_at=row.registered_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        reason=row.reason,
        metadata=metadata,
        word_count=row.word_count,
        journey=_journey(row.journey),
        failures=_failures(connection, row.id),
        cluster_id=row.cluster_id,
        cluster_size=cluster_size(connection, row.cluster_id) if has_cluster else 0,
        cluster=tuple(_cluster(connection, row, differences=alone)) if has_cluster else (),
        revisions=tuple(revisions(connection, value_of(metadata.url), _VERSIONS)) if alone else (),
        digest=digest,
        contains=held_by(connection, row.text_id, _VERSIONS) if digest else (),
        contained_in=digests_with(connection, row.text_id, _VERSIONS) if has_cluster else (),
    )


_FAILURES = (
    select(
        Failure.stage,
        Failure.generation,
        Failure.occurred_at,
        Failure.worker,
        Failure.error_class,
        Failure.message,
    )
    .where(Failure.item_id == _id)
    .order_by(Failure.id)
)


def _failures(connection: Connection, item_id: int) -> tuple[FailureRecord, ...]:
    return tuple(FailureRecord(*row) for row in connection.execute(_FAILURES, {"id": item_id}))


def _cluster(connection: Connection, row: Row[*tuple[Any, ...]], *, differences: bool) -> Iterator[Version]:
    return versions(connection, row.cluster_id, first=row.id, limit=_VERSIONS, differences=differences)


def _journey(steps: list[Any] | None) -> tuple[JourneyStep, ...]:
    return tuple(JourneyStep(*step) for step in steps or ())


_path = first_path(File.id).label("path")
_OVERVIEW = (
    select(
        _path,
        Document.ordinal,
        Document.outcome,
        Document.cluster_id,
        Document.journey,
        Document.reason,
        File.is_container,
        *METADATA_COLUMNS,
    )
    .join_from(Document, File, File.id == Document.file_id)
    .outerjoin(Article, Article.document_id == Document.id)
    .order_by(_path, Document.ordinal)
)


def overview(connection: Connection) -> list[DocumentLine]:
    """Returns every document in a line, by path: for small mills, such as the demo's."""
    return [
        DocumentLine(
            path=row.path,
            ordinal=row.ordinal,
            is_container=row.is_container,
            outcome=row.outcome,
            cluster_id=row.cluster_id,
            metadata=metadata_of(row),
            reason=row.reason,
            journey=_journey(row.journey),
        )
        for row in connection.execute(_OVERVIEW)
    ]
