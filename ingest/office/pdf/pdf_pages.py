"""The lines of a PDF's text layer, page by page, with their places (PDFium by pypdfium2)."""

from collections.abc import Iterator, Mapping
from ctypes import byref, c_int, create_string_buffer
from typing import Any, Final, NamedTuple

from ingest.office.pdf.pdf_bombs import refuse_bombs
from newsmill.errors import NoArticleError, TerminalError

__all__ = ["HYPHEN", "Line", "Pdf", "read_pdf"]

HYPHEN: Final = "\u00ad"
"""Stands at the end of a line whose last word goes on in the next one."""

_PDFIUM_HYPHENS = "\ufffe\x02"  # what PDFium writes for a hyphen at the end of a line, and the break behind it
_MAX_PAGES: Final = 3_000
_MAX_CHARACTERS: Final = 8 * 1024 * 1024
_MAX_UNREADABLE_SHARE: Final = 0.3
_MAX_FONT_NAME_BYTES: Final = 200
_BOLD_NAMES: Final = (b"bold", b"black", b"heavy")
_BOLD: Final = 700
_NO_TEXT_LAYER: Final = (
    "the PDF has no text layer: its pages are pictures, as scanners make them; put one in (OCR), or drop the text"
)


class Line(NamedTuple):
    """A line of text and its place, in points from the page's lower left corner.

    `size` is the height of a usual character in it, with what it may have above and below, and `weight` how bold its
    font is: 400 is a text's, 700 bold. A line whose place is not known has zeros.
    """

    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float
    weight: int = 0


class _Box(NamedTuple):
    left: float
    right: float
    bottom: float
    top: float


class Pdf(NamedTuple):
    """The lines of a document in the order of its text layer, how many pages it has, and its properties by name."""

    lines: tuple[Line, ...]
    pages: int
    properties: Mapping[str, str]


def read_pdf(data: bytes) -> Pdf:
    """Returns what a document holds.

    Raises TerminalError if it is damaged, protected or far too long, and NoArticleError if it has no text.
    """
    import pypdfium2

    refuse_bombs(data)
    document = _opened(pypdfium2, data)
    try:
        pages = len(document)
        if not pages:
            raise TerminalError("the PDF is damaged: it has no pages")
        if pages > _MAX_PAGES:
            raise TerminalError(f"the PDF has {pages:,} pages, many times those of an article; drop it in parts")
        properties = {name: value for name, value in document.get_metadata_dict().items() if value}
        lines: list[Line] = []
        characters = 0
        for number in range(pages):
            found = list(_page_lines(pypdfium2, document, number, pages))
            characters += sum(len(line.text) for line in found)
            if characters > _MAX_CHARACTERS:
                raise TerminalError(f"the PDF has more than {_MAX_CHARACTERS:,} characters; drop it in parts")
            lines += found
    finally:
        document.close()
    _require_text(lines)
    return Pdf(tuple(lines), pages, properties)


def _opened(pdfium: Any, data: bytes) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        reason = str(error)
        if "assword" in reason:
            raise TerminalError("the PDF is protected by a password; save it without one") from error
        if "ecurity" in reason:
            raise TerminalError("the PDF is protected in a way that cannot be read; save it without that") from error
        raise TerminalError("the PDF is cut off or damaged: it has no pages that can be found") from error


def _page_lines(pdfium: Any, document: Any, number: int, pages: int) -> Iterator[Line]:
    try:
        page = document[number]
        try:
            text_page = page.get_textpage()
            try:
                yield from _lines(pdfium.raw, text_page, number)
            finally:
                text_page.close()
        finally:
            page.close()
    except pdfium.PdfiumError as error:
        raise TerminalError(f"the PDF is damaged: page {number + 1:,} of {pages:,} cannot be read") from error


def _lines(raw: Any, text_page: Any, number: int) -> Iterator[Line]:
    """Yields the lines of a page. PDFium tells them by line breaks, or by what it writes for a hyphen at their ends."""
    count = text_page.count_chars()
    if count > _MAX_CHARACTERS:
        raise TerminalError(f"the PDF has more than {_MAX_CHARACTERS:,} characters; drop it in parts")
    text = text_page.get_text_range() if count > 0 else ""
    placed = len(text) == count  # else some characters stand for none or for two, and no place is sure
    start = 0
    while start < len(text):
        end = _line_end(text, start)
        hyphen = end < len(text) and text[end] in _PDFIUM_HYPHENS
        content = text[start:end]
        if content.strip():
            first = start + len(content) - len(content.lstrip())
            last = start + len(content.rstrip()) - 1
            words = " ".join(content.split()) + (HYPHEN if hyphen else "")
            yield _placed(raw, text_page, words, number, first, last) if placed else Line(words, number, 0, 0, 0, 0, 0)
        start = end + 1


_ENDS: Final = "\r\n" + _PDFIUM_HYPHENS


def _line_end(text: str, start: int) -> int:
    return min((at for at in (text.find(end, start) for end in _ENDS) if at >= 0), default=len(text))


def _placed(raw: Any, text_page: Any, words: str, page: int, first: int, last: int) -> Line:
    boxes = [_box(raw, text_page, index) for index in (first, (first + last) // 2, last)]
    usual = sorted(boxes, key=lambda box: box.top - box.bottom)[1]  # an initial or a note's number is another size
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    weight = _weight(raw, text_page, (first + last) // 2)
    return Line(words, page, left, right, usual.bottom, usual.top, usual.top - usual.bottom, weight)


def _weight(raw: Any, text_page: Any, index: int) -> int:
    """Returns how bold a character is, as its font says it; one that does not may have it in its name."""
    name, flags = create_string_buffer(_MAX_FONT_NAME_BYTES), c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, _MAX_FONT_NAME_BYTES, byref(flags))
    if any(word in name.value.lower() for word in _BOLD_NAMES):
        return _BOLD
    return int(max(0, raw.FPDFText_GetFontWeight(text_page, index)))


def _box(raw: Any, text_page: Any, index: int) -> _Box:
    """Returns the place of a character with the room above and below it that its font has."""
    rect = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text_page, index, byref(rect)):
        return _Box(0, 0, 0, 0)
    return _Box(rect.left, rect.right, min(rect.bottom, rect.top), max(rect.bottom, rect.top))


def _require_text(lines: list[Line]) -> None:
    letters = unreadable = 0
    for line in lines:
        letters += sum(map(str.isalnum, line.text))
        unreadable += sum(map(_is_unreadable, line.text))
    if not letters and not unreadable:
        raise NoArticleError(_NO_TEXT_LAYER)
    if unreadable > _MAX_UNREADABLE_SHARE * (letters + unreadable):
        raise TerminalError(
            "the fonts of the PDF do not say which letters they show; print its text to a new PDF (OCR)"
        )


def _is_unreadable(character: str) -> bool:
    return character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or (character < " " and not character.isspace())
