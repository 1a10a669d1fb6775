"""What somebody means who names a path or an id."""

import os
import stat
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from sqlalchemy import Connection

from db import pauses
from db.pauses import Paused
from db.reads import lookups
from ingest.inbox.names import names_with, path_text
from newsmill.settings import Settings

__all__ = ["Unseen", "UnseenReason", "absolute", "ids_of", "why_unseen"]

_ID_DIGITS = 19  # more do not fit PostgreSQL's bigint


class UnseenReason(Enum):
    """Why the ledger knows nothing of a path."""

    NOT_THERE = auto()
    """No file lies there, and nothing has this id."""
    FOLDER = auto()
    OUTSIDE = auto()
    """Outside of the inbox, and nobody ingested it."""
    LEFT_ALONE = auto()
    """It, or a folder on the way to it, has a name that is left alone."""
    IRREGULAR = auto()
    """A symlink, a pipe, a device."""
    PAUSED = auto()
    """Intake is paused."""
    WAITING = auto()
    """A watcher takes it once it is finished."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why nothing is known of what was named; `paused` where intake is.

    `name` is what is left alone where that is the reason, the file or a folder on the way, and `what` it is.
    """

    reason: UnseenReason
    name: str = ""
    what: str = ""
    paused: Paused | None = None


def absolute(item: str) -> str:
    """The path as the ledger writes it."""
    return path_text(str(Path(item).absolute()))


def ids_of(connection: Connection, item: str) -> list[int]:
    """The files that were seen at this path, in that order; if none was, the id that `item` may be."""
    found = lookups.files_of_path(connection, absolute(item)) or lookups.files_of_path(connection, item)
    return found or ([int(item)] if item.isdecimal() and len(item) < _ID_DIGITS else [])


def why_unseen(connection: Connection, settings: Settings, item: str) -> Unseen:
    """Why nothing is known of what was named: it may lie there and wait."""
    path, inbox = Path(os.path.abspath(item)), settings.inbox.absolute()
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return Unseen(UnseenReason.NOT_THERE)
    if stat.S_ISDIR(mode):
        return Unseen(UnseenReason.FOLDER)
    if not path.is_relative_to(inbox):
        return Unseen(UnseenReason.OUTSIDE)
    left_alone = names_with(settings.ignored_names).why_not_path(path.relative_to(inbox).parts)
    if left_alone is not None:
        return Unseen(UnseenReason.LEFT_ALONE, *left_alone)
    if not stat.S_ISREG(mode):
        return Unseen(UnseenReason.IRREGULAR)
    paused = next((one for one in pauses.paused(connection) if one.scope == pauses.INTAKE), None)
    return Unseen(UnseenReason.WAITING if paused is None else UnseenReason.PAUSED, paused=paused)
