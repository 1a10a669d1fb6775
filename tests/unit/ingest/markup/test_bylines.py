"""Bylines of web pages."""

from typing import Any

import pytest

from ingest.documents import Fact, FactSource
from ingest.metadata.fields import as_text
from tests.support.metadata import metadata_of, script

HEADLINE = "<h1>Old bridge closes</h1>"
PAD = "<p>The council voted on Monday to close the old bridge, by a majority of two, in 2024.</p>"
RUNNING = f"<article>{PAD * 4}</article>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a rel="author">Ada Quill</a>', "Ada Quill"),
        ('<span itemprop="author">Ada Quill</span>', "Ada Quill"),
        ('<a href="/authors/ada-quill">Ada Quill</a>', "Ada Quill"),
        ('<p class="byline">By <b>Ada Quill</b><span>July 30, 2024</span></p>', "Ada Quill"),
        ('<div class="post-author">Written by Ada Quill | 5 min read</div>', "Ada Quill"),
        ('<div class="byline"><b>Ada</b> <i>Quill</i></div>', "Ada Quill"),
        ('<div class="post__authorName">Ada Quill</div>', "Ada Quill"),
        ("<i>By</i> <i>Ada Quill</i>", "Ada Quill"),
        ("<i>By</i> <i>The Amber Team</i>", "The Amber Team"),
        ("<p>By Ada Quill and Ben van der Ash</p>", "Ada Quill and Ben van der Ash"),
        ('<p class="byline">By <a rel="author">Ada Quill</a>, Staff Writer</p>', "Ada Quill"),
        ("<p>Submitted by <b>Ada Quill</b></p>", "Ada Quill"),
        ("<p>From our correspondent in Amberford, Ada Quill</p>", "Ada Quill"),
        ("<p>Von unserer Korrespondentin in Amberford, Ada Quill</p>", "Ada Quill"),
        ("<p>De notre correspondante à Amberford, Ada Quill</p>", "Ada Quill"),
        ("<p>De nuestro corresponsal en Amberford, Ben Ash</p>", "Ben Ash"),
        ("<div>Ada Quill</div><div>July 30, 2024</div>", "Ada Quill"),
        (f"{PAD}<div>Ada Quill</div><div>Last updated:</div><div>yesterday</div>", "Ada Quill"),
        ("<p>By the river, a bridge</p>", None),
        ("<div>Ada Quill</div><div>Amberford</div>", None),
        ('<p class="authority">Amber Road Authority</p>', None),
        ('<p class="byline">July 30, 2024</p>', None),
    ],
)
def test_bylines_near_the_headline(body: str, expected: str | None) -> None:
    said = Fact.of(expected, FactSource.VISIBLE)
    assert metadata_of("", f"{HEADLINE}{body}{RUNNING}").byline == said
    assert metadata_of("", f"{body}{HEADLINE}{RUNNING}").byline == (said if "<div>Ada" not in body else None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<div class="byline"><span>Ada Quill</span><span>Ben Ash</span><span>Cleo Reed</span></div>',
         "Ada Quill, Ben Ash, Cleo Reed"),
        ('<div><span class="author">Ada Quill</span><span class="author">Ben Ash</span></div>', "Ada Quill, Ben Ash"),
        ('<div class="byline"><a>Ada Quill</a> and <a>Ben Ash</a></div>', "Ada Quill, Ben Ash"),
        ('<div class="byline"><span class="author-title">Senior Reporter</span><span>Ada Quill</span></div>',
         "Ada Quill"),
        ('<div class="byline"><span>Senior Reporter</span><span>Ada Quill</span><span>Chief editor</span></div>',
         "Ada Quill"),
    ],
)  # fmt: skip
def test_names_in_neighbouring_elements_are_kept_apart(body: str, expected: str) -> None:
    assert metadata_of("", f"{HEADLINE}{body}{RUNNING}").byline == Fact(expected, FactSource.VISIBLE)


@pytest.mark.parametrize(
    "box",
    [
        '<aside><h3>More</h3><span class="author">Ben Ash</span></aside>',
        '<nav><span class="author">Ben Ash</span></nav>',
        '<div class="opinion-teasers"><div class="teaser"><span class="author">Ben Ash</span> Why I walk</div></div>',
        '<div class="relatedPosts"><span class="author">Ben Ash</span></div>',
        '<div id="comments"><p class="comment-author">Ben Ash</p></div>',
        '<article><p class="byline">By Ben Ash</p></article>',
    ],
)
def test_authors_of_other_articles_are_not_of_this_one(box: str) -> None:
    for body in (f"{box}<article>{HEADLINE}{PAD}</article>", f"<article>{HEADLINE}{PAD}</article>{box}"):
        assert metadata_of("", body).byline is None
        own = body.replace(HEADLINE, f"{HEADLINE}<i>By Ada Quill</i>")
        assert metadata_of("", own).byline == Fact("Ada Quill", FactSource.VISIBLE)


def test_an_author_may_stand_in_an_aside_or_below_the_text() -> None:
    aside = '<aside><a rel="author">Ada Quill</a></aside>'
    below = f'{PAD * 30}<div class="author-box">Ada Quill</div>'
    signed = f"{PAD * 30}<p>Written by Ada Quill</p>"
    for body in (aside, below, signed):
        assert metadata_of("", f"{HEADLINE}{body}").byline == Fact("Ada Quill", FactSource.VISIBLE)


@pytest.mark.parametrize(
    ("author", "site"),
    [
        ({"@type": "Organization", "name": "The Amber Post"}, True),
        ("The Amber Post", True),
        ({"@type": "Person", "name": "The Amber Post"}, True),
        ({"@type": "Organization", "name": "Newsline"}, True),
        ({"@type": "Person", "name": "Ben Ash"}, False),
        ("Ben Ash", False),
    ],
)
def test_a_person_on_the_page_goes_before_its_site_and_organisations(author: Any, site: bool) -> None:
    publisher = {"@type": "Organization", "name": "The Amber Post"}
    head = script({"@type": "NewsArticle", "author": author, "publisher": publisher})
    declared = Fact(as_text(author), FactSource.JSON_LD)

    assert metadata_of(head, HEADLINE + RUNNING).byline == declared
    seen = metadata_of(head, f'{HEADLINE}<p class="byline">By Ada Quill</p>{RUNNING}').byline
    assert seen == (Fact("Ada Quill", FactSource.VISIBLE) if site else declared)


@pytest.mark.parametrize(
    "author", ["ada@amber.example", "@ada", "105092", "admin", "amber.example", "https://x.example/a"]
)
def test_an_address_a_handle_or_an_account_is_nobody(author: str) -> None:
    head = f'<meta name="author" content="{author}">'

    assert metadata_of(head, HEADLINE + RUNNING).byline is None
    assert metadata_of(head, f"{HEADLINE}<i>By Ada Quill</i>{RUNNING}").byline == Fact("Ada Quill", FactSource.VISIBLE)


def test_of_persons_and_organisations_the_persons_are_the_authors() -> None:
    authors = [{"@type": "Organization", "name": "Newsline"}, {"@type": "Person", "name": "Ada Quill"}]

    byline = metadata_of(script({"@type": "Article", "author": authors})).byline
    assert byline == Fact("Ada Quill", FactSource.JSON_LD)


def test_who_wrote_it_is_read_where_twitter_is_told() -> None:
    label = '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="%s">'

    assert metadata_of(label % "Ada Quill").byline == Fact("Ada Quill", FactSource.META)
    assert metadata_of(label % "admin").byline is None
    assert metadata_of((label % "5 minutes").replace("Written by", "Reading time")).byline is None


def test_of_a_page_full_of_marks_the_first_are_looked_at() -> None:
    marks = '<p class="author">x</p>'
    late = '<p class="author">Ada Quill</p>'
    for count, found in ((10, "Ada Quill"), (3000, None)):
        assert metadata_of("", f"{HEADLINE}{marks * count}{late}").byline == Fact.of(found, FactSource.VISIBLE)
