"""Reads web pages: trafilatura finds the article's text, `declared` what the page says of itself."""

import logging
import re
from collections.abc import Mapping
from html import unescape

from lxml.etree import HTMLParser as TargetParser
from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor
from trafilatura.utils import line_processing, trim

from ingest.documents import Metadata, ParsedDocument
from ingest.markup.declared import read_metadata
from ingest.markup.loose_text import INLINE, wrap_loose_text
from ingest.text.decode import declared_charset, decode, drop_unstorable
from newsmill.errors import TerminalError

__all__ = ["MAX_EXTRACTED_ELEMENTS", "decode_twice_encoded", "parse", "parse_text", "visible_lines"]

# At either trafilatura takes about two seconds: of a larger page the text is taken as it stands,
# and the metadata from so much of its beginning.
_MAX_EXTRACTED_CHARACTERS = 4 * 1024 * 1024
MAX_EXTRACTED_ELEMENTS = 50_000
# It looks at all that is below an element, at each level: 21,000 links 120 levels deep, a quarter of a MiB, took 13 s.
# Pages of news have 20 to 30 levels.
_MAX_SUM_OF_DEPTHS = 1_000_000
_MAX_DEPTH = 256  # libxml2's
# And jusText, with which it compares its own result, is quadratic in paragraphs: it took 35 s for another quarter.
_MAX_COMPARED_ELEMENTS = 10_000
# libxml2 walks an element's attributes to add one: 120,000 take 17 s, all that a page of this size can hold 1 s.
_UNCHECKED_CHARACTERS = 128 * 1024
_MAX_ATTRIBUTES = 5000

# Where less than this of the text of all `<p>` was found, a looser reading is tried, and taken if it finds so much more
# (of 300 labelled pages two, whose F1 goes from .30 to .97 and from .51 to .81).
_LEAST_SHARE = 0.4
_WORTH_MORE = 1.5

_PAGE = re.compile(r"<(?:html|head|title|body|frameset)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})?[^<>]*>")
_UNSEEN = ("script", "style", "noscript", "template", "svg", "head", "textarea", "select")
_LIST_MARKER = re.compile(r"\s*- ")
# UTF-8 that was read as Latin-1 and encoded once more: some of its second bytes are control characters then.
_TWICE_ENCODED = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL = re.compile("[\x80-\x9f]")
# Python refuses to read a number of over 4,300 digits.
_GIANT_REFERENCE = re.compile(r"&#[0-9]{1000,};?")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text; we raise


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of a web page and its metadata; raises TerminalError where the page holds no text at all."""
    return parse_text(decode(data, declared_charset(data)))


def parse_text(page: str) -> ParsedDocument:
    """Does the same for a page, or a fragment of one, that is decoded already."""
    page = decode_twice_encoded(page)
    if not _PAGE.search(page):  # a fragment, which trafilatura would not take for an article
        page = f"<html><body><article>{page}</article></body></html>"
    tree = _load(page[:_MAX_EXTRACTED_CHARACTERS])
    metadata = read_metadata(tree) if tree is not None else Metadata()
    whole = tree is not None and len(page) <= _MAX_EXTRACTED_CHARACTERS
    paragraphs = (_extract(tree) if whole else ()) or visible_lines(page)
    if not paragraphs:
        raise TerminalError("the web page holds no text")
    return ParsedDocument(metadata, paragraphs)


def decode_twice_encoded(page: str) -> str:
    """Returns the page with such sequences as they were meant.

    trafilatura drops control characters, and then nobody could tell what they were.
    """
    if page.isascii() or not any(_CONTROL.search(match[0]) for match in _TWICE_ENCODED.finditer(page)):
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


def _extract(tree: HtmlElement) -> tuple[str, ...]:
    """Returns the article's paragraphs as trafilatura finds them; none where it fails, or a page is too much."""
    elements = _count_elements(tree)
    if elements is None:
        return ()
    of_paragraphs = sum(len("".join(paragraph.itertext()).strip()) for paragraph in tree.iter("p"))
    wrap_loose_text(tree)
    fast = elements > _MAX_COMPARED_ELEMENTS
    lines = _lines_of(tree, Extractor(output_format="python", comments=False, fast=fast))
    found = sum(map(len, lines))
    if found < _LEAST_SHARE * of_paragraphs:
        more = _lines_of(tree, Extractor(output_format="python", comments=False, fast=fast, recall=True))
        if sum(map(len, more)) > _WORTH_MORE * found:
            return more
    return lines


def _lines_of(tree: HtmlElement, options: Extractor) -> tuple[str, ...]:
    try:
        document = bare_extraction(tree, options=options)
    except MemoryError:
        raise
    except Exception:
        return ()
    finally:
        # They hold up to a thousand strings of any length, and help only within a page.
        line_processing.cache_clear()
        trim.cache_clear()
    text = document.text if isinstance(document, Document) else None
    lines = drop_unstorable(text or "").splitlines()
    return tuple(paragraph for line in lines if (paragraph := _plain(line)))


def _count_elements(tree: HtmlElement) -> int | None:
    """Returns how many elements the tree has; None where they are too many, or nested too deeply, for trafilatura."""
    elements = sum(1 for _ in tree.iter())
    if elements > MAX_EXTRACTED_ELEMENTS:
        return None
    if elements * _MAX_DEPTH > _MAX_SUM_OF_DEPTHS:  # the walk takes a millisecond, which few pages need
        depth = sum_of_depths = 0
        for event, _ in iterwalk(tree, events=("start", "end")):
            depth += 1 if event == "start" else -1
            sum_of_depths += depth
        if sum_of_depths > 2 * _MAX_SUM_OF_DEPTHS:
            return None
    return elements


def _plain(line: str) -> str:
    """Returns a line of trafilatura's text without its marks of list items and table cells."""
    if line.startswith("|"):
        return line.strip("| ")
    return _LIST_MARKER.sub("", line, count=1).strip() if line.lstrip().startswith("- ") else line.strip()


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
    text = _GIANT_REFERENCE.sub("\ufffd", "".join(parts))
    lines = drop_unstorable(unescape(text)).splitlines()
    return tuple(text for line in lines if (text := " ".join(line.split())))
