"""A text file that ProQuest wrote: documents with labels, between lines of underscores."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.containers.container import Container
from ingest.containers.export import ExportContents, Slice, count_problem
from ingest.containers.locator import Range
from ingest.kinds import Head
from newsmill.errors import TerminalError

__all__ = ["CONTAINER"]

_RULE = r"_{40,120}[ \t]*\r?$\n?"  # ProQuest writes 60
_NUMBER = r"Document (\d{1,7}) of (\d{1,7})[ \t]*\r?$"
# What stands above the text in each document, and not below it.
_HEAD_LABEL = r"(?:Author|Publication info|Abstract|Links|Full text) ?:"
_LINES = re.compile(f"^(?:(?P<rule>{_RULE})|(?P<head>{_HEAD_LABEL})|{_NUMBER})".encode(), re.MULTILINE)
_NUMBERS = re.compile(f"^{_NUMBER}".encode(), re.MULTILINE)

_LABEL = re.compile(
    r"^(Publication info|Full text|Abstract|Links|ProQuest document ID|Document URL|Publication title|Source type"
    r"|Database|Last updated|Copyright) ?:",
    re.MULTILINE,
)
_FIRST = re.compile(rf"(?:{_RULE}|{_NUMBER}|Report Information from ProQuest)", re.MULTILINE)
_MIN_LABELS = 3


class _Documents(ExportContents):
    """The documents between the rules: what has labels of its head. A rule within a text is text."""

    media_type = "text/x-proquest-document"
    tombstone = b"\nLinks:\n"

    def slices(self, position: int) -> Iterator[Slice]:
        """Yields what lies between two rules; what has no label of a head belongs to the document before it."""
        begin: int | None = None  # of the document that is not yielded yet
        rule = start = position  # the last rule, and what is below it
        has_label = False
        for line in self.lines(_LINES, position):
            if line.match["rule"] is not None:
                rule, start, has_label = line.start, line.end, False
            elif not has_label:
                has_label = True
                if begin is not None:
                    yield Slice(begin, rule, rule)
                begin = start
        if begin is not None:
            end = self.end_of_file()
            yield Slice(begin, end, end)

    def cover(self, first: Slice) -> list[Range]:
        """Returns what stands above the rule of the first document: a table of contents."""
        above = [line for line in self.lines(_LINES, self.begin) if line.end <= first.start]
        return [Range(self.begin, above[-1].start - self.begin)] if above else []

    def check(self) -> None:
        """Raises TerminalError if documents are missing, by "Document 1 of 51"."""
        found = (line.match for line in self.lines(_NUMBERS, self.begin))
        problem = count_problem((int(match[1]), int(match[2])) for match in found)
        if problem:
            raise TerminalError(
                f"documents of this ProQuest export are missing: {problem}; download it again."
                " Those that are there are taken in"
            )


def _sniff(head: Head) -> bool:
    """Tells by labels of ProQuest, below a rule or a number, or by its number of a document."""
    text = head.body
    if "Full text" not in text and "ProQuest document ID" not in text:
        return False
    labels = {match[1] for match in _LABEL.finditer(text)}
    if len(labels) < _MIN_LABELS:
        return False
    return _FIRST.match(text) is not None or "ProQuest document ID" in labels


CONTAINER: Final = Container(
    media_type="application/x-proquest",
    label="a text export of ProQuest",
    description="the documents between its lines of underscores",
    emptiness="no document in it has a label",
    extensions=(".txt",),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    redact=_Documents.redact,
)
