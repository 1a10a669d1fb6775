"""What somebody means who names a path or an id."""

from pathlib import Path

from sqlalchemy import Connection

from db import queries
from ingest.paths import path_text

__all__ = ["ids_of"]

_ID_DIGITS = 19  # more do not fit PostgreSQL's bigint


def ids_of(connection: Connection, item: str) -> list[int]:
    """The files that were seen at this path, in that order; if none was, the id that `item` may be."""
    path = path_text(str(Path(item).absolute()))
    found = queries.files_of_path(connection, path) or queries.files_of_path(connection, item)
    return found or ([int(item)] if item.isdecimal() and len(item) < _ID_DIGITS else [])
