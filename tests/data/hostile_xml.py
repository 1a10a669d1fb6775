"""Hostile XML: items that nobody closes, bombs, attributes without end, nesting, files that end too early."""

from collections.abc import Callable

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["XML"]

_FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>A</title>'
_END = "</channel></rss>"


def _feed(unit: str, first: str = "", last: str = _END) -> Callable[[int], bytes]:
    return lambda size: (_FEED + first).encode() + fill(unit, size) + last.encode()


def _item(unit: str) -> Callable[[int], bytes]:
    return _feed(unit, f"<item><title>A</title><description>{PROSE} ", f"</description></item>{_END}")


def _wiki(unit: str) -> Callable[[int], bytes]:
    head = "<mediawiki><page><title>A</title><ns>0</ns><revision><text>"
    return lambda size: f"{head}{PROSE} {fill(unit, size).decode()}</text></revision></page></mediawiki>".encode()


XML: dict[str, Callable[[int], bytes]] = {
    "feed_items_unclosed.rss": _feed("<item><title>a"),
    "feed_tags_unclosed.rss": _feed("<item "),
    "feed_quotes_unclosed.rss": _feed("<item a=\"'"),
    "feed_comments_unclosed.rss": _feed("<!-- ", last=""),
    "feed_sections_unclosed.rss": _feed("<item><![CDATA["),
    "feed_empty_items.rss": _feed("<item/>"),
    "feed_item_deep.rss": _item("<b>"),
    "feed_item_entities.rss": _item("&foo;&nbsp;& &#0;"),
    "feed_item_attribute.rss": _feed("a ", '<item><x a="', f'"/><description>{PROSE}</description></item>{_END}'),
    "feed_item_cut_off.rss": _feed(PROSE + " ", "<item><description>", ""),
    "nitf_deep.nitf": lambda size: b"<nitf><body><body.content>" + fill("<block>", size) + PROSE.encode(),
    "pages_of_nothing.alto": lambda size: (
        b"<alto><Layout><Page><PrintSpace><TextBlock>" + fill("<TextLine><HYP/><String/>", size)
    ),
    "words_cut_in_two.alto": lambda size: (
        b"<alto><Layout><Page><PrintSpace><TextBlock><TextLine>"
        + fill('<String CONTENT="a" SUBS_TYPE="HypPart1" SUBS_CONTENT="ab"/><HYP/>', size)
        + b"</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
    ),
    "divisions_deep.tei": lambda size: b"<TEI><text><body>" + fill("<div><p>a", size) + PROSE.encode(),
    "newsml_nested.xml": lambda size: b"<NewsML>" + fill("<NewsItem>", size),
    "corpus_comments.sgml": lambda size: b"<DOC><TEXT>" + fill("<!-- ", size) + PROSE.encode() + b"</TEXT></DOC>",
    "corpus_tags.sgml": lambda size: b"<DOC><TEXT>" + fill("<a ", size) + b"</TEXT></DOC>",
    "wiki_templates_unclosed.xml": _wiki("{{a|"),
    "wiki_links_unclosed.xml": _wiki("[[a|"),
    "wiki_openings_mixed.xml": _wiki("{{a|b=[[c]]{{[[{{{\n{|\n"),
    "wiki_tags_unclosed.xml": _wiki("&lt;a &lt;b>&lt;ref>&lt;div a='"),
    "wiki_emphasis_unclosed.xml": _wiki("[http://a '''''b"),
    "wiki_lists.xml": _wiki(":::"),
}
"""Makers by file name."""
