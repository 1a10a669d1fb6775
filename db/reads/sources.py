"""Where a document's raw bytes are, and what is stored of what they became."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

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
"""The media type of a document `d` of a file `f`, in SQL."""

_RAW = f"""
    d.id, d.ordinal, f.sha256, {DOCUMENT_MEDIA_TYPE} as media_type, f.media_type as file_media_type, d.locator,
    d.offset_bytes, d.size_bytes
"""


def raw_documents(connection: Connection, item_id: int, *, limit: int) -> list[RawDocument]:
    """The document of this id, or the documents of the file of this id, in the file's order."""
    rows = connection.execute(
        text(f"""
        select {_RAW} from documents d join files f on f.id = d.file_id
        where d.id = :id or d.file_id = :id order by d.ordinal limit :limit
        """),  # noqa: S608 - a constant
        {"id": item_id, "limit": limit},
    )
    return list(map(_raw, rows))


def file_digest(connection: Connection, item_id: int) -> bytes | None:
    """The SHA-256 of the file of this id, or of the file that has the document of this id."""
    digest: bytes | None = connection.scalar(
        text("select sha256 from files where id = coalesce((select file_id from documents where id = :id), :id)"),
        {"id": item_id},
    )
    return None if digest is None else bytes(digest)


def stored_documents(connection: Connection) -> Iterator[StoredDocument]:
    """All documents that have an article, file by file; streamed, on a connection that streams."""
    rows = connection.execute(
        text(f"""
        select {_RAW}, d.outcome, d.cluster_id, a.char_count, t.hash,
               sha256(convert_to(a.text, 'UTF8')) as text_sha256
        from documents d join files f on f.id = d.file_id
        join articles a on a.document_id = d.id left join texts t on t.id = d.text_id
        where d.cluster_id is not null order by d.file_id, d.ordinal
        """)  # noqa: S608 - a constant
    )
    for row in rows:
        yield StoredDocument(
            raw=_raw(row),
            outcome=row.outcome,
            cluster_id=row.cluster_id,
            char_count=row.char_count,
            text_sha256=bytes(row.text_sha256),
            text_hash=None if row.hash is None else bytes(row.hash),
        )


def _raw(row: Row[Any]) -> RawDocument:
    return RawDocument(
        id=row.id,
        ordinal=row.ordinal,
        sha256=bytes(row.sha256),
        media_type=row.media_type,
        locator=locator_from_json(row.locator, row.file_media_type),
        offset_bytes=row.offset_bytes,
        size_bytes=row.size_bytes,
    )
