"""What a web page says of itself: JSON-LD, OpenGraph and other <meta>, then its visible marks."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from ingest.documents import Fact, FactSource, Metadata, value_of
from ingest.markup.visible import NO_NAMES, visible_byline, visible_date
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import as_text, make_metadata, tidy

__all__ = ["read_metadata"]

_MAX_JSON_CHARACTERS = 1024 * 1024
_MAX_JSON_NODES = 2000
_MAX_HEADINGS = 10

_WORD = re.compile(r"\w+")

_ARTICLE_TYPES = frozenset(
    [
        "article",
        "newsarticle",
        "blogposting",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "backgroundnewsarticle",
        "reviewnewsarticle",
        "liveblogposting",
        "techarticle",
        "scholarlyarticle",
        "medicalscholarlyarticle",
        "socialmediaposting",
        "report",
        "review",
    ]
)
_TITLE_KEYS = ("og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title", "parsely-title", "headline")
_BYLINE_KEYS = (
    "author", "byl", "citation_author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "article:author", "og:author", "og:article:author",
)  # fmt: skip
_WRITTEN_BY = frozenset(
    {"written by", "verfasst von", "geschrieben von", "écrit par", "escrito por", "scritto da", "geschreven door"}
)
_DATE_KEYS = (
    "article:published_time", "og:published_time", "og:article:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "publish-date", "publish_date", "publication_date", "pubdate", "citation_publication_date",
    "citation_date", "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created", "date",
)  # fmt: skip
_PUBLISHER_KEYS = ("og:site_name", "citation_journal_title", "dc.publisher", "publisher", "application-name")
_LANGUAGE_KEYS = ("og:locale", "content-language", "dc.language", "language")

_TITLE_SEPARATOR = re.compile(r"\s(\||»|•|·|–|—|::?|-)\s")
_FIRST_PART = re.compile(r"([^|»•·–—:]{2,60}?)(?:\s?:|\s[|»•·–—-])\s(?=\S)")
_CDATA = re.compile(r"^\s*(?:/[/*]\s*)?<!\[CDATA\[(?:\s*\*/)?|(?:/[/*]\s*)?\]\]>(?:\s*\*/)?\s*$")
# "/2024/07/30/", with a section between as on old pages of CNN ("/2024/POLITICS/07/30/"), or without leading zeros.
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d)(?:[/-]|/[a-z_]{2,20}/)([01]?\d)[/-](?:([0-3]\d)(?:/|-|$)|(\d)(?:/|$))", re.IGNORECASE
)


def read_metadata(tree: HtmlElement) -> Metadata:
    """Returns the metadata of a parsed page."""
    meta = _meta_values(tree)
    article = _schema_article(tree)
    url = _url(tree, meta)
    return make_metadata(
        title=_title(tree, meta, article),
        byline=_byline(tree, meta, article),
        publisher=_publisher(meta, article) or _marked_publisher(tree),
        published=_published(tree, meta, article, url),
        language=Fact.of(tree.get("lang"), FactSource.HTML_LANG) or _first(meta, _LANGUAGE_KEYS),
        url=url,
    )


def _meta_values(tree: HtmlElement) -> dict[str, list[str]]:
    """The contents of the page's <meta>, in order, by lower-case property, name, itemprop or http-equiv."""
    values: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = tidy(element.get("content"))
        if key and content:
            values.setdefault(key.strip().lower(), []).append(content)
    return values


def _first(meta: dict[str, list[str]], keys: tuple[str, ...]) -> Fact[str] | None:
    return next((_meta_fact(key, meta[key][0]) for key in keys if key in meta), None)


def _meta_fact(key: str, content: str) -> Fact[str]:
    return Fact(content, FactSource.OPENGRAPH if key.startswith(("og:", "article:")) else FactSource.META)


def _schema_article(tree: HtmlElement) -> dict[str, Any]:
    """The first article that JSON-LD describes at its top, with the names its references stand for; or {}."""
    article: dict[str, Any] = {}
    page: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for node in _schema_nodes(tree):
        kinds = node.get("@type")
        kinds = {str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}
        if not article and kinds & _ARTICLE_TYPES:
            article = node
        elif not page and "webpage" in kinds:
            page = node
        if isinstance(node.get("@id"), str) and isinstance(node.get("name"), str):
            named.setdefault(node["@id"], node["name"])
    merged = {"datePublished": page.get("datePublished"), **article}
    for key in ("author", "publisher"):
        merged[key] = _resolve(merged.get(key), named)
    return merged


def _resolve(value: Any, named: dict[str, Any]) -> Any:
    """A reference to another node, or a list of them, replaced by that node's name."""
    if isinstance(value, list):
        return [_resolve(item, named) for item in value[:20] if not isinstance(item, list)]
    if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
        return named.get(value["@id"])
    return value


def _schema_nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, without those inside lists of related articles."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json" or not script.text:
            continue
        if len(script.text) > _MAX_JSON_CHARACTERS:
            continue
        try:
            found = json.loads(_CDATA.sub("", script.text), strict=False, parse_int=str)
        except (ValueError, RecursionError):
            continue
        nodes = found if isinstance(found, list) else [found]
        for node in nodes[:_MAX_JSON_NODES]:
            if isinstance(node, dict):
                yield node
                graph = node.get("@graph")
                inner = graph if isinstance(graph, list) else [node.get("mainEntity"), node.get("mainEntityOfPage")]
                yield from (item for item in inner[:_MAX_JSON_NODES] if isinstance(item, dict))


def _title(tree: HtmlElement, meta: dict[str, list[str]], article: dict[str, Any]) -> Fact[str] | None:
    """Returns the headline that the reader sees, if the page's own titles confirm it; else what those titles say."""
    headings = [text for element in islice(tree.iter("h1"), _MAX_HEADINGS) if (text := _text(element))]
    element = tree.find(".//title")
    declared = [
        Fact.of(as_text(article.get("headline")), FactSource.JSON_LD),
        _first(meta, _TITLE_KEYS),
        Fact.of(_text(element), FactSource.TITLE_ELEMENT) if element is not None else None,
    ]
    titles = [Fact(_without_site(title.value, meta), title.source) for title in declared if title]
    confirmed = [heading for heading in headings if any(_same_title(heading, title.value) for title in titles)]
    if not confirmed and titles:
        return titles[0]
    return Fact.of(max(confirmed, key=len, default=None) or next(iter(headings), None), FactSource.HEADING)


def _text(element: HtmlElement) -> str | None:
    return tidy(" ".join(element.itertext()))


def _same_title(heading: str, title: str) -> bool:
    """Whether one contains the other, with at least half its words."""
    short, long = sorted((_WORD.findall(heading.lower()), _WORD.findall(title.lower())), key=len)
    return len(short) * 2 >= len(long) and f" {' '.join(short)} " in f" {' '.join(long)} "


def _without_site(title: str, meta: dict[str, list[str]]) -> str:
    """A page's title without the site's name: the one it declares, or a last part that looks like one."""
    site = (value_of(_first(meta, _PUBLISHER_KEYS)) or "").lower()
    first = _FIRST_PART.match(title)
    if first and first[1].lower() == site:
        return title[first.end() :]
    head, separator, last = _last_part(title)
    head_words, last_words = len(head.split()), len(last.split())
    is_site = last.lower() == site or (separator in "|»•·" and last_words <= head_words) or 2 * last_words <= head_words
    return head if separator and is_site else title


def _last_part(title: str) -> tuple[str, str, str]:
    """The title before its last separator, the separator ("" for none), and the part after it."""
    matches = list(_TITLE_SEPARATOR.finditer(title))
    if not matches:
        return title, "", ""
    return title[: matches[-1].start()], matches[-1][1], title[matches[-1].end() :]


def _byline(tree: HtmlElement, meta: dict[str, list[str]], article: dict[str, Any]) -> Fact[str] | None:
    """Returns who wrote it; the site itself only where the page names no person."""
    declared = _declared_bylines(meta, article)
    first = next(declared, None)
    if first and not _is_site(first.value, meta, article):
        return first
    return next(declared, None) or Fact.of(visible_byline(tree), FactSource.VISIBLE) or first


def _is_site(byline: str, meta: dict[str, list[str]], article: dict[str, Any]) -> bool:
    """Whether JSON-LD gives the site or its publisher for the author, and not as the person who writes all of it."""
    author = article.get("author")
    named = author if isinstance(author, list) else [author]
    if any(isinstance(one, dict) and one.get("@type") != "Organization" for one in named):
        return False
    sites = (value_of(_first(meta, _PUBLISHER_KEYS[:1])), as_text(article.get("publisher")))
    return as_text(author) == byline and byline in sites


def _declared_bylines(meta: dict[str, list[str]], article: dict[str, Any]) -> Iterator[Fact[str]]:
    author = as_text(article.get("author"))
    if author and not author.startswith("http"):
        yield Fact(author, FactSource.JSON_LD)
    for key in _BYLINE_KEYS:
        names = [name for name in meta.get(key, []) if not name.startswith("http")]
        if names:
            yield _meta_fact(key, ", ".join(dict.fromkeys(names[:20])))
    # How Yoast and Ghost tell Twitter.
    label, value = meta.get("twitter:label1"), meta.get("twitter:data1")
    if label and value and label[0].lower() in _WRITTEN_BY and value[0].lower() not in NO_NAMES:
        yield Fact(value[0], FactSource.META)


def _publisher(meta: dict[str, list[str]], article: dict[str, Any]) -> Fact[str] | None:
    return (
        _first(meta, _PUBLISHER_KEYS[:1])
        or Fact.of(as_text(article.get("publisher")), FactSource.JSON_LD)
        or _first(meta, _PUBLISHER_KEYS[1:])
    )


def _marked_publisher(tree: HtmlElement) -> Fact[str] | None:
    """Returns the name within the first element that microdata calls the publisher."""
    publisher = next(iter(tree.iterfind(".//*[@itemprop='publisher']")), None)
    name = publisher.find(".//*[@itemprop='name']") if publisher is not None else None
    return None if name is None else Fact.of(name.get("content") or _text(name), FactSource.MICRODATA)


def _published(
    tree: HtmlElement, meta: dict[str, list[str]], article: dict[str, Any], url: Fact[str] | None
) -> Fact[str] | None:
    """Returns the first date of publication that can be read, from the surest place to the least sure."""
    candidates = _date_candidates(meta, article, url)
    found = next((date for date in candidates if date and parse_date(date.value)), None)
    return found or Fact.of(visible_date(tree), FactSource.VISIBLE)


def _date_candidates(
    meta: dict[str, list[str]], article: dict[str, Any], url: Fact[str] | None
) -> Iterator[Fact[str] | None]:
    yield _first(meta, _DATE_KEYS[:1])
    yield Fact.of(as_text(article.get("datePublished")), FactSource.JSON_LD)
    yield from (_meta_fact(key, meta[key][0]) for key in _DATE_KEYS[1:] if key in meta)
    yield Fact.of(as_text(article.get("dateCreated")), FactSource.JSON_LD)
    if url and (match := _URL_DATE.search(url.value)):
        yield Fact("-".join(part.zfill(2) for part in match.groups() if part), FactSource.URL)


def _url(tree: HtmlElement, meta: dict[str, list[str]]) -> Fact[str] | None:
    for link in tree.iter("link"):
        if (link.get("rel") or "").lower() == "canonical" and (link.get("href") or "").startswith("http"):
            return Fact(str(link.get("href")), FactSource.CANONICAL_LINK)
    return _first(meta, ("og:url", "twitter:url"))
