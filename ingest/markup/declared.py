"""What a web page says of itself: JSON-LD, OpenGraph and other <meta>, then its visible marks."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.documents import Fact, FactSource, Metadata, value_of
from ingest.markup.bylines import find_byline
from ingest.markup.json_ld import schema_article
from ingest.markup.meta_keys import (
    DESCRIPTION_KEYS,
    LANGUAGE_KEYS,
    MODIFIED_KEYS,
    PUBLISHER_KEYS,
    SECTION_KEYS,
    TAG_KEYS,
    URL_KEYS,
    meta_fact,
)
from ingest.markup.page_dates import find_published
from ingest.markup.page_marks import HeadlineArea, PageMarks, collect_marks, text_of
from ingest.markup.titles import find_headline
from ingest.metadata.author_names import fold_name
from ingest.metadata.fields import as_text, make_metadata

__all__ = ["read_metadata"]

_PUBLISHER_MARKS = XPath("descendant::*[@itemprop='publisher']", smart_strings=False)
_HOME = re.compile(r"/?(?:(?:index|home|default)\.\w{2,5}|[a-z]{2}(?:-[a-z]{2})?/?)?", re.IGNORECASE)

_MAX_CANONICALS = 3
_MAX_TAGS = 50
# What a template or a script left in an address.
_UNFILLED = re.compile(r"\{\{|\}\}|<%|\$\{|/(?:undefined|null|NaN)/?$", re.IGNORECASE)
# The machine on which a site was built.
_OWN_HOST = re.compile(r"localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[?::1\]?", re.IGNORECASE)
_TRACKING = re.compile(r"(?:utm_\w{1,20}|fbclid|gclid|mc_cid|mc_eid)(?:=|$)", re.IGNORECASE)


def read_metadata(tree: HtmlElement, address: str = "") -> Metadata:
    """Returns the metadata of a parsed page, without comments; the tree is left as it is.

    `address` is where whoever saved the page found it; "" where nobody said. A home page is called what its site is:
    its title is all of `<title>`.
    """
    marks = collect_marks(tree)
    article = schema_article(marks.scripts)
    url = _url(marks, article)
    publisher = _publisher(marks.meta, article) or _marked_publisher(tree)
    sites = _sites(marks, publisher, article, url)
    headline = find_headline(tree, marks, article, sites)
    area = HeadlineArea(tree, headline.element)
    language = Fact.of(tree.get("lang"), FactSource.HTML_LANG) or _first(marks.meta, LANGUAGE_KEYS)
    return make_metadata(
        title=(Fact.of(marks.title, FactSource.TITLE_ELEMENT) if _is_home(address) else None) or headline.title,
        byline=find_byline(area, marks.meta, article, sites),
        publisher=publisher,
        published=find_published(area, marks, article, url, _tag_with_country(language, marks, article)),
        language=language,
        url=url,
        description=_first(marks.meta, DESCRIPTION_KEYS) or _of_json_ld(article, "description"),
        section=_of_json_ld(article, "articleSection") or _first(marks.meta, SECTION_KEYS),
        tags=_of_json_ld(article, "keywords") or _tags(marks.meta),
        updated=_of_json_ld(article, "dateModified") or _first(marks.meta, MODIFIED_KEYS),
    )


def _of_json_ld(article: dict[str, Any], key: str) -> Fact[str] | None:
    return Fact.of(as_text(article.get(key)), FactSource.JSON_LD)


def _tags(meta: Mapping[str, list[str]]) -> Fact[str] | None:
    """Returns the tags; some pages have an element for each."""
    key = next((key for key in TAG_KEYS if key in meta), None)
    return None if key is None else meta_fact(key, ", ".join(meta[key][:_MAX_TAGS]))


def _first(meta: Mapping[str, list[str]], keys: tuple[str, ...]) -> Fact[str] | None:
    return next((meta_fact(key, meta[key][0]) for key in keys if key in meta), None)


def _publisher(meta: Mapping[str, list[str]], article: dict[str, Any]) -> Fact[str] | None:
    return (
        _first(meta, PUBLISHER_KEYS[:1])
        or Fact.of(as_text(article.get("publisher")), FactSource.JSON_LD)
        or _first(meta, PUBLISHER_KEYS[1:])
    )


def _marked_publisher(tree: HtmlElement) -> Fact[str] | None:
    """Returns the name within the first element that microdata calls the publisher."""
    publisher = next(iter(_PUBLISHER_MARKS(tree)), None)
    name = publisher.find(".//*[@itemprop='name']") if publisher is not None else None
    return None if name is None else Fact.of(name.get("content") or text_of(name), FactSource.MICRODATA)


def _sites(marks: PageMarks, publisher: Fact[str] | None, article: dict[str, Any], url: Fact[str] | None) -> set[str]:
    """The folded names by which the page calls its site, and its host's name."""
    names = [
        value_of(publisher),
        as_text(article.get("publisher")),
        *(marks.meta.get(key, [""])[0] for key in PUBLISHER_KEYS),
    ]
    if url:
        names.append(urlsplit(url.value).hostname)
    return {folded for name in names if name and (folded := fold_name(name))}


def _tag_with_country(language: Fact[str] | None, marks: PageMarks, article: dict[str, Any]) -> str | None:
    """The first language tag of the page that says a country, if it says the same language; else the page's own."""
    own = value_of(language) or ""
    said = [own, *marks.meta.get("og:locale", []), as_text(article.get("inLanguage")) or ""]
    tags = (tag for tag in said if "-" in tag or "_" in tag)
    return next((tag for tag in tags if tag[:2].lower() == (own[:2].lower() or tag[:2].lower())), own or None)


def _url(marks: PageMarks, article: dict[str, Any]) -> Fact[str] | None:
    """Returns the address of the page, made absolute; never a home page, as which some sites name all their pages."""
    said = list(_said_urls(marks, article))
    bases = [marks.base, *(fact.value for fact in said)]
    base = next((base for base in bases if base.lower().startswith(("http://", "https://"))), "")
    for fact in said:
        try:
            address = _page_address(base, fact.value.strip())
        except ValueError:  # "http://[", which is no address
            continue
        if address:
            return Fact(address, fact.source)
    return None


def _page_address(base: str, said: str) -> str | None:
    """The address of the page itself: no place in it, no trace of who led to it; None for what is no page's."""
    if _UNFILLED.search(said):
        return None
    address = urljoin(base, f"https:{said}" if said.startswith("//") and not base else said)
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or _OWN_HOST.fullmatch(parts.hostname):
        return None
    if _is_home(address):
        return None
    query = "&".join(part for part in parts.query.split("&") if not _TRACKING.match(part))
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def _is_home(address: str) -> bool:
    """Tells whether an address is that of a site itself, or of its pages in one language."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_page = parts.scheme in {"http", "https"} and not parts.query
    return is_page and _HOME.fullmatch(parts.path) is not None


def _said_urls(marks: PageMarks, article: dict[str, Any]) -> Iterator[Fact[str]]:
    yield from (Fact(address, FactSource.CANONICAL_LINK) for address in marks.canonical[:_MAX_CANONICALS])
    for key in URL_KEYS:
        yield from (meta_fact(key, address) for address in marks.meta.get(key, [])[:1])
    page = article.get("mainEntityOfPage")
    for value in (article.get("url"), page.get("@id") if isinstance(page, dict) else page):
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield Fact(value, FactSource.JSON_LD)
