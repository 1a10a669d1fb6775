"""Word documents before 2007 (.doc): the paragraphs, footnotes last; headers and comments are left out."""

from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.compound.binary_word import read_binary_word
from ingest.office.compound.compound_file import MAGIC
from ingest.office.styled import Paragraph
from ingest.office.written import read_written
from ingest.text.decode import drop_unstorable

__all__ = ["FORMAT", "parse"]

_STREAM_NAME: Final = "WordDocument".encode("utf-16-le")
_EXTENSIONS: Final = (".doc", ".dot")


def _sniff(head: Head) -> bool:
    """Tells it by the name of its text, which may stand far down: then by the name of the file."""
    return head.data.startswith(MAGIC) and (_STREAM_NAME in head.data or head.extension in _EXTENSIONS)


def parse(data: bytes) -> ParsedDocument:
    """Returns the document. Its title is what its properties say if it is one, else its first line."""
    document = read_binary_word(data)
    paragraphs = [Paragraph(drop_unstorable(one)) for one in document.paragraphs]
    return read_written(paragraphs, {"title": document.title, "author": document.author})


FORMAT: Final = Format(
    media_type="application/msword",
    label="a Word document from before 2007",
    description="the paragraphs, footnotes last; no headers, no comments; Word 97 and later",
    extensions=_EXTENSIONS,
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
