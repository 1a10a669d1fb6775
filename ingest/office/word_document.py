"""The paragraphs of a Word document (Office Open XML, ECMA-376 part 1), with their styles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from ingest.office.styled import OpenParagraph, Paragraph
from ingest.office.word_styles import WordStyles, changed_look
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
_MAX_NESTED_PARAGRAPHS = 50
_TABLE_OF_CONTENTS = ("toc ", "table of figures", "toc heading")


class Word(NamedTuple):
    """The paragraphs of a document in reading order, notes last, and its properties by name."""

    paragraphs: tuple[Paragraph, ...]
    properties: Mapping[str, str]


def read_word(data: bytes) -> Word:
    """Returns what a document holds. Raises TerminalError if it is damaged or encrypted."""
    package = Package(data, LABEL)
    main = _main_part(package)
    reader = _Reader(WordStyles(package.read_if_there("word/styles.xml"), LABEL))
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


def _properties(package: Package) -> dict[str, str]:
    data = package.read_if_there("docProps/core.xml")
    if data is None:
        return {}
    return {local_name(element.tag): element.text or "" for element in parse_tree(data, LABEL)}


class _Reader:
    """Collects paragraphs. One in a text box stands before the one that the box is anchored in."""

    def __init__(self, styles: WordStyles) -> None:
        self.paragraphs: list[Paragraph] = []
        self._styles = styles
        self._open: list[OpenParagraph] = []
        self._look = self._plain = styles.plain
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
            self._plain = self._styles.plain
        elif name == "t":
            self._in_text = True
        elif name == "r":
            self._in_run, self._hidden, self._look = True, False, self._plain
        elif name == "vanish":
            self._hidden = attributes.get("val", "").lower() not in _OFF
        elif name in _LOOKS:
            self._look = changed_look(self._look, name, attributes) if self._in_run else self._look
        elif self._open:
            if name == "pStyle":
                self._open[-1].style, self._plain = self._styles.style(attributes.get("val", ""))
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
