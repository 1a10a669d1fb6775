"""The text of a PowerPoint presentation (Office Open XML, ECMA-376 part 1, 19.3): what its slides show."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ingest.office.package import Package
from ingest.office.safe_xml import local_name, parse_tree, walk
from ingest.office.styled import OpenParagraph, Paragraph
from newsmill.errors import TerminalError

__all__ = ["LABEL", "Presentation", "read_powerpoint"]

LABEL: Final = "the PowerPoint presentation"

_MAIN = "ppt/presentation.xml"
_CORE = "docProps/core.xml"
_MAX_SLIDES = 5_000
_TITLES: Final = frozenset(["title", "ctrTitle"])
_NO_TEXT: Final = frozenset(["sldNum", "dt", "ftr", "hdr"])  # what stands on each slide
_SKIPPED: Final = frozenset(["Fallback", "fld"])
_HIDDEN: Final = frozenset(["0", "false"])


class Presentation(NamedTuple):
    """The paragraphs of the slides, of each its title first, and its properties by name.

    The first title has the style of one.
    """

    paragraphs: tuple[Paragraph, ...]
    properties: Mapping[str, str]


def read_powerpoint(data: bytes) -> Presentation:
    """Returns what a presentation shows. Raises TerminalError if it is damaged or encrypted."""
    package = Package(data, LABEL)
    paragraphs: list[Paragraph] = []
    has_title = False
    for part in _slides(package):
        slide = _Slide()
        walk(package.read(part), slide, LABEL)
        if slide.is_hidden:
            continue
        style = "" if has_title else "title"
        paragraphs += [Paragraph(text, style) for text in slide.titles]
        paragraphs += [Paragraph(text) for text in slide.texts]
        has_title = has_title or bool(slide.titles)
    core = package.read_if_there(_CORE)
    said = {local_name(one.tag): one.text or "" for one in parse_tree(core, LABEL)} if core else {}
    return Presentation(tuple(paragraphs), said)


def _slides(package: Package) -> Iterator[str]:
    """Yields the parts of the slides in the order of the presentation, each once."""
    main = _main_part(package)
    folder, _, name = main.rpartition("/")
    relations = parse_tree(package.read(f"{folder}/_rels/{name}.rels"), LABEL)
    targets = {one.get("Id"): posixpath.normpath(posixpath.join("/" + folder, one.get("Target") or ""))[1:]
               for one in relations if (one.get("Type") or "").endswith("/slide")}  # fmt: skip
    ids = (
        next((str(value) for key, value in one.attrib.items() if str(key).endswith("}id")), None)
        for one in parse_tree(package.read(main), LABEL).iter("{*}sldId")
    )
    parts = list(dict.fromkeys(targets[one] for one in ids if one in targets))
    if len(parts) > _MAX_SLIDES:
        raise TerminalError(f"{LABEL} has {len(parts):,} slides, many times those of a talk")
    yield from parts


def _main_part(package: Package) -> str:
    if _MAIN in package:
        return _MAIN
    relations = package.read_if_there("_rels/.rels")
    for relation in parse_tree(relations, LABEL) if relations else ():
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").removeprefix("/")
    raise TerminalError(f"{LABEL} has no part with its slides: it is damaged")


class _Slide:
    """Collects the paragraphs of a slide: those of its title, and the others."""

    def __init__(self) -> None:
        self.is_hidden = False
        self.titles: list[str] = []
        self.texts: list[str] = []
        self._open: OpenParagraph | None = None
        self._kind = ""  # of the placeholder that the shape fills
        self._skipped = 0
        self._in_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SKIPPED:
            self._skipped += 1
        elif self._skipped:
            return
        elif name == "sld":
            self.is_hidden = attributes.get("show", "") in _HIDDEN
        elif name in {"sp", "graphicFrame"}:
            self._kind = ""
        elif name == "ph":
            self._kind = attributes.get("type", "")
        elif name == "p":
            self._open = OpenParagraph()
        elif name == "t":
            self._in_text = True
        elif name == "br" and self._open:
            self._open.add("\n")

    def end(self, name: str) -> None:
        if name in _SKIPPED:
            self._skipped -= 1
        elif name == "t":
            self._in_text = False
        elif name == "p" and self._open and not self._skipped:
            if (text := self._open.text) and self._kind not in _NO_TEXT:
                (self.titles if self._kind in _TITLES else self.texts).append(text)
            self._open = None

    def data(self, text: str) -> None:
        if self._in_text and self._open and not self._skipped:
            self._open.add(text)
