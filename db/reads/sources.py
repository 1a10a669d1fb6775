"""Where a document's raw bytes are, and what is stored of what they became."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, LargeBinary, bindparam, func, literal_column, or_, select

from db.index_models import TextVersion
from db.models import Article, Document, File

__all__ = ["RawDocument", "StoredDocument", "file_digest", "raw_documents", "stored_documents"]


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document by its id, and where its bytes are: a range of the blob of this SHA-256, a file of this media type."""

    id: int
    ordinal: int
    sha256: bytes
    media_type: str
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


_raw_columns = (
    Document.id,
    Document.ordinal,
    File.sha256,
    File.media_type,
    Document.offset_bytes,
    Document.size_bytes,
)
_RAW_DOCUMENTS = (
    select(*_raw_columns)
    .join_from(Document, File, File.id == Document.file_id)
    .where(or_(Document.id == bindparam("id"), Document.file_id == bindparam("id")))
    .order_by(Document.ordinal)
    .limit(bindparam("limit"))
)


def raw_documents(connection: Connection, item_id: int, *, limit: int) -> list[RawDocument]:
    """Returns the document of this id, or the documents of the file of this id, in the file's order."""
    return [RawDocument(*row) for row in connection.execute(_RAW_DOCUMENTS, {"id": item_id, "limit": limit})]


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
        Document.outcome,
        Document.cluster_id,
        Article.char_count,
        func.sha256(func.convert_to(Article.text, literal_column("'UTF8'")), type_=LargeBinary()).label("text_sha256"),
        TextVersion.hash.label("text_hash"),
    )
    .join_from(Document, File, File.id == Document.file_id)
    .join(Article, Article.document_id == Document.id)
    .outerjoin(TextVersion, TextVersion.id == Document.text_id)
    .where(Document.cluster_id.is_not(None))
    .order_by(Document.file_id, Document.ordinal)
)


def stored_documents(connection: Connection) -> Iterator[StoredDocument]:
    """Yields all documents that have an article, file by file; streamed, on a connection that streams."""
    for row in connection.execute(_STORED_DOCUMENTS):
        yield StoredDocument(
            raw=RawDocument(row.id, row.ordinal, row.sha256, row.media_type, row.offset_bytes, row.size_bytes),
            outcome=row.outcome,
            cluster_id=row.cluster_id,
            char_count=row.char_count,
            text_sha256=row.text_sha256,
            text_hash=row.text_hash,
        )
