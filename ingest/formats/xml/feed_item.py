"""An item of a feed: RSS, RDF Site Summary and Atom, and a post of a WordPress export."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.bodies import body_paragraphs, element_paragraphs, one_line
from ingest.formats.xml.tree import Element, child, children, extra_fact, first, flat_text, joined, load, local, text_of
from ingest.kinds import Head
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_ITEMS = ("item", "entry")
_OTHER_NAMESPACES = ("mrss", "itunes", "podcast", "googleplay")  # media and podcasts have titles of their own
_TEXTS = ("encoded", "full-text", "fulltext", "content", "body")
_SUMMARIES = ("description", "summary", "abstract", "excerpt")
_PUBLISHED = ("pubDate", "published", "issued", "date", "created", "publicationDate", "post_date_gmt", "post_date")
_UPDATED = ("updated", "modified", "lastBuildDate", "dateModified")
_MAIL_AND_NAME: Final = re.compile(r"\S{1,200}@\S{1,200}\s{1,9}\(([^()]{1,200})\)")
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def _sniff(head: Head) -> bool:
    """Tells an Atom entry that is a document of its own, RFC 4287, 4.1.2."""
    if not head.body.startswith("<"):
        return False
    xml = read_head(head.data)
    return xml.root is not None and xml.root_name == "entry" and "atom" in xml.namespace(xml.root).lower()


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    item = first(root, *_ITEMS)
    if item is None:
        raise TerminalError("there is no item of a feed in it")
    feed = first(root, "channel", "feed")
    headline = one_line(_own(item, "title"))
    content = _text(item, _TEXTS)
    text = content or _text(item, _SUMMARIES) or _group_text(item)
    text = text or ((headline,) if headline else ())  # a flash has a headline alone
    if not text:
        raise TerminalError(f"the feed's item {_named(item)}holds no text")
    authors = list(_authors(item)) or list(_authors(root)) if local(root) == "feed" else list(_authors(item))
    language = _any(item, "language") or item.get(_LANG) or _any(feed, "language") or root.get(_LANG)
    metadata = make_metadata(
        published=_fact(_date(item, *_PUBLISHED, *_UPDATED)),
        updated=_fact(_date(item, *_UPDATED)),
        description=_fact(_summary(item)) if content else None,
        tags=joined(_categories(item)),
        title=_fact(headline),
        byline=_fact(", ".join(authors)),
        publisher=_fact(_publisher(item, feed)),
        language=_fact(language),
        url=_fact(_link(item)),
    )
    marks = {"guid": _any(item, "guid", "id", "post_id")}
    return ParsedDocument(replace(metadata, extra=extra_fact(marks)), text)


def _summary(item: Element) -> str:
    texts = (text_of(one) for name in _SUMMARIES for one in _elements(item, name))
    return next(filter(str.strip, texts), "")


def _categories(item: Element) -> Iterator[str]:
    """Yields what it is about: RSS's categories and Atom's, subjects of Dublin Core, keywords of Media RSS."""
    for one in _elements(item, "category", "subject", "keywords"):
        yield one.get("label") or one.get("term") or flat_text(one)


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _named(item: Element) -> str:
    title = one_line(_own(item, "title"))
    return f"“{title[:80]}” " if title else ""


def _elements(item: Element, *names: str) -> Iterator[Element]:
    """Yields an item's own elements of these names, those of the feed itself before those of media."""
    found = list(children(item, *names))
    others = [one for one in found if any(word in str(one.tag).partition("}")[0] for word in _OTHER_NAMESPACES)]
    yield from (one for one in found if one not in others)
    yield from others


def _own(item: Element, name: str) -> Element | None:
    return next(_elements(item, name), None)


def _any(element: Element | None, *names: str) -> str:
    """Returns the first text of one of these names, in the order of the names."""
    if element is None:
        return ""
    texts = (flat_text(one) for name in names for one in _elements(element, name))
    return next(filter(None, texts), "")


def _text(item: Element, names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the text of the first of these elements that has one."""
    texts = (_content(element) for name in names for element in _elements(item, name))
    return next(filter(None, texts), ())


def _group_text(item: Element) -> tuple[str, ...]:
    group = child(item, "group")  # of Media RSS
    return _content(_own(group, "description")) if group is not None else ()


def _content(element: Element | None) -> tuple[str, ...]:
    if element is None or element.get("src") or element.get("url"):
        return ()
    if element.get("type") == "text":
        return body_paragraphs(text_of(element).replace("<", "&lt;"))
    return element_paragraphs(element, as_html=True)


def _date(item: Element, *names: str) -> str:
    for name in names:
        for element in _elements(item, name):
            if parse_date(text := flat_text(element)):
                return text
    return ""


def _authors(item: Element) -> Iterator[str]:
    """Yields the authors: Atom's have names in elements, RSS has "mail (name)"."""
    creators = [flat_text(one) for one in _elements(item, "creator")]
    authors = []
    for author in _elements(item, "author"):
        name = flat_text(child(author, "name")) if len(author) else flat_text(author)
        match = _MAIL_AND_NAME.fullmatch(name)
        authors.append(match[1] if match else name)
    for name in dict.fromkeys(creators or authors):
        if name and ("@" not in name or " " in name):
            yield name


def _publisher(item: Element, feed: Element | None) -> str:
    """Returns whose text it is: the source that an item of another feed names, or the feed."""
    source = child(item, "source")
    if source is not None:
        named = flat_text(child(source, "title")) if len(source) else flat_text(source)
        if named and not named.startswith(("http:", "https:")):
            return named
    return _any(item, "publisher") or (one_line(_own(feed, "title")) if feed is not None else "")


def _link(item: Element) -> str:
    original = _any(item, "origLink")
    if original:
        return original
    for link in _elements(item, "link"):
        address = link.get("href") if link.get("rel", "alternate") == "alternate" else ""
        if address := (address or flat_text(link)):
            return address
    guid = child(item, "guid")
    return flat_text(guid) if guid is not None and guid.get("isPermaLink") != "false" else ""


FORMAT: Final = Format(
    media_type="application/x-feed-item+xml",
    label="an item of a feed",
    description="the whole text or else the summary, as HTML or text; title, authors, date, link, language, categories,"
    " when it was updated, and the feed's title as publisher",
    sniff=_sniff,
    parse=_parse,
    preloaded=("ingest.markup.page",),
)
