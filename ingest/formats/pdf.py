"""PDF with a text layer: paragraphs in the order of that layer, without running heads and page numbers."""

from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.office.exports import refuse_export
from ingest.office.head_dates import date_at_head
from ingest.office.properties import first_line_title, is_title, stated_author
from ingest.text.decode import drop_unstorable
from newsmill.errors import NoArticleError

__all__ = ["FORMAT", "parse"]

_MAGIC = b"%PDF-"
_MAX_PARAGRAPHS_ABOVE = 30
_TABLE_SHARE = 0.2
_SENTENCE_WORDS = 5
_MAGIC_WITHIN = 1024  # ISO 32000-1, annex H: so far down readers look for it


def _sniff(head: Head) -> bool:
    """Tells it by its first line, which may stand below a line or two that a printer wants."""
    return head.data.startswith(_MAGIC) or (
        _MAGIC in head.data[:_MAGIC_WITHIN]
        and head.data.lstrip().startswith((_MAGIC, b"\x1b%-12345X", b"\xef\xbb\xbf%PDF"))
    )


def parse(data: bytes) -> ParsedDocument:
    """Returns the document. Raises NoArticleError for a scan without text.

    Its title is what its properties say, if that is one and the text has it too; else what is set largest on its first
    page; else what the properties say. When the file was made is not when its text was published, and is not read.
    """
    from ingest.office.pdf.pdf_layout import lay_out_lines
    from ingest.office.pdf.pdf_pages import read_pdf

    pdf = read_pdf(data)
    laid = lay_out_lines(pdf.lines, pdf.pages)
    paragraphs = tuple(drop_unstorable(paragraph) for paragraph in laid.paragraphs)
    refuse_export(paragraphs)
    if _is_table(paragraphs):
        raise NoArticleError("the PDF holds a table of numbers and no sentence")
    metadata = make_metadata(
        title=_title(pdf.properties.get("Title", ""), laid.largest, paragraphs) or first_line_title(paragraphs),
        byline=stated_author(pdf.properties.get("Author"), paragraphs),
        published=date_at_head(paragraphs),
    )
    return ParsedDocument(metadata, paragraphs)


def _is_table(paragraphs: tuple[str, ...]) -> bool:
    """Tells whether many of the words are numbers, and nowhere five in a row are written as those of a sentence."""
    words = " ".join(paragraphs).split()
    numbers = sum(any(map(str.isdigit, word)) for word in words)
    if numbers < _TABLE_SHARE * len(words):
        return False
    in_row = 0
    for word in words:
        in_row = in_row + 1 if word[0].isalpha() and not word[0].isupper() else 0
        if in_row >= _SENTENCE_WORDS:
            return False
    return True


def _title(stated: str, largest: str, paragraphs: tuple[str, ...]) -> Fact[str] | None:
    folded = [_folded(one) for one in paragraphs[:_MAX_PARAGRAPHS_ABOVE]]
    own = _folded(stated)
    if not is_title(stated) or any(one.startswith(own) and one != own for one in folded):
        stated = ""  # programs take the beginning of the text for it, and cut it off
    if stated and (own in folded or own in _folded(largest)):
        return Fact(stated, FactSource.PROPERTIES)
    return Fact.of(largest, FactSource.HEADLINE) or Fact.of(stated, FactSource.PROPERTIES)


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()


FORMAT: Final = Format(
    media_type="application/pdf",
    label="a PDF document",
    description="its text layer, columns as they stand there; no running heads, no page numbers; a scan is rejected",
    extensions=(".pdf",),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
