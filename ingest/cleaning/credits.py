"""Credits at the end of an article: who else reported, wrote or edited it, and which agencies it is from."""

import re
from collections.abc import Sequence
from typing import Final

from ingest.cleaning.folding import fold
from ingest.cleaning.phrase_book import BOOK

__all__ = ["MOST_CREDITS", "count_credits"]

MOST_CREDITS: Final = 4
"""So many lines of credits an article may have."""

_LONGEST: Final = 300  # characters of one

_WORK = rf"(?:{BOOK.alternatives('credit-more')} )?{BOOK.alternatives('credit-work')}"
# Names may have initials; a full stop before a longer word ends them.
_NAMES = r"(?:[^.!?\";:]|(?<=[ .][^\W\d_])\.|(?<![ .][^\W\d_])\.(?! [^\W\d_]{3})){2,90}"
_AGENCY = BOOK.alternatives("agency")
_AND = BOOK.alternatives("credit-and")
_AGENCIES = rf"{_AGENCY}(?: ?(?:[/,&+]|-|{_AND}) ?{_AGENCY}){{0,5}}"
_BEFORE, _BEHIND = r"[(\[\-* ]{0,4}", r"[)\].* ]{0,4}"
# "Reporting by Jane Doe in Amberford; editing by Rick Roe"
_WORKED: Final = re.compile(
    rf"{_BEFORE}(?P<work>{_WORK}:? ){_NAMES}(?:[;,.] ?(?:{_AND} )?{_WORK}:? {_NAMES}){{0,5}}{_BEHIND}"
)
_OTHERS: Final = re.compile(
    _BEFORE
    # "Jane Doe and Ann Poe contributed to this report from Amberford."
    + rf"(?:{_NAMES} {BOOK.alternatives('credit-contributed')}(?: (?:from|in) [^.!?\";:]{{2,40}})?"
    # "With reporting by AFP and Reuters"
    rf"|{BOOK.alternatives('credit-with')} {_AGENCIES}(?: {BOOK.alternatives('credit-material')})?"
    # An agency alone is its sign only in brackets or behind a dash.
    rf"|(?<=[(\[-] ){_AGENCIES}|(?<=[(\[-]){_AGENCIES}"
    rf"){_BEHIND}"
)


def count_credits(lines: Sequence[str]) -> int:
    """Returns how many of the last lines are credits; never all of them. Linear in the lines looked at."""
    found = 0
    while found < min(MOST_CREDITS, len(lines) - 1) and _is_credit(lines[-1 - found]):
        found += 1
    return found


def _is_credit(line: str) -> bool:
    if len(line) > _LONGEST:
        return False
    folded = fold(line)
    if _OTHERS.fullmatch(folded):
        return True
    # "Edited by hand, the book was sold" names nobody.
    worked = _WORKED.fullmatch(folded)
    return worked is not None and len(folded) == len(line) and not line[worked.end("work")].islower()
