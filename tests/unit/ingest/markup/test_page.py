"""The text of web pages, hostile ones included."""

import socket

import pytest
from lxml.html import HtmlElement
from trafilatura.settings import Extractor

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.markup import page
from ingest.markup.page import parse, visible_lines
from newsmill.errors import TerminalError

PARAGRAPHS = (
    "The council of Amberford voted on Monday to close the old bridge over the river Wend until the end of October.",
    "Inspectors had found cracks in two of its five piers, and traffic is led over the mill road, which is longer.",
    "The mayor called the closure painful and said that there was no money for another bridge in her term of office.",
)
STORY = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
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


def test_a_looser_reading_is_taken_where_the_strict_one_finds_little(monkeypatch: pytest.MonkeyPatch) -> None:
    real = page.bare_extraction
    found = {"balanced": PARAGRAPHS[:1], "recall": PARAGRAPHS}

    def extraction(tree: HtmlElement, options: Extractor) -> object:
        document = real(tree, options=options)
        document.text = "\n".join(found[options.focus])
        return document

    monkeypatch.setattr(page, "bare_extraction", extraction)
    assert parse(PAGE.encode()).paragraphs == PARAGRAPHS
    found["recall"] = (PARAGRAPHS[0], "Share.")
    assert parse(PAGE.encode()).paragraphs == PARAGRAPHS[:1]
    found["balanced"] = PARAGRAPHS[:2]
    found["recall"] = PARAGRAPHS * 3
    assert parse(PAGE.encode()).paragraphs == PARAGRAPHS[:2]


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


def test_a_page_too_large_for_extraction_is_taken_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MAX_EXTRACTED_ELEMENTS", 10)

    paragraphs = parse(PAGE.encode()).paragraphs

    assert paragraphs[:3] == ("Home", "Sport", "Old bridge closes")
    assert paragraphs[-1] == "Copyright The Amber Post"


def test_of_a_huge_page_the_beginning_gives_the_metadata() -> None:
    page = PAGE.replace("</body>", STORY * 13_000 + "</body>")
    document = parse(page.encode())

    assert document.metadata == METADATA
    assert document.paragraphs[-3:] == PARAGRAPHS


def test_a_failure_of_the_extractor_costs_only_its_help(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RecursionError

    monkeypatch.setattr(page, "bare_extraction", fail)

    assert PARAGRAPHS[0] in parse(PAGE.encode()).paragraphs


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


def test_a_page_nested_beyond_the_extractors_strength_is_taken_as_it_stands() -> None:
    page = "<html><body>" + "<div>" * 200 + f"<a>x</a> {PARAGRAPHS[0]}<br>" * 5000
    assert parse(page.encode()).paragraphs == (f"x {PARAGRAPHS[0]}",) * 5000
