"""A document of a Factiva download."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.factiva import parse
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

PARAGRAPHS = ("The council voted on Monday to close the old quay.", "IN the end, nobody spoke against it.")
EXPECTED = ParsedDocument(
    facts(
        FactSource.LABEL,
        title="Quay shut to lorries",
        byline="Jane Doe",
        publisher="Amber Courier",
        published=parse_date("2031-03-04 10:15"),
        language="en",
    ),
    PARAGRAPHS,
)
FIELDS = (
    ("SE", "News"), ("HD", "Quay shut to lorries"), ("BY", "By Jane Doe"), ("WC", "412 words"), ("PD", "4 March 2031"),
    ("ET", "10:15"), ("SN", "Amber Courier"), ("SC", "AMBERC"), ("LA", "English"), ("CY", "Copyright 2031, Amber Ltd"),
    ("LP", PARAGRAPHS[0]), ("TD", PARAGRAPHS[1]), ("CO", "abc : Amber Corp"), ("RE", "eurz : Europe"),
    ("AN", "Document AMBERC0020310304e73400001"),
)  # fmt: skip


@pytest.mark.parametrize("between", ["\n", "\t", "  ", "      ", " "])
def test_codes_stand_alone_or_before_their_values(between: str) -> None:
    text = "\n\n".join(f"{code}{between}{value}" for code, value in FIELDS)
    assert parse(text.encode()) == EXPECTED


def test_the_codes_of_the_text_stand_alone_above_it_where_others_stand_before_their_values() -> None:
    text = "\n\n".join(f"{code}{chr(10) if code in {'LP', 'TD'} else ' '}{value}" for code, value in FIELDS)
    assert parse(text.encode()) == EXPECTED


def test_without_codes() -> None:
    text = (
        f"Harbours\n{EXPECTED.metadata.title and 'Quay shut to lorries'}\nBy Jane Doe\n412 words\n4 March 2031\n10:15\n"
        "Amber Courier\nAMBERC\n3\nEnglish\nCopyright 2031 Amber Ltd.  All Rights Reserved.\n\n"
        + "\n\n".join(PARAGRAPHS)
        + "\n\nAmber Ltd\n\nDocument AMBERC0020310304e73400001\n"
    )
    assert parse(text.encode()) == EXPECTED


@pytest.mark.parametrize(
    "text", ["Search Summary\nText\nquay", "412 words\n4 March 2031", "A headline\n12 words\nnone"]
)
def test_what_is_no_document_says_so(text: str) -> None:
    with pytest.raises(TerminalError, match="Factiva download has no headline"):
        parse(text.encode())
