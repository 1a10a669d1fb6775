"""Word and RTF documents, and mails, in which a database gives many articles: their text is a container in turn.

Such a document has one member: its text as the database would have written it to a text file, or its HTML. What cannot
be told to be such a text fails, with the reason: read as one article, it would be a wrong one.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import BinaryIO, Final, NamedTuple

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.kinds import Head
from ingest.metadata.export_kinds import text_export
from ingest.office.mail_head import is_mail
from ingest.office.mime import read_message
from ingest.office.package import entries_at_head, is_zip
from newsmill.errors import TerminalError

__all__ = ["MAIL", "RTF", "WORD"]

_NAME: Final = "text"
_RTF_MAGIC: Final = b"{\\rtf"

# What Lexis Advance notes in the properties of each download.
_LEXIS_PROPERTY: Final = re.compile(rb'name="LA(?:DocCount|DeliveryID)"')
_WORD_PARAGRAPH: Final = re.compile(r"</w:p>|<w:br/>")
_WORD_TAG: Final = re.compile(r"<[^<>]{0,5000}>")
# One of these stands in the head of any such file; to look is quicker than to read it.
_ANY_MARK: Final = re.compile(
    rb"Document |Dokument |Documento |DOCUMENT|DOKUMENT|End of Document|Ende des Dokuments|Fin d|ProQuest"
)
_PROQUEST: Final = re.compile(r"<a\s[^<>]{0,100}\bname=[\"']?DocID_\w", re.IGNORECASE)
_NEXIS: Final = re.compile(r">\s{0,20}\d{1,7} (?:of|von|sur|de|di|van) \d{1,7} DO[CK]UMENT[A-Z]{0,4}\s{0,20}<")
_FACTIVA: Final = re.compile(r"<div\b[^<>]{0,200}\bid=[\"']?article-\w{15,40}[\"'\s>]")
_EUROPRESSE: Final = re.compile(r"class=[\"']?(?:[^\"'<>]{0,100}\s)?DocPublicationName[\"'\s>]")
_HTML_KINDS: Final = {
    "application/x-proquest-html": _PROQUEST,
    "application/x-nexis-html": _NEXIS,
    "application/x-factiva-html": _FACTIVA,
    "application/x-europresse-html": _EUROPRESSE,
}


class _Inner(NamedTuple):
    media_type: str
    data: bytes


class _Document(Contents):
    """One member, which is a container."""

    def __init__(self, stream: BinaryIO, find: Callable[[bytes], _Inner | None]) -> None:
        super().__init__(stream)
        self._find = find

    @cached_property
    def _inner(self) -> _Inner:
        self._stream.seek(0)
        inner = self._find(self._stream.read())
        if inner is None:
            raise TerminalError(
                "it seems to hold articles of a database, which cannot be told apart in this form;"
                " download them as plain text or HTML"
            )
        return inner

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the text."""
        if cursor.position == 0:
            media_type, data = self._inner
            yield Member(cursor.ordinal + 1, 0, len(data), 1, media_type, _NAME)

    def read(self, place: Place) -> bytes:
        """Returns the text, in UTF-8."""
        if place != _NAME:
            raise TerminalError(f"there is no {place!r} in it: its text is all that it has")
        return self._inner.data


def _of_text(text: str) -> _Inner | None:
    export = text_export(text)
    return _Inner(export.media_type, text.encode("utf-8", "replace")) if export else None


def _of_word(data: bytes) -> _Inner | None:
    from ingest.office.word_document import read_word

    return _of_text("\n\n".join(paragraph.text for paragraph in read_word(data).paragraphs))


def _of_rtf(data: bytes) -> _Inner | None:
    from ingest.office.rich_text import read_rich_text

    return _of_text("\n\n".join(paragraph.text for paragraph in read_rich_text(data).paragraphs))


def _of_mail(data: bytes) -> _Inner | None:
    """Returns the first text of a mail that is an export, as HTML or plain."""
    for part in read_message(data).parts():
        if part.is_attachment or part.media_type not in {"text/html", "text/plain"}:
            continue
        text = part.text()
        if part.media_type == "text/plain" and (inner := _of_text(text)):
            return inner
        kind = next((kind for kind, mark in _HTML_KINDS.items() if mark.search(text)), None)
        if part.media_type == "text/html" and kind:
            return _Inner(kind, text.encode("utf-8", "replace"))
    return None


def _is_word_export(head: Head) -> bool:
    if not is_zip(head.data):
        return False
    for name, beginning in entries_at_head(head.data):
        if name == "docProps/custom.xml" and _LEXIS_PROPERTY.search(beginning):
            return True
        if name == "word/document.xml":
            text = _WORD_TAG.sub("", _WORD_PARAGRAPH.sub("\n", beginning.decode("utf-8", "ignore")))
            return text_export(text) is not None or _is_cover(text)
    return False


_JOB: Final = re.compile(r"^(?:Job Number|Auftragsnummer|Numéro du travail) ?: ?\d", re.MULTILINE)
_COUNT: Final = re.compile(r"^(?:Documents|Dokumente|Documentos) \(\d{1,7}\)", re.MULTILINE)


def _is_cover(text: str) -> bool:
    """Tells the list of titles that Lexis Advance puts before the documents, which may be longer than a head."""
    return _JOB.search(text) is not None and _COUNT.search(text) is not None


def _is_rtf_export(head: Head) -> bool:
    if not head.data.startswith(_RTF_MAGIC) or _ANY_MARK.search(head.data) is None:
        return False
    from ingest.office.rich_text import read_rich_text

    try:
        text = "\n".join(paragraph.text for paragraph in read_rich_text(head.data).paragraphs)
    except TerminalError:
        return False
    return text_export(text) is not None or _is_cover(text)


def _is_mail_export(head: Head) -> bool:
    if not is_mail(head.text):
        return False
    try:
        return _of_mail(head.data) is not None
    except TerminalError:
        return False


WORD: Final = Container(
    media_type="application/x-database-docx",
    label="a Word document with articles of a database",
    description="its text, which is a download of Nexis, Factiva or ProQuest",
    emptiness="its text is empty",
    extensions=(".docx",),
    content_only=True,
    sniff=_is_word_export,
    contents=lambda stream: _Document(stream, _of_word),
    verbatim=False,
)
RTF: Final = Container(
    media_type="application/x-database-rtf",
    label="an RTF document with articles of a database",
    description="its text, which is a download of Nexis, Factiva or ProQuest",
    emptiness="its text is empty",
    extensions=(".rtf",),
    content_only=True,
    sniff=_is_rtf_export,
    contents=lambda stream: _Document(stream, _of_rtf),
    verbatim=False,
)
MAIL: Final = Container(
    media_type="application/x-database-mail",
    label="a mail with articles of a database",
    description="its HTML or text, which is a download of ProQuest, Nexis, Factiva or Europresse",
    emptiness="it has no text",
    extensions=(".eml",),
    content_only=True,
    sniff=_is_mail_export,
    contents=lambda stream: _Document(stream, _of_mail),
    verbatim=False,
)
