"""Documents by filter, a page at a time, and the text of one."""

from dataclasses import dataclass
from functools import partial

from db.reads.browsing.listing import Filter, Row, article_text, listed
from db.reads.history import FileHistory, history
from db.sessions import Database, StatementTooLongError
from ingest.inbox.names import path_text
from newsmill.errors import UsageError
from newsmill.vocabulary import Outcome, Stage

__all__ = ["FileHistory", "Filter", "Listed", "Row", "document_of", "documents", "filter_of", "text_of"]

_STATEMENT_SECONDS = 5.0
_RETRY_SECONDS = 1.0  # somebody looks at a page and waits
_TEXT_CHARACTERS = 200_000
_DOCUMENTS = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of documents; `before` is where the next one begins, None where this is the last."""

    documents: tuple[Row, ...]
    before: int | None


def filter_of(
    *,
    outcome: str | None = None,
    stage: str | None = None,
    path: str | None = None,
    source: str | None = None,
    language: str | None = None,
) -> Filter:
    """What these words select: an outcome ("!failed": any other), a stage ("any"), a shell pattern for the path.

    Raises UsageError for a word that is no outcome or stage.
    """
    outcomes = [one.value for one in Outcome]
    wanted = None
    if outcome:
        name = outcome.removeprefix("!")
        if name not in outcomes:
            raise UsageError(f"outcome {name}: there are {', '.join(outcomes)}")
        wanted = tuple(one for one in outcomes if (one == name) != outcome.startswith("!"))
    if stage and stage != "any" and stage not in list(Stage):
        raise UsageError(f"stage {stage}: there are any, {', '.join(Stage)}")
    return Filter(
        outcomes=wanted,
        stage=None if not stage else "" if stage == "any" else stage,
        path=path_text(path) if path else None,
        source=source or None,
        language=language or None,
    )


def documents(database: Database, wanted: Filter, *, before: int | None = None, limit: int = 50) -> Listed:
    """Up to `limit` documents with ids below `before`, the newest first.

    Raises UsageError where what was asked for is so rare that five seconds do not find it.
    """
    look = partial(database.run, listed, wanted, before, limit + 1, statement_seconds=_STATEMENT_SECONDS)
    try:
        found = look(retry_seconds=_RETRY_SECONDS)
    except StatementTooLongError as error:
        raise UsageError(
            "so few documents fit that looking takes too long: name an outcome or a source, too"
        ) from error
    page = found[:limit]
    return Listed(tuple(page), page[-1].id if len(found) > limit else None)


def document_of(database: Database, document_id: int) -> FileHistory | None:
    """The history of the document (or file) of this id, with its file; None where there is none."""
    return database.run(partial(history, item_id=document_id, documents_limit=_DOCUMENTS))


def text_of(database: Database, document_id: int) -> str | None:
    """The clean text of a document, up to 200,000 characters of it; None where it has no article."""
    return database.run(article_text, document_id, _TEXT_CHARACTERS)
