"""What commands print in the same way: JSON, names that may contain anything, times, counts."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

__all__ = ["ago", "counted", "json_line", "json_text", "local", "print_json", "visible"]

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any) -> None:
    """Prints one JSON document on standard output; times are in ISO 8601."""
    sys.stdout.write(json_text(value, indent=2) + "\n")


def json_line(value: Any) -> None:
    """Prints one JSON object on a line of standard output; times are in ISO 8601."""
    sys.stdout.write(json_text(value) + "\n")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Returns JSON that a terminal can take: it escapes controls of C1, DEL and of writing direction, too."""
    raw = json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", raw)


def visible(text: str | None) -> str:
    """Returns text from outside on one line that a terminal can take: control characters are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text or "")


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
