"""The paragraphs of a text or a presentation in OpenDocument (ODF 1.3 part 3), with their styles."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ingest.office.opendocument.open_styles import OpenStyles
from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from ingest.office.styled import Look, OpenParagraph, Paragraph
from newsmill.errors import TerminalError

__all__ = ["PRESENTATION", "TEXT", "OpenDocument", "OpenKind", "read_open_document"]


class OpenKind(NamedTuple):
    """A kind of documents: what messages call one, its media types, and the element with all that it shows."""

    label: str
    types: tuple[str, ...]
    body: str


TEXT: Final = OpenKind(
    "the OpenDocument text",
    (
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.text-web",
        "application/vnd.sun.xml.writer",
    ),
    "text",
)
PRESENTATION: Final = OpenKind(
    "the OpenDocument presentation",
    (
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.presentation-template",
        "application/vnd.sun.xml.impress",
    ),
    "presentation",
)

_SKIPPED: Final = frozenset([
    "annotation", "tracked-changes", "table-of-content", "alphabetical-index", "illustration-index", "table-index",
    "object-index", "user-index", "bibliography", "note-citation", "title", "desc", "script", "event-listeners",
    "forms", "sequence-decls", "variable-decls", "user-field-decls", "ruby-text", "scripts", "font-face-decls",
    "styles", "notes",
])  # fmt: skip
_PARAGRAPHS = frozenset(["p", "h"])
_CHARACTERS: Final = {"tab": "\t", "line-break": "\n"}
_TITLE, _HEADING = "title", "heading 1"
_ON_EACH_SLIDE: Final = frozenset(["header", "footer", "date-time", "page-number"])
_MAX_NESTED = 50
_OTHER = "this is an OpenDocument file that is no text{}; convert it to plain text or HTML"


class OpenDocument(NamedTuple):
    """The paragraphs of a document in reading order, notes last, and its properties by name."""

    paragraphs: tuple[Paragraph, ...]
    properties: Mapping[str, str]


def read_open_document(data: bytes, kind: OpenKind) -> OpenDocument:
    """Returns what a document holds. Raises TerminalError if it is damaged, encrypted, or of another kind."""
    package = Package(data, kind.label)
    media_type = (package.read_if_there("mimetype") or b"").decode("ascii", "replace").strip()
    if media_type and media_type not in kind.types:
        raise TerminalError(_OTHER.format(f" ({media_type})"))
    manifest = package.read_if_there("META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise TerminalError(f"{kind.label} is protected by a password; save it without one")
    styles = OpenStyles()
    if (common := package.read_if_there("styles.xml")) is not None:
        walk(common, styles, kind.label)
    styles.begin_own()
    reader = _Reader(styles, kind)
    walk(package.read("content.xml"), reader, kind.label)
    if not reader.has_body:
        raise TerminalError(_OTHER.format(""))
    return OpenDocument((*reader.paragraphs, *reader.notes), _properties(package, kind.label))


def _properties(package: Package, label: str) -> dict[str, str]:
    data = package.read_if_there("meta.xml")
    if data is None:
        return {}
    found: dict[str, str] = {}
    for one in (one for meta in parse_tree(data, label) for one in meta):
        name, text = local_name(one.tag), one.text or ""
        found[name] = f"{found[name]}, {text}" if name == "keyword" and name in found else text
    return found


class _Reader:
    """Collects paragraphs. One in a text box stands before the one that the box is anchored in; notes are apart."""

    def __init__(self, styles: OpenStyles, kind: OpenKind) -> None:
        self.paragraphs: list[Paragraph] = []
        self.notes: list[Paragraph] = []
        self.has_body = False
        self._kind = kind
        self._styles = styles
        self._frame = ""  # what the frame of a slide is for
        self._has_title = False
        self._open: list[OpenParagraph] = []
        self._looks: list[Look] = []  # of the paragraphs and spans around
        self._skipped = self._in_notes = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SKIPPED:
            self._skipped += 1
        elif not self._skipped:
            self._begin(name, attributes)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == self._kind.body:
            self.has_body = True
        elif name == "frame":
            self._frame = attributes.get("class", "")
        elif name == "note-body":
            self._in_notes += 1
        elif name in _PARAGRAPHS:
            if len(self._open) >= _MAX_NESTED:
                raise TerminalError(f"{self._kind.label} has frames within frames without end")
            style = attributes.get("style-name", "")
            self._open.append(OpenParagraph(self._style(name, attributes.get("outline-level"), style)))
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
        elif name == "frame":
            self._has_title = self._has_title or self._frame == _TITLE
            self._frame = ""
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

    def _style(self, name: str, level: str | None, style: str) -> str:
        if self._frame == _TITLE and not self._has_title:
            return _TITLE
        return _HEADING if name == "h" and _number(level) == 1 else self._styles.name(style)

    def _close(self, paragraph: OpenParagraph) -> None:
        if (text := paragraph.text) and self._frame not in _ON_EACH_SLIDE:
            target = self.notes if self._in_notes else self.paragraphs
            target.append(Paragraph(text, paragraph.style, paragraph.look))


def _number(value: str | None) -> int:
    """Returns a count of spaces or the level of a heading; 1 where none is given, or none that can be meant."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 3 else 1  # noqa: PLR2004
