"""RTF documents: the paragraphs, footnotes last; headers, comments and pictures are left out."""

from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.rich_text import read_rich_text
from ingest.office.written import read_written
from ingest.text.decode import drop_unstorable

__all__ = ["FORMAT", "parse"]

_MAGIC = b"{\\rtf"


def _sniff(head: Head) -> bool:
    return head.data[:100].lstrip().startswith(_MAGIC)


def parse(data: bytes) -> ParsedDocument:
    """Returns the document. Its title is told by a style, by what its properties say, or by how the head is set."""
    document = read_rich_text(data)
    paragraphs = [one._replace(text=drop_unstorable(one.text)) for one in document.paragraphs]
    return read_written(paragraphs, {"title": document.title, "author": document.author})


FORMAT: Final = Format(
    media_type="application/rtf",
    label="an RTF document",
    description="the paragraphs, footnotes last; no headers, comments or hidden text; its title by style or look",
    extensions=(".rtf",),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
