"""Bylines and dates that only the reader of a page sees."""

import pytest
from lxml.html import document_fromstring

from ingest.markup import visible
from ingest.markup.visible import visible_byline, visible_date

PAD = "<p>The council voted on Monday to close the old bridge, by a majority of two, in 2024.</p>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a rel="author">Ada Quill</a>', "Ada Quill"),
        ('<span itemprop="author">Ada Quill</span>', "Ada Quill"),
        ('<p class="byline">By <b>Ada Quill</b><span>July 30, 2024</span></p>', "Ada Quill"),
        ('<div class="post-author">Written by Ada Quill | 5 min read</div>', "Ada Quill"),
        (
            '<label class="author">Name *</label><span class="author">Name *</span><i>By</i> <i>Ada Quill</i>',
            "Ada Quill",
        ),
        ("<p>By Ada Quill and Ben van der Ash</p>", "Ada Quill and Ben van der Ash"),
        ('<p class="byline">By <a rel="author">Ada Quill</a>, Staff Writer</p>', "Ada Quill"),
        ("<p>Submitted by <b>Ada Quill</b></p>", "Ada Quill"),
        ("<p>By the river, a bridge</p>", None),
        ('<p class="authority">Amber Road Authority</p>', None),
        ('<p class="byline">July 30, 2024</p>', None),
    ],
)
def test_bylines(body: str, expected: str | None) -> None:
    assert visible_byline(document_fromstring(f"<html><body>{PAD}{body}{PAD}</body></html>")) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<time datetime="2024-07-30T12:00Z">today</time>', "2024-07-30T12:00Z"),
        ("<time>July 30, 2024</time>", "July 30, 2024"),
        ("<time>July 31, 2024</time><h1>Old bridge closes</h1><time>July 30, 2024</time>", "July 30, 2024"),
        ("<time>July 31, 2024</time><time itemprop=datePublished>July 30, 2024</time>", "July 30, 2024"),
        ("<time>July 30, 2024</time><h1>Old bridge closes</h1>", "July 30, 2024"),
        ('<span class="post-date">Posted on 30 July 2024 by us</span>', "30 July 2024"),
        ('<meta itemprop="x"><span itemprop="datePublished" content="2024-07-30"></span>', "2024-07-30"),
        ("<p>Last updated: 30.07.2024</p>", "30.07.2024"),
        ("<p>By Ada Quill of the Amber Post | Published 30 July 2024, 9:15</p>", "30 July 2024"),
        ("<p>On July 30, 2024, the council of Amberford voted to close it.</p>", None),
        ('<span class="update">July 30, 2024 was a day on which very much happened here</span>', None),
        ('<span class="date">03/04/2024</span>', None),
        ("<p>" + "1" * 100_000 + "</p>", None),
    ],
)
def test_dates(body: str, expected: str | None) -> None:
    assert visible_date(document_fromstring(f"<html><body>{PAD}{body}{PAD}</body></html>")) == expected


def test_a_label_around_the_whole_page_is_looked_at_in_part() -> None:
    for empty, label in ((100, "Ada Quill"), (1000, "")):
        tree = document_fromstring(f"<html><body><div>{'<i></i>' * empty}<b>Ada</b>\nQuill</div>{PAD}</body></html>")
        assert visible.label_of(tree.find(".//div")) == label


def test_of_many_labels_the_first_are_looked_at() -> None:
    labels = '<p class="author date">x</p>'
    late = '<p class="author">Ada Quill</p><p class="date">July 30, 2024 and six other words in a row</p>'
    for count, found in ((100, ("Ada Quill", "July 30, 2024")), (300, (None, None))):
        tree = document_fromstring(f"<html><body>{labels * count}{late}{PAD}</body></html>")
        assert (visible_byline(tree), visible_date(tree)) == found
