"""What the commands share to print: JSON, names that may hold anything, times, sizes."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

__all__ = ["ago", "json_line", "print_json", "visible"]


def print_json(value: Any) -> None:
    """One JSON document on standard output; times as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain, indent=2) + "\n")


def json_line(value: Any) -> None:
    """One JSON object on a line of standard output; times as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def visible(text: str | None) -> str:
    """Text from outside, safe for a terminal: control characters (escape sequences, line breaks) are shown escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text or "")


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
