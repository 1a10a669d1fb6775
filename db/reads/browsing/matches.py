"""Articles that hold some words, the newest first, with the passages in which they stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Connection, Text, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import REGCONFIG

from db.models import Article, Document
from db.sightings import first_path
from newsmill.vocabulary import Outcome

__all__ = ["Match", "Span", "matches"]

# No article holds control characters: cleaning takes them out. So they can mark what was found.
_BEGIN, _END = "\x02", "\x03"
_OPTIONS: Final = f'StartSel={_BEGIN}, StopSel={_END}, MaxFragments=2, MinWords=8, MaxWords=28, FragmentDelimiter=" … "'
_SHOWN_CHARACTERS = 20_000  # ts_headline reads all that it is given: 200,000 characters take 40 ms


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a passage; `found`: it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Match:
    """An article that holds the words. `passages` are those of its first 20,000 characters in which they stand."""

    id: int
    path: str | None
    outcome: str
    cluster_id: int | None
    title: str | None
    source: str | None
    language: str | None
    published_at: datetime | None
    url: str | None
    passages: tuple[Span, ...]


_simple: Final = literal_column("'simple'", REGCONFIG())
_query = func.websearch_to_tsquery(_simple, bindparam("words", type_=Text()))


def _wanted(name: str, column: Any) -> Any:
    parameter: BindParameter[str] = bindparam(name, type_=Text())
    return or_(parameter.is_(None), column == parameter)


_article = Article.__table__.c
_before: Final = bindparam("before", type_=BigInteger())
_found = (
    select(Document.id, Document.file_id, Document.outcome, Document.cluster_id)
    .join(Article, Article.document_id == Document.id)
    .where(
        _article.search.op("@@")(_query),
        or_(bindparam("everything").is_(True), Document.outcome == literal_column(f"'{Outcome.UNIQUE}'")),
        or_(_before.is_(None), Document.id < _before),
        _wanted("source", _article.publisher),
        _wanted("language", _article.language),
    )
    .order_by(Document.id.desc())
    .limit(bindparam("limit", type_=BigInteger()))
    .subquery("found")
)
# The passages of those that are shown alone.
_MATCHES = (
    select(
        _found.c.id,
        first_path(_found.c.file_id).label("path"),
        _found.c.outcome,
        _found.c.cluster_id,
        _article.title,
        _article.publisher.label("source"),
        _article.language,
        _article.published_at,
        _article.url,
        func.ts_headline(
            _simple, func.left(_article.text, literal_column(str(_SHOWN_CHARACTERS))), _query, bindparam("options")
        ).label("passages"),
    )
    .join(Article, Article.document_id == _found.c.id)
    .order_by(_found.c.id.desc())
)


def matches(
    connection: Connection,
    words: str,
    *,
    source: str | None,
    language: str | None,
    everything: bool,
    before: int | None,
    limit: int,
) -> list[Match]:
    """Returns up to `limit` articles with ids below `before` that hold the words, the newest first.

    `words` are those of PostgreSQL's `websearch_to_tsquery`: "a phrase", -without, or. Of each story the canonical
    article, with `everything` all of its versions.
    """
    rows = connection.execute(
        _MATCHES,
        {
            "words": words,
            "source": source,
            "language": language,
            "everything": everything,
            "before": before,
            "limit": limit,
            "options": _OPTIONS,
        },
    )
    return [Match(**{**row._asdict(), "passages": _spans(row.passages)}) for row in rows]


def _spans(marked: str) -> tuple[Span, ...]:
    spans = []
    for number, part in enumerate(marked.split(_BEGIN)):
        found, end, rest = part.partition(_END) if number else ("", "", part)
        if end and found:
            spans.append(Span(found, found=True))
        if text := rest if end or not number else found:
            spans.append(Span(text, found=False))
    return tuple(spans)
