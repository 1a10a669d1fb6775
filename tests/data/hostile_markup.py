"""Hostile web pages, XML and Markdown: endless nesting, attributes, entities and comments, and code in the text."""

from collections.abc import Callable

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["MARKUP"]

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_BILLION_LAUGHS = f'<!DOCTYPE html [<!ENTITY l0 "ha"> {_LAUGHS}]>'
_EXTERNAL = (
    '<!DOCTYPE html [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY net SYSTEM "http://localhost:9/x">'
    '<!ENTITY % remote SYSTEM "http://localhost:9/evil.dtd"> %remote;]>'
)
_INJECTIONS = (
    "'; DROP TABLE articles; -- ",
    "</p><script>alert(1)</script><p>",
    "\x1b[2J\x1b]0;owned\x07\x1b[31m red \x9b2J",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} %s %(name)s {0.__class__} {self.__init__.__globals__}",
    '=HYPERLINK("http://localhost:9/","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "$(touch owned) `touch owned` ; touch owned",
)


def _nested(tag: str, *, body: str = PROSE, deepest: int = 1_000_000_000) -> Callable[[int], bytes]:
    name = tag.split(maxsplit=1)[0]

    def make(size: int) -> bytes:
        depth = min(deepest, max(1, size // (len(tag) + len(name) + 5)))
        return f"<html><body>{f'<{tag}>' * depth}{body}{f'</{name}>' * depth}</body></html>".encode()

    return make


def _deep_over_wide(outer: str, inner: str, depth: int = 240) -> Callable[[int], bytes]:
    """Nests elements around many others. Code that visits the descendants of each takes `depth` times as long."""
    return lambda size: b"<html><body>" + f"<{outer}>".encode() * depth + fill(inner, size) + PROSE.encode()


def _body(unit: str) -> Callable[[int], bytes]:
    return lambda size: f"<html><body><p>{PROSE}</p>".encode() + fill(unit, size)


def _head(unit: str) -> Callable[[int], bytes]:
    return lambda size: b"<html><head>" + fill(unit, size) + f"</head><body><p>{PROSE}</p></body></html>".encode()


def _numbered(unit: str, begin: str, end: str) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        return (begin + "".join(unit % n for n in range(size // (len(unit) + 4))) + end).encode()

    return make


def _markdown(unit: str, end: str = "") -> Callable[[int], bytes]:
    return lambda size: b"# A title\n\n" + fill(unit, size) + end.encode()


def _injection(text: str, number: int) -> dict[str, Callable[[int], bytes]]:
    page = f"<html><head><title>{text}</title></head><body><article><p>{text} {PROSE}</p></article></body></html>"
    return {
        f"injection_{number}.txt": lambda _size: f"{text}\n\n{text} {PROSE}".encode(),
        f"injection_{number}.html": lambda _size: page.encode(),
    }


MARKUP: dict[str, Callable[[int], bytes]] = {
    "deep_div.html": _nested("div"),
    "deep_span.html": _nested("span"),
    "deep_table.html": _nested("table><tr><td"),
    "deep_list.html": _nested("ul><li"),
    "deep_quote.html": _nested("blockquote"),
    "deep_bold.html": _nested("b"),
    "deep_250_div.html": lambda size: _nested("div", body="word " * (size // 5), deepest=250)(size),
    "deep_250_links.html": lambda size: _nested("div", body="<a>link</a> " * (size // 12), deepest=120)(size),
    "deep_over_wide_author.html": _deep_over_wide("div class=author", "<i></i>"),
    "deep_over_wide_date.html": _deep_over_wide("div class=date", "<i></i>"),
    "deep_over_wide_heading.html": _deep_over_wide("h1", "<i>a</i>"),
    "deep_over_wide_span.html": _deep_over_wide("span", "<b>a</b>"),
    "deep_over_wide_table.html": _deep_over_wide("table><tr><td", "<td>a", 60),
    "deep_over_wide_list.html": _deep_over_wide("ul><li", "<li>a", 100),
    "unclosed.html": _body("<div><p><b><i>"),
    "misnested.html": _body("<b><p><i></b></p></i>"),
    "misnested_tables.html": _body("<table><b><tr><i><td>x</table>"),
    "formatting.html": _body("<b><i><u><a>x"),
    "closing_tags.html": _body("</div>"),
    "forms.html": _body("<form><select><option>x"),
    "links.html": _body("<a href=x>link</a>"),
    "headings.html": _body("<h1>A heading</h1>"),
    "headings_unclosed.html": _body("<h1>A heading"),
    "comments.html": _body("<!-- x -->"),
    "comments_unterminated.html": _body("<!-- "),
    "comments_bogus.html": _body("<!x <?y "),
    "scripts.html": _body("<script>x</script>"),
    "scripts_unterminated.html": _body("<script>x "),
    "script_escapes.html": _body("<script><!--<script>"),
    "styles_unterminated.html": _body("<style>x "),
    "textareas.html": _body("<textarea>x "),
    "titles.html": _head("<title>x"),
    "frames.html": _body("<iframe><frameset><frame>"),
    "cdata.html": _body("<svg><![CDATA[x "),
    "svg.html": _body("<svg><math><mi><annotation-xml>"),
    "attributes.html": _numbered(" a%d=b", "<html><body><p", f">{PROSE}"),
    "attributes_same.html": lambda size: b"<html><body><p" + fill(" a=b", size) + f">{PROSE}".encode(),
    "attributes_of_body.html": _numbered("<body a%d=b>", "<html>", PROSE),
    "attributes_unterminated.html": _body("<p a='"),
    "attribute_long.html": lambda size: b"<html><body><p class='author " + fill("a ", size) + f"'>{PROSE}".encode(),
    "classes.html": _body("<p class='author date byline'>By"),
    "times.html": _body("<time datetime='99999-99-99T99:99:99+99:99'>July 99, 20244</time>"),
    "metas.html": _head("<meta name=author content='A Name'><meta property='og:title' content='A title'>"),
    "metas_numbered.html": _numbered("<meta name=a%d content=b>", "<html><head>", f"</head><body><p>{PROSE}"),
    "links_canonical.html": _head("<link rel=canonical href='http://a/2020/'>"),
    "json_ld.html": _head('<script type="application/ld+json">{"@type": "NewsArticle", "author": [{}]}</script>'),
    "json_ld_deep.html": lambda _size: _head(
        '<script type="application/ld+json">{"@type": ' + "[" * 900 + "]" * 900 + ', "name": 1}</script>'
    )(1),
    "json_ld_deeper.html": _head('<script type="application/ld+json">' + "[" * 100_000 + "</script>"),
    "json_ld_digits.html": lambda size: _head(
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": ' + "9" * size + "}</script>"
    )(1),
    "entities_numeric.html": _body("&#99999999999; &#xFFFFFFFFFF; &#0; &#xD800; &#128; "),
    "entity_giant.html": lambda size: _body("&#" + "9" * size + "; and on it went.")(1),
    "entity_giant_hex.html": lambda size: _body("&#x" + "f" * size + "; and on it went.")(1),
    "entities_unterminated.html": _body("&ampltgt&#&#x&notit"),
    "entity_giant_fragments.txt": lambda size: f"<p>{PROSE} &#{'9' * size};</p>".encode(),
    "entity_giant.json": lambda size: (
        f'{{"title": "&#{"9" * size};", "text": "<p>{PROSE} &#{"9" * size};</p>"}}'.encode()
    ),
    "entity_giant.md": lambda size: f"# &#{'9' * size};\n\n<div>\n&#{'9' * size}; {PROSE}\n</div>\n".encode(),
    "entities_named.html": _body("&CounterClockwiseContourIntegral;"),
    "billion_laughs.html": lambda _size: f"{_BILLION_LAUGHS}<html><body><p>{PROSE} &l11;</p></body></html>".encode(),
    "billion_laughs.xml": lambda _size: f"<?xml version='1.0'?>{_BILLION_LAUGHS}<rss>&l11;</rss>".encode(),
    "billion_laughs.xhtml": lambda _size: (
        f"<?xml version='1.0'?>{_BILLION_LAUGHS}<html><body><p>{PROSE}&l11;</p></body></html>".encode()
    ),
    "billion_laughs.svg": lambda _size: f"{_BILLION_LAUGHS}<svg><text>&l11;</text></svg>".encode(),
    "external_entities.html": lambda _size: f"{_EXTERNAL}<html><body><p>{PROSE} &file; &net;</p></html>".encode(),
    "external_entities.xhtml": lambda _size: (
        f"<?xml version='1.0'?>{_EXTERNAL}<html><body><p>{PROSE} &file; &net;</p>"
        '<xi:include href="file:///etc/passwd" parse="text"/><iframe src="file:///etc/passwd"></iframe></body></html>'
    ).encode(),
    "preamble.html": lambda size: fill("<?xml?>", min(size, 65_000)) + b"<html><body><p>" + PROSE.encode(),
    "preamble_comments.html": lambda size: fill("<!---->", min(size, 65_000)) + b"<html><body><p>" + PROSE.encode(),
    "quotes.md": _markdown("> "),
    "quotes_lines.md": _markdown("> > > > > > > > > a\n"),
    "lists.md": _markdown("- "),
    "lists_indented.md": lambda size: "".join(" " * n + "- a\n" for n in range(int((2 * size) ** 0.5))).encode(),
    "brackets.md": _markdown("["),
    "brackets_closed.md": _markdown("[a](", ")"),
    "brackets_pairs.md": _markdown("[]", "("),
    "images.md": _markdown("![[]()"),
    "stars.md": _markdown("*a **a "),
    "stars_open.md": _markdown("**a"),
    "underscores.md": _markdown("_a __b*"),
    "backticks.md": lambda size: " ".join("`" * n for n in range(int((2 * size) ** 0.5))).encode(),
    "references.md": _numbered("[a%d]: /b\n", "# A title\n", PROSE),
    "reference_links.md": lambda size: fill("[a]: b\n", size // 2) + b"\n" + fill("[a][a] ", size // 2),
    "reference_open.md": _markdown("[a]: 'b\n"),
    "tables.md": lambda size: fill("|", size // 6) + b"\n" + fill("|-", size // 3) + b"|\n" + fill("|\n", size // 3),
    "table_rows.md": lambda size: b"|a|b|\n|-|-|\n" + fill("|x|y|\n", size),
    "tags.md": _markdown("<a "),
    "tags_declarations.md": _markdown("<!A "),
    "tags_processing.md": _markdown("<?"),
    "tags_comments.md": _markdown("<!-- a "),
    "autolinks.md": _markdown("<a:"),
    "escapes.md": _markdown("\\"),
    "entities.md": _markdown("&amp;&#1;"),
    "headings.md": _markdown("# A heading\n"),
    "setext.md": _markdown("a\n=\n"),
    "front_matter.md": lambda size: b"---\ntags:\n" + fill("- a\n", size) + b"---\n" + PROSE.encode(),
    "front_matter_nested.md": lambda size: b"---\nauthor: " + fill("[", size) + fill("]", size) + b"\n---\nA text.",
    **{name: maker for n, text in enumerate(_INJECTIONS) for name, maker in _injection(text, n).items()},
}
"""Makers of hostile markup by file name. Each takes the approximate size in bytes."""
