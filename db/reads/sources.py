"""Where a document's raw bytes are, and what is stored of what they became."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from db.index_models import TextVersion
from db.models import Article, Document, File
from ingest.containers.locator import Locator, locator_from_json

__all__ = [
    "DOCUMENT_MEDIA_TYPE",
    "RawDocument",
    "StoredDocument",
    "file_digest",
    "raw_documents",
    "stored_documents",
]


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document by its id, its own media type, and where its bytes are.

    These are what the blob of this SHA-256 holds at the locator, or the range of the blob where that is None.
    """

    id: int
    ordinal: int
    sha256: bytes
    media_type: str
    locator: Locator | None
    offset_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What is stored of a document with an article.

    `text_sha256` is that of the article's text in UTF-8, `text_hash` that of its normalised form (None: not known yet).
    """

    raw: RawDocument
    outcome: str
    cluster_id: int
    char_count: int
    text_sha256: bytes
    text_hash: bytes | None


# Older code writes no media type. The one container that it knows is JSON Lines.
DOCUMENT_MEDIA_TYPE = "coalesce(d.media_type, case when f.is_container then 'application/json' else f.media_type end)"
"""The media type of a document `d` of a file `f`, in SQL: raw, since the raw statement of claims has it, too."""

_d, _f = aliased(Document, name="d"), aliased(File, name="f")
_raw_columns: tuple[Any, ...] = (
    _d.id,
    _d.ordinal,
    _f.sha256,
    literal_column(DOCUMENT_MEDIA_TYPE).label("media_type"),
    _f.media_type.label("file_media_type"),
    _d.locator,
    _d.offset_bytes,
    _d.size_bytes,
)
_RAW_DOCUMENTS = (
    select(*_raw_columns)
    .join_from(_d, _f, _f.id == _d.file_id)
    .where(or_(_d.id == bindparam("id"), _d.file_id == bindparam("id")))
    .order_by(_d.ordinal)
    .limit(bindparam("limit"))
)


def raw_documents(connection: Connection, item_id: int, *, limit: int) -> list[RawDocument]:
    """Returns the document of this id, or the documents of the file of this id, in the file's order."""
    return list(map(_raw, connection.execute(_RAW_DOCUMENTS, {"id": item_id, "limit": limit})))


_id = bindparam("id", type_=BigInteger())
_DIGEST = select(File.sha256).where(
    File.id == func.coalesce(select(Document.file_id).where(Document.id == _id).scalar_subquery(), _id)
)


def file_digest(connection: Connection, item_id: int) -> bytes | None:
    """Returns the SHA-256 of the file of this id, or of the file that has the document of this id."""
    return connection.scalar(_DIGEST, {"id": item_id})


_STORED_DOCUMENTS = (
    select(
        *_raw_columns,
        _d.outcome,
        _d.cluster_id,
        Article.char_count,
        func.sha256(func.convert_to(Article.text, literal_column("'UTF8'")), type_=LargeBinary()).label("text_sha256"),
        TextVersion.hash.label("text_hash"),
    )
    .join_from(_d, _f, _f.id == _d.file_id)
    .join(Article, Article.document_id == _d.id)
    .outerjoin(TextVersion, TextVersion.id == _d.text_id)
    .where(_d.cluster_id.is_not(None))
    .order_by(_d.file_id, _d.ordinal)
)


def stored_documents(connection: Connection) -> Iterator[StoredDocument]:
    """Yields all documents that have an article, file by file; streamed, on a connection that streams."""
    for row in connection.execute(_STORED_DOCUMENTS):
        yield StoredDocument(
            raw=_raw(row),
            outcome=row.outcome,
            cluster_id=row.cluster_id,
            char_count=row.char_count,
            text_sha256=row.text_sha256,
            text_hash=row.text_hash,
        )


def _raw(row: Any) -> RawDocument:
    return RawDocument(
        id=row.id,
        ordinal=row.ordinal,
        sha256=row.sha256,
        media_type=row.media_type,
        locator=locator_from_json(row.locator, row.file_media_type),
        offset_bytes=row.offset_bytes,
        size_bytes=row.size_bytes,
    )
