"""The title of a document that no style names: what is set larger than the text at its head, or bold above it."""

from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from ingest.office.head_dates import date_at_head
from ingest.office.properties import is_label, may_head
from ingest.office.styled import Look, Paragraph

__all__ = ["prominent"]

_MAX_ABOVE = 12  # a title stands among so many paragraphs
_MAX_ABOVE_BOLD = 6
_RUNNING_CHARACTERS = 200  # a paragraph that long is the text
_LARGER = 1.15  # times the size of the text
_ALIKE = 0.05
_MAX_LINES = 4
_MAX_CHARACTERS = 250
_MAX_BOLD_CHARACTERS = 150
_MIN_BOLD_WORDS = 3
_MIN_TEXT_CHARACTERS = 100  # below what is only bold; tables and lists have bold words as well
_STOPS: Final = (".", "!", "?", "…", "。", "！", "？")


def prominent(paragraphs: Sequence[Paragraph]) -> range:
    """Returns which paragraphs are the title by their look; none where nothing stands out.

    What is larger goes before what is only bold. Lines of one look below each other are one title where they are
    larger; below a bold one, a bold subtitle or lead may stand.
    """
    letters: Counter[Look] = Counter()
    for one in paragraphs:
        letters[one.look] += len(one.text)
    sizes: Counter[float] = Counter()
    for look, count in letters.items():
        sizes[look.size] += count
    usual = max(sizes, key=sizes.__getitem__, default=0.0)
    head = list(takewhile(lambda one: len(one.text) < _RUNNING_CHARACTERS, paragraphs[:_MAX_ABOVE]))
    if found := _larger(head, _LARGER * usual):
        return found
    if 2 * sum(count for look, count in letters.items() if look.bold) > letters.total():
        return range(0)
    bold = (at for at, one in enumerate(head[:_MAX_ABOVE_BOLD]) if one.look.bold and _is_bold_title(one.text))
    at = next(bold, None)
    if at is None or all(len(one.text) < _MIN_TEXT_CHARACTERS for one in paragraphs[at:]):
        return range(0)
    return range(at, at + 1)


def _larger(head: Sequence[Paragraph], size: float) -> range:
    """Returns the first paragraphs of the largest look that is at least as large."""
    candidates = [at for at, one in enumerate(head) if one.look.size >= size > 0 and _is_title(one.text)]
    best = max((head[at].look.size for at in candidates), default=0.0)
    start = next((at for at in candidates if _is_alike(head[at].look.size, best)), None)
    if start is None:
        return range(0)
    end, characters = start + 1, len(head[start].text)
    while end < min(len(head), start + _MAX_LINES) and _goes_on(head[end - 1], head[end]):
        characters += 1 + len(head[end].text)
        if characters > _MAX_CHARACTERS:
            break
        end += 1
    return range(start, end)


def _goes_on(line: Paragraph, following: Paragraph) -> bool:
    same = line.look.bold == following.look.bold and _is_alike(following.look.size, line.look.size)
    return same and not line.text.endswith(_STOPS) and may_head(following.text) and not _is_dated(following.text)


def _is_alike(size: float, other: float) -> bool:
    return abs(size - other) <= _ALIKE * other


def _is_title(text: str) -> bool:
    return len(text) <= _MAX_CHARACTERS and may_head(text) and not is_label(text) and not _is_dated(text)


def _is_bold_title(text: str) -> bool:
    is_short = len(text) <= _MAX_BOLD_CHARACTERS and not text.endswith(".")
    return is_short and may_head(text, _MIN_BOLD_WORDS) and _is_title(text)


def _is_dated(text: str) -> bool:
    return date_at_head([text]) is not None
