"""The title of a page's article."""

import pytest

from ingest.documents import Fact, FactSource
from tests.support.metadata import metadata_of, script

SITE_TITLE = "<title>Old bridge closes | The Amber Post</title>"
SITE = '<meta property="og:site_name" content="The Amber Post">'


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
        ("<title>The Amber Post » News » Old bridge closes</title>", "<a href='/'>The Amber Post</a>",
         "Old bridge closes", FactSource.TITLE_ELEMENT),
        ("<title>古い橋が閉鎖｜琥珀新報</title>", "", "古い橋が閉鎖", FactSource.TITLE_ELEMENT),
        ("<title>旧桥今天关闭_新闻频道_琥珀网</title>", "", "旧桥今天关闭", FactSource.TITLE_ELEMENT),
        (SITE + '<meta property="og:title" content="Home"><title>Home - The Amber Post</title>',
         "<h1>Old bridge closes</h1>", "Old bridge closes", FactSource.HEADING),
        ("", "<h1>Old <em>bridge</em><span>closes</span></h1>", "Old bridge closes", FactSource.HEADING),
    ],
)  # fmt: skip
def test_titles(head: str, body: str, expected: str, source: FactSource) -> None:
    assert metadata_of(head, body).title == Fact(expected, source)


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("<title>Old bridge closes early - The Amber Post</title>",
         '<h1 class="logo">The Amber Post</h1><h2>Old bridge closes early</h2>', "Old bridge closes early"),
        ("<title>Old bridge closes early - The Amber Post</title>",
         '<h1><a href="/"><img>The Amber Post</a></h1>', "Old bridge closes early"),
        (SITE + '<meta property="og:title" content="The Amber Post">' + SITE_TITLE, "", "Old bridge closes"),
        (SITE + "<title>The Amber Post</title>", "<h1>The Amber Post</h1><h2>Old bridge</h2>", "The Amber Post"),
        ('<meta property="og:title" content="5 reasons to close the old bridge">',
         "<h1>Why the old bridge must be closed: five reasons</h1>",
         "Why the old bridge must be closed: five reasons"),
        ('<meta property="og:title" content="Old bridge closes">',
         "<h1>Reader survey</h1><h1>The old market</h1>", "Old bridge closes"),
        (script({"@type": "WebPage", "headline": "The Amber Post"}) + SITE_TITLE, "", "Old bridge closes"),
    ],
)  # fmt: skip
def test_the_headline_goes_before_site_names_and_logos(head: str, body: str, expected: str) -> None:
    title = metadata_of(head, body).title

    assert title is not None
    assert title.value == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("<span>The harbour</span><i> - </i><span>Old bridge closes</span>", "Old bridge closes"),
        ("<small>The harbour</small> <span class=t>Old <em>bridge</em> closes</span>", "Old bridge closes"),
        ("<span>The harbour</span>: Old bridge closes", "The harbour : Old bridge closes"),
        ("<span>Old bridge closes</span> <span>The harbour waits</span>", "Old bridge closes The harbour waits"),
        ("<span>The harbour</span> <span>Old bridge is shut</span>", "The harbour Old bridge is shut"),
    ],
)
def test_a_kicker_in_the_heading_is_no_part_of_the_title(heading: str, expected: str) -> None:
    title = metadata_of('<meta property="og:title" content="Old bridge closes">', f"<h1>{heading}</h1>").title

    assert title == Fact(expected, FactSource.HEADING)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://amber.example", "The Amber Post: news of the harbour | The Amber Post"),
        ("http://amber.example/en/", "The Amber Post: news of the harbour | The Amber Post"),
        ("https://amber.example/index.html", "The Amber Post: news of the harbour | The Amber Post"),
        ("https://amber.example/?p=7", "news of the harbour"),
        ("https://amber.example/harbour", "news of the harbour"),
        ("file:///", "news of the harbour"),
        ("http://[", "news of the harbour"),
        ("", "news of the harbour"),
    ],
)
def test_the_title_of_a_home_page_has_the_name_of_the_site(address: str, expected: str) -> None:
    head = f"{SITE}<title>The Amber Post: news of the harbour | The Amber Post</title>"
    title = metadata_of(head, "<h1>Old bridge closes</h1>", address=address).title

    assert title == Fact(expected, FactSource.TITLE_ELEMENT)
    untitled = metadata_of(SITE, "<h1>Old bridge closes</h1>", address=address).title
    assert untitled == Fact("Old bridge closes", FactSource.HEADING)
