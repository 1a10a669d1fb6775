"""Which blocks of a page are its article."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from ingest.markup.article import Selection, select_article
from ingest.markup.blocks import Outline, lay_out

TEXT: Final = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until the end of October.",
    "Inspectors had found cracks in two of its five piers, and traffic is led over the mill road, which is longer.",
    "The mayor called the closure painful and said that there was no money for another bridge in her term of office.",
    "Hauliers expect to lose an hour a day, and the school bus will leave at half past six from the church of Sill.",
)
STORY: Final = "".join(f"<p>{text}</p>" for text in TEXT)
LEAD: Final = (
    "The closure ends eleven years of dispute over the narrow street below the crane, and hauliers want to sue."
)
OTHER: Final = (
    "The pilots of the sound went back to work at midnight after eleven days ashore, their union said in a note.",
    "Freight that waits on both banks will be cleared within the week, as the port of Halstad expects it to be.",
)
MENU: Final = "<ul><li><a href=/>Home</a></li><li><a href=/sport>Sport</a></li><li><a href=/w>Weather</a></li></ul>"

TEASERS: Final = "".join(
    f"<div class=item><h3><a href=/{n}>Pilots go back to work {n}</a></h3><p>{OTHER[0]}</p></div>" for n in range(20)
)
ANSWERS: Final = "".join(f"<div class=entry><p>{text}</p><a href=#>Antworten</a></div>" for text in OTHER * 3)


def selected(body: str) -> tuple[Outline, Selection]:
    outline = lay_out(document_fromstring(f"<html><body>{body}</body></html>"))
    return outline, select_article(outline)


def article(body: str) -> list[str]:
    outline, selection = selected(body)
    return [outline.blocks[at].text for at in selection.taken]


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


@pytest.mark.parametrize(
    "page",
    [
        f"<nav>{MENU}</nav><article>{STORY}</article><footer><p>{OTHER[0]}</p></footer>",
        f"{MENU}<div><div>{STORY}</div></div><div>{MENU}</div>",
        f"<div id=consent>{paragraphs(*OTHER)}</div><aside class=content>{STORY}</aside>",
        # Names that are not believed, as they hold the article.
        f"<div class=sidebar>{STORY}</div>",
        f"<div class='comment-page newsletter'><main><div class=menu>{STORY}</div></main></div>".replace(
            "comment-page ", ""
        ),
        f"<button>Menu<div>{STORY}</div></button>",
        f"<div hidden id=S:0>{paragraphs(*TEXT[:2])}</div><div hidden id=S:1>{paragraphs(*TEXT[2:])}</div>",
        # What repeats beside it, by names that do not tell.
        f"<div class=post>{STORY}</div><h3>Kommentare (4)</h3><div class=x>{paragraphs(*OTHER * 2)}</div>",
        f"<div class=post>{STORY}</div><div class=x>{ANSWERS}</div>",
        # What stands beside it.
        f"<article>{STORY}</article><div class=replies><div class=reply>{paragraphs(*OTHER * 9)}</div></div>",
        f"<main>{STORY}<section class=related><h2>More</h2>{paragraphs(*OTHER)}</section></main>",
        f"<div class=post>{STORY}<div class=author-box><p>{OTHER[0]}</p></div></div>",
        f"<article>{STORY}<figure><img><figcaption>{OTHER[0]}</figcaption></figure></article>",
        f"<article>{STORY}<div>Share</div><div>12 comments</div></article>",
        f"<article>{STORY}<h2>Read on</h2>{MENU}</article>",
        f"<article>{STORY}</article><article><h2>Pilots</h2><p>{OTHER[0]}</p></article>",
        f"<div itemprop=articleBody>{STORY}</div><div>{paragraphs(*OTHER)}</div>",
    ],
)
def test_the_article_is_all_that_is_taken(page: str) -> None:
    assert article(page) == list(TEXT)


def test_teasers_above_the_headline_are_beside_the_article_however_much_they_hold() -> None:
    page = f"<div class=left>{TEASERS}</div><div class=main><h1>Old bridge</h1>{STORY}</div>"
    assert article(page) == ["Old bridge", *TEXT]


def test_a_standfirst_without_a_full_stop_is_told_by_its_name() -> None:
    head = f"<header><h1>Old bridge</h1><div class=vorspann>{LEAD[:-1]}</div></header>"
    page = f"<article>{head}<div class=t>{STORY}</div></article>"
    assert article(page)[-5:] == [LEAD[:-1], *TEXT]
    assert article(page.replace("vorspann", "x"))[-4:] == [*TEXT]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (f"<article><header><h1>Quay</h1><p>{LEAD}</p></header><div>{STORY}</div></article>", (LEAD, *TEXT)),
        (f"<h1>Quay</h1><div class=intro>{LEAD}</div><div class=body>{STORY}</div>", (LEAD, *TEXT)),
        (f"<article><h1>Quay</h1><h2>{LEAD}</h2><div class=body>{STORY}</div></article>", (LEAD, *TEXT)),
        (f"<main><div class=teaser-content><p>{LEAD}</p></div><div class=rest>{STORY}</div></main>", (LEAD, *TEXT)),
        (f"<div class=masthead><h1>Quay</h1><p>{LEAD}</p></div><div class=body>{STORY}</div>", (LEAD, *TEXT)),
        (f"<h1>Quay</h1><div>By Elin Holt</div><div>3 May</div><div class=body>{STORY}</div>", TEXT),
        (f"<h1>Quay</h1><div class=share><p>{LEAD}</p></div><div class=body>{STORY}</div>", TEXT),
    ],
)
def test_a_standfirst_belongs_to_the_article(page: str, found: tuple[str, ...]) -> None:
    assert [text for text in article(page) if text != "Quay"] == list(found)


@pytest.mark.parametrize(
    "page",
    [
        f"<article><div class=body>{STORY * 4}</div><hr><div class=body><h2>Next</h2>%s</div></article>",
        f"<article><div class=body>{STORY * 4}</div><div class=more>%s</div></article>",
        f"<main><div class=body>{STORY * 4}</div>%s</main>",
    ],
)
def test_a_second_body_belongs_to_the_article(page: str) -> None:
    assert article(page % f"<p>{OTHER[0]}</p>")[-1] == OTHER[0]


def test_headings_quotes_items_and_rows_stay_where_they_stand() -> None:
    page = (
        f"<article><p>{TEXT[0]}</p><h2>What comes next</h2><ul><li>Repairs begin in May.</li><li>So do fees</li></ul>"
        f"<figure><blockquote>{TEXT[1]}</blockquote><figcaption>Mayor Holt</figcaption></figure>"
        f"<table><tr><th>Pier</th><th>Cracks</th></tr><tr><td>2</td><td>14</td></tr></table><p>{TEXT[2]}</p></article>"
    )

    assert article(page) == [
        TEXT[0], "What comes next", "Repairs begin in May.", "So do fees", TEXT[1], "Pier | Cracks", "2 | 14", TEXT[2],
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["The bridge is open.", "桥已开放。", "สะพานเปิดแล้ว"])
def test_a_page_without_running_text_gives_what_is_no_link(text: str) -> None:
    assert article(f"<nav>{MENU}</nav><p>{text}</p>") == [text]


@pytest.mark.parametrize(
    "sentence",
    [
        "安伯福德市议会周一投票决定关闭文德河上的旧桥直到十月底为止。",
        "สภาเมืองลงมติเมื่อวันจันทร์ให้ปิดสะพานเก่าข้ามแม่น้ำจนถึงสิ้นเดือนตุลาคม",
    ],
)
def test_scripts_without_spaces_have_running_text(sentence: str) -> None:
    labels = f"<div><ul><li><a href=x>{sentence[:9]}</a></li></ul><div>{'港务局新闻' * 4}</div></div>"

    assert article(f"{labels}<div>{paragraphs(*[sentence] * 4)}</div>") == [sentence] * 4


def test_of_what_is_left_the_reason_is_told() -> None:
    outline, selection = selected(
        f"<nav>{MENU}</nav><div>{OTHER[0]}</div>"
        f"<article>{STORY}<div class=share>Share</div><p><a href=x>Map</a></p></article>"
    )

    assert {outline.blocks[at].text: label for at, label in selection.left.items()} == {
        "Home": "navigation", "Sport": "navigation", "Weather": "navigation", OTHER[0]: "outside", "Share": "share",
        "Map": "links",
    }  # fmt: skip


CHROME = st.sampled_from(
    [
        f"<nav>{MENU}</nav>",
        f"<div class=sidebar>{MENU}<p>{OTHER[1]}</p></div>",
        f"<footer>{paragraphs(OTHER[0])}</footer>",
        f"<div class='related-posts'><h3>More</h3><p>{OTHER[0]}</p></div>",
        f"<form><label>Mail</label><p>{OTHER[1]}</p></form>",
        "",
    ]
)
WRAPPERS = st.lists(st.sampled_from(["div", "section", "main", "article", "center"]), max_size=5)
WORDS = st.lists(st.sampled_from(TEXT[0].rstrip(".").split()), min_size=14, max_size=40)
PARAGRAPHS = st.lists(WORDS.map(lambda words: " ".join(words).capitalize() + "."), min_size=6, max_size=12)


@given(PARAGRAPHS, WRAPPERS, st.lists(CHROME, max_size=3), st.lists(CHROME, max_size=3))
def test_whatever_stands_around_it_no_paragraph_is_lost_and_none_moved(
    texts: list[str], wrappers: list[str], above: list[str], below: list[str]
) -> None:
    opened = "".join(f"<{tag}>" for tag in wrappers)
    closed = "".join(f"</{tag}>" for tag in reversed(wrappers))

    assert article(f"{''.join(above)}{opened}{paragraphs(*texts)}{closed}{''.join(below)}") == texts


@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<p>", "<a href=x>", "</a>", "<table><tr><td>", "<h1>", "x y z. ", "<nav>"])
    )
)
def test_each_block_is_taken_or_left_with_a_reason(parts: list[str]) -> None:
    outline, selection = selected("".join(parts))

    assert sorted([*selection.taken, *selection.left]) == list(range(len(outline.blocks)))
