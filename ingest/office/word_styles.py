"""Styles of a Word document: what they are called, and how they set letters (ECMA-376 part 1, 17.7)."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lxml import etree

from ingest.office.safe_xml import local_name, parse_tree
from ingest.office.styled import Look

__all__ = ["Style", "WordStyles", "changed_look"]

_DEFAULT: Final = Look(10.0)  # ECMA-376 part 1, 17.3.2.38
_ON: Final = frozenset(["1", "true", "on"])
_OFF: Final = frozenset(["0", "false", "off"])
_SIZE_DIGITS = 4
_MAX_BASES = 20


class Style(NamedTuple):
    """The name in lower case, and how letters are set."""

    name: str
    look: Look


def changed_look(look: Look, name: str, said: Mapping[str, str]) -> Look:
    """Returns a look as a property of letters changes it."""
    if name == "b":
        return look._replace(bold=said.get("val", "").lower() not in _OFF)
    if name == "sz" and (half_points := said.get("val", "")).isdecimal() and len(half_points) <= _SIZE_DIGITS:
        return look._replace(size=int(half_points) / 2)
    return look


class WordStyles:
    """The styles of paragraphs by their ids; `plain` is how letters are set without one."""

    def __init__(self, data: bytes | None, label: str) -> None:
        """Reads the part of the styles, if there is one. Raises TerminalError if it is not well-formed."""
        root = parse_tree(data, label) if data else ()
        self._elements: dict[str, etree._Element] = {}
        self._looks: dict[str, Look] = {}
        self._base = _DEFAULT
        plain = ""
        for one in root:
            said = _said(one)
            if local_name(one.tag) == "docDefaults":
                self._base = _changed(self._base, next(one.iter("{*}rPr"), None))
            elif local_name(one.tag) == "style":
                self._elements[said.get("styleId", "")] = one
                if not plain and said.get("default") in _ON and said.get("type", "paragraph") == "paragraph":
                    plain = said.get("styleId", "")
        self.plain = self._look(plain)

    def style(self, id_: str) -> Style:
        """Returns a style; what has no name is called by its id."""
        if id_ not in self._elements:
            return Style(id_.lower(), self.plain)
        name = self._elements[id_].find("{*}name")
        return Style(_said(name).get("val", "").lower() if name is not None else "", self._look(id_))

    def _look(self, id_: str, bases: int = _MAX_BASES) -> Look:
        """Returns how letters are set in a style, and in those that it is based on."""
        if id_ not in self._elements or not bases:
            return self._base
        if id_ not in self._looks:
            element = self._elements[id_]
            above = element.find("{*}basedOn")
            base = self._look(_said(above).get("val", ""), bases - 1) if above is not None else self._base
            self._looks[id_] = _changed(base, element.find("{*}rPr"))
        return self._looks[id_]


def _changed(look: Look, properties: etree._Element | None) -> Look:
    for one in properties if properties is not None else ():
        look = changed_look(look, local_name(one.tag), _said(one))
    return look


def _said(element: etree._Element) -> dict[str, str]:
    return {local_name(name): str(value) for name, value in element.attrib.items()}
