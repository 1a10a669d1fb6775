"""The date that a document of an office program shows at its head: alone on a line, or before a report's first words.

Press releases begin "Amberford, Monday 4 March 2031 - The council …", a newspaper's page has "MONDAY, MARCH 4, 2031" at
its top. A date within a sentence is that of something told.
"""

import re
from collections.abc import Sequence
from typing import Final

from ingest.documents import Fact, FactSource
from ingest.metadata.export_facts import date_in

__all__ = ["date_at_head"]

_MAX_PARAGRAPHS = 12
_MAX_ALONE_CHARACTERS = 70
_MAX_BEFORE_TEXT = 90
_MAX_WORDS_BESIDE = 6
_LEAD: Final = re.compile(r"[^.!?]{4,90}?\d{4}\)?[ \t]*(?:[-–—:/|]|\u2014)")
_SAYS_DATE: Final = re.compile(r"[^\W\d_]{2,}")
_NO_DATE: Final = re.compile(
    r"\b(?:embargo\w*|until|deadline|bis|jusqu|born|geboren|valid|expires?|copyright)\b|©|\(c\)", re.IGNORECASE
)


def date_at_head(paragraphs: Sequence[str]) -> Fact[str] | None:
    """Returns the first date at the head that stands alone, or between a place and the text."""
    for paragraph in paragraphs[:_MAX_PARAGRAPHS]:
        words = paragraph if len(paragraph) <= _MAX_ALONE_CHARACTERS else _before_text(paragraph)
        if words and not _NO_DATE.search(words) and (date := date_in(words)):
            beside = [word for word in _SAYS_DATE.findall(words) if word not in date]
            if len(beside) <= _MAX_WORDS_BESIDE and not words.endswith("."):
                return Fact(date, FactSource.DATELINE)
    return None


def _before_text(paragraph: str) -> str:
    match = _LEAD.match(paragraph[: _MAX_BEFORE_TEXT + 20])
    return match[0] if match else ""
