"""Finds the headline at the head of a document and its repeats, so that the body holds the article alone."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.cleaning.folding import fold
from ingest.cleaning.lines import is_prose, length
from ingest.cleaning.phrase_book import BOOK

__all__ = ["find_headline", "head_length", "mark_headline", "title_key"]

_HEAD_PARAGRAPHS = 12
_LONGEST_HEADLINE = 130
_FEWEST_WORDS = 3
_LONGEST_LABEL = 25
_LONGEST_WIDE_LABEL = 15  # six Chinese characters
_LONGEST_KICKER = 60
_SPACES_OF_TITLE = 2
_MAY_OPEN = "\"'“‘«„¿¡‹[($€£#"
# "MOSCOW (Reuters) — ...": the first sentence of an agency's report.
_PLACE_DATELINE = re.compile(r"[A-ZÀ-Ý][A-ZÀ-Ý .'’-]{2,40}(?:, [\w. ]{2,30})?(?: ?\([^)]{2,30}\))? ?[—–-]{1,2} ")
_SAYS_WHOSE = re.compile(rf"{BOOK.alternatives('source-label')} ?:", re.IGNORECASE)
_QUOTES_AND_END = " \"'.…*#="
_SITE_SEPARATORS = (" | ", " - ", " · ")


def title_key(text: str) -> str:
    """Returns the form in which headlines compare: case, quotation marks and hyphens folded, no stop at the end."""
    return fold(text).replace('"', "'").strip(_QUOTES_AND_END)


def head_length(paragraphs: Sequence[str], title: str | None = None) -> int:
    """Returns how many paragraphs stand before the first running text: the title's repeats, and 12 others at most."""
    keys = _keys_of(title) if title else frozenset()
    others = 0
    for index, paragraph in enumerate(paragraphs):
        if len(paragraph) <= 2 * _LONGEST_HEADLINE and keys and _repeats(paragraph, keys):
            continue
        if is_prose(paragraph) or others == _HEAD_PARAGRAPHS:
            return index
        others += 1
    return len(paragraphs)


def find_headline(paragraphs: Sequence[str], has_dateline: bool = False) -> str | None:
    """Returns the headline of a document whose format gave none; None where the first paragraph is plainly a sentence.

    The headline is the first line that the head holds twice. Without such a line it is the first line that is more than
    a label, if running text follows. With `has_dateline` (a date or byline stands at the head) a label will do, too.
    """
    head = paragraphs[: head_length(paragraphs)]
    keys = [title_key(line) for line in head]
    for line, key in zip(head, keys, strict=True):
        if key and len(line) <= _LONGEST_HEADLINE and keys.count(key) > 1 and not (_is_label(line) and line != head[0]):
            return line
    if marked := next((line for line in head if line.endswith(" =") and len(line) <= _LONGEST_HEADLINE), None):
        return marked  # as German agencies end a headline
    if not head or len(head) == len(paragraphs) or len(head) == _HEAD_PARAGRAPHS:
        return None
    for line in head:
        if not _may_be_headline(line):
            return None
        if not _is_label(line):
            return line
    return head[0] if has_dateline else None


def _is_label(line: str) -> bool:
    """Tells whether the line says too little for a headline that stands once: "Key points", "Ports"."""
    if _SAYS_WHOSE.match(line):
        return True
    words = sum(any(map(str.isalpha, word)) for word in line.split())
    characters = length(line)
    return words < _FEWEST_WORDS and characters <= (_LONGEST_LABEL if characters == len(line) else _LONGEST_WIDE_LABEL)


def _may_be_headline(line: str) -> bool:
    if len(line) > _LONGEST_HEADLINE or line.endswith((".", ":", ";", ",", "…", "。", "-")):
        return False
    return (line[0].isalnum() or line[0] in _MAY_OPEN) and not _PLACE_DATELINE.match(line)


def mark_headline(paragraphs: Sequence[str], title: str) -> list[str | None]:
    """Returns for each paragraph "headline" if it repeats the title, "kicker" for a label above or between, or None."""
    keys = _keys_of(title)
    head = paragraphs[: head_length(paragraphs, title)]
    repeats = [index for index, line in enumerate(head) if _repeats(line, keys)]
    found: list[str | None] = [None] * len(paragraphs)
    for index in repeats:
        found[index] = "headline"
    for index in range(repeats[0] if repeats else 0):
        found[index] = "kicker" if _is_label(head[index]) else None
    for before, after in pairwise(repeats):
        if after - before == 2 and _may_be_kicker(head[before + 1]):  # noqa: PLR2004 (one line between)
            found[before + 1] = "kicker"
    return found


def _repeats(line: str, keys: frozenset[str]) -> bool:
    """Tells whether a line says the title, alone or behind a kicker: "The harbour - Old bridge closes today"."""
    own = title_key(line)
    return own in keys or any(_is_behind_kicker(own, key) for key in keys)


def _is_behind_kicker(line: str, key: str) -> bool:
    before = line.removesuffix(key) if key.count(" ") >= _SPACES_OF_TITLE else line
    return before != line and before.endswith(" ") and len(before) <= _LONGEST_KICKER


def _may_be_kicker(line: str) -> bool:
    return len(line) <= _LONGEST_KICKER and not line.endswith((".", ":", "!", "?", "…", "。"))


def _keys_of(title: str) -> frozenset[str]:
    """Returns the keys of the title, and of the title without the name of the site after it."""
    keys = {title_key(title)}
    for separator in _SITE_SEPARATORS:
        headline, found, _ = title.rpartition(separator)
        if found and headline.count(" ") > 1:
            keys.add(title_key(headline))
    return frozenset(keys - {""})
