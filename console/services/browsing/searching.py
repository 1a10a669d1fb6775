"""The corpus by words."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from db.reads.browsing.matches import Match, Span, matches
from db.sessions import Database, StatementTooLongError
from newsmill.errors import UsageError

__all__ = ["Found", "Match", "Query", "Span", "search"]

_STATEMENT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `words`: "a phrase", -without, or. `everything`: all versions of each story."""

    words: str
    source: str | None = None
    language: str | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of articles, the newest first; `before` is where the next one begins, None where this is the last."""

    articles: tuple[Match, ...]
    before: int | None


def search(database: Database, query: Query, *, before: int | None = None, limit: int = 20) -> Found:
    """Articles that hold the words, up to `limit` with ids below `before`, the newest first.

    Raises UsageError where there are no words, or where ten seconds do not find them.
    """
    if not query.words.strip():
        raise UsageError("name words to search for")
    try:
        found = database.run(
            partial(_matches, query=query, before=before, limit=limit + 1), statement_seconds=_STATEMENT_SECONDS
        )
    except StatementTooLongError as error:
        raise UsageError("the search takes too long: add a rarer word, or a source") from error
    page = found[:limit]
    return Found(tuple(page), page[-1].id if len(found) > limit else None)


def _matches(connection: Connection, *, query: Query, before: int | None, limit: int) -> list[Match]:
    return matches(
        connection,
        query.words,
        source=query.source,
        language=query.language,
        everything=query.everything,
        before=before,
        limit=limit,
    )
