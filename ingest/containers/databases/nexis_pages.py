"""A page that Nexis (LexisNexis) wrote before 2019: documents under "1 of 51 DOCUMENTS"."""

import re
from typing import Final

from ingest.containers.container import Container
from ingest.containers.databases.page_export import PageExport
from ingest.containers.export import count_problem
from ingest.kinds import Head
from ingest.text.page_lines import read_page
from newsmill.errors import TerminalError

__all__ = ["CONTAINER"]

_SPACE = rb"(?:\s|&nbsp;|&#160;){1,5}"
_NUMBER = re.compile(
    rb">\s{0,20}(\d{1,7})" + _SPACE + rb"(?:of|von|sur|de|di|van|av|af)" + _SPACE
    + rb"(\d{1,7})" + _SPACE + rb"DO[CK]UMENT[A-Z]{0,4}\s{0,20}<",
)  # fmt: skip
_MARKS = re.compile(
    r"<a name=[\"']?DOC_ID_|<doc number=|<!-- LXNComment|LexisNexis|Nexis|LENGTH:|LOAD-DATE:", re.IGNORECASE
)
_INDENT = " " * 20


class _Documents(PageExport):
    """The documents behind their numbers, as the text that Nexis writes of them."""

    media_type = "text/x-nexis-document"
    mark = _NUMBER

    def check(self) -> None:
        """Raises TerminalError if documents are missing, by their numbers."""
        problem = count_problem((int(match[1]), int(match[2])) for match, _, _ in self.marks(0))
        if problem:
            raise TerminalError(
                f"documents of this Nexis export are missing: {problem}; download it again."
                " Those that are there are taken in"
            )

    def convert(self, markup: str) -> bytes:
        """Returns the text of a document, what is set in the middle as such."""
        page = read_page(markup.partition("<")[2].partition(">")[2], centred=self.centred)
        blocks = (
            "\n".join(f"{_INDENT if block.is_centred else ''}{line}" for line in block.lines) for block in page.blocks
        )
        return "\n\n".join(blocks).encode()


def _sniff(head: Head) -> bool:
    """Tells by a number between tags, and marks of Nexis."""
    text = head.text
    if "UMENT" not in text:
        return False
    return (
        "<" in text[:2000] and _NUMBER.search(text.encode("utf-8", "ignore")) is not None and bool(_MARKS.search(text))
    )


CONTAINER: Final = Container(
    media_type="application/x-nexis-html",
    label="a Nexis (LexisNexis) export as a web page",
    description="the documents under their numbers `1 of 51 DOCUMENTS`; what is missing by these is told",
    emptiness="no document has a number such as 1 of 51 DOCUMENTS",
    extensions=(".html", ".htm"),
    content_only=True,
    sniff=_sniff,
    contents=_Documents,
    verbatim=False,
)
