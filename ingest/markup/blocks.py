"""Lays a web page out as a reader sees it: blocks of text, in boxes that lie in each other."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml.html import HtmlElement

from ingest.markup.labels import HIDDEN, LABELS
from ingest.text.paragraphs import split_paragraphs

__all__ = ["HEADINGS", "INLINE", "MAX_BOXES", "Block", "Box", "Outline", "lay_out"]

MAX_BOXES: Final = 100_000
"""So many boxes take about two seconds; pages of news have some hundreds."""

INLINE: Final = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "mark", "nobr", "picture", "q", "ruby", "rb", "rp", "rt", "s", "samp", "small", "source", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

_UNSEEN: Final = frozenset([
    "audio", "canvas", "datalist", "embed", "head", "iframe", "input", "link", "map", "math", "meta", "object",
    "optgroup", "option", "script", "select", "style", "svg", "template", "textarea", "title", "video",
])  # fmt: skip
_FOR_EARS_ALONE = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"})
_PIECES = frozenset({"a", "label", "span", "time"})  # what sites lay out as blocks by style
_CELLS = frozenset({"td", "th"})
_TABLE_PARTS = _CELLS | {"p", "div", "br"} | INLINE
_MAX_ROW_ELEMENTS = 200
_MAX_CELL_CHARACTERS = 300


class Box(NamedTuple):
    """An element that is laid out as a block.

    `parent` is the index of the box around it, -1 for none. `style` is its class, by which alike boxes are told.
    """

    parent: int
    tag: str
    label: str | None
    style: str
    is_body: bool


class Block(NamedTuple):
    """A paragraph, heading, item, caption or row of cells: text on one line, with so many characters of it in links."""

    text: str
    link_characters: int
    box: int


@dataclass(frozen=True, slots=True)
class Outline:
    """A page as blocks in reading order, and their boxes; a box comes after the one that it lies in."""

    boxes: list[Box] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def lay_out(tree: HtmlElement) -> Outline:
    """Returns the outline of a page, in time linear in it; nothing of it where nothing is to be seen, or far too much.

    What the page hides is there too, labelled so: a server may send the article hidden, for a script to show.
    """
    body = tree if tree.tag != "html" else tree.find("body")
    outline = Outline()
    if body is not None:
        try:
            _Layout(outline).run(body)
        except _TooManyBoxesError:
            return Outline()
    return outline


class _TooManyBoxesError(Exception):
    """The page has more boxes than its outline may take time for."""


class _Layout:
    """Walks a tree and collects the text between the edges of boxes. libxml2 nests no deeper than 256 levels."""

    def __init__(self, outline: Outline) -> None:
        self._boxes = outline.boxes
        self._blocks = outline.blocks
        self._labels: dict[tuple[str, ...], str | None] = {}
        self._parts: list[str] = []
        self._link_characters = 0

    def run(self, body: HtmlElement) -> None:
        box = self._open(body, -1)
        self._walk(body, box, in_link=False)
        self._end_block(box)

    def _open(self, element: HtmlElement, parent: int) -> int:
        names = element.tag, element.get("role") or "", element.get("class") or "", element.get("id") or ""
        if names not in self._labels:
            self._labels[names] = LABELS.of(*names)
        label = self._labels[names] or (HIDDEN if element.get("aria-hidden") == "true" or _is_hidden(element) else None)
        is_body = "articlebody" in (element.get("itemprop") or "").lower()
        self._boxes.append(Box(parent, names[0], label, names[2], is_body))
        if len(self._boxes) > MAX_BOXES:
            raise _TooManyBoxesError
        return len(self._boxes) - 1

    def _end_block(self, box: int) -> None:
        if self._parts:
            text = " ".join("".join(self._parts).split())
            if text:
                self._blocks.append(Block(text, min(self._link_characters, len(text)), box))
            self._parts.clear()
            self._link_characters = 0

    def _add(self, text: str | None, in_link: bool) -> None:
        if text:
            self._parts.append(text)
            if in_link:
                self._link_characters += len(" ".join(text.split()))

    def _walk(self, element: HtmlElement, box: int, in_link: bool) -> None:
        """Adds the text in an element, whose box is `box`, to the current block, and ends it where a box begins."""
        self._add(element.text, in_link)
        before = None
        for child in element:
            tag = child.tag
            if tag in INLINE:
                if not _is_hidden(child) and child.get("class") not in _FOR_EARS_ALONE:
                    self._part(before, child)
                    self._walk(child, box, in_link or tag == "a")
                before = child
            else:
                before = None
                if tag == "br":
                    self._end_block(box)
                elif isinstance(tag, str) and (tag not in _UNSEEN or child.get("shadowrootmode")):
                    self._end_block(box)
                    self._walk_box(child, self._open(child, box), in_link)
            self._add(child.tail, in_link)

    def _walk_box(self, element: HtmlElement, box: int, in_link: bool) -> None:
        if element.tag == "tr" and _is_row_of_data(element):
            self._add_row(element, box, in_link)
        elif element.tag == "pre":
            self._blocks.extend(Block(text, 0, box) for text in split_paragraphs("".join(element.itertext())))
        else:
            self._walk(element, box, in_link)
            self._end_block(box)

    def _add_row(self, row: HtmlElement, box: int, in_link: bool) -> None:
        """Adds the cells of a row as one block, a bar between them."""
        cells = [" ".join(" ".join(cell.itertext()).split()) for cell in row.iterchildren("td", "th")]
        text = " | ".join(filter(None, cells))
        if text:
            linked = len(text) if in_link else sum(len("".join(link.itertext())) for link in row.iter("a"))
            self._blocks.append(Block(text, min(linked, len(text)), box))

    def _part(self, before: HtmlElement | None, element: HtmlElement) -> None:
        """Adds a space between two pieces that only style keeps apart, as a kicker and a headline."""
        if before is None or before.tail or not self._parts or element.tag not in _PIECES or before.tag not in _PIECES:
            return
        last, first = self._parts[-1][-1:], (element.text or "")[:1]
        if (last.islower() or last.isdigit()) and first.isupper():
            self._parts.append(" ")


def _is_hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    if not style or ("none" not in style and "hidden" not in style):
        return False
    plain = "".join(style.split()).lower()
    return "display:none" in plain or "visibility:hidden" in plain


def _is_row_of_data(row: HtmlElement) -> bool:
    """Tells whether the cells of a row are values; old pages lay out whole articles in cells."""
    cells = row.findall("td") + row.findall("th")
    if len(cells) <= 1:
        return False
    for count, element in enumerate(row.iter(), 1):
        if count > _MAX_ROW_ELEMENTS or (element is not row and element.tag not in _TABLE_PARTS):
            return False
    return all(
        len(cell.findall(".//p")) <= 1 and sum(map(len, cell.itertext())) <= _MAX_CELL_CHARACTERS for cell in cells
    )
