"""What the commands share to print: JSON, names that may hold anything, times, sizes."""

import json
import re
import sys
from datetime import UTC, datetime
from typing import Any

__all__ = ["ago", "counted", "json_line", "json_text", "local", "print_json", "visible"]

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_json(value: Any) -> None:
    """One JSON document on standard output; times as ISO 8601."""
    sys.stdout.write(json_text(value, indent=2) + "\n")


def json_line(value: Any) -> None:
    """One JSON object on a line of standard output; times as ISO 8601."""
    sys.stdout.write(json_text(value) + "\n")


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON that is readable and safe for a terminal: controls of C1, DEL and of writing direction are escaped, too."""
    raw = json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", raw)


def visible(text: str | None) -> str:
    """Text from outside, safe for a terminal: control characters (escape sequences, line breaks) are shown escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text or "")


def local(moment: datetime) -> str:
    """The time to the second, by this user's clock, as options such as --since take it."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def counted(number: int, noun: str) -> str:
    """So many of them: "1 file", "2,000 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ago(moment: datetime | None) -> str:
    """How long ago that was, in one unit."""
    if moment is None:
        return "-"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length * 2:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
