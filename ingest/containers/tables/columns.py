"""Columns of tables: which of them holds the text, and how a row becomes the JSON object that stands for it."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from ingest.metadata.named_fields import FIELD_NAMES, folded, text_fields
from newsmill.errors import TerminalError

__all__ = [
    "MAX_COLUMNS",
    "ROW_TYPE",
    "header_at",
    "known_columns",
    "no_text_column",
    "require_columns",
    "row_bytes",
    "row_object",
    "text_column",
]

ROW_TYPE: Final = "application/json"
"""The media type of a row."""

MAX_COLUMNS: Final = 2000
"""Tables of text have some dozens; each row is an object of all of them."""

_KNOWN = frozenset(name for names in FIELD_NAMES.values() for name in names)
_MAX_NAME_CHARACTERS = 100
_SHOWN_CHARACTERS = 40
_SHOWN_NAMES = 12
_PREAMBLE_ROWS = 20  # so many rows may stand above the one with the names


def text_column(names: Iterable[str]) -> str | None:
    """Returns the name of the column that holds the text, as its table writes it; None where none does."""
    by_folded: dict[str, str] = {}
    for name in names:
        by_folded.setdefault(folded(name[:_MAX_NAME_CHARACTERS]), name)
    return next((by_folded[name] for name in text_fields(by_folded)), None)


def known_columns(names: Iterable[str]) -> int:
    """Returns how many of the columns have a name that is known of articles."""
    return sum(folded(name) in _KNOWN for name in names)


def no_text_column(names: Sequence[str]) -> TerminalError:
    """Returns the reason why a table of these columns holds no articles."""
    shown = ", ".join(f'"{_shown(name)}"' for name in [name for name in names if name.strip()][:_SHOWN_NAMES])
    more = ", …" if len(names) > _SHOWN_NAMES else ""
    return TerminalError(
        f"no text column (there is {shown or 'no name'}{more}); name the column of the text: text, content or body"
    )


def require_columns(count: int) -> None:
    """Raises TerminalError for more columns than a table of text has."""
    if count > MAX_COLUMNS:
        raise TerminalError(f"the table has {count:,} columns, and at most {MAX_COLUMNS:,} are read")


def header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """Returns which of the first rows has the names of the columns: the first in which one names a text.

    Above it may stand a title, and what the table is of. None where there is no such row.
    """
    for number, row in enumerate(rows[:_PREAMBLE_ROWS]):
        filled = [cell for cell in row if cell.strip()]
        if filled and all(len(cell) <= _MAX_NAME_CHARACTERS for cell in filled) and text_column(filled) is not None:
            return number
    return None


def row_object(names: Sequence[str], values: Sequence[Any], text: str) -> dict[str, Any]:
    """Returns a row as an object: its fields by name, without those that are empty unless it is that of the `text`.

    What has no name, or one that another column has, is called by its number: "column 7".
    """
    row: dict[str, Any] = {}
    for number, value in enumerate(values, 1):
        name = names[number - 1].strip() if number <= len(names) else ""
        if not name or name in row:
            name = f"column {number}"
        plain = _plain(value)
        if plain not in (None, "") or name == text.strip():
            row[name] = plain
    return row


def row_bytes(row: Mapping[str, Any]) -> bytes:
    """Returns the object as JSON."""
    return _encode(row).encode("utf-8", "replace")


_encode = json.JSONEncoder(ensure_ascii=False).encode


def _plain(value: Any, depth: int = 8) -> Any:
    """Returns a value of a table as JSON can have it; bytes that are no text are none."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1 << 53 else value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return _text(bytes(value))
    if not depth:
        return None
    if isinstance(value, Mapping):
        return {str(name): _plain(one, depth - 1) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_plain(one, depth - 1) for one in value]
    return str(value)


def _text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _shown(name: str) -> str:
    """Returns a name as a message may say it: one line, without what a terminal obeys."""
    short = name.strip()[:_SHOWN_CHARACTERS]
    return "".join(character if character.isprintable() else "\ufffd" for character in short)
