"""Text of a Factiva download: documents with fields such as HD and TD or without, each up to its accession number."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.containers.container import Container
from ingest.containers.export import ExportContents, Slice
from ingest.kinds import Head

__all__ = ["CONTAINER"]

# A source of eight characters, filled up with zeros, a date, and what makes it unique: SDDZ0000 20171120 edbk0000e.
_ACCESSION = r"[A-Za-z0-9]{8}(?:18|19|20|21)\d{6}[A-Za-z0-9]{7,11}"
_DOCUMENT = "(?:Document|Dokument|Documento|Документ|文件|文書|文档)"
_LAST = rf"^[ \t\f]*(?:AN[ \t]+)?{_DOCUMENT}[ \t]+(?:{_ACCESSION}|forgotten)[ \t]*\r?$\n?"
_CODE_HEAD = r"^[ \t\f]*(?:HD)(?:[ \t]+\S[^\n]*|[ \t]*\r?)$"
_LINES = re.compile(f"(?P<last>{_LAST})|(?P<head>{_CODE_HEAD})".encode(), re.MULTILINE)
_FIELD_BEFORE_HEAD = re.compile(rb"^[ \t\f]*(?:SE|CLM)(?:[ \t]+\S[^\n]*|[ \t]*\r?)$", re.MULTILINE)

_LAST_TEXT = re.compile(_LAST, re.MULTILINE)
_FIELD = re.compile(r"^[ \t\f]*(SE|CLM|HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD)(?:[ \t]+\S|[ \t]*\r?$)", re.MULTILINE)
_WORDS = re.compile(
    r"^[ \t\f]*\d[\d.,' \u00a0\u202f]{0,8} ?"
    r"(?:words?|Wörter|mots?|palabras?|parole|palavras?|woorden|ord|слов\w?|wyraz\w+|słów|kelime|字|词|詞|字数)"
    r"[ \t]*\r?$",
    re.MULTILINE,
)
_FIRST_FIELDS = frozenset(["SE", "CLM", "HD"])
_MIN_FIELDS = 4
_LINES_ABOVE = 20
_PROBED_CHARACTERS = 400


class _Documents(ExportContents):
    """The documents up to their accession numbers, or from headline to headline where these are missing."""

    media_type = "text/x-factiva-document"
    tombstone = b"\nDocument forgotten\n"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields the documents with their accession numbers; what follows the last one is one if it has a headline."""
        start, has_head = position, False
        for line in self.lines(_LINES, position):
            if line.match["last"] is not None:
                yield Slice(start, line.end, line.end)
                start, has_head = line.end, False
            elif has_head:
                begin = self._begin_of(start, line.start)
                yield Slice(start, begin, begin)
                start = begin
            else:
                has_head = True
        if has_head:
            end = self.end_of_file()
            yield Slice(start, end, end)

    def _begin_of(self, start: int, head: int) -> int:
        """Returns where the document begins whose headline is at `head`: its section may stand before that."""
        probe = max(start, head - _PROBED_CHARACTERS * self._unit)
        data = self.text_at(probe, head)
        begin = head
        for match in _FIELD_BEFORE_HEAD.finditer(data):
            if b"\n\n" not in data[match.end() :].replace(b"\r", b"").rstrip():
                begin = min(begin, probe + match.start() * self._unit)
        return begin


def _sniff(head: Head) -> bool:
    """Tells by the fields of Factiva in their order, or by an accession number and a count of words."""
    text = head.text
    if "HD" in text[: 64 * _LINES_ABOVE] and _has_fields(text):
        return True
    last = _LAST_TEXT.search(text)
    return last is not None and _WORDS.search(text, 0, last.start()) is not None


def _has_fields(text: str) -> bool:
    fields = [(match[1], match.start()) for match in _FIELD.finditer(text)]
    names = {name for name, _ in fields}
    if not fields or fields[0][0] not in _FIRST_FIELDS or len(names) < _MIN_FIELDS:
        return False
    is_first = text.count("\n", 0, fields[0][1]) < _LINES_ABOVE
    return (
        is_first and "HD" in names and not names.isdisjoint({"PD", "SN", "WC"}) and not names.isdisjoint({"LP", "TD"})
    )


CONTAINER: Final = Container(
    media_type="application/x-factiva",
    label="text of a Factiva download",
    description="the documents, with field codes (`HD`, `TD`, …) or without, each up to its accession number",
    emptiness="every document is blank",
    extensions=(".txt",),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    redact=_Documents.redact,
)
