"""The paragraphs of a text in OpenDocument (ODF 1.3 part 3), with their styles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ingest.office.opendocument.open_styles import OpenStyles
from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from ingest.office.styled import Look, OpenParagraph, Paragraph
from newsmill.errors import TerminalError

__all__ = ["LABEL", "TEXT_TYPES", "OpenDocument", "read_open_document"]

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
_HEADING = "heading 1"
_MAX_NESTED = 50


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
    styles = OpenStyles()
    if (common := package.read_if_there("styles.xml")) is not None:
        walk(common, styles, LABEL)
    styles.begin_own()
    reader = _Reader(styles)
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


class _Reader:
    """Collects paragraphs. One in a text box stands before the one that the box is anchored in; notes are apart."""

    def __init__(self, styles: OpenStyles) -> None:
        self.paragraphs: list[Paragraph] = []
        self.notes: list[Paragraph] = []
        self.has_text_body = False
        self._styles = styles
        self._open: list[OpenParagraph] = []
        self._looks: list[Look] = []  # of the paragraphs and spans around
        self._skipped = self._in_notes = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SKIPPED:
            self._skipped += 1
        elif not self._skipped:
            self._begin(name, attributes)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "text":
            self.has_text_body = True
        elif name == "note-body":
            self._in_notes += 1
        elif name in _PARAGRAPHS:
            if len(self._open) >= _MAX_NESTED:
                raise TerminalError(f"{LABEL} has frames within frames without end")
            style = attributes.get("style-name", "")
            is_first = name == "h" and _number(attributes.get("outline-level")) == 1
            self._open.append(OpenParagraph(_HEADING if is_first else self._styles.name(style)))
            self._looks.append(self._styles.look(style))
        elif name == "span" and self._looks:
            self._looks.append(self._styles.look(attributes.get("style-name", ""), self._looks[-1]))
        elif self._open and name == "s":
            self._open[-1].add(" " * _number(attributes.get("c")))
        elif self._open and name in _CHARACTERS:
            self._open[-1].add(_CHARACTERS[name])
        else:
            self._styles.start(name, attributes)

    def end(self, name: str) -> None:
        if name in _SKIPPED:
            self._skipped -= 1
        elif self._skipped:
            return
        elif name == "note-body":
            self._in_notes -= 1
        elif name == "span" and self._looks:
            self._looks.pop()
        elif name in _PARAGRAPHS and self._open:
            self._looks.pop()
            self._close(self._open.pop())
        else:
            self._styles.end(name)

    def data(self, text: str) -> None:
        if self._open and not self._skipped:
            # Line breaks of the file are white space.
            self._open[-1].add(text.replace("\n", " ").replace("\r", " "), self._looks[-1])

    def _close(self, paragraph: OpenParagraph) -> None:
        if text := paragraph.text:
            target = self.notes if self._in_notes else self.paragraphs
            target.append(Paragraph(text, paragraph.style, paragraph.look))


def _number(value: str | None) -> int:
    """Returns a count of spaces or the level of a heading; 1 where none is given, or none that can be meant."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 3 else 1  # noqa: PLR2004
