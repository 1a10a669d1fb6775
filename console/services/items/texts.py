"""The clean text of a document."""

from sqlalchemy import Connection

from console.services.items.names import ids_of
from db.reads.browsing.listing import article_text
from db.reads.sources import raw_documents
from db.sessions import Database
from newsmill.errors import TerminalError

__all__ = ["clean_text"]

_ALL_CHARACTERS = 2**31 - 1


def clean_text(database: Database, item: str) -> str:
    """The clean text of a document: of its id, or of the path of a file of one document.

    Raises TerminalError if there is no such document, no article in it, or more than one.
    """
    return database.run(_clean_text, item)


def _clean_text(connection: Connection, item: str) -> str:
    found = [raw.id for id_ in ids_of(connection, item) for raw in raw_documents(connection, id_, limit=2)]
    if not found:
        raise TerminalError(f"{item}: no file was seen at this path and no document has this id; see `newsmill status`")
    if len(found) > 1:
        raise TerminalError(f"{item}: there are several documents; name the id of one, `newsmill show` lists them")
    text = article_text(connection, found[0], _ALL_CHARACTERS)
    if text is None:
        raise TerminalError(f"{item}: there is no article of it; `newsmill show {found[0]}` says why")
    return text
