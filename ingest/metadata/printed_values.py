"""Values of other programs that were written as text: lists and objects of Python, and what stands for no value.

pandas writes a column of lists as `['Jane Doe', 'Richard Roe']`, one of arrays without the commas, and a missing value
as `nan`, `NaT` or `None`.
"""

import ast
import json
import re
from typing import Any, Final

__all__ = ["is_no_value", "printed_value"]

_NO_VALUES: Final = frozenset([
    "nan", "NaN", "NAN", "NaT", "None", "null", "NULL", "<NA>", "N/A", "n/a", "#N/A", "undefined", "[]", "{}", "()",
    "[nan]", "[None]", "[Removed]", "[removed]", "['']", '[""]', "''", '""',
])  # fmt: skip
_MAX_OBJECT_CHARACTERS = 4000  # beyond it, an object that is written as text is no name
_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ITEM = re.compile(rf"\s*(?:(?P<string>{_STRING})|nan|None|null)\s*,?", re.DOTALL)


def is_no_value(text: str) -> bool:
    """Tells whether the text stands for a missing value."""
    return text.strip() in _NO_VALUES if len(text) <= 16 else False  # noqa: PLR2004 (the longest and white space)


def printed_value(text: str) -> Any:
    """Returns the list of texts, or the object, that the text is written as; the text itself where it is neither."""
    stripped = text.strip()
    if stripped[:1] in {"[", "("} and stripped[-1:] in {"]", ")"}:
        items = _items(stripped[1:-1])
        if items is not None:
            return items
    if stripped[:1] in {"[", "{"} and stripped[-1:] in {"]", "}"} and len(stripped) <= _MAX_OBJECT_CHARACTERS:
        return _object(stripped, text)
    return text


def _items(inner: str) -> list[str] | None:
    """Returns the strings that stand one behind the other; None where anything else does."""
    items: list[str] = []
    position = 0
    while position < len(inner):
        match = _ITEM.match(inner, position)
        if match is None or match.end() == position:
            return None
        if match["string"]:
            items.append(_unquoted(match["string"]))
        position = match.end()
    return items


def _unquoted(literal: str) -> str:
    try:
        value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):  # a line break or a broken escape in it
        value = literal[1:-1]
    return value if isinstance(value, str) else literal[1:-1]


def _object(stripped: str, text: str) -> Any:
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(stripped)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(value, list | dict):
            return value
    return text
