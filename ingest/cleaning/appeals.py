"""Tells appeals for donations, in which a page asks its reader for money for the press, and marks them.

The words are those of the phrase book: English tells more by words, so it has rules of its own, and all other
languages share theirs.
"""

import re
from collections.abc import Sequence

from ingest.cleaning.lines import Line
from ingest.cleaning.phrase_book import BOOK, Place

__all__ = ["asks_for_money", "asks_for_support", "mark_appeals", "opens_appeal"]

_ENGLISH = ("en",)
_ABROAD = tuple(language for language in BOOK.languages if language not in _ENGLISH)
_BUTTONS = BOOK.phrases(Place.APPEAL_BUTTON)

# How far an appeal may reach, and how many paragraphs between two that are plainly part of it may be anything.
_APPEAL_PARAGRAPHS = 18
_APPEAL_GAP = 3
_APPEAL_STRENGTH = 3
_LONGEST_OPENER = 160
_LONGEST_APPEAL = 700

# One of these is in every appeal that tells by itself, and to look for them takes a tenth of the time.
_SIGNS = BOOK.list_words("appeal-sign", _ENGLISH)
_SIGNS_ABROAD = BOOK.list_words("appeal-sign", _ABROAD)

_OPENER = re.compile(f"{BOOK.alternatives('appeal-opener')}|{BOOK.alternatives('salutation')}[,:!]?")
_FIRST_PERSON = re.compile(rf"\b{BOOK.alternatives('first-person')}\b")
_PRESS_AND_READERS = re.compile(rf"\b{BOOK.alternatives('press-and-readers')}\b")
_AMOUNT = re.compile(r"[$€£] ?\d{1,5}(?:[.,]\d{2})?(?: ?(?:/|per|a) ?(?:month|year|mo|yr))?")
_ASKS_READER = re.compile(rf"\b{BOOK.alternatives('asks-reader', _ENGLISH)}\b")
_ASKS_READER_ABROAD = re.compile(rf"\b{BOOK.alternatives('asks-reader', _ABROAD)}")
_ASKS_FOR_SUPPORT = re.compile(
    rf"(?:^|[.!?:] )(?:so |and )?(?:please )?{BOOK.alternatives('asks-for-support')}\b"
    r"|\b(?:please|you (?:would|will|could|can|might)) consider (?:supporting|donating|making a|becoming)\b"
)
_LIVES_BY_READERS = re.compile(
    r"\bis an? (?:\w{1,12},? ){0,2}(?:non-?profit|reader-(?:supported|funded)|member-(?:supported|funded))[\w, -]{0,30}"
    r" (?:news|newsroom|media|journalism|publication)\b[^\"]{0,300}\b(?:we|our|us)\b"
    rf"|\b{BOOK.alternatives('lives-by-readers')}\b"
)
_NAMES_PRESS = re.compile(rf"\b{BOOK.alternatives('names-press', _ENGLISH)}\b")
_NAMES_PRESS_ABROAD = re.compile(rf"\b{BOOK.alternatives('names-press', _ABROAD)}")
_NAMES_MONEY = re.compile(rf"\b{BOOK.alternatives('names-money')}\b")


def mark_appeals(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks appeals for donations: an opener, and all up to the last paragraph that plainly belongs to it."""
    seen_prose = False
    for start, line in enumerate(lines):
        if found[start] is None and line.asks_for_support:
            found[start] = "appeal"
        opens = found[start] in {None, "appeal"} and line.opens_appeal
        if opens and (seen_prose or not line.folded.startswith("dear")):
            end = _appeal_end(lines, start)
            found[start:end] = ["appeal"] * (end - start)
        seen_prose = seen_prose or (line.prose and found[start] is None)
    _extend_appeals(lines, found)


def asks_for_money(folded: str) -> bool:
    """Tells whether running text is an appeal if it ends a document; a quotation never is."""
    if not folded or len(folded) > _LONGEST_APPEAL or '"' in folded or not _NAMES_PRESS.search(folded):
        return False
    return (
        _NAMES_MONEY.search(folded) is not None
        and (_ASKS_READER.search(folded) or _FIRST_PERSON.search(folded)) is not None
    )


def _appeal_end(lines: Sequence[Line], start: int) -> int:
    """Returns the index past the appeal that opens at `start`; `start` where too little after it bears it out."""
    end, witnesses = start + 1, 0
    for index in range(start + 1, min(start + 1 + _APPEAL_PARAGRAPHS, len(lines))):
        if index - end > _APPEAL_GAP:
            break
        strength = _strength(lines[index])
        if strength:
            end = index + 1
            witnesses += strength
    return end if witnesses >= _APPEAL_STRENGTH else start


def _strength(line: Line) -> int:
    """Returns how much the line bears out that it is in an appeal: 0 not at all, 1 as its buttons do, 2 by itself."""
    if line.rule in {"appeal", "divider"}:
        return 2 if line.rule == "appeal" else 1
    if line.key in _BUTTONS or _AMOUNT.fullmatch(line.folded):
        return 1
    if line.folded.startswith('"'):
        return 0
    if _ASKS_READER.search(line.folded):
        return 2 if _NAMES_MONEY.search(line.folded) or _NAMES_PRESS.search(line.folded) else 0
    if _ASKS_READER_ABROAD.search(line.folded):
        return 2
    return 1 if _NAMES_PRESS_ABROAD.search(line.folded) else 0


def _extend_appeals(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks what stands beside an appeal and goes with it."""
    places = [index for index, rule in enumerate(found) if rule == "appeal"]
    for step in (-1, 1):
        for place in places[::step]:
            index = place + step
            while 0 <= index < len(lines) and found[index] is None and _goes_with_appeal(lines[index]):
                found[index] = "appeal"
                index += step


def opens_appeal(folded: str) -> bool:
    """Tells whether the line may open an appeal; what follows has to bear it out."""
    return len(folded) <= _LONGEST_OPENER and _OPENER.fullmatch(folded) is not None


def asks_for_support(folded: str) -> bool:
    """Tells whether the paragraph asks its reader for money for the press, and quotes nobody who does."""
    if '"' in folded or len(folded) > _LONGEST_APPEAL:
        return False
    if _has_one(_SIGNS, folded) and _is_english_appeal(folded):
        return True
    is_english = " the " in folded or " and " in folded or " to " in folded or " is " in folded
    if is_english or not _has_one(_SIGNS_ABROAD, folded):
        return False
    return _ASKS_READER_ABROAD.search(folded) is not None and _NAMES_PRESS_ABROAD.search(folded) is not None


def _has_one(signs: Sequence[str], folded: str) -> bool:
    for sign in signs:  # noqa: SIM110 - a generator takes thrice the time, and this is asked of every line
        if sign in folded:
            return True
    return False


def _is_english_appeal(folded: str) -> bool:
    if _LIVES_BY_READERS.search(folded):
        return True
    if not _NAMES_PRESS.search(folded):
        return False
    return bool(_ASKS_FOR_SUPPORT.search(folded) or (_NAMES_MONEY.search(folded) and _ASKS_READER.search(folded)))


def _goes_with_appeal(line: Line) -> bool:
    """Tells whether what stands beside an appeal is part of it: a button, or the press that speaks of its readers."""
    folded = line.folded
    if line.key in _BUTTONS or _AMOUNT.fullmatch(folded):
        return True
    if not folded or len(folded) > _LONGEST_APPEAL or '"' in folded:
        return False
    if _ASKS_READER_ABROAD.search(folded) or (_ASKS_READER.search(folded) and _NAMES_MONEY.search(folded)):
        return True
    return _FIRST_PERSON.search(folded) is not None and bool(
        _NAMES_MONEY.search(folded) or _PRESS_AND_READERS.search(folded)
    )
