"""The paragraphs of a text in OpenDocument (ODF 1.3 part 3), with their styles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from newsmill.errors import TerminalError

__all__ = ["LABEL", "TEXT_TYPES", "OpenDocument", "Paragraph", "read_open_document"]

LABEL: Final = "the OpenDocument text"
TEXT_TYPES: Final = (
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.text-template",
    "application/vnd.oasis.opendocument.text-web",
    "application/vnd.sun.xml.writer",
)

_SKIPPED: Final = frozenset([
    "annotation", "tracked-changes", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "object-index", "user-index", "bibliography", "note-citation", "title", "desc", "script", "event-listeners",
    "forms", "sequence-decls", "variable-decls", "user-field-decls", "ruby-text", "scripts", "font-face-decls",
    "styles",
])  # fmt: skip
_PARAGRAPHS = frozenset(["p", "h"])
_CHARACTERS: Final = {"tab": "\t", "line-break": "\n"}
_MAX_NESTED = 50
_LOOPS = 20


class Paragraph(NamedTuple):
    """A paragraph, its lines separated by line breaks; the name of its style, and its level if it is a heading."""

    text: str
    style: str
    level: int = 0


class OpenDocument(NamedTuple):
    """The paragraphs of a document in reading order, notes last, and its properties by name."""

    paragraphs: tuple[Paragraph, ...]
    properties: Mapping[str, str]


def read_open_document(data: bytes) -> OpenDocument:
    """Returns what a document holds. Raises TerminalError if it is damaged, encrypted, or no text."""
    package = Package(data, LABEL)
    kind = (package.read_if_there("mimetype") or b"").decode("ascii", "replace").strip()
    if kind and kind not in TEXT_TYPES:
        raise TerminalError(f"this is an OpenDocument file that is no text ({kind}); convert it to plain text or HTML")
    manifest = package.read_if_there("META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise TerminalError(f"{LABEL} is protected by a password; save it without one")
    reader = _Reader()
    walk(package.read("content.xml"), reader, LABEL)
    if not reader.has_text_body:
        raise TerminalError("this is an OpenDocument file that is no text; convert it to plain text or HTML")
    return OpenDocument((*reader.paragraphs, *reader.notes), _properties(package))


def _properties(package: Package) -> dict[str, str]:
    data = package.read_if_there("meta.xml")
    if data is None:
        return {}
    found: dict[str, str] = {}
    for one in (one for meta in parse_tree(data, LABEL) for one in meta):
        name, text = local_name(one.tag), one.text or ""
        found[name] = f"{found[name]}, {text}" if name == "keyword" and name in found else text
    return found


class _Open:
    def __init__(self, style: str, level: int, is_note: bool) -> None:
        self.parts: list[str] = []
        self.style = style
        self.level = level
        self.is_note = is_note


class _Reader:
    """Collects paragraphs. One in a text box stands before the one that the box is anchored in; notes are apart."""

    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.notes: list[Paragraph] = []
        self.has_text_body = False
        self._parents: dict[str, str] = {}
        self._open: list[_Open] = []
        self._skipped = self._in_notes = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SKIPPED:
            self._skipped += 1
        elif not self._skipped:
            self._begin(name, attributes)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "style":
            self._parents[attributes.get("name", "")] = attributes.get("parent-style-name", "")
        elif name == "text":
            self.has_text_body = True
        elif name == "note-body":
            self._in_notes += 1
        elif name in _PARAGRAPHS:
            if len(self._open) >= _MAX_NESTED:
                raise TerminalError(f"{LABEL} has frames within frames without end")
            level = _number(attributes.get("outline-level")) if name == "h" else 0
            self._open.append(_Open(self._style(attributes.get("style-name", "")), level, self._in_notes > 0))
        elif self._open and name == "s":
            self._open[-1].parts.append(" " * _number(attributes.get("c")))
        elif self._open and name in _CHARACTERS:
            self._open[-1].parts.append(_CHARACTERS[name])

    def end(self, name: str) -> None:
        if name in _SKIPPED:
            self._skipped -= 1
        elif self._skipped:
            return
        elif name == "note-body":
            self._in_notes -= 1
        elif name in _PARAGRAPHS and self._open:
            self._close(self._open.pop())

    def data(self, text: str) -> None:
        if self._open and not self._skipped:
            # Line breaks of the file are white space.
            self._open[-1].parts.append(text.replace("\n", " ").replace("\r", " "))

    def _style(self, name: str) -> str:
        """Returns the style that a style of the document's own is made of."""
        for _ in range(_LOOPS):
            parent = self._parents.get(name)
            if not parent:
                break
            name = parent
        return name.replace("_20_", " ").lower()

    def _close(self, paragraph: _Open) -> None:
        text = "\n".join(" ".join(line.split()) for line in "".join(paragraph.parts).split("\n")).strip()
        if text:
            target = self.notes if paragraph.is_note else self.paragraphs
            target.append(Paragraph(text, paragraph.style, paragraph.level))


def _number(value: str | None) -> int:
    """Returns a count of spaces or the level of a heading; 1 where none is given, or none that can be meant."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 3 else 1  # noqa: PLR2004
