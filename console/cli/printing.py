"""What commands print in the same way: JSON, names that may contain anything, times, counts."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from newsmill.terminal_text import visible

__all__ = ["ago", "counted", "is_utf8", "json_line", "json_text", "local", "print_json", "visible"]

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any) -> None:
    """Prints one JSON document on standard output; times are in ISO 8601."""
    sys.stdout.write(json_text(value, indent=2, ascii_only=not is_utf8(sys.stdout)) + "\n")


def json_line(value: Any) -> None:
    """Prints one JSON object on a line of standard output; times are in ISO 8601."""
    sys.stdout.write(json_text(value, ascii_only=not is_utf8(sys.stdout)) + "\n")


def is_utf8(stream: TextIO) -> bool:
    """Tells whether any text can be written there as it is; another encoding comes from the locale."""
    return (stream.encoding or "utf-8").lower().replace("-", "") == "utf8"


def json_text(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Returns JSON that a terminal can take: it escapes controls of C1, DEL and of writing direction, too.

    With `ascii_only` it escapes all that is not ASCII, and is the same JSON in any encoding.
    """
    raw = json.dumps(value, ensure_ascii=ascii_only, default=_plain, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", raw)


def local(moment: datetime) -> str:
    """Returns the time to the second by this user's clock, as options such as --since take it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def counted(number: int, noun: str) -> str:
    """Returns the number with its noun: "1 file", "2,000 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ago(moment: datetime | None) -> str:
    """Returns how long ago that was, in one unit."""
    if moment is None:
        return "-"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length * 2:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
