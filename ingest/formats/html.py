"""Web pages, told from prose with a tag in it, and from other XML."""

import re
from typing import Final

from ingest.documents import ParsedDocument, Removal
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.markup.prolog import has_html_root, skip_prolog

__all__ = ["FORMAT"]

_EXTENSIONS = (".html", ".htm", ".xhtml")
_MARKDOWN = frozenset({".md", ".markdown"})
_PLAIN_TEXT = frozenset({".txt", ".text"})

_START = re.compile(r"<(?:!doctype\s+html|html|head|body|title|meta|frameset)[\s/>]", re.IGNORECASE)
_BLOCK_START = re.compile(
    r"<(?:address|article|aside|blockquote|center|div|dl|figure|footer|form|h[1-6]|header|iframe|img|link|main|nav|ol|p|pre"
    r"|script|section|span|style|table|ul|a|b|br|em|font|hr|i|strong)(?:[\s/][^<>]{0,2000})?>",
    re.IGNORECASE,
)


def _sniff(head: Head) -> bool:
    """Tells a page by its first tag or its root, and a fragment by its first tag.

    Under another name than that of plain text, a fragment may also begin with words. Markdown may begin with a tag.
    """
    if not head.body.startswith("<") and head.extension not in _EXTENSIONS:
        return False
    text = skip_prolog(head.body)
    if _START.match(text) or (text.startswith("<") and has_html_root(text)):
        return True
    if head.extension in _MARKDOWN:
        return False
    if head.extension in _PLAIN_TEXT:
        return _BLOCK_START.match(text) is not None
    return _BLOCK_START.search(text) is not None


def _parse(data: bytes) -> ParsedDocument:
    from ingest.markup import page

    return page.parse(data)


def _left_out(data: bytes) -> tuple[Removal, ...]:
    from ingest.markup import page

    return page.left_out(data)


FORMAT: Final = Format(
    media_type="text/html",
    label="a web page",
    description="the article on it, and what its metadata says: JSON-LD, OpenGraph, other `<meta>`, visible marks",
    extensions=_EXTENSIONS,
    content_only=True,
    sniff=_sniff,
    parse=_parse,
    left_out=_left_out,
    preloaded=("ingest.markup.page",),
)
