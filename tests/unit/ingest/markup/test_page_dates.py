"""Dates of publication of web pages."""

import pytest

from ingest.documents import Fact, FactSource
from tests.support.metadata import metadata_of, script, values

HEADLINE = "<h1>Old bridge closes</h1>"
PAD = (
    "<p>The council voted on Monday to close the old bridge, by a majority of two, and to build a new one beside it "
    "within the next three years.</p>"
)

SHORT = "<p>Karten gibt es von Montag an in der Bücherei und bei den beiden Bäckern am Alten Markt.</p>"
CHINESE = "<p>门票从星期一开始在图书馆和老市场的两家面包店出售，每人最多可以购买四张。</p>"


def published(head: str, body: str, attributes: str = "") -> str | None:
    return values(metadata_of(head, body, attributes)).get("published_at")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<time datetime="2024-07-30T12:00Z">today</time>', "2024-07-30T12:00:00+00:00"),
        ("<time>July 30, 2024</time>", "2024-07-30"),
        ('<abbr class="published" title="2024-07-30">yesterday</abbr>', "2024-07-30"),
        ("<time>July 31, 2024</time><time itemprop=datePublished>July 30, 2024</time>", "2024-07-30"),
        ('<span class="post-date">Posted on 30 July 2024 by us</span>', "2024-07-30"),
        ('<div class="date">30.07.2024, 09:15 Uhr</div>', "2024-07-30T09:15:00+00:00"),
        ("<time>2024年7月30日 9時15分</time>", "2024-07-30T09:15:00+00:00"),
        ('<span class="date" data-date="2024-07-30">yesterday</span>', "2024-07-30"),
        ('<meta itemprop="x"><span itemprop="datePublished" content="2024-07-30"></span>', "2024-07-30"),
        ("<p>Last updated: 30.07.2024</p>", "2024-07-30"),
        ("<p>Updated 31 July 2024</p><p>Published 30 July 2024</p>", "2024-07-30"),
        ("<p>By Ada Quill of the Amber Post | Published 30 July 2024, 9:15</p>", "2024-07-30T09:15:00+00:00"),
        ("<p>A standfirst that says in nine words what happened.</p><p>30 July 2024</p>", "2024-07-30"),
        ("<p>On July 30, 2024, the council of Amberford voted to close it.</p>", None),
        ('<span class="update">July 30, 2024 was a day on which very much happened here</span>', None),
        ('<span class="date">03/04/2024</span>', None),
        ("<p>" + "1" * 100_000 + "</p>", None),
    ],
)
def test_dates_near_the_headline(body: str, expected: str | None) -> None:
    assert published("", f"{HEADLINE}<div>{body}</div>{PAD * 2}") == expected


@pytest.mark.parametrize(
    "body",
    [
        f"{HEADLINE}<p>Tickets are sold from today. The festival opens on</p><p>14 June 2036</p>{PAD * 3}",
        f"{HEADLINE}{PAD}<p>14 June 2036</p>{PAD * 3}",
        f"{HEADLINE}{SHORT * 2}<p>Das Fest beginnt am</p><p>14. Juni 2036</p>{SHORT * 2}",
        f"{HEADLINE}{CHINESE * 2}<p>2036年6月14日</p>{CHINESE * 2}",
        f"{HEADLINE}{PAD * 3}<ul><li>14 de junio de 2036: concierto</li></ul>{PAD}",
        f'<div class="side"><h3>Next</h3><span class="date">14 June 2036</span></div>{HEADLINE}{PAD * 3}',
        f"{HEADLINE}{PAD * 3}<h3>14 June 2036</h3>{PAD}",
        f'{HEADLINE}{PAD * 3}<aside><h3>Next</h3><time datetime="2036-06-14">soon</time></aside>',
        f'<nav><time datetime="2036-06-14">soon</time></nav>{HEADLINE}{PAD * 3}',
        f'<div class="related-posts"><time datetime="2036-06-14">soon</time></div>{HEADLINE}{PAD * 3}',
        f'{HEADLINE}{PAD * 3}<div id="comments"><p class="date">14 June 2036</p></div>',
        f'<article>{HEADLINE}{PAD * 3}</article><article><h2>Other</h2><time datetime="2036-06-14"></time></article>',
    ],
)
def test_dates_of_events_and_of_other_articles_are_not_taken(body: str) -> None:
    assert published("", body) is None
    assert published("", body.replace(HEADLINE, f"{HEADLINE}<time>30 July 2024</time>")) == "2024-07-30"


@pytest.mark.parametrize(
    ("attributes", "head", "expected"),
    [
        ('lang="en-US"', "", "2024-03-04"),
        ('lang="en-GB"', "", "2024-04-03"),
        ('lang="fr"', "", "2024-04-03"),
        ('lang="en"', '<meta property="og:locale" content="en_US">', "2024-03-04"),
        ('lang="de"', '<meta property="og:locale" content="en_US">', "2024-04-03"),
        ('lang="en"', "", None),
    ],
)
def test_the_language_of_the_page_tells_the_order(attributes: str, head: str, expected: str | None) -> None:
    assert published(head, f'{HEADLINE}<span class="date">03/04/2024</span>{PAD}', attributes) == expected


@pytest.mark.parametrize("placeholder", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00", "9999-12-31", "soon"])
def test_placeholders_are_passed_over(placeholder: str) -> None:
    head = f'<meta property="article:published_time" content="{placeholder}">'
    schema = script({"@type": "Article", "datePublished": placeholder})

    assert published(head + schema, HEADLINE + PAD) is None
    assert published(head + schema, f"{HEADLINE}<time>30 July 2024</time>{PAD}") == "2024-07-30"
    assert published(head + schema + '<meta name="date" content="30.07.2024">', HEADLINE) == "2024-07-30"


def test_what_is_declared_goes_before_what_is_shown() -> None:
    head = script({"@type": "NewsArticle", "datePublished": "Tue Jul 30 2024 12:00:00 GMT+0200 (CEST)"})

    metadata = metadata_of(head, f"{HEADLINE}<time>31 July 2024</time>{PAD}")
    assert values(metadata)["published_at"] == "2024-07-30T12:00:00+02:00"
    assert metadata.published is not None
    assert metadata.published.source is FactSource.JSON_LD


def test_a_mark_below_the_text_is_read_where_there_is_none_above() -> None:
    below = f'{HEADLINE}{PAD * 30}<div class="post-date">30 July 2024</div>'

    assert metadata_of("", below).published == Fact(
        metadata_of("", "<time>30 July 2024</time>").published.value, FactSource.VISIBLE
    )  # type: ignore[union-attr]
