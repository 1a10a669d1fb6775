"""Reads web pages: `article` finds the article's text, `declared` what the page says of itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml.etree import HTMLParser as TargetParser
from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingest.documents import Metadata, ParsedDocument, Removal
from ingest.markup.article import Selection, select_article
from ingest.markup.blocks import INLINE, Outline, lay_out
from ingest.markup.declared import read_metadata
from ingest.markup.notices import is_consent_wall, is_script_shell
from ingest.markup.scripted import scripted_paragraphs
from ingest.text.decode import declared_charset, decode, drop_unstorable
from ingest.text.entities import unescape_page
from newsmill.errors import NoArticleError, TerminalError

__all__ = ["MAX_READ_CHARACTERS", "decode_twice_encoded", "left_out", "parse", "parse_text", "visible_lines"]

MAX_READ_CHARACTERS: Final = 4 * 1024 * 1024
"""Of a larger page the text is taken as it stands, and the metadata from so much of its beginning.

A tree takes up to ten times the memory of the page.
"""
# libxml2 walks an element's attributes to add one: 120,000 take 17 s, all that a page of this size can hold 1 s.
_UNCHECKED_CHARACTERS = 128 * 1024
_MAX_ATTRIBUTES = 5000
# Where a page shows so little, and less than this share of what its scripts hold, what it shows is a teaser. Its state
# may hold the texts of other pages as well.
_TEASER_CHARACTERS = 1000
_TEASER_SHARE = 0.5

_MAX_ABOVE_HEADLINE = 4

_PAGE = re.compile(r"<(?:html|head|title|body|frameset)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})?[^<>]*>")
_UNSEEN = ("script", "style", "noscript", "template", "svg", "head", "textarea", "select")
# UTF-8 that was read as Latin-1 and encoded once more: some of its second bytes are control characters then.
_TWICE_ENCODED = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL = re.compile("[\x80-\x9f]")
_SCRIPT = re.compile(r"<script[\s>]", re.IGNORECASE)

_CONSENT_WALL = "the page asks for consent to cookies or the like, and holds no article; save the page behind it"
_SCRIPT_SHELL = "the web page holds no text of its own: a script would fill it in; save it as the browser shows it"


@dataclass(frozen=True, slots=True)
class _Read:
    """What a page's tree holds: its outline, and which blocks of it are the article."""

    outline: Outline
    selection: Selection

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """In the page's order, but the headline first: some sites have the standfirst above it."""
        taken = list(self.selection.taken)
        blocks, boxes = self.outline.blocks, self.outline.boxes
        headlines = [place for place, at in enumerate(taken[:_MAX_ABOVE_HEADLINE]) if boxes[blocks[at].box].tag == "h1"]
        if headlines:
            taken.insert(0, taken.pop(headlines[0]))
        return tuple(blocks[at].text for at in taken)


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of a web page and its metadata.

    Raises TerminalError where the page holds no text at all, and NoArticleError where it shows none to a reader: a wall
    that asks for consent, or a shell that a script would fill.
    """
    return parse_text(decode(data, declared_charset(data)))


def parse_text(page: str, address: str = "") -> ParsedDocument:
    """Does the same for a page, or a fragment of one, that is decoded already; `address` is where it was saved from."""
    page = _whole_page(page)
    tree = _load(page[:MAX_READ_CHARACTERS])
    metadata = read_metadata(tree, address) if tree is not None else Metadata()
    paragraphs = _article(tree) if tree is not None and len(page) <= MAX_READ_CHARACTERS else ()
    paragraphs = paragraphs or visible_lines(page)
    if not paragraphs:
        raise NoArticleError(_SCRIPT_SHELL) if _SCRIPT.search(page) else TerminalError("the web page holds no text")
    return ParsedDocument(metadata, paragraphs)


def left_out(data: bytes) -> tuple[Removal, ...]:
    """Returns the text that a page shows and `parse` does not take, each block with the reason, in the page's order."""
    page = _whole_page(decode(data, declared_charset(data)))
    tree = _load(page) if len(page) <= MAX_READ_CHARACTERS else None
    if tree is None:
        return ()
    read = _read(tree)
    removals, taken = [], 0
    for at, block in enumerate(read.outline.blocks):
        if label := read.selection.left.get(at):
            removals.append(Removal(drop_unstorable(block.text), f"page-{label}", taken))
        else:
            taken += 1
    return tuple(removals)


def _whole_page(page: str) -> str:
    page = decode_twice_encoded(page)
    return page if _PAGE.search(page) else f"<html><body><article>{page}</article></body></html>"


def _read(tree: HtmlElement) -> _Read:
    outline = lay_out(tree)
    return _Read(outline, select_article(outline))


def _article(tree: HtmlElement) -> tuple[str, ...]:
    """Returns the article's paragraphs: what the page shows of it, or what its scripts hold where that is far more."""
    shown = _read(tree).paragraphs
    size = sum(map(len, shown))
    if size < _TEASER_CHARACTERS:
        scripted = scripted_paragraphs(tree)
        if size < _TEASER_SHARE * sum(map(len, scripted)):
            return tuple(drop_unstorable(text) for text in scripted)
    if is_consent_wall(shown):
        raise NoArticleError(_CONSENT_WALL)
    if is_script_shell(shown):
        raise NoArticleError(_SCRIPT_SHELL)
    return tuple(drop_unstorable(text) for text in shown)


def decode_twice_encoded(page: str) -> str:
    """Returns the page with UTF-8 that was encoded twice as it was meant; one without sure signs of it stays."""
    if page.isascii() or not _CONTROL.search(page):  # few pages have any
        return page
    if not any(_CONTROL.search(match[0]) for match in _TWICE_ENCODED.finditer(page)):
        return page
    return _TWICE_ENCODED.sub(lambda match: match[0].encode("latin-1").decode("utf-8", "ignore") or match[0], page)


def _load(page: str) -> HtmlElement | None:
    """Returns the page's tree, or None.

    There may be none. One that is nested over 256 levels has lost what follows, and an element may have so many
    attributes that reading them takes too long.
    """
    data = page.encode("utf-8", "replace")
    if len(page) > _UNCHECKED_CHARACTERS and _most_attributes(data) > _MAX_ATTRIBUTES:
        return None
    # A parser of its own for each page: one that is used again remembers errors. Bytes, because lxml refuses
    # strings with an XML declaration.
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        tree = document_fromstring(data, parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    too_deep = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return None if too_deep else tree


class _AttributeCounter:
    """Counts attributes: libxml2 reports each element with its own in a table, and builds no tree."""

    def __init__(self) -> None:
        self.most = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.most = max(self.most, len(attributes))

    def close(self) -> int:
        return self.most


def _most_attributes(data: bytes) -> int:
    """Returns how many attributes the element with the most of them has."""
    counter = _AttributeCounter()
    parser = TargetParser(target=counter, encoding="utf-8")
    try:
        parser.feed(data)
        parser.close()
    except LxmlError:
        pass
    return counter.most


def visible_lines(page: str) -> tuple[str, ...]:
    """Returns all the text a page shows, a line for each block, in time linear in its size whatever its markup."""
    parts: list[str] = []
    position, unseen = 0, ""
    for match in _TAG.finditer(page):
        closing, name = match[1], (match[2] or "").lower()
        if not unseen:
            parts.append(page[position : match.start()])
            if name not in INLINE:
                parts.append("\n")
            if name in _UNSEEN and not closing and not match[0].endswith("/>"):
                unseen = name
        elif closing and name == unseen:
            unseen = ""
        position = match.end()
    if not unseen:
        parts.append(page[position:])
    lines = drop_unstorable(unescape_page("".join(parts))).splitlines()
    return tuple(text for line in lines if (text := " ".join(line.split())))
