"""A document of a Nexis export."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.nexis import parse
from ingest.metadata.dates import parse_date
from tests.support.metadata import facts

BODY = "The council voted on Monday to close the old quay to all lorries from\nnext spring."
PARAGRAPH = BODY.replace("\n", " ")


def read(text: str) -> ParsedDocument:
    return parse(text.encode())


def expected(*paragraphs: str, **metadata: object) -> ParsedDocument:
    if "published" in metadata:
        metadata["published"] = parse_date(str(metadata["published"]))
    return ParsedDocument(facts(FactSource.LABEL, **metadata), paragraphs)


def test_labels_of_other_languages_are_read() -> None:
    text = (
        "Amber Anzeiger\n\n4. März 2031 Dienstag 9:50 PM GMT+1\n\nHafen bleibt zu;\nRat stimmt ab\n\n"
        f"AUTOR: Doe, Jane\n\nRUBRIK: LOKALES\n\nLÄNGE: 412 Wörter\n\nHIGHLIGHT: Der Rat hat entschieden.\n\n{BODY}\n\n"
        "UPDATE: 5. März 2031\n\nSPRACHE: GERMAN; DEUTSCH\n\nPUBLICATION-TYPE: Web\n\nCopyright 2031 Amber GmbH\n"
        "Alle Rechte vorbehalten\n"
    )
    assert read(text) == expected(
        "Der Rat hat entschieden.", PARAGRAPH, title="Hafen bleibt zu; Rat stimmt ab", byline="Jane Doe",
        publisher="Amber Anzeiger", published="2031-03-04T21:50+01:00", language="de",
    )  # fmt: skip


def test_dutch_labels_below_the_text_are_none_of_it() -> None:
    text = (
        "                    Amber Courant\n\n                    4 maart 2031 dinsdag\n\nHaven blijft dicht\n\n"
        f"AUTEUR: Jan Bos\n\nSECTIE: Binnenland\n\nLENGTE: 9 woorden\n\n{BODY}\n\nLAAD-DATUM: 5 maart 2031\n\n"
        "TAAL: DUTCH; NEDERLANDS\n\nPUBLICATIETYPE: Krant\n"
    )
    assert read(text) == expected(
        PARAGRAPH, title="Haven blijft dicht", byline="Jan Bos", publisher="Amber Courant", published="2031-03-04",
        language="nl",
    )  # fmt: skip


def test_labels_for_headline_and_body_and_rights_at_the_top() -> None:
    text = (
        "Copyright 2031 Amber Company, Inc.\nAMBER TODAY\n\nMarch 4, 2031, Tuesday,, FINAL EDITION\n\n"
        "SECTION: MONEY; Pg. 1B\n\nLENGTH: 412 words\n\nHEADLINE: Quay shut\n\nBYLINE: By Jane Doe\n\n"
        f"DATELINE: AMBERFORD\n\nBODY:\n{BODY}\n\nGRAPHIC: PHOTO, Color, the quay\n\nLOAD-DATE: March 5, 2031"
    )
    assert read(text) == expected(
        PARAGRAPH, title="Quay shut", byline="Jane Doe", publisher="AMBER TODAY", published="2031-03-04"
    )


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("March 4, 2031 Tuesday", "2031-03-04"),
        ("Tuesday, March 4, 2031", "2031-03-04"),
        ("4 mars 2031 mardi", "2031-03-04"),
        ("Mar 4, 2031", "2031-03-04"),
        ("March 4, 2031 Tuesday 9:33 AM GMT", "2031-03-04T09:33+00:00"),
    ],
)
def test_dates(date: str, published: str) -> None:
    document = read(f"Amber Courier\n\n{date}\n\nQuay shut\n\nLENGTH: 9 words\n\n{BODY}\n")
    assert document == expected(PARAGRAPH, title="Quay shut", publisher="Amber Courier", published=published)


def test_a_headline_like_a_newspaper_and_words_in_capitals_stay_what_they_are() -> None:
    text = (
        f"{' ' * 30}Amber Courier\n\n{' ' * 30}March 4, 2031 Tuesday\n{' ' * 33}First Edition\n\nThe Harbour Times\n\n"
        f"LENGTH: 9 words\n\n{BODY}\n\nWARNING: High water is expected at the quay.\n\nLOAD-DATE: March 5, 2031\n"
    )
    document = read(text)
    assert document == expected(
        PARAGRAPH, "WARNING: High water is expected at the quay.", title="The Harbour Times", publisher="Amber Courier",
        published="2031-03-04",
    )  # fmt: skip
