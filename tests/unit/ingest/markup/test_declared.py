"""What web pages say of themselves."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml.html import document_fromstring

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate
from ingest.markup.declared import read_metadata
from ingest.metadata.fields import as_text
from tests.support.metadata import day, facts

SITE_TITLE = "<title>Old bridge closes | The Amber Post</title>"
PUBLISHED = datetime(2024, 7, 30, 12, tzinfo=UTC)


def metadata_of(head: str = "", body: str = "", attributes: str = "") -> Metadata:
    return read_metadata(
        document_fromstring(f"<html {attributes}><head>{head}</head><body>{body}<p>x</p></body></html>")
    )


def script(value: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


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


@pytest.mark.parametrize(
    ("head", "body", "expected", "source"),
    [
        (SITE_TITLE, "<h1>The Amber Post</h1><h1>Old bridge closes</h1>", "Old bridge closes", FactSource.HEADING),
        ('<title>The Amber Post: Old bridge closes</title><meta property="og:site_name" content="The Amber Post">', "",
         "Old bridge closes", FactSource.TITLE_ELEMENT),
        ("<title>Opinion | Old bridges must go</title>", "", "Opinion | Old bridges must go", FactSource.TITLE_ELEMENT),
        (SITE_TITLE, "", "Old bridge closes", FactSource.TITLE_ELEMENT),
        ("<title>Old bridge - a history</title>", "", "Old bridge - a history", FactSource.TITLE_ELEMENT),
        ('<meta property="og:title" content="Old bridge closes">', "<h1>Welcome</h1>", "Old bridge closes",
         FactSource.OPENGRAPH),
        ('<meta name="twitter:title" content="Old bridge closes">', "", "Old bridge closes", FactSource.META),
        ("", "<h1>Old <em>bridge</em><span>closes</span></h1>", "Old bridge closes", FactSource.HEADING),
    ],
)  # fmt: skip
def test_titles(head: str, body: str, expected: str, source: FactSource) -> None:
    assert metadata_of(head, body).title == Fact(expected, source)


def test_page_that_says_nothing_of_itself_has_no_metadata() -> None:
    assert metadata_of() == Metadata()


@pytest.mark.parametrize(
    "noise",
    [
        "{",
        "[" * 100_000,
        '"text"',
        "[1, null]",
        '{"@type": {"a": 1}, "@graph": 3, "author": [[["x"]]]}',
        '{"@type": "WebPage", "headline": 3, "author": {"@id": "#x"}}',
    ],
)
def test_broken_json_ld_is_passed_over(noise: str) -> None:
    page = f'<script type="application/ld+json">{noise}</script>{script({"@type": "Article", "author": "Ada Quill"})}'

    assert metadata_of(page) == facts(FactSource.JSON_LD, byline="Ada Quill")


@pytest.mark.parametrize(
    ("start", "end"), [("<![CDATA[", "]]>"), ("//<![CDATA[\n", "\n//]]>"), ("/*<![CDATA[*/ ", "/*]]>*/")]
)
def test_json_ld_in_a_cdata_section_is_read(start: str, end: str) -> None:
    node = '{"@type": "Article", "headline": "Old bridge [closes]"}'

    page = f'<script type="application/ld+json">{start}{node}{end}</script>'
    assert metadata_of(page) == facts(FactSource.JSON_LD, title="Old bridge [closes]")


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


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"@type": "Organization", "name": "The Amber Post"}, "Ada Quill"),
        ("The Amber Post", "Ada Quill"),
        ({"@type": "Person", "name": "The Amber Post"}, "The Amber Post"),
        ({"@type": "Organization", "name": "Newsline"}, "Newsline"),
    ],
)
def test_the_site_is_the_author_where_the_page_names_nobody_else(author: Any, expected: str) -> None:
    publisher = {"@type": "Organization", "name": "The Amber Post"}
    head = script({"@type": "NewsArticle", "author": author, "publisher": publisher})

    source = FactSource.VISIBLE if expected == "Ada Quill" else FactSource.JSON_LD
    assert metadata_of(head, '<p class="byline">By Ada Quill</p>').byline == Fact(expected, source)
    assert metadata_of(head).byline == Fact(as_text(author), FactSource.JSON_LD)


def test_who_wrote_it_is_read_where_twitter_is_told() -> None:
    label = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="%s">'

    assert metadata_of(label % "Ada Quill") == facts(FactSource.META, byline="Ada Quill")
    assert metadata_of(label % "admin").byline is None
    assert metadata_of((label % "5 minutes").replace("Written by", "Reading time")).byline is None


def test_the_publisher_of_microdata_is_read() -> None:
    body = '<div itemprop="publisher"><meta itemprop="name" content="The Amber Post"></div>'

    assert metadata_of("", body) == facts(FactSource.MICRODATA, publisher="The Amber Post")


def test_the_date_that_a_reader_sees_is_read() -> None:
    body = "<time datetime='2024-07-30'>yesterday</time><p class='author'>Ada Quill</p>"

    assert metadata_of("", body) == facts(FactSource.VISIBLE, byline="Ada Quill", published=day(2024, 7, 30))
