"""The text of web pages, hostile ones included."""

import json
import socket

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument, Removal
from ingest.markup import blocks, page
from ingest.markup.page import left_out, parse, visible_lines
from newsmill.errors import NoArticleError, TerminalError

PARAGRAPHS = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until the end of October.",
    "Inspectors had found cracks in two of its five piers, and traffic is led over the mill road, which is longer.",
    "The mayor called the closure painful and said that there was no money for another bridge in her term of office.",
)
STORY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
H1 = "<h1>Old bridge closes</h1>"
JAPANESE = "十一年に及んだ論争に村議会がようやく決着をつけ、近隣住民は安堵の表情を見せている"
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Old bridge closes | The Amber Post</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>Old bridge closes</h1>{STORY}<h2>What happens next</h2><ul><li>Repairs begin in May.</li></ul></article>
<footer>Copyright The Amber Post</footer></body></html>"""
METADATA = Metadata(title=Fact("Old bridge closes", FactSource.HEADING), language=Fact("en", FactSource.HTML_LANG))


def test_the_article_is_taken_and_the_chrome_left() -> None:
    assert parse(PAGE.encode()) == ParsedDocument(
        METADATA,
        ("Old bridge closes", *PARAGRAPHS, "What happens next", "Repairs begin in May."),
    )


@pytest.mark.parametrize(
    ("body", "lead"),
    [
        (f"<article><p>{PARAGRAPHS[0]}</p>{H1}{STORY[len(PARAGRAPHS[0]) + 7 :]}</article>", None),
        (f"<main><div class=a><template shadowrootmode=open>{H1}{STORY}</template></div></main>", None),
        (f"<div>{H1}<div class=lead>{JAPANESE}</div><div class=text>{STORY}</div></div>", JAPANESE),
    ],
)  # fmt: skip
def test_the_headline_comes_first_and_nothing_is_lost_wherever_a_standfirst_stands(body: str, lead: str | None) -> None:
    expected = ("Old bridge closes", *filter(None, [lead]), *PARAGRAPHS)
    assert parse(f"<html><body>{body}</body></html>".encode()).paragraphs == expected


@pytest.mark.parametrize("charset", ["windows-1252", "utf-16"])
def test_the_declared_charset_counts(charset: str) -> None:
    page = f"<html><head><meta charset={charset}></head><body><p>Caf\u00e9 \u201cWend\u201d reopens.</p></body></html>"

    assert parse(page.encode(charset)).paragraphs == ("Caf\u00e9 \u201cWend\u201d reopens.",)


def test_a_result_does_not_depend_on_what_was_parsed_before() -> None:
    other = PAGE.replace("Old bridge closes", "Ferry sails again")
    first = parse(PAGE.encode())

    assert [parse(page.encode()) for page in (other, PAGE, PAGE, other, PAGE)][4] == first


def test_no_page_reaches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a page was fetched")

    monkeypatch.setattr(socket, "socket", refuse)
    linked = PAGE.replace(
        "<head>", '<head><base href="http://x.example"><link rel="canonical" href="http://x.example/a">'
    )

    assert parse(linked.encode()).metadata.url == Fact("http://x.example/a", FactSource.CANONICAL_LINK)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + STORY + "</div>" * 100_000,
        "<b><i>" * 50_000 + STORY,
        "<table><tr><td>" * 3_000 + STORY,
        "<ul><li>" * 3_000 + STORY,
        "<font>x" * 400 + STORY,
    ],
)
def test_text_under_deep_nesting_is_found(page: str) -> None:
    assert parse(f"<html><body>{page}</body></html>".encode()).paragraphs[-3:] == PARAGRAPHS


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><p class='{'a ' * 200_000}'>{PARAGRAPHS[0]}</p></body></html>",
        f"<html><body {'x=1 ' * 50_000}><p>{PARAGRAPHS[0]}</p></body></html>",
        f"<html><p>{PARAGRAPHS[0]}",
        f"<p>{PARAGRAPHS[0]}</p>",
        f"</html></body><p>{PARAGRAPHS[0]}<div>",
        f"<html><frameset><frame src=a><noframes>{PARAGRAPHS[0]}</noframes></frameset></html>",
        f"<?xml version='1.0' encoding='utf-16'?><html><body><p>{PARAGRAPHS[0]}</p></body></html>",
    ],
)
def test_odd_markup_still_gives_the_text(page: str) -> None:
    assert parse(page.encode()).paragraphs == (PARAGRAPHS[0],)


@pytest.mark.parametrize(
    "before",
    [
        '<div class="related"><h3>Related</h3><ul><li><a href="/ferry">Ferry sails again</a></li></ul></div>',
        '<figure><img src="bridge.jpg"></figure><div class="share"><a href="#">Share</a></div>',
        "",
    ],
)
def test_text_beside_paragraphs_is_a_paragraph(before: str) -> None:
    lead = PARAGRAPHS[0].replace("old bridge", "<b>old</b> <a href='/b'>bridge</a>")
    body = f"<h1>Old bridge closes</h1><div>{before}{lead}<p>{PARAGRAPHS[1]}</p><br>{PARAGRAPHS[2]}</div>"

    paragraphs = parse(f"<html><body><div>{body}</div></body></html>".encode()).paragraphs

    assert [text for text in paragraphs if text in PARAGRAPHS] == list(PARAGRAPHS)


def test_utf_8_that_was_encoded_twice_is_read_as_it_was_meant() -> None:
    text = (
        "\u201cCaf\u00e9 am Fluss\u201d: der Br\u00fcckenwirt w\u00fcnscht 5\u00a0\u20ac je Gast \u2014 und \U0001f600."
    )
    page = f"<html><head><title>Caf\u00e9</title></head><body><p>{text}</p></body></html>"
    document = parse(page.encode().decode("latin-1").encode())

    assert document.paragraphs == (text.replace("\u00a0", " "),)
    assert document.metadata.title == Fact("Caf\u00e9", FactSource.TITLE_ELEMENT)


@pytest.mark.parametrize("text", ["A \u00c3\u00a9 B", "Stra\u00dfe \u00e2\u20ac\u2122", "S\u00c3O \u00bfQU\u00c9?"])
def test_a_page_without_sure_signs_of_it_stays(text: str) -> None:
    assert page.decode_twice_encoded(text) == text


@pytest.mark.parametrize(
    "page",
    [
        "<html></html>",
        "<html><body><script>x()</script></body></html>",
        "<!-- a -->",
        "<html><head><title>x</title></head>",
        "<html><frameset><frame src=a></frameset></html>",
        "&nbsp;",
        "<html><body><img src=x>",
    ],
)
def test_a_page_without_text_is_terminal(page: str) -> None:
    with pytest.raises(TerminalError, match="no text"):
        parse(page.encode())


def test_a_page_too_large_for_a_tree_is_taken_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_READ_CHARACTERS", len(PAGE) - 1)

    paragraphs = parse(PAGE.encode()).paragraphs

    assert paragraphs[:3] == ("Home", "Sport", "Old bridge closes")
    assert paragraphs[-1] == "Copyright The Amber Post"


def test_a_page_of_far_too_many_boxes_is_taken_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_BOXES", 10)

    assert parse(PAGE.encode()).paragraphs[:3] == ("Home", "Sport", "Old bridge closes")


def test_of_a_huge_page_the_beginning_gives_the_metadata() -> None:
    page = PAGE.replace("</body>", STORY * 13_000 + "</body>")
    document = parse(page.encode())

    assert document.metadata == METADATA
    assert document.paragraphs[-3:] == PARAGRAPHS


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<p>The <b>old</b> bridge<br>closes &amp; opens</p>", ("The old bridge", "closes & opens")),
        ("a<script>if (a<b) x('</p>')</script>b<style>p{}</style>c", ("a", "b", "c")),
        ("2 < 3 <p>and 5 > 4", ("2 < 3", "and 5 > 4")),
        ("<svg/>a<script src=x>never closed", ("a",)),
        ("<" * 200_000, ("<" * 200_000,)),
        ("<a " * 100_000, ("<a " * 100_000).strip().split("\n")),
    ],
)
def test_visible_lines(page: str, lines: tuple[str, ...]) -> None:
    assert visible_lines(page) == tuple(lines)


def test_a_page_with_an_element_of_too_many_attributes_is_taken_as_it_stands() -> None:
    attributes = " ".join(f"a{number}" for number in range(50_000))
    page = (
        f"<html><head><title>A title</title></head><body><p {attributes} b='>' c='<p'>{PARAGRAPHS[0]}</p></body></html>"
    )
    assert parse(page.encode()).metadata == Metadata()


def test_a_reference_to_no_character_costs_only_itself() -> None:
    assert visible_lines(f"before &#{'9' * 5000}; after &#65;") == ("before \ufffd after A",)


def test_a_page_of_many_elements_is_read_as_others_are() -> None:
    page = "<html><body>" + "<div>" * 200 + f"<p><a>x</a> {PARAGRAPHS[0]}</p>" * 5000
    assert parse(page.encode()).paragraphs == (f"x {PARAGRAPHS[0]}",) * 5000


def test_the_text_of_a_shell_is_taken_from_its_scripts() -> None:
    state = json.dumps({"page": {"article": {"body": PARAGRAPHS}}})
    page = f"<html><body><div id=app>Loading</div><script type='application/json'>{state}</script></body></html>"

    assert parse(page.encode()).paragraphs == PARAGRAPHS


def test_text_that_is_shown_goes_before_that_of_scripts() -> None:
    state = json.dumps({"articleBody": "\n".join(PARAGRAPHS[::-1])})
    page = f"<html><body><article>{STORY}</article><script type='application/ld+json'>{state}</script></body></html>"

    assert parse(page.encode()).paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<html><body><div id=app></div><script src=app.js></script></body></html>", "a script would fill it in"),
        (
            "<html><body><noscript>You need to enable JavaScript to run this app.</noscript><div></div></body></html>",
            "a script would fill it in",
        ),
        (
            "<html><body><h1>Before you go on</h1><p>We and our partners store cookies to show you advertising.</p>"
            "<p>You can withdraw your consent in the privacy settings.</p><button>Accept</button></body></html>",
            "asks for consent",
        ),
    ],
)
def test_a_page_that_shows_no_article_is_rejected_with_the_reason(page: str, reason: str) -> None:
    with pytest.raises(NoArticleError, match=reason):
        parse(page.encode())


def test_what_is_left_is_told_with_the_reason() -> None:
    page = PAGE.replace(
        "</article>", "</article><p>Elsewhere the pilots of the sound went back to work at midnight.</p>"
    )

    assert left_out(page.encode()) == (
        Removal("Home", "page-navigation", 0),
        Removal("Sport", "page-navigation", 0),
        Removal("Elsewhere the pilots of the sound went back to work at midnight.", "page-outside", 6),
        Removal("Copyright The Amber Post", "page-legal", 6),
    )
    assert [removal.place for removal in left_out(page.encode())] == [0, 0, 6, 6]
