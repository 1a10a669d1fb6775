"""How far a use case is: it tells whoever started it, by a callback, and knows neither a terminal nor a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Activity", "Progress", "Report", "unreported"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a use case is at, how many items of that are done, and how many there are (None: not known)."""

    activity: str
    done: int = 0
    total: int | None = None


Report: TypeAlias = Callable[[Progress], None]
"""Takes each step. What it raises ends the use case there: committed pages stay, and the same call does the rest."""


def unreported(_: Progress) -> None:
    """For a caller who does not want to know."""


class Activity:
    """One activity of a use case; reports its beginning and each advance."""

    def __init__(self, words: str, report: Report, total: int | None = None) -> None:
        self._words = words
        self._report = report
        self._total = total
        self.done = 0
        self.advance(0)

    def advance(self, count: int) -> None:
        """So many more items are done."""
        self.done += count
        self._report(Progress(self._words, self.done, self._total))

    def rename(self, words: str) -> None:
        """The same items, and something else is done with them from now on."""
        self._words = words
        self.advance(0)
