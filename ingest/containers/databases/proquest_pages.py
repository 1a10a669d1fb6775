"""A page that ProQuest wrote, downloaded or sent by mail: documents behind anchors with their numbers."""

import re
from typing import Final

from ingest.containers.container import Container
from ingest.containers.databases.page_export import PageExport
from ingest.kinds import Head
from ingest.text.page_lines import read_page

__all__ = ["CONTAINER"]

_ANCHOR = re.compile(rb"<a\s[^<>]{0,100}\bname=[\"']?DocID_\w{1,60}[\"']?[^<>]{0,100}>", re.IGNORECASE)
_MARKS: Final = re.compile(r"proquest", re.IGNORECASE)
_LABEL: Final = re.compile(r"(?:Author|Publication info|Abstract|Links|Full text|Subject|Title|Publication title) ?:")
_LINK: Final = frozenset(["ProQuest document link", "Enlarge this image.", "Get it!", "Bibliography"])
_RULE: Final = "_" * 60


class _Documents(PageExport):
    """The documents, as the text that ProQuest writes of them."""

    media_type = "text/x-proquest-document"
    mark = _ANCHOR

    def convert(self, markup: str) -> bytes:
        """Returns the text of a document with its labels."""
        page = read_page(markup, parts=["sr-only", "newspaperarticle", "scholunivauthors"])
        blocks = [block.text for block in page.blocks if block.text not in _LINK]
        info = page.part("newspaperarticle")
        first = next((number for number, text in enumerate(blocks) if _LABEL.match(text)), len(blocks))
        if info and not any(text.startswith("Publication info") for text in blocks[first:]):
            blocks.insert(first, f"Publication info: {info}")
        return "\n\n".join(blocks).encode()


def _sniff(head: Head) -> bool:
    """Tells by such an anchor, and the database's name."""
    if "DocID_" not in head.text:
        return False
    return _ANCHOR.search(head.text.encode("utf-8", "ignore")) is not None and _MARKS.search(head.text) is not None


CONTAINER: Final = Container(
    media_type="application/x-proquest-html",
    label="a ProQuest export as a web page",
    description="the documents behind its anchors `DocID_…`",
    emptiness="no document has an anchor",
    extensions=(".html", ".htm"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    verbatim=False,
)
