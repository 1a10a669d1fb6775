"""A document of a ProQuest export."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.proquest import parse
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

HEAD = (
    "\n\nQuay shut: what now\n\nAuthor: Doe, Jane; Roe, Richard.\n\n"
    "Publication info: Amber Courier ; Amberford [Amberford]04 Mar 2031.\n\n"
)
METADATA = facts(
    FactSource.LABEL,
    title="Quay shut: what now",
    byline="Jane Doe, Richard Roe",
    publisher="Amber Courier",
    published=parse_date("2031-03-04"),
)


def test_head_alone_says_all() -> None:
    text = f"{HEAD}Abstract: It is shut.\n\nLinks: http://x.example\n\nFull text: One.\n\nTwo.\n\nSubject: Harbours"
    assert parse(text.encode()) == ParsedDocument(METADATA, ("One.", "Two."))


@pytest.mark.parametrize("full_text", ["", "Full text: Not available.\n\n", "Full text:\n\n"])
def test_the_abstract_stands_for_a_text_that_is_not_given(full_text: str) -> None:
    text = f"{HEAD}Abstract: It is shut.\n\n{full_text}Subject: Harbours\n\nDatabase: Amber Newsstream"
    assert parse(text.encode()) == ParsedDocument(METADATA, ("It is shut.",))


def test_a_label_within_the_text_is_text() -> None:
    below = "Subject: Harbours\n\nISSN: 1"
    text = f"{HEAD}Full text: One.\n\nTitle: the word of the day.\n\nA long line.\n\nB.\n\nC.\n\n{below}"
    assert parse(text.encode()).paragraphs == ("One.", "Title: the word of the day.", "A long line.", "B.", "C.")


def test_neither_text_nor_abstract_is_told() -> None:
    with pytest.raises(TerminalError, match="neither the full text of this document nor an abstract"):
        parse(f"{HEAD}Abstract: None available.\n\nSubject: Harbours".encode())
