"""A text file that Nexis (LexisNexis) wrote before 2019: documents under lines such as "1 of 51 DOCUMENTS"."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.containers.container import Container
from ingest.containers.export import ExportContents, Slice, count_problem
from ingest.kinds import Head
from newsmill.errors import TerminalError

__all__ = ["CONTAINER"]

# "1 of 51 DOCUMENTS" stands alone, in the middle of the line or not; "Document 1 of 51" is set in the middle.
_OF = rb"(?:of|von|sur|de|di|van|av|af)"
_NUMBER = re.compile(
    rb"^(?:[ \t\f]*(\d{1,7}) " + _OF + rb" (\d{1,7}) DO[CK]UMENT[A-Z]{0,4}"
    rb"|[ \t\f]{3,}Do[ck]ument[eo]? (\d{1,7}) " + _OF + rb" (\d{1,7}))[ \t]*\r?$\n?",
    re.MULTILINE,
)
# The labels of Nexis in English, German, French, Spanish, Italian and Dutch that hardly any document is without.
_LABEL = re.compile(
    r"^[ \t]*(?:LENGTH|LOAD-DATE|BYLINE|SECTION|PUBLICATION-TYPE|LÄNGE|RUBRIK|AUTOR|UPDATE|LONGUEUR|RUBRIQUE|AUTEUR"
    r"|LONGITUD|SECCIÓN|LUNGHEZZA|SEZIONE|LENGTE|SECTIE|HEADLINE|BODY) ?:"
    r"|^[ \t]*Copyright (?:\(c\) |© )?\d{4} ",
    re.MULTILINE,
)
_COVER = re.compile(r"[^\W\d_][\w -]{2,39}: ?\S")  # "Download Request: Selected Items: 1-10"


class _Documents(ExportContents):
    """The documents between the lines with their numbers."""

    media_type = "text/x-nexis-document"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields what lies behind each line with a number, up to the next one."""
        start: int | None = None
        for line in self.lines(_NUMBER, position):
            if start is not None:
                yield Slice(start, line.start, line.start)
            start = line.end
        if start is not None:
            end = self.end_of_file()
            yield Slice(start, end, end)

    def check(self) -> None:
        """Raises TerminalError if documents are missing, by their numbers."""
        found = (line.match for line in self.lines(_NUMBER, self.begin))
        problem = count_problem((int(match[1] or match[3]), int(match[2] or match[4])) for match in found)
        if problem:
            raise TerminalError(
                f"documents of this Nexis export are missing: {problem}; download it again."
                " Those that are there are taken in"
            )


def _sniff(head: Head) -> bool:
    """Tells by the line with a number, labels of Nexis below it, and that nothing but Nexis' own cover is above."""
    text = head.text
    if "DOCUMENT" not in text and "DOKUMENT" not in text and "ument" not in text:
        return False
    data = text.encode("utf-8", "ignore")
    number = _NUMBER.search(data)
    if number is None:
        return False
    above = data[: number.start()].decode("utf-8", "ignore").strip()
    below = data[number.end() :].decode("utf-8", "ignore")
    return _LABEL.search(below) is not None and (not above or _COVER.match(above) is not None)


CONTAINER: Final = Container(
    media_type="application/x-nexis",
    label="a text export of Nexis (LexisNexis)",
    description="the documents between its lines `1 of 51 DOCUMENTS`; what is missing by these numbers is told",
    emptiness="every document is blank",
    extensions=(".txt",),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    redact=_Documents.redact,
)
