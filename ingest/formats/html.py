"""Web pages: trafilatura finds the article's text, `html_metadata` what the page says of itself."""

import logging
import re
from html import unescape

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Document, Extractor
from trafilatura.utils import line_processing, trim

from ingest.decode import declared_charset, decode, drop_unstorable
from ingest.documents import Metadata, ParsedDocument
from ingest.formats.html_metadata import read_metadata
from newsmill.errors import TerminalError

__all__ = ["parse", "parse_text", "visible_lines"]

# At either trafilatura takes about two seconds: of a larger page the text is taken as it stands,
# and the metadata from so much of its beginning.
_MAX_EXTRACTED_CHARACTERS = 4 * 1024 * 1024
_MAX_EXTRACTED_ELEMENTS = 50_000

_PAGE = re.compile(r"<(?:html|head|title|body|frameset)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})?[^<>]*>")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "wbr",
    ]
)
_UNSEEN = ("script", "style", "noscript", "template", "svg", "head", "textarea", "select")
_LIST_MARKER = re.compile(r"\s*- ")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text; we raise


def parse(data: bytes) -> ParsedDocument:
    """The article of a web page and its metadata; raises TerminalError when the page holds no text at all."""
    return parse_text(decode(data, declared_charset(data)))


def parse_text(page: str) -> ParsedDocument:
    """The same for a page, or a fragment of one, that is decoded already."""
    if not _PAGE.search(page):  # a fragment, which trafilatura would not take for an article
        page = f"<html><body><article>{page}</article></body></html>"
    tree = _load(page[:_MAX_EXTRACTED_CHARACTERS])
    metadata = read_metadata(tree) if tree is not None else Metadata()
    whole = tree is not None and len(page) <= _MAX_EXTRACTED_CHARACTERS
    paragraphs = (_extract(tree) if whole else ()) or visible_lines(page)
    if not paragraphs:
        raise TerminalError("the web page holds no text")
    return ParsedDocument(metadata, paragraphs)


def _load(page: str) -> HtmlElement | None:
    """The page's tree; None where there is none, or it is nested over 256 levels, which cuts off what follows."""
    # A parser of its own for each page: one that is used again remembers errors. Bytes, because lxml refuses
    # strings with an XML declaration.
    parser = HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        tree = document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    too_deep = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return None if too_deep else tree


def _extract(tree: HtmlElement) -> tuple[str, ...]:
    """The article's paragraphs as trafilatura finds them; none where it fails or they are too many for it."""
    if sum(1 for _ in tree.iter()) > _MAX_EXTRACTED_ELEMENTS:
        return ()
    try:
        document = bare_extraction(tree, options=Extractor(output_format="python", comments=False))
    except Exception:
        return ()
    finally:
        # They hold up to a thousand strings of any length, and help only within a page.
        line_processing.cache_clear()
        trim.cache_clear()
    text = document.text if isinstance(document, Document) else None
    lines = drop_unstorable(text or "").splitlines()
    return tuple(paragraph for line in lines if (paragraph := _plain(line)))


def _plain(line: str) -> str:
    """A line of trafilatura's text without its marks of list items and table cells."""
    if line.startswith("|"):
        return line.strip("| ")
    return _LIST_MARKER.sub("", line, count=1).strip() if line.lstrip().startswith("- ") else line.strip()


def visible_lines(page: str) -> tuple[str, ...]:
    """All the text a page shows, a line for each block, in time linear in its size whatever its markup."""
    parts: list[str] = []
    position, unseen = 0, ""
    for match in _TAG.finditer(page):
        closing, name = match[1], (match[2] or "").lower()
        if not unseen:
            parts.append(page[position : match.start()])
            if name not in _INLINE:
                parts.append("\n")
            if name in _UNSEEN and not closing and not match[0].endswith("/>"):
                unseen = name
        elif closing and name == unseen:
            unseen = ""
        position = match.end()
    if not unseen:
        parts.append(page[position:])
    lines = drop_unstorable(unescape("".join(parts))).splitlines()
    return tuple(text for line in lines if (text := " ".join(line.split())))
