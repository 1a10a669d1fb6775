"""Documents that lost over half of their words to what recurs or is ruled boilerplate."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, select

from db.models import Article, Document
from db.sightings import first_path

__all__ = ["Loss", "losses"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A document, how many words its article has, and how many went as recurring; the fields are those of JSON."""

    id: int
    file: str
    title: str | None
    word_count: int
    recurring_words: int


_LOSSES = (
    select(
        Document.id,
        first_path(Document.file_id).label("file"),
        Article.__table__.c.title,
        Article.word_count,
        Article.recurring_words,
    )
    .join(Article, Article.document_id == Document.id)
    .where(Article.recurring_words > Article.word_count)
    .order_by(Article.recurring_words.desc(), Document.id)
    .limit(bindparam("limit", type_=BigInteger()))
)


def losses(connection: Connection, limit: int) -> list[Loss]:
    """Returns up to `limit` documents that lost over half of their words so, those that lost most first."""
    return [Loss(*row) for row in connection.execute(_LOSSES, {"limit": limit})]
