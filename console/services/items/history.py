"""The whole history of a file or a document, and the other versions of its story."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from console.services.items.names import Unseen, absolute, ids_of, why_unseen
from db.erasure import tombstones
from db.reads.history import DocumentRecord, FailureRecord, FileHistory, Related
from db.reads.history import history as stored_history
from db.reads.status import IntakeTrouble, intake_trouble
from db.reads.versions import Revision, Version
from db.sessions import Database
from newsmill.settings import Settings

__all__ = [
    "DocumentRecord",
    "FailureRecord",
    "FileHistory",
    "History",
    "IntakeTrouble",
    "Related",
    "Revision",
    "Version",
    "history",
]

_DOCUMENTS = 50


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of what was named.

    `files` were seen at the path, or have the id. `intake_error`: why a file there could not be taken yet.
    `forgotten_at`: what was seen at the path was forgotten. `unseen` says why nothing is known; None if anything is.
    """

    files: tuple[FileHistory, ...]
    intake_error: IntakeTrouble | None
    forgotten_at: datetime | None
    unseen: Unseen | None


def history(database: Database, settings: Settings, item: str) -> History:
    """The history of a document (by id) or of every file that was seen at a path."""
    return database.run(_history, settings, item)


def _history(connection: Connection, settings: Settings, item: str) -> History:
    path = absolute(item)
    found = [stored_history(connection, id_, documents_limit=_DOCUMENTS) for id_ in ids_of(connection, item)]
    files = tuple(one for one in found if one is not None)
    return History(
        files=files,
        intake_error=intake_trouble(connection, path),
        forgotten_at=tombstones.left_out_since(connection, path),
        unseen=None if files else why_unseen(connection, settings, item),
    )
