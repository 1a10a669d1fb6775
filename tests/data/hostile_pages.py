"""Hostile web pages: boxes, names, scripts, microdata and elements of the head without end."""

from collections.abc import Callable

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["PAGES"]

_NAMED = (
    "<span class=author itemprop=author rel=author>By Jane Doe</span>"
    "<time class=date itemprop=datePublished>4 May</time>"
)


def _body(unit: str, last: str = "") -> Callable[[int], bytes]:
    return lambda size: (
        f"<html><body><h1>A headline</h1><p>{PROSE}</p>".encode() + fill(unit, size) + last.encode() + b"</body></html>"
    )


def _head(unit: str, first: str = "", last: str = "") -> Callable[[int], bytes]:
    return lambda size: (
        f"<html><head>{first}".encode() + fill(unit, size) + f"{last}</head><body><p>{PROSE}</p></body></html>".encode()
    )


def _over(outer: str, inner: str, depth: int = 200, inside: str = "") -> Callable[[int], bytes]:
    """Nests elements around many others."""
    return lambda size: (
        b"<html><body><h1>A headline</h1>"
        + (f"<{outer}>{inside}" * depth).encode()
        + fill(inner, size)
        + PROSE.encode()
    )


def _numbered(unit: str, first: str = "<html><body><h1>A headline</h1>") -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        return (first + "".join(unit.replace("#", str(n)) for n in range(max(1, size // (len(unit) + 4))))).encode()

    return make


def _state(begin: str, unit: str, end: str, *, kind: str = "application/json") -> Callable[[int], bytes]:
    """Makes a page that shows nothing, with its state in a script."""
    return lambda size: (
        f"<html><body><div id=app></div><script type='{kind}'>{begin}".encode()
        + fill(unit, size)
        + f"{end}</script></body></html>".encode()
    )


PAGES: dict[str, Callable[[int], bytes]] = {
    "boxes_wide.html": _body("<div></div>"),
    "boxes_wide_of_text.html": _body(f"<div class=text>{PROSE}</div>"),
    "boxes_deep_and_wide.html": _over("div", f"<div><p>{PROSE}</p></div>"),
    "boxes_labelled.html": _body(f"<div class='related teaser'><p>{PROSE}</p></div>"),
    "boxes_of_names.html": _numbered(f"<div class='box-# related-# authorBox#' id=a#><p>{PROSE}</p></div>"),
    "boxes_alike.html": _body(f"<div class=post><div class=body><p>{PROSE}</p></div></div>"),
    "class_giant.html": lambda size: _body(f"<div class='{'related-' * (size // 8)}'><p>{PROSE}</p></div>")(1),
    "class_giant_of_capitals.html": lambda size: _body(f"<div class='{'aB' * (size // 2)}'><p>{PROSE}</p></div>")(1),
    "classes_giant.html": _body(f"<div class='{'related-teaser ' * 60}' id='{'a-' * 400}'>a</div>"),
    "classes_many.html": lambda size: (
        f"<html><body><div class='{' '.join(f'c{n}' for n in range(size // 7))}'><p>{PROSE}</p></div>".encode()
    ),
    "styles.html": _body(f"<p style='{'display : ' * 20}'>a</p>"),
    "hidden.html": _body("<div style='display:none'><span hidden>a</span></div>"),
    "articles.html": _body(f"<article><h2>A</h2><p>{PROSE}</p></article>"),
    "articles_empty.html": _body("<article></article>"),
    "articles_deep.html": _over("article", "<i>a</i>"),
    "article_bodies.html": _body(f"<div itemprop=articleBody><p>{PROSE}</p></div>"),
    "asides_deep.html": _over("aside", "<b></b>"),
    "asides_deep_of_authors.html": _over("aside class=author", "<b class=author>By Jane Doe</b>", inside="<i>a</i>"),
    "headlines.html": _body(f"<h1>A headline</h1><p class=author>By Jane Doe</p><p>{PROSE}</p>"),
    "headlines_deep.html": _over("div", f"<h1>A headline</h1><h2>b</h2><p>{PROSE}</p>"),
    "headings_of_nothing.html": _body("<h2>A</h2><h3>B</h3>"),
    "rows.html": _body("<table><tr><td>1</td><td>2</td></tr></table>"),
    "row_wide.html": _body("<td>1</td>", "</tr></table>"),
    "rows_deep.html": _over("table><tr><td>a</td><td", "<b>1</b>", 60),
    "preformatted.html": _body("<pre>a\n\nb</pre>"),
    "preformatted_deep.html": _over("pre", "<b>a</b>\n\n"),
    "pieces.html": _body("<span>a</span><span>B</span>"),
    "breaks.html": _body("a<br>"),
    "consent.html": lambda size: (
        b"<html><body>" + fill("<p>We use cookies and ask for your consent to advertising, accept.</p>", size)
    ),
    "shell_scripts.html": lambda size: b"<html><body>" + fill("<script>a</script>", size),
    "authors.html": _body(_NAMED),
    "authors_deep.html": _over("div class=author", _NAMED),
    "authors_in_paragraphs.html": _body(f"<p>{_NAMED}</p>"),
    "authors_above.html": lambda size: (
        b"<html><body>" + fill(f"<div>{_NAMED}</div>", size) + f"<h1>A headline</h1><p>{PROSE}</p>".encode()
    ),
    "authors_of_labels.html": _body("<div>Written by:</div><div>Published</div><b>Jane Doe</b>"),
    "itemprops.html": _body("<meta itemprop=author content='A B'><a itemprop=url href=/author/a>Jane Doe</a>"),
    "itemprops_nested.html": _over("div itemprop=author", "<i itemprop=name>a</i>"),
    "author_links.html": _body("<a rel=author href='/authors/jane-doe'>Jane Doe</a>"),
    "author_link_long.html": lambda size: _body(f"<a href='{'/author/' * (size // 8)}'>Jane Doe</a>")(1),
    "bases.html": _head("<base href='http://a.example/'>", last="<link rel=canonical href='b'>"),
    "base_long.html": _head("../", "<base href='http://a.example/", "'><link rel=canonical href='../../b'>"),
    "base_odd.html": _head("[", "<base href='http://[", "]:99999999/'><link rel=canonical href='//[::1'>"),
    "canonicals.html": _head("<link rel=canonical href='http://[a'>", "<base href='//'>"),
    "canonical_long.html": _head("/..", "<base href='http://a.example/b'><link rel=canonical href='c", "'>"),
    "metas_read.html": _head(
        "<meta property='article:author' content='Jane Doe'><meta name=date content='4 May 2031'>"
    ),
    "metas_of_titles.html": _head("<meta property='og:title' content='A - B | C - D'>", "<title>A - B</title>"),
    "title_of_parts.html": _head(" - A | B", "<title>", "</title><meta property='og:title' content='A'>"),
    "state_nested.html": _state("window.__STATE__ = ", "[", "", kind=""),
    "state_nested_objects.html": _state("", '{"body":', ""),
    "state_nested_closed.html": lambda _size: _state("", '{"a":' * 900 + "1" + "}" * 900, "")(1),
    "state_nested_lists_of_text.html": _state("[" * 39, f'"{PROSE}",', '"a"' + "]" * 39),
    "state_rich_text.html": _state(
        '{"body":[', '{"children":[{"children":[{"text":"' + PROSE + '"}]}]},', '{"text":""}]}'
    ),
    "state_rich_text_deep.html": _state(
        '{"body":[' + '{"text":"","value":[],"content":[' * 7, f'{{"data":"{PROSE}"}},', "0" + "]}" * 7 + "]}"
    ),
    "state_of_strings.html": _state('{"body":"', f"{PROSE} <p>", '"}'),
    "state_of_tags.html": _state('{"body":"', "<p <", '"}'),
    "state_of_long_tags.html": _state('{"body":"', "<p " + "/ " * 1200, '"}'),
    "state_of_numbers.html": _state('{"body":[', "1,", "1]}"),
    "state_name_giant.html": lambda size: _state(f'{{"{"a" * (size // 2)}":[', "1,", "1]}")(size // 2),
    "state_names.html": _state("{", '"text":"a",', f'"body":"{PROSE * 3}"}}'),
    "state_digits.html": _state('{"body":', "9", "}"),
    "state_unclosed.html": _state('{"body":"', "a ", ""),
    "state_entity_giant.html": _state(f'{{"body":"{PROSE * 2} &#', "9", ';"}'),
    "state_entities.html": _state('{"body":"', "&amp;amp;amp;lt;p&gt; ", '"}'),
    "state_surrogates.html": _state('{"body":"', "a word \\\\ud800 \\ud800\\u0000", f'{PROSE * 3}"}}'),
    "state_assignments.html": _state("", "state = {", "", kind=""),
    "states.html": lambda size: (
        b"<html><body>" + fill(f'<script>a.state={{"body":["{PROSE}","{PROSE}"]}}</script>', size)
    ),
    "states_broken.html": lambda size: b"<html><body>" + fill("<script>a.state=[[[[" + "[" * 300 + "</script>", size),
    "json_ld_strings_unclosed.html": _state(
        '{"@type":"NewsArticle","headline":"', '\\"a" b', "", kind="application/ld+json"
    ),
    "json_ld_quotes.html": _state('{"@type":"NewsArticle","headline":"', 'a "b" ', '"}', kind="application/ld+json"),
    "json_ld_lists.html": _state('{"@type":"NewsArticle","author":', "[", "", kind="application/ld+json"),
    "json_ld_authors.html": _state(
        '{"@type":"NewsArticle","author":[', '{"name":"Jane Doe","@type":"Person"},', "{}]}", kind="application/ld+json"
    ),
    "json_ld_graph.html": _state(
        '{"@graph":[', '{"@type":"NewsArticle","headline":"A"},', "{}]}", kind="application/ld+json"
    ),
    "json_ld_entities.html": _state("{&quot;@type&quot;:&quot;", "&amp;#9;&quot;", "", kind="application/ld+json"),
    "json_ld_entity_giant.html": _state(
        "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;&#",
        "9",
        ";&quot;}",
        kind="application/ld+json",
    ),
    "json_ld_values.html": _state("", '{"@type":"NewsArticle"};\n', "", kind="application/ld+json"),
    "json_ld_scripts.html": _head(
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"A \\"b" c","author":[{}]}</script>'
    ),
    "json_ld_scripts_empty.html": _head("<script type=application/ld+json>{</script>"),
}
"""Makers of hostile pages by file name. Each takes the approximate size in bytes."""
