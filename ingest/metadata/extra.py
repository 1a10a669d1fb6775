"""What a record has besides the fields that are read, as JSON that is small, canonical and can be stored."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from ingest.documents import Extra
from ingest.text.decode import drop_unstorable

__all__ = ["MAX_EXTRA_BYTES", "extra_of"]

MAX_EXTRA_BYTES: Final = 16 * 1024

_MAX_TEXT_CHARACTERS: Final = 2000  # a longer one is a text, no fact
_MAX_DEPTH: Final = 6
_MAX_ITEMS: Final = 500


def extra_of(record: Mapping[str, Any]) -> Extra | None:
    """Returns the record's fields that say something; None where none does.

    What does not fit into 16 kB is left out, the largest fields first. It depends on the fields alone, not on their
    order.
    """
    parts: list[tuple[int, str, str]] = []
    for name, value in record.items():
        plain = _plain(value, _MAX_DEPTH)
        if plain is not None:
            text = f"{_dumped(drop_unstorable(str(name)[:_MAX_TEXT_CHARACTERS]))}: {_dumped(plain)}"
            parts.append((len(text.encode()), drop_unstorable(str(name)), text))
    if sum(part[0] + 2 for part in parts) > MAX_EXTRA_BYTES:
        parts = _fitting(parts)
    kept = {name: text for _, name, text in sorted(parts, key=lambda part: part[1:])}
    return Extra("{" + ", ".join(kept.values()) + "}") if kept else None


def _fitting(parts: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """Returns the small fields, as many as there is room for."""
    room = MAX_EXTRA_BYTES
    fitting = []
    for part in sorted(parts):
        room -= part[0] + 2
        if room < 0:
            break
        fitting.append(part)
    return fitting


def _plain(value: Any, depth: int) -> Any:
    """Returns a value without what is empty, too long or too deep in it; None where nothing is left."""
    if isinstance(value, str):
        text = drop_unstorable(value)
        return text if text and len(text) <= _MAX_TEXT_CHARACTERS else None
    if isinstance(value, bool | int | float) or value is None:
        return value if not isinstance(value, float) or isfinite(value) else None
    if not depth:
        return None
    if isinstance(value, Mapping):
        items = ((drop_unstorable(str(name)), _plain(one, depth - 1)) for name, one in list(value.items())[:_MAX_ITEMS])
        return {name: one for name, one in items if one is not None} or None
    if isinstance(value, list | tuple):
        return [plain for one in value[:_MAX_ITEMS] if (plain := _plain(one, depth - 1)) is not None] or None
    return None


_dumped = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
