"""PDF: paragraphs of its lines, without what stands at the edges of its pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, ParsedDocument, PublicationDate
from ingest.formats.detect import detect
from ingest.formats.pdf import parse
from newsmill.errors import NoArticleError, TerminalError
from tests.data.office_files import Shown, pdf
from tests.support.metadata import day

COLUMN = [
    Shown(60, 690, "Amberford, 4 March 2031 - The council of Amberford has de-"),
    Shown(60, 678, "cided to close the old bridge for repairs. It met on Monday,"),
    Shown(60, 666, "and nobody spoke against a well-known plan."),
    Shown(72, 654, "The work begins in May and costs four million crowns, the well-"),
    Shown(60, 642, "known mayor said."),
]
TEXT = (
    "Amberford, 4 March 2031 - The council of Amberford has decided to close the old bridge for repairs. It met on"
    " Monday, and nobody spoke against a well-known plan.",
    "The work begins in May and costs four million crowns, the well-known mayor said.",
)
PUBLISHED = Fact(day(2031, 3, 4), FactSource.DATELINE)


def test_lines_are_paragraphs_and_what_is_largest_is_the_title() -> None:
    headline = [Shown(60, 740, "Old bridge of Amberford", 22, True), Shown(60, 714, "closes for two years", 22, True)]
    data = pdf([Shown(60, 790, "The Amber Courier", 9), *headline, *COLUMN], info="/Title (bridge_final.docx)")
    assert detect(data, "a.txt") == "application/pdf"
    assert parse(data) == ParsedDocument(
        Metadata(title=Fact("Old bridge of Amberford closes for two years", FactSource.HEADLINE), published=PUBLISHED),
        ("The Amber Courier", "Old bridge of Amberford closes for two years", *TEXT),
    )


@pytest.mark.parametrize(
    ("stated", "shown", "expected"),
    [
        ("Old bridge closes", Shown(60, 740, "Old bridge closes"), Fact("Old bridge closes", FactSource.PROPERTIES)),
        ("Old bridge", Shown(60, 740, "Old bridge closes", 10, True), Fact("Old bridge closes", FactSource.HEADLINE)),
        ("Microsoft Word - a.doc", Shown(60, 740, "Old bridge closes"), Fact("Old bridge closes", FactSource.HEADLINE)),
        ("untitled", Shown(60, 740, "Dear Sir,"), None),
        ("untitled", Shown(60, 740, "PRESS RELEASE No. 7", 20), None),
        ("A bridge of stone", Shown(60, 740, "Dear Sir,"), Fact("A bridge of stone", FactSource.PROPERTIES)),
    ],
)
def test_properties_give_the_title_if_it_is_one(stated: str, shown: Shown, expected: Fact[str] | None) -> None:
    assert parse(pdf([shown, *COLUMN], info=f"/Title ({stated})")).metadata.title == expected


def test_an_author_counts_where_the_text_names_them_and_the_date_of_the_file_never() -> None:
    info = "/Author (Jane Doe) /CreationDate (D:20400101120000Z)"
    with_name = parse(pdf([Shown(60, 740, "By Jane Doe"), Shown(60, 690, "A bridge closes.")], info=info))
    assert with_name.metadata.byline == Fact("Jane Doe", FactSource.PROPERTIES)
    assert parse(pdf([Shown(60, 690, "A bridge closes.")], info=info)).metadata == Metadata()


def test_columns_and_pages_go_on_and_running_heads_and_page_numbers_go() -> None:
    pages = [
        [
            Shown(60, 815, f"The Amber Courier, page {number}"),
            Shown(60, 700, f"Story {number} begins here and its first sentence goes on in the"),
            Shown(320, 700, "next column, where it ends with a full stop. What follows goes on"),
            Shown(60, 20, str(number)),
        ]
        for number in (1, 2, 3)
    ]
    pages[1][1] = Shown(60, 700, "on the next page. Story 2 begins there and goes on in the")
    assert parse(pdf(*pages)).paragraphs == (
        "Story 1 begins here and its first sentence goes on in the next column, where it ends with a full stop. What"
        " follows goes on on the next page. Story 2 begins there and goes on in the next column, where it ends with a"
        " full stop. What follows goes on",
        "Story 3 begins here and its first sentence goes on in the next column, where it ends with a full stop. What"
        " follows goes on",
    )


def test_a_scan_is_rejected_and_a_table_is_no_article() -> None:
    with pytest.raises(NoArticleError, match=r"^the PDF has no text layer: its pages are pictures"):
        parse(pdf([], []))
    with pytest.raises(NoArticleError, match=r"^the PDF holds a table of numbers and no sentence$"):
        parse(pdf([Shown(60, 700 - 12 * row, f"Ward {row} YES {row * 7} NO {row * 9}") for row in range(30)]))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pdf(COLUMN)[:200], "the PDF is cut off or damaged: it has no pages that can be found"),
        (pdf(), "the PDF is cut off or damaged: it has no pages that can be found"),
        (b"%PDF-1.7\nand then prose", "the PDF is cut off or damaged: it has no pages that can be found"),
        (pdf(*[[Shown(60, 700, "A")]] * 3001), "the PDF has 3,001 pages, many times those of an article"),
    ],
    ids=["cut off", "no pages", "prose", "long"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)


def test_packed_pages_are_read_and_bombs_are_not() -> None:
    assert parse(pdf(COLUMN, packed=True)).paragraphs == TEXT
    bomb = pdf([Shown(60, 700, " " * (17 << 20))], packed=True)
    assert len(bomb) < 20_000
    with pytest.raises(TerminalError, match=r"^the PDF has a page that unpacks to more than 16 MiB: a bomb"):
        parse(bomb)


def test_pages_that_are_their_own_parents_end() -> None:
    looped = pdf(COLUMN).replace(b"/Kids [5 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(TerminalError, match="damaged"):
        parse(looped)


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
def test_a_damaged_file_ends_as_a_document_or_an_error_of_ours(place: int, noise: bytes) -> None:
    data = pdf(COLUMN)
    at = place % len(data)
    try:
        document = parse(data[:at] + noise + data[at + len(noise) :])
    except TerminalError:
        return
    assert document.paragraphs


def test_a_date_has_the_precision_that_is_shown() -> None:
    published = parse(pdf(COLUMN)).metadata.published
    assert published is not None
    assert published.value == PublicationDate(published.value.at, DatePrecision.DAY)
