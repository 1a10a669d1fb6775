"""Styles of OpenDocument: what each is made of, and how it sets letters (ODF 1.3 part 3, 16.2 and 20.191)."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from ingest.office.styled import Look

__all__ = ["OpenStyles"]

_FAMILIES: Final = frozenset(["paragraph", "text", ""])
_STYLES: Final = frozenset(["style", "default-style"])
_POINTS: Final = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)pt")
_SHARE: Final = re.compile(r"(\d{1,3})%")
_BOLD: Final = ("bold", "600", "700", "800", "900")
_DEFAULT_POINTS = 12.0
_MAX_PARENTS = 20


class _Style(NamedTuple):
    parent: str = ""
    size: str = ""
    weight: str = ""


class OpenStyles:
    """The styles of paragraphs and spans, as a file's XML tells them; a later one of a name counts."""

    def __init__(self) -> None:
        self._styles: dict[str, _Style] = {}
        self._looks: dict[tuple[str, Look | None], Look] = {}
        self._own: set[str] | None = None
        self._name: str | None = None  # of the style whose elements follow

    def begin_own(self) -> None:
        """Takes what follows as the document's own styles, which programs make of those that people know."""
        self._own = set()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Takes a style, or what it says of letters."""
        if name in _STYLES:
            family = attributes.get("family", "")
            is_read = family in _FAMILIES and (name == "style" or family == "paragraph")
            self._name = attributes.get("name", "") if is_read else None
            if self._name:
                self._styles[self._name] = _Style(attributes.get("parent-style-name", ""))
                if self._own is not None:
                    self._own.add(self._name)
        elif name == "text-properties" and self._name is not None:
            style = self._styles.get(self._name, _Style())
            self._styles[self._name] = style._replace(
                size=attributes.get("font-size", ""), weight=attributes.get("font-weight", "")
            )

    def end(self, name: str) -> None:
        """Takes the end of an element."""
        if name in _STYLES:
            self._name = None

    def data(self, text: str) -> None:
        """Takes text, of which styles have none."""

    def name(self, style: str) -> str:
        """Returns the style that a style of the document's own is made of, in lower case."""
        own = self._own or ()
        for _ in range(_MAX_PARENTS):
            parent = self._styles[style].parent if style in own else ""
            if not parent:
                break
            style = parent
        return style.replace("_20_", " ").lower()

    def look(self, style: str, around: Look | None = None) -> Look:
        """Returns how a style sets letters; what it does not say is as around it, or as the document has it."""
        known = self._looks.get((style, around))
        if known is None:
            known = self._looks[style, around] = self._look(style, around)
        return known

    def _look(self, style: str, around: Look | None) -> Look:
        chain: list[_Style] = []
        while style in self._styles and style and len(chain) < _MAX_PARENTS:
            chain.append(self._styles[style])
            style = chain[-1].parent
        look = around or _changed(Look(_DEFAULT_POINTS), self._styles.get("", _Style()))
        for one in reversed(chain):
            look = _changed(look, one)
        return look


def _changed(look: Look, style: _Style) -> Look:
    if points := _POINTS.fullmatch(style.size):
        look = look._replace(size=float(points[1]))
    elif share := _SHARE.fullmatch(style.size):
        look = look._replace(size=look.size * int(share[1]) / 100)
    return look._replace(bold=style.weight in _BOLD) if style.weight else look
