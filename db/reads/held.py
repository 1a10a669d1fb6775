"""Which documents a digest holds, and which digests hold a document."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, func, select, union_all

from db.index_models import Digest, Link
from db.models import Article, Document
from db.sightings import first_path
from ingest.similarity.digests import Extent

__all__ = ["Related", "digests_with", "held_by", "is_digest"]


@dataclass(frozen=True, slots=True)
class Related:
    """A document that a digest holds, or a digest that holds a document; the fields are those of JSON."""

    id: int
    file: str
    title: str | None


_text_id = bindparam("text_id", type_=BigInteger())
_IS_DIGEST = select(select(Digest.text_id).where(Digest.text_id == _text_id).exists())


def is_digest(connection: Connection, text_id: int) -> bool:
    """Returns whether the text is a digest."""
    return connection.execute(_IS_DIGEST, {"text_id": text_id}).scalar_one()


_MOST, _WHOLE = int(Extent.MOST), int(Extent.WHOLE)
# A digest has most of each text that it holds, and no text that it holds has the whole of it.
_HELD = union_all(
    select(Link.high_text_id.label("text_id")).where(
        Link.low_text_id == _text_id, Link.high_extent >= _MOST, Link.low_extent < _WHOLE
    ),
    select(Link.low_text_id).where(Link.high_text_id == _text_id, Link.low_extent >= _MOST, Link.high_extent < _WHOLE),
).subquery("held")
_HOLDING = union_all(
    select(Link.low_text_id.label("text_id")).where(
        Link.high_text_id == _text_id, Link.high_extent >= _MOST, Link.low_extent < _WHOLE
    ),
    select(Link.high_text_id).where(Link.low_text_id == _text_id, Link.low_extent >= _MOST, Link.high_extent < _WHOLE),
).subquery("holding")


def _documents_of(texts: Select[tuple[int]]) -> Select[Any]:
    """Returns the query for the first document of each text."""
    first = (
        select(func.min(Document.id).label("id"))
        .where(Document.text_id.in_(texts), Document.cluster_id.is_not(None))
        .group_by(Document.text_id)
        .subquery("first")
    )
    return (
        select(Document.id, first_path(Document.file_id).label("file"), Article.__table__.c.title)
        .join(first, first.c.id == Document.id)
        .outerjoin(Article, Article.document_id == Document.id)
        .order_by(Document.id)
        .limit(bindparam("limit", type_=BigInteger()))
    )


_HELD_BY = _documents_of(select(_HELD.c.text_id))
_DIGESTS_WITH = _documents_of(select(_HOLDING.c.text_id).where(_HOLDING.c.text_id.in_(select(Digest.text_id))))


def held_by(connection: Connection, text_id: int, limit: int) -> tuple[Related, ...]:
    """Returns up to `limit` documents that a digest holds, one of each text, by id."""
    return tuple(Related(*row) for row in connection.execute(_HELD_BY, {"text_id": text_id, "limit": limit}))


def digests_with(connection: Connection, text_id: int, limit: int) -> tuple[Related, ...]:
    """Returns up to `limit` digests that hold a text, a document of each, by id."""
    return tuple(Related(*row) for row in connection.execute(_DIGESTS_WITH, {"text_id": text_id, "limit": limit}))
