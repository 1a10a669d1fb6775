"""The paragraphs of a Word document (Office Open XML, ECMA-376 part 1), with their styles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lxml import etree

from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from ingest.office.styled import Look, OpenParagraph, Paragraph
from newsmill.errors import TerminalError

__all__ = ["LABEL", "Word", "read_word"]

LABEL: Final = "the Word document"

_MAIN = "word/document.xml"
_NOTES = ("footnotes", "endnotes")

# What is no text of the document: deleted and moved away, written a second time for older programs, above ruby.
_SKIPPED: Final = frozenset(["del", "moveFrom", "Fallback", "rt", "instrText", "delText", "delInstrText"])
_LOOKS: Final = frozenset(["b", "sz"])
_CHARACTERS: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_OFF = frozenset(["0", "false", "off"])
_ON = frozenset(["1", "true", "on"])
_SIZE_DIGITS = 4
_MAX_NESTED_PARAGRAPHS = 50
_TABLE_OF_CONTENTS = ("toc ", "table of figures", "toc heading")
_DEFAULT_POINTS = 10.0  # ECMA-376 part 1, 17.3.2.38
_MAX_BASES = 20


class Word(NamedTuple):
    """The paragraphs of a document in reading order, notes last, and its properties by name."""

    paragraphs: tuple[Paragraph, ...]
    properties: Mapping[str, str]


def read_word(data: bytes) -> Word:
    """Returns what a document holds. Raises TerminalError if it is damaged or encrypted."""
    package = Package(data, LABEL)
    styles = _styles(package)
    main = _main_part(package)
    reader = _Reader(styles)
    walk(package.read(main), reader, LABEL)
    folder = main.rpartition("/")[0]
    for name in _NOTES:
        if (notes := package.read_if_there(f"{folder}/{name}.xml")) is not None:
            walk(notes, reader, LABEL)
    return Word(tuple(reader.paragraphs), _properties(package))


def _main_part(package: Package) -> str:
    """Returns the part with the text: what the relations of the package say, which is nearly always the same one."""
    if _MAIN in package:
        return _MAIN
    relations = package.read_if_there("_rels/.rels")
    for relation in parse_tree(relations, LABEL) if relations else ():
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").removeprefix("/")
    raise TerminalError(f"{LABEL} has no part with a text: it is damaged")


class _Style(NamedTuple):
    name: str = ""
    look: Look = Look(_DEFAULT_POINTS)


def _styles(package: Package) -> dict[str, _Style]:
    """Returns the styles of paragraphs by their ids, and under "" what is written without one."""
    data = package.read_if_there("word/styles.xml")
    root = parse_tree(data, LABEL) if data else ()
    found = {_said(one).get("styleId", ""): one for one in root if local_name(one.tag) == "style"}
    base = Look(_DEFAULT_POINTS)
    for one in root:
        if local_name(one.tag) == "docDefaults":
            base = _changed(base, next(one.iter("{*}rPr"), None))
    plain = next((id_ for id_, one in found.items() if _said(one).get("default") in _ON and _is_of_text(one)), "")
    styles = {id_: _Style(_named(one), _look(id_, found, base)) for id_, one in found.items()}
    return {**styles, "": _Style("", styles[plain].look if plain else base)}


def _look(id_: str, styles: Mapping[str, etree._Element], base: Look) -> Look:
    """Returns how letters are set in a style, and in those that it is based on."""
    chain: list[etree._Element] = []
    while id_ in styles and len(chain) < _MAX_BASES:
        chain.append(styles[id_])
        above = chain[-1].find("{*}basedOn")
        id_ = _said(above).get("val", "") if above is not None else ""
    for one in reversed(chain):
        base = _changed(base, one.find("{*}rPr"))
    return base


def _changed(look: Look, properties: etree._Element | None) -> Look:
    for one in properties if properties is not None else ():
        look = _changed_by(look, local_name(one.tag), _said(one))
    return look


def _changed_by(look: Look, name: str, said: Mapping[str, str]) -> Look:
    if name == "b":
        return look._replace(bold=said.get("val", "").lower() not in _OFF)
    if name == "sz" and (half_points := said.get("val", "")).isdecimal() and len(half_points) <= _SIZE_DIGITS:
        return look._replace(size=int(half_points) / 2)
    return look


def _said(element: etree._Element) -> dict[str, str]:
    return {local_name(name): str(value) for name, value in element.attrib.items()}


def _is_of_text(style: etree._Element) -> bool:
    return _said(style).get("type", "paragraph") == "paragraph"


def _named(style: etree._Element) -> str:
    name = style.find("{*}name")
    return _said(name).get("val", "").lower() if name is not None else ""


def _properties(package: Package) -> dict[str, str]:
    data = package.read_if_there("docProps/core.xml")
    if data is None:
        return {}
    return {local_name(element.tag): element.text or "" for element in parse_tree(data, LABEL)}


class _Reader:
    """Collects paragraphs. One in a text box stands before the one that the box is anchored in."""

    def __init__(self, styles: Mapping[str, _Style]) -> None:
        self.paragraphs: list[Paragraph] = []
        self._styles = styles
        self._open: list[OpenParagraph] = []
        self._look = self._plain = styles[""].look
        self._skipped = 0  # elements around that are no text
        self._in_text = self._in_run = False
        self._hidden = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SKIPPED:
            self._skipped += 1
        elif not self._skipped:
            self._begin(name, attributes)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "p":
            if len(self._open) >= _MAX_NESTED_PARAGRAPHS:
                raise TerminalError(f"{LABEL} has text boxes within text boxes without end")
            self._open.append(OpenParagraph())
            self._plain = self._styles[""].look
        elif name == "t":
            self._in_text = True
        elif name == "r":
            self._in_run, self._hidden, self._look = True, False, self._plain
        elif name == "vanish":
            self._hidden = attributes.get("val", "").lower() not in _OFF
        elif name in _LOOKS:
            self._look = _changed_by(self._look, name, attributes) if self._in_run else self._look
        elif self._open:
            if name == "pStyle":
                id_ = attributes.get("val", "")
                style = self._styles.get(id_, _Style(id_.lower(), self._plain))
                self._open[-1].style, self._plain = style
            elif name in _CHARACTERS and not attributes.keys() & {"pos", "leader"}:  # a tab stop is declared alike
                self._open[-1].add(_CHARACTERS[name])

    def end(self, name: str) -> None:
        if name in _SKIPPED:
            self._skipped -= 1
        elif self._skipped:
            return
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._in_run = False
        elif name == "p" and self._open:
            self._close(self._open.pop())

    def data(self, text: str) -> None:
        if self._in_text and self._open and not self._skipped and not self._hidden:
            self._open[-1].add(text, self._look)

    def _close(self, paragraph: OpenParagraph) -> None:
        text = paragraph.text
        if text and not paragraph.style.startswith(_TABLE_OF_CONTENTS):
            self.paragraphs.append(Paragraph(text, paragraph.style, paragraph.look))
