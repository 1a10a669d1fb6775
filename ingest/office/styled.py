"""Paragraphs of office documents: their text, the name of their style, and how most of their letters are set."""

from collections import Counter
from typing import NamedTuple

__all__ = ["Look", "OpenParagraph", "Paragraph"]


class Look(NamedTuple):
    """How letters are set: their size in points, 0 where the document says nothing of it, and whether they are bold."""

    size: float = 0.0
    bold: bool = False


class Paragraph(NamedTuple):
    """A paragraph, its lines separated by line breaks; its style in lower case: "heading 1"."""

    text: str
    style: str = ""
    look: Look = Look()


class OpenParagraph:
    """A paragraph that is not at its end yet."""

    def __init__(self, style: str = "") -> None:
        self.style = style
        self._parts: list[str] = []
        self._letters: Counter[Look] = Counter()

    def add(self, text: str, look: Look = Look()) -> None:  # noqa: B008 - immutable
        """Adds some text."""
        self._parts.append(text)
        if text and not text.isspace():
            self._letters[look] += len(text)

    @property
    def text(self) -> str:
        """The lines with single spaces."""
        return "\n".join(" ".join(line.split()) for line in "".join(self._parts).split("\n")).strip()

    @property
    def look(self) -> Look:
        """That of most of its letters."""
        return max(self._letters, key=self._letters.__getitem__, default=Look())
