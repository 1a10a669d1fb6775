"""Documents by what they are, the newest first, a page at a time; and the text of one.

A page begins behind an id, so it costs the same wherever it is. No statement counts.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Connection, Integer, Text, any_, bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.models import Article, Document, Sighting, Work
from db.reads.patterns import glob_regex
from db.sightings import first_path

__all__ = ["Filter", "Row", "article_text", "listed"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents: of all that is not None, those that fit.

    `outcomes`: any of these. `stage`: at work, and this is next; "" for any stage. `path`: a shell pattern that a path
    of its file matches (`db.reads.patterns`). `source` and `language`: of its article.
    """

    outcomes: tuple[str, ...] | None = None
    stage: str | None = None
    path: str | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a line; `is_member`: of a container. `state` and `stage` are of one that is at work, else None."""

    id: int
    file_id: int
    path: str | None
    ordinal: int
    is_member: bool
    outcome: str | None
    reason: str | None
    state: str | None
    stage: str | None
    registered_at: datetime
    finished_at: datetime | None
    cluster_id: int | None
    title: str | None
    source: str | None
    language: str | None
    published_at: datetime | None


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=Text())


def _unless_null(parameter: BindParameter[Any], condition: Any) -> Any:
    """Returns the condition, which holds where the parameter is null. The planner sees that, and drops the rest."""
    return or_(parameter.is_(None), condition)


_article = Article.__table__.c
_before: Final = bindparam("before", type_=BigInteger())
_outcomes: Final = bindparam("outcomes", type_=ARRAY(Text()))
_LISTED = (
    select(
        Document.id,
        Document.file_id,
        first_path(Document.file_id).label("path"),
        Document.ordinal,
        Document.locator.is_not(None).label("is_member"),
        Document.outcome,
        Document.reason,
        case((Work.id.is_not(None), Work.state)).label("state"),
        Work.stage,
        Document.registered_at,
        Document.finished_at,
        Document.cluster_id,
        _article.title,
        _article.publisher.label("source"),
        _article.language,
        _article.published_at,
    )
    .outerjoin(Article, Article.document_id == Document.id)
    .outerjoin(Work, Work.id == Document.id)
    .where(
        _unless_null(_before, Document.id < _before),
        _unless_null(_outcomes, Document.outcome == any_(_outcomes)),
        _unless_null(_text("stage"), or_(_text("stage") == Work.stage, (_text("stage") == "") & Work.id.is_not(None))),
        _unless_null(_text("source"), _article.publisher == _text("source")),
        _unless_null(_text("language"), _article.language == _text("language")),
        _unless_null(
            _text("path"),
            select(Sighting.id)
            .where(Sighting.file_id == Document.file_id, Sighting.path.regexp_match(_text("path")))
            .exists(),
        ),
    )
    .order_by(Document.id.desc())
    .limit(bindparam("limit", type_=BigInteger()))
)


def listed(connection: Connection, wanted: Filter, before: int | None, limit: int) -> list[Row]:
    """Returns up to `limit` documents with ids below `before`, the newest first."""
    parameters = {
        "before": before,
        "outcomes": None if wanted.outcomes is None else list(wanted.outcomes),
        "stage": wanted.stage,
        "source": wanted.source,
        "language": wanted.language,
        "path": None if wanted.path is None else glob_regex(wanted.path),
        "limit": limit,
    }
    return [Row(**row._asdict()) for row in connection.execute(_LISTED, parameters)]


_TEXT = select(func.left(Article.text, bindparam("characters", type_=Integer()))).where(
    Article.document_id == bindparam("id", type_=BigInteger())
)


def article_text(connection: Connection, document_id: int, characters: int) -> str | None:
    """Returns so many characters of the document's clean text; None where it has no article."""
    return connection.scalar(_TEXT, {"id": document_id, "characters": characters})
