"""The title and the author of an office document: by style, by what its program says, or as its first line.

The programs fill these in by themselves: with the name of a template, of a file, of whoever bought the machine. So a
title counts where it is none of these, and an author where the text names them too. The date of creation is when a file
was made, not when a text was published, and is not read.
"""

import re
from collections.abc import Sequence
from typing import Final

from ingest.documents import Fact, FactSource
from ingest.metadata.export_facts import date_in

__all__ = [
    "first_line_title",
    "is_label",
    "is_title",
    "may_head",
    "stated_author",
    "stated_tags",
    "stated_title",
]

_FILE_NAME: Final = re.compile(
    r"\.(?:docx?|dotx?|docm|odt|ott|rtf|pdf|txt|html?|indd|qxp|qxd|pages|pptx?|xlsx?|p65|pub|tex|dvi|wpd|ai|eps)\b",
    re.IGNORECASE,
)
_PROGRAM: Final = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel|publisher) ?-|untitled|unnamed|unbenannt|sans titre|sin título|senza titolo"
    r"|document ?\d|dokument ?\d|new document|title$|titel$|no title|slide \d|powerpoint|paper title|template|layout \d"
    r"|page \d|print(?:ing)?$|normal$|unknown|untitled|blank|generated (?:by|with) )",
    re.IGNORECASE,
)
_MAX_TITLE_CHARACTERS = 300
_MAX_FIRST_LINE_CHARACTERS = 150
_MIN_FIRST_LINE_WORDS = 3
_MIN_TEXT_CHARACTERS = 120
_NEAR = 4  # paragraphs: a subtitle and a dateline may stand between the headline and the text
_SENTENCE_END: Final = re.compile(r"[.!?…]\s")
_NO_TITLE: Final = re.compile(
    r"(?:dear|sehr geehrte|liebe|cher|chère|estimad|gentile|beste|to:|from:|date:|by )|.*[:,;@]$", re.IGNORECASE
)
_MIN_LETTERS = 4
_HEAD_CHARACTERS = 3000
_MAX_ABOVE = 3  # lines above a title that is the first line
# A text may be called so, and have a number or a date behind it.
_LABEL: Final = re.compile(
    r"(?:(?:press|media|news) (?:release|statement|information|notice|note|bulletin)|for immediate release"
    r"|(?:presse|medien)(?:mitteilung|information|meldung|erklärung|dienst|info)|zur sofortigen veröffentlichung"
    r"|communiqué(?: de presse)?|dossier de presse|pour diffusion immédiate|comunicado(?: de prensa| de imprensa)?"
    r"|nota de (?:prensa|imprensa)|comunicato(?: stampa)?|persbericht|pressmeddelande|presse(?:meddelelse|melding)"
    r"|lehdistötiedote|tiedote|informacja prasowa|komunikat prasowy|tisková zpráva|tlačová správa|sajtóközlemény"
    r"|comunicat de presă|basın (?:bülteni|açıklaması)|пресс-релиз|прес-реліз|δελτίο τύπου"
    r"|新闻稿|新聞稿|プレスリリース|보도자료)"
    r"[\s:–—|/-]{0,5}(?:(?:n[ro°º]?|nr|no|num|#)\.?\s?)?[\d\s./–-]{0,20}",
    re.IGNORECASE,
)


def is_title(text: str) -> bool:
    """Tells whether a title of properties is one: not the name of a file, a template or a program's own."""
    text = text.strip()
    words = text.split()
    letters = sum(map(str.isalpha, text))
    return (
        letters >= _MIN_LETTERS
        and len(text) <= _MAX_TITLE_CHARACTERS
        and (len(words) > 1 or _is_wide(text))
        and 2 * letters > len(text) - len(words)
        and "_" not in text
        and "\\" not in text
        and not _FILE_NAME.search(text)
        and not _PROGRAM.match(text)
    )


def stated_title(text: str | None) -> Fact[str] | None:
    """Returns the title that properties state, if it is one."""
    return Fact(text, FactSource.PROPERTIES) if text and is_title(text) else None


def stated_tags(keywords: str | None, subject: str | None) -> str:
    """Returns the keywords that properties state, or else the subject, joined by commas; "" for none."""
    words = (keywords or subject or "").replace(";", ",").replace("\n", ",").split(",")
    return ", ".join(dict.fromkeys(word.strip() for word in words if word.strip()))


def stated_author(text: str | None, paragraphs: Sequence[str]) -> Fact[str] | None:
    """Returns the author that properties state, if it is a full name that the head of the text has too."""
    name = " ".join((text or "").split())
    if " " not in name or len(name) > _HEAD_CHARACTERS:
        return None
    head = " ".join(" ".join(paragraphs[:40])[:_HEAD_CHARACTERS].split()).casefold()
    return Fact(name, FactSource.PROPERTIES) if name.casefold() in head else None


def is_label(text: str) -> bool:
    """Tells what says of which kind a text is, and perhaps its number: "PRESS RELEASE No. 12"."""
    return _LABEL.fullmatch(text.strip()) is not None


def may_head(text: str, words: int = 2) -> bool:
    """Tells whether a line has so many words, most of it letters, and does not begin or end as a letter's lines do."""
    letters = sum(map(str.isalpha, text))
    return (
        letters >= _MIN_LETTERS
        and (len(text.split()) >= words or _is_wide(text))
        and 2 * letters > len(text)
        and not _NO_TITLE.match(text)
    )


def _is_wide(text: str) -> bool:
    return any(ord(character) > 0x2E80 for character in text)  # noqa: PLR2004 - CJK, written without spaces


def first_line_title(paragraphs: Sequence[str]) -> Fact[str] | None:
    """Returns the first line if it is as short as a title, one sentence at most, and the text close below.

    What says of which kind the text is, and of which day, may stand above it.
    """
    above = 0
    while above < min(_MAX_ABOVE, len(paragraphs)) and _is_above_title(paragraphs[above]):
        above += 1
    first = paragraphs[above] if above < len(paragraphs) else ""
    below = max(map(len, paragraphs[above + 1 : above + _NEAR]), default=0)
    is_one = (
        len(first) <= _MAX_FIRST_LINE_CHARACTERS
        and may_head(first, _MIN_FIRST_LINE_WORDS)
        and below >= max(_MIN_TEXT_CHARACTERS, 2 * len(first))
        and not _SENTENCE_END.search(first)
        and date_in(first) is None
    )
    return Fact(first, FactSource.HEADLINE) if is_one else None


def _is_above_title(text: str) -> bool:
    return len(text) <= _MAX_FIRST_LINE_CHARACTERS and (is_label(text) or date_in(text) is not None)
