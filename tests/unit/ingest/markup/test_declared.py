"""What web pages say of themselves."""

from datetime import UTC, datetime

import pytest

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate
from tests.support.metadata import day, facts, metadata_of, script

PUBLISHED = datetime(2024, 7, 30, 12, tzinfo=UTC)


def test_json_ld_is_read_and_references_are_resolved() -> None:
    graph = {
        "@graph": [
            {"@type": "WebPage", "name": "Page"},
            {"@type": "Person", "@id": "#ada", "name": "Ada Quill"},
            {"@type": "Organization", "@id": "#post", "name": "The Amber Post"},
            {
                "@type": ["Thing", "NewsArticle"],
                "headline": "Old bridge closes",
                "datePublished": "2024-07-30T12:00:00Z",
                "author": [{"@id": "#ada"}, {"name": "Ben Ash"}],
                "publisher": {"@id": "#post"},
            },
            {"@type": "NewsArticle", "headline": "Another story", "author": "Nobody"},
        ]
    }

    assert metadata_of(script(graph)) == facts(
        FactSource.JSON_LD,
        title="Old bridge closes",
        byline="Ada Quill, Ben Ash",
        publisher="The Amber Post",
        published=PublicationDate(PUBLISHED, DatePrecision.SECOND),
    )


def test_meta_elements_are_read() -> None:
    head = """
    <meta property="og:title" content="Old bridge closes"><meta name="author" content="By Ada Quill">
    <meta property="og:site_name" content="The Amber Post"><meta property="og:locale" content="en_GB">
    <meta property="article:published_time" content="2024-07-30T14:00+02:00">
    <link rel="canonical" href="https://amber.example/bridge"><meta property="og:url" content="https://other.example/">"""

    assert metadata_of(head) == Metadata(
        title=Fact("Old bridge closes", FactSource.OPENGRAPH),
        byline=Fact("Ada Quill", FactSource.META),
        publisher=Fact("The Amber Post", FactSource.OPENGRAPH),
        published=Fact(PublicationDate(PUBLISHED, DatePrecision.MINUTE), FactSource.OPENGRAPH),
        language=Fact("en", FactSource.OPENGRAPH),
        url=Fact("https://amber.example/bridge", FactSource.CANONICAL_LINK),
    )


def test_page_that_says_nothing_of_itself_has_no_metadata() -> None:
    assert metadata_of() == Metadata()


@pytest.mark.parametrize(
    "path", ["2024/07/30/bridge", "news/2024-07-30-bridge", "2024/POLITICS/07/30/bridge", "2024/7/30/5842180/bridge"]
)
def test_the_date_in_the_address_is_a_day(path: str) -> None:
    head = f'<link rel="canonical" href="https://amber.example/{path}">'

    assert metadata_of(head).published == Fact(day(2024, 7, 30), FactSource.URL)


@pytest.mark.parametrize("path", ["2024/7/3-ways-to-cross", "2024/13/30/bridge", "2024/07/bridge", "2024/07/301"])
def test_other_numbers_in_the_address_are_no_date(path: str) -> None:
    assert metadata_of(f'<link rel="canonical" href="https://amber.example/{path}">').published is None


def test_the_language_of_the_page_goes_before_that_of_its_locale() -> None:
    assert metadata_of('<meta property="og:locale" content="en_US">', attributes='lang="fr"') == facts(
        FactSource.HTML_LANG, language="fr"
    )


def test_the_publisher_of_microdata_is_read() -> None:
    body = '<div itemprop="publisher"><meta itemprop="name" content="The Amber Post"></div>'

    assert metadata_of("", body) == facts(FactSource.MICRODATA, publisher="The Amber Post")


def test_the_date_and_the_author_that_a_reader_sees_are_read() -> None:
    body = "<time datetime='2024-07-30'>yesterday</time><p class='author'>Ada Quill</p>"

    assert metadata_of("", body) == facts(FactSource.VISIBLE, byline="Ada Quill", published=day(2024, 7, 30))


@pytest.mark.parametrize(
    ("head", "expected", "source"),
    [
        ('<base href="https://amber.example/news/"><link rel="canonical" href="bridge">',
         "https://amber.example/news/bridge", FactSource.CANONICAL_LINK),
        ('<link rel="canonical" href="/news/bridge"><meta property="og:url" content="https://amber.example/x">',
         "https://amber.example/news/bridge", FactSource.CANONICAL_LINK),
        ('<base href="https://amber.example/"><link rel="canonical" href="//amber.example/bridge">',
         "https://amber.example/bridge", FactSource.CANONICAL_LINK),
        ('<link rel="canonical" href="https://amber.example/"><meta property="og:url" content="https://amber.example/bridge">',
         "https://amber.example/bridge", FactSource.OPENGRAPH),
        ('<link rel="canonical" href="https://cms.example/index.html"><meta name="twitter:url" content="https://amber.example/a">',
         "https://amber.example/a", FactSource.META),
        ('<link rel="canonical" href="https://amber.example/bridge?utm_source=feed&id=7&fbclid=x#replies">',
         "https://amber.example/bridge?id=7", FactSource.CANONICAL_LINK),
        ('<link rel="canonical" href="//amber.example/bridge">', "https://amber.example/bridge",
         FactSource.CANONICAL_LINK),
        ('<link rel="alternate Canonical" href="https://amber.example/bridge">', "https://amber.example/bridge",
         FactSource.CANONICAL_LINK),
        ('<link rel="canonical" href="https://amber.example/"><link rel="canonical" href="https://amber.example/bridge">',
         "https://amber.example/bridge", FactSource.CANONICAL_LINK),
        *((f'<link rel="canonical" href="{address}"><meta property="og:url" content="https://amber.example/bridge">',
           "https://amber.example/bridge", FactSource.OPENGRAPH)
          for address in ("{{ url }}", "https://amber.example/undefined", "http://localhost:3000/bridge")),
        ('<link rel="canonical" href="https://amber.example/?p=7">', "https://amber.example/?p=7",
         FactSource.CANONICAL_LINK),
    ],
)  # fmt: skip
def test_addresses_are_absolute_and_none_of_a_home_page(head: str, expected: str, source: FactSource) -> None:
    assert metadata_of(head).url == Fact(expected, source)


@pytest.mark.parametrize(
    "address", ["https://amber.example/", "https://amber.example/en/", "/bridge", "javascript:void(0)", "http://[", ""]
)
def test_what_is_no_address_of_an_article_is_none(address: str) -> None:
    assert metadata_of(f'<link rel="canonical" href="{address}">').url is None


def test_the_address_in_json_ld_is_read_last() -> None:
    node = {"@type": "NewsArticle", "mainEntityOfPage": {"@id": "https://amber.example/bridge"}}

    assert metadata_of(script(node)).url == Fact("https://amber.example/bridge", FactSource.JSON_LD)
