"""Text of a Nexis Uni or Lexis Advance download: documents that each end with a line "End of Document"."""

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from ingest.containers.container import Container
from ingest.containers.export import ExportContents, Line, Slice
from ingest.containers.locator import Range
from ingest.kinds import Head
from newsmill.errors import TerminalError

__all__ = ["CONTAINER"]

_END = re.compile(
    rb"^[ \t\f]*(?:End of Document|Ende des Dokuments|Fin du document|Fin del documento)[ \t]*\r?$\n?", re.MULTILINE
)
_STATED = re.compile(rb"^[ \t\f]*(?:Documents|Dokumente|Documentos) \((\d{1,7})\)[ \t]*\r?$\n?", re.MULTILINE)
_BODY = re.compile(rb"^[ \t\f]*(?:Body|Full Text)[ \t]*\r?$", re.MULTILINE)

# What stands between the titles on the cover.
_COVER = re.compile(
    rb"^[ \t\f]*(?:Client/Matter:|Search T(?:erms|ype):|Narrowed by|Content Type|News[ \t]*\r?$"
    rb"|[^:\n]{2,20}: [^\n]{0,400}; Content Type:)[^\n]{0,400}$\n?",
    re.MULTILINE,
)
_FACT = re.compile(rb"^[ \t\f]*(?:Copyright |Length: |Section: |Byline: )", re.MULTILINE)

_BODY_TEXT = re.compile(r"^[ \t\f]*(?:Body|Full Text)[ \t]*\r?$", re.MULTILINE)
_LABEL = re.compile(
    r"^[ \t\f]*(Length: ?\d[\d.,]* words?|Load-Date: ?\S|Section: ?\S|Copyright (?:\(c\) |© )?\d{4} "
    r"|Job Number: ?\d)",
    re.MULTILINE,
)
_MIN_LABELS = 2


class _Documents(ExportContents):
    """The documents up to their last lines."""

    media_type = "text/x-nexis-uni-document"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields what lies between the lines that end documents; behind the last one, only what has a body."""
        start = self._behind_cover() if position == self.begin else position
        for line in self.lines(_END, start):
            yield Slice(start, line.start, line.end)
            start = line.end
        if next(self.lines(_BODY, start), None):
            end = self.end_of_file()
            yield Slice(start, end, end)

    def cover(self, first: Slice) -> list[Range]:
        """Returns the list of titles before the first document."""
        return [Range(self.begin, first.start - self.begin)]

    def check(self) -> None:
        """Raises TerminalError if the cover states more or fewer documents than there are."""
        stated = self._stated()
        count = sum(1 for _ in self.slices(self.begin)) if stated else 0
        if stated and count != int(stated.match[1]):
            raise TerminalError(
                f"documents of this Nexis download are missing: it states {int(stated.match[1])} and holds {count};"
                " download it again. Those that are there are taken in"
            )

    def _stated(self) -> Line | None:
        """Returns the line of the cover that says how many documents there are."""
        stated = next(self.lines(_STATED, self.begin), None)
        fact = next(self.lines(_FACT, self.begin), None)
        return stated if stated and fact and stated.start < fact.start else None

    def _behind_cover(self) -> int:
        stated = self._stated()
        fact = next(self.lines(_FACT, self.begin), None)
        if stated is None or fact is None:
            return self.begin
        between = takewhile(lambda line: line.start < fact.start, self.lines(_COVER, stated.end))
        return max((line.end for line in between), default=stated.end)


def _sniff(head: Head) -> bool:
    """Tells by a line "Body" and two labels that stand above or below it in each document."""
    text = head.text
    if "Body" not in text and "Full Text" not in text:
        return False
    labels = {match[1].partition(" ")[0] for match in _LABEL.finditer(text)}
    ends = "nd of Document" in text or not head.is_whole or "Job" in labels
    return ends and len(labels) >= _MIN_LABELS and _BODY_TEXT.search(text) is not None


CONTAINER: Final = Container(
    media_type="application/x-nexis-uni",
    label="text of a Nexis Uni or Lexis Advance download",
    description="the documents, each up to its line `End of Document`; their number on the cover is checked",
    emptiness="every document is blank",
    extensions=(".txt",),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    redact=_Documents.redact,
)
