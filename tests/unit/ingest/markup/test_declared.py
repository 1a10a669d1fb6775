"""What web pages say of themselves."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml.html import document_fromstring

from ingest.documents import DatePrecision, Metadata
from ingest.markup.declared import read_metadata
from ingest.metadata.fields import as_text

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

    assert metadata_of(script(graph)) == Metadata(
        title="Old bridge closes",
        byline="Ada Quill, Ben Ash",
        publisher="The Amber Post",
        published_at=PUBLISHED,
        published_precision=DatePrecision.SECOND,
    )


def test_meta_elements_are_read() -> None:
    head = """
    <meta property="og:title" content="Old bridge closes"><meta name="author" content="By Ada Quill">
    <meta property="og:site_name" content="The Amber Post"><meta property="og:locale" content="en_GB">
    <meta property="article:published_time" content="2024-07-30T14:00+02:00">
    <link rel="canonical" href="https://amber.example/bridge"><meta property="og:url" content="https://other.example/">"""

    assert metadata_of(head) == Metadata(
        title="Old bridge closes",
        byline="Ada Quill",
        publisher="The Amber Post",
        published_at=PUBLISHED,
        published_precision=DatePrecision.MINUTE,
        language="en",
        url="https://amber.example/bridge",
    )


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (SITE_TITLE, "<h1>The Amber Post</h1><h1>Old bridge closes</h1>", "Old bridge closes"),
        ('<title>The Amber Post: Old bridge closes</title><meta property="og:site_name" content="The Amber Post">', "",
         "Old bridge closes"),
        ("<title>Opinion | Old bridges must go</title>", "", "Opinion | Old bridges must go"),
        (SITE_TITLE, "", "Old bridge closes"),
        ("<title>Old bridge - a history</title>", "", "Old bridge - a history"),
        ('<meta property="og:title" content="Old bridge closes">', "<h1>Welcome</h1>", "Old bridge closes"),
        ("", "<h1>Old <em>bridge</em><span>closes</span></h1>", "Old bridge closes"),
        ("", "", None),
    ],
)  # fmt: skip
def test_titles(head: str, body: str, expected: str | None) -> None:
    assert metadata_of(head, body).title == expected


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

    assert metadata_of(page) == Metadata(byline="Ada Quill")


@pytest.mark.parametrize(
    ("start", "end"), [("<![CDATA[", "]]>"), ("//<![CDATA[\n", "\n//]]>"), ("/*<![CDATA[*/ ", "/*]]>*/")]
)
def test_json_ld_in_a_cdata_section_is_read(start: str, end: str) -> None:
    node = '{"@type": "Article", "headline": "Old bridge [closes]"}'

    assert metadata_of(f'<script type="application/ld+json">{start}{node}{end}</script>').title == "Old bridge [closes]"


@pytest.mark.parametrize(
    "path", ["2024/07/30/bridge", "news/2024-07-30-bridge", "2024/POLITICS/07/30/bridge", "2024/7/30/5842180/bridge"]
)
def test_the_date_in_the_address_is_a_day(path: str) -> None:
    head = f'<link rel="canonical" href="https://amber.example/{path}">'

    assert metadata_of(head).published_at == datetime(2024, 7, 30, tzinfo=UTC)
    assert metadata_of(head).published_precision is DatePrecision.DAY


@pytest.mark.parametrize("path", ["2024/7/3-ways-to-cross", "2024/13/30/bridge", "2024/07/bridge", "2024/07/301"])
def test_other_numbers_in_the_address_are_no_date(path: str) -> None:
    assert metadata_of(f'<link rel="canonical" href="https://amber.example/{path}">').published_at is None


def test_the_language_of_the_page_goes_before_that_of_its_locale() -> None:
    assert metadata_of('<meta property="og:locale" content="en_US">', attributes='lang="fr"').language == "fr"


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

    assert metadata_of(head, '<p class="byline">By Ada Quill</p>').byline == expected
    assert metadata_of(head).byline == as_text(author)


def test_who_wrote_it_is_read_where_twitter_is_told() -> None:
    label = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="%s">'

    assert metadata_of(label % "Ada Quill").byline == "Ada Quill"
    assert metadata_of(label % "admin").byline is None
    assert metadata_of((label % "5 minutes").replace("Written by", "Reading time")).byline is None


def test_the_publisher_of_microdata_is_read() -> None:
    body = '<div itemprop="publisher"><meta itemprop="name" content="The Amber Post"></div>'

    assert metadata_of("", body).publisher == "The Amber Post"
