import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents import (
    CleanDocument,
    DatePrecision,
    Fact,
    FactSource,
    Metadata,
    ParsedDocument,
    PublicationDate,
    Removal,
)
from ingest.text.unicode_repair import repair
from newsmill.errors import NoArticleError
from tests.support.metadata import day, facts
from tests.support.texts.articles import clean, clean_with_removals

FIRST = "The harbour of Eastgate was closed on Tuesday after a crane fell into the water, the port authority said."
SECOND = "Nobody was hurt, and ships were sent to the neighbouring port of Westgate for the rest of the day."
HEADLINE = Fact("Crane falls into harbour", FactSource.HEADLINE)
JANE_DOE = Fact("Jane Doe", FactSource.BYLINE)
DAY = Fact(day(2024, 7, 30), FactSource.DATELINE)


def parsed(*paragraphs: str, metadata: Metadata | None = None) -> ParsedDocument:
    return ParsedDocument(metadata or Metadata(), paragraphs)


def test_a_page_becomes_an_article() -> None:
    document, removals = clean_with_removals(
        parsed(
            "Skip to content",
            "Crane falls into harbour",
            "Accident in Eastgate",
            "Crane falls into harbour",
            "Published: July 30, 2024",
            "By Jane Doe, Staff writer",
            f"**{FIRST}",
            f"{SECOND}**",
            "AFP contributed reporting.",
            "Read also:",
            "Divers find a second crane",
        )
    )
    agency = Fact("AFP contributed reporting", FactSource.CREDIT_LINE)
    metadata = Metadata(title=HEADLINE, byline=JANE_DOE, published=DAY, credits=agency)
    assert document == CleanDocument(metadata, (FIRST, SECOND))
    assert removals == (
        Removal("Skip to content", "skip-link"),
        Removal("Crane falls into harbour", "headline"),
        Removal("Accident in Eastgate", "kicker"),
        Removal("Crane falls into harbour", "headline"),
        Removal("Published: July 30, 2024", "date"),
        Removal("By Jane Doe, Staff writer", "byline"),
        Removal("AFP contributed reporting.", "credit"),
        Removal("Read also:", "related-links"),
        Removal("Divers find a second crane", "related-links"),
    )


def test_a_labelled_date_before_the_first_sentence_is_read_and_goes() -> None:
    document, removals = clean_with_removals(parsed(f" date 2024-07-30 {FIRST}", SECOND))
    assert document == CleanDocument(Metadata(published=DAY), (FIRST, SECOND))
    assert removals == (Removal("date 2024-07-30", "dateline"),)


def test_what_the_format_says_wins() -> None:
    given_metadata = facts(
        FactSource.JSON_LD,
        title="Crane falls",
        byline="Luis Roe",
        publisher="Eastgate Post",
        published=PublicationDate(datetime(2023, 1, 1, tzinfo=UTC), DatePrecision.YEAR),
        language="en",
    )
    document = clean(parsed("CRANE  FALLS", "By Jane Doe", "date 2024-07-30", FIRST, metadata=given_metadata))
    assert document == CleanDocument(given_metadata, (FIRST,))


def test_the_date_of_publication_wins_over_that_of_an_update() -> None:
    document = clean(parsed("Crane falls into harbour", "Updated July 31, 2024", "Published July 30, 2024", FIRST))
    assert document.metadata == Metadata(title=HEADLINE, published=DAY)
    assert document.paragraphs == (FIRST,)


SUBTITLE = "The harbour stayed shut for a day, and the ships of three lines went to another port."


def test_a_byline_and_a_date_below_a_subtitle_are_read() -> None:
    document = clean(
        parsed("Crane falls into harbour", SUBTITLE, "By Jane Doe", "From Eastgate in the rain", "July 30, 2024", FIRST)
    )
    assert document.metadata == Metadata(title=HEADLINE, byline=JANE_DOE, published=DAY)
    assert document.paragraphs == (SUBTITLE, "From Eastgate in the rain", FIRST)


def test_the_days_of_a_chronicle_stay() -> None:
    paragraphs = (SUBTITLE, "July 30, 2024", FIRST, "July 31, 2024", SECOND)
    assert clean(parsed("The crane: a chronicle", *paragraphs)).paragraphs == paragraphs


def test_a_name_above_the_date_is_the_byline() -> None:
    document = clean(parsed("Crane falls into harbour", "Jane Doe", "July 30, 2024", FIRST))
    assert document.metadata == Metadata(title=HEADLINE, byline=JANE_DOE, published=DAY)
    assert clean(parsed("Jane Doe", "July 30, 2024", FIRST)).metadata.byline is None
    assert (
        clean(parsed("Ports", "Eastgate Pro", "July 30, 2024", "Crane falls into harbour", FIRST)).metadata.byline
        is None
    )


def test_a_byline_on_two_lines_is_read() -> None:
    document = clean(parsed("Crane falls into harbour", "By", "Jane Doe", "July 30, 2024", FIRST))
    assert document == CleanDocument(Metadata(title=HEADLINE, byline=JANE_DOE, published=DAY), (FIRST,))
    assert clean(parsed("Crane falls into harbour", "By", "the way", FIRST)).paragraphs == ("By", "the way", FIRST)


def test_several_bylines_are_one() -> None:
    document = clean(parsed("Crane falls into harbour", "Jane Doe, Reporter", "Luis Roe, Editor", FIRST))
    assert document.metadata.byline == Fact("Jane Doe, Luis Roe", FactSource.BYLINE)


def test_the_report_of_an_agency_is_its_headline_and_its_text() -> None:
    report = f"EASTGATE, July 30, 2024 (AP) - {FIRST}"
    document = clean(
        parsed(
            "BC-EU--Port Reopens,1st Ld-Writethru",
            "Port reopens after storm =",
            "Eds: Adds background.",
            "By Jane Doe",
            "Associated Press",
            report,
            SECOND,
            "jd/jr",
        )
    )
    assert document.metadata == Metadata(
        title=Fact("Port reopens after storm", FactSource.HEADLINE), byline=JANE_DOE, published=DAY
    )
    assert document.paragraphs == (report, SECOND)


def test_metadata_is_repaired() -> None:
    metadata = facts(FactSource.META, title="Craneâ€™s\u00a0fall\x00", byline=" \u200b ", publisher="Eastgate\nPost")
    assert clean(parsed(FIRST, metadata=metadata)).metadata == facts(
        FactSource.META, title="Crane’s fall", publisher="Eastgate Post"
    )


def test_title_that_is_an_agencys_end_mark_alone_is_none() -> None:
    document = clean(parsed(FIRST, metadata=facts(FactSource.FIELD, title="=")))
    assert document == CleanDocument(Metadata(), (FIRST,))


def test_what_the_text_says_completes_what_the_format_says() -> None:
    document = clean(
        parsed(
            "Crane falls into harbour",
            "By Luis Roe",
            f"EASTGATE, July 30, 2024 (AP) - {FIRST}",
            metadata=facts(FactSource.FIELD, byline="Jane Doe"),
        )
    )
    assert document.metadata == Metadata(title=HEADLINE, byline=Fact("Jane Doe", FactSource.FIELD), published=DAY)


def test_place_datelines_and_inline_emphasis_are_article_text() -> None:
    paragraphs = (f"EASTGATE (Newsline) — {FIRST}", "It was **very** loud, a witness said.", "Rated **", "2 ** 3")
    assert clean(parsed(*paragraphs)) == CleanDocument(Metadata(), paragraphs)


def test_bold_around_a_paragraph_goes() -> None:
    assert clean(parsed(FIRST, f"**{SECOND}**", "**")).paragraphs == (FIRST, SECOND)


def test_a_flash_keeps_its_only_line() -> None:
    assert clean(parsed("Crane falls", "Crane falls")) == CleanDocument(
        facts(FactSource.HEADLINE, title="Crane falls"), ("Crane falls",)
    )


@pytest.mark.parametrize(
    ("paragraphs", "message"),
    [
        ((), "no text in the document"),
        (("", " \u200b"), "no text in the document"),
        (("Skip to content", "Home", "Log in"), "nothing but site chrome in the document"),
        (("We use cookies to improve our site.", "Accept all"), "nothing but site chrome in the document"),
    ],
)
def test_no_article(paragraphs: tuple[str, ...], message: str) -> None:
    with pytest.raises(NoArticleError, match=f"^{message}$"):
        clean(parsed(*paragraphs))


LINES = st.sampled_from(
    f"""
    {FIRST}
    {SECOND}
    date 2024-07-30 {FIRST}
    **{SECOND}
    {SECOND}**
    Crane falls into harbour
    “Crane falls into harbour”
    Ports
    Home
    News
    Search
    Menu
    Log in
    Share
    Facebook
    By Jane Doe
    2024-07-30
    Harbour Post, 2024-07-30
    3 hours ago
    Read also:
    Recommended
    Divers find a second crane
    A Message from The Post:
    Dear readers,
    Your support matters: please support our journalism monthly.
    Monthly
    Remind me later.
    ×
    ***
    **
    We use cookies here.
    ADVERTISEMENT
    skip past newsletter promotion
    after newsletter promotion
    """.strip().splitlines()
)
TITLES = st.just("Crane falls into harbour") | st.text(min_size=1, max_size=20)
DOCUMENTS = st.builds(
    ParsedDocument,
    st.builds(Metadata, title=st.none() | st.builds(Fact, TITLES, st.sampled_from(FactSource))),
    st.lists(LINES | st.text(st.characters(), max_size=40), max_size=25).map(tuple),
)


def is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(any(line.endswith(wanted) for line in rest) for wanted in part)


@settings(max_examples=300)
@given(DOCUMENTS)
def test_cleaning_is_idempotent_and_only_takes_away(document: ParsedDocument) -> None:
    try:
        once, removals = clean_with_removals(document)
    except NoArticleError:
        return
    assert clean_with_removals(ParsedDocument(once.metadata, once.paragraphs)) == (once, ())
    assert clean_with_removals(document) == (once, removals)
    assert once.paragraphs
    assert all(once.paragraphs)
    whole = [repair(paragraph).removesuffix("**").rstrip() for paragraph in document.paragraphs]
    assert is_subsequence([paragraph.removesuffix("**").rstrip() for paragraph in once.paragraphs], whole)


def sample_articles() -> list[tuple[str, ...]]:
    """The real articles that lie beside a development checkout; none elsewhere."""
    default = Path(__file__).parents[5] / "shared"
    files = sorted(Path(os.environ.get("NEWSMILL_SHARED", default), "seeds").glob("*.txt"))
    return [tuple(line for line in file.read_text("utf-8").splitlines() if line.strip()) for file in files]


def test_real_articles_lose_their_chrome_and_nothing_else() -> None:
    for lines in sample_articles():
        document, removals = clean_with_removals(ParsedDocument(Metadata(), lines))
        for phrase in (
            "Skip to content",
            "Read also",
            "Remind me",
            "A Message from",
            "Thank you for standing with us",
            "**",
        ):
            assert phrase not in document.text
        assert is_subsequence(document.paragraphs, [line.strip().strip("*") for line in lines])
        assert {removal.rule for removal in removals} <= {
            "headline",
            "kicker",
            "dateline",
            "credit",
            "appeal",
            "skip-link",
            "related-links",
        }
        assert sum(map(len, document.paragraphs)) > 1000


def test_any_number_of_labelled_dates_before_the_first_sentence_goes() -> None:
    document, removals = clean_with_removals(parsed("date 2024-07-30 " * 100 + FIRST))
    assert document == CleanDocument(Metadata(published=DAY), (FIRST,))
    assert removals == (Removal(("date 2024-07-30 " * 100).strip(), "dateline"),)


def test_what_takes_a_pass_a_line_is_still_clean_for_good() -> None:
    document = clean(parsed(*(f"By Jane Doe {'I' * n}" for n in range(60)), *(["Home", "Crane falls in"] * 60), FIRST))
    assert clean(ParsedDocument(document.metadata, document.paragraphs)) == document
