"""A Factiva download as a web page: each document in an element of class "article"."""

import re
from typing import Final

from ingest.containers.container import Container
from ingest.containers.databases.page_export import PageExport
from ingest.kinds import Head
from ingest.text.page_lines import read_page

__all__ = ["CONTAINER"]

# The element with the id of a document, or the one within that has its language: either may be missing.
_ARTICLE = re.compile(
    rb"<div\b(?=[^<>]{0,400}\bclass=[\"']?(?:article\b[\"'\s>]))[^<>]{0,400}>"
    rb"(?:\s{0,200}<div\b[^<>]{0,200}\bclass=[\"']?article [a-z]{2}Article\b[^<>]{0,200}>)?",
)
_ACCESSION: Final = re.compile(r"\w{4,12} [A-Za-z0-9]{8}(?:18|19|20|21)\d{6}[A-Za-z0-9]{7,11}")
_FACTIVA: Final = re.compile(
    r"<title>\s{0,20}Factiva|divFactivaException|class=[\"']article [a-z]{2}Article|(?:©|&copy;) \d{4} Factiva, Inc\."
)
_TAG = re.compile(rb"<[^<>]{0,2000}>")
_HEADLINE = "hd"


class _Documents(PageExport):
    """The documents, as the text that Factiva writes of them."""

    media_type = "text/x-factiva-document"
    mark = _ARTICLE

    def goes_on(self, between: bytes) -> bool:
        """Tells the element within a document from the next document: between the two is nothing but tags."""
        return not _TAG.sub(b"", between).strip()

    def convert(self, markup: str) -> bytes:
        """Returns the text of a document from its headline on, down to its accession number."""
        page = read_page(markup, parts=[_HEADLINE])
        blocks = [block.text for block in page.blocks]
        headline = page.part(_HEADLINE)
        if headline:
            # A section may stand above the headline, and nothing of the text does.
            above = len(read_page(_above_headline(markup)).blocks)
            blocks = [headline, *blocks[above:]]
        end = next((n for n, text in enumerate(blocks) if _ACCESSION.fullmatch(text)), len(blocks) - 1)
        return "\n\n".join(blocks[: end + 1]).encode()


_HEADLINE_TAG = re.compile(r"<div\b[^<>]{0,200}\bid=[\"']?hd\b")


def _above_headline(markup: str) -> str:
    match = _HEADLINE_TAG.search(markup)
    return markup[: match.start()] if match else ""


def _sniff(head: Head) -> bool:
    """Tells by the title of such a page, its styles, or the classes of its documents."""
    text = head.text
    if "Factiva" not in text:  # to look costs a tenth of what the expression does
        return False
    return "<" in text[:2000] and _FACTIVA.search(text) is not None


CONTAINER: Final = Container(
    media_type="application/x-factiva-html",
    label="a Factiva download as a web page",
    description="the documents, each in its element `article`, with field codes or without",
    emptiness="no element in it is of class article: it may be a list of headlines",
    extensions=(".html", ".htm"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    verbatim=False,
)
