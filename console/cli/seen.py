"""What somebody means who names a path or an id."""

import os
import stat
from pathlib import Path

from sqlalchemy import Connection

from console.cli.pause import pause_text
from db import pauses
from db.reads import lookups
from ingest.inbox.names import is_wanted, path_text
from newsmill.settings import Settings

__all__ = ["ids_of", "why_unseen"]

_ID_DIGITS = 19  # more do not fit PostgreSQL's bigint


def ids_of(connection: Connection, item: str) -> list[int]:
    """The files that were seen at this path, in that order; if none was, the id that `item` may be."""
    path = path_text(str(Path(item).absolute()))
    found = lookups.files_of_path(connection, path) or lookups.files_of_path(connection, item)
    return found or ([int(item)] if item.isdecimal() and len(item) < _ID_DIGITS else [])


def why_unseen(connection: Connection, settings: Settings, item: str) -> str:
    """Why nothing is known of what was named, in words that follow the name: it may lie there and wait."""
    path, inbox = Path(os.path.abspath(item)), settings.inbox.absolute()
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return "no file was seen at this path and nothing has this id; see `newsmill status`"
    if stat.S_ISDIR(mode):
        return "this is a folder: name a file in it, or see `newsmill status`"
    if not path.is_relative_to(inbox):
        return f"it was not taken, and lies outside of the inbox {path_text(str(inbox))}: newsmill ingest PATH"
    if any(part.startswith(".") for part in path.relative_to(inbox).parts):
        return "it is left alone, as are all names that begin with a dot"
    if not is_wanted(path.name):
        ending = "~" if path.name.endswith("~") else path.suffix.lower()
        return f"it is left alone, as are all names that end in {ending}: rename it when it is complete"
    if not stat.S_ISREG(mode):
        return "it is left alone, as all that is no regular file (a symlink, a pipe, a device)"
    paused = next((held for held in pauses.paused(connection) if held.scope == pauses.INTAKE), None)
    if paused is not None:
        return f"it is there and not taken yet: paused is {pause_text(paused)}"
    return "it is there and not taken yet: a watcher that runs (`newsmill up`) takes it once it is finished"
