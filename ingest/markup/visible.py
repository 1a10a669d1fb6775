"""Byline and date as a web page shows them, for pages whose metadata says neither."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from ingest.metadata.dates import parse_date

__all__ = ["NO_NAMES", "label_of", "visible_byline", "visible_date"]

_MAX_TEXT_NODES = 5000
_MAX_LABEL_CHARACTERS = 200
# A page may mark any number of elements, one around the other: 240 around 37,000 empty ones took 7 s.
_MAX_LABEL_STEPS = 400
_MAX_LABELS = 200
_MIN_NAME_CHARACTERS, _MAX_NAME_CHARACTERS = 3, 100
_MIN_DATE_CHARACTERS = 8
_MAX_WORDS_AROUND_DATE = 5

_BYLINE_CLASS = re.compile(r"(?:^|[ _-])(?:author|byline|by-line|writer)(?:[ _-]?name)?(?:$|[ _-])", re.IGNORECASE)
_DATE_CLASS = re.compile(
    r"(?:^|[ _-])(?:date|datetime|time|timestamp|published|publish|pubdate|posted|dateline)(?:$|[ _-])", re.IGNORECASE
)
_BY = re.compile(
    r"^(?:(?:article|authored|medically|posted|published|reviewed|story|submitted|updated|words|written)\s+){0,2}(?:by|von|par|por)\b[\s:]*",
    re.IGNORECASE,
)
_NAME_END = re.compile(
    r"\d|[|·•*<>@]|\b(?:on|updated|published|posted|says?|written by|read time|min read)\b", re.IGNORECASE
)
_OFFICE = re.compile(
    r"\s?,\s(?:[\w&-]{2,20}\s){0,4}(?:reporter|correspondent|editor|writer|journalist|columnist|contributor|producer)$",
    re.IGNORECASE,
)
_DAYLESS = re.compile(
    r"(?:\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?\s*)+$",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?:\s(?:(?:de|der|den|van|von|la|le|da|di|del|bin|al|and|&)|[^\W\d_a-z][\w.'’,-]*)){1,7}"
)
NO_NAMES = frozenset(
    {"name", "author", "the author", "about the author", "admin", "editor", "undefined", "staff", "written", "comment"}
)
_SEPARATOR = re.compile("[|·•]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th|\.)?\s(?:de\s)?[^\W\d_]{3,10}\.?,?\s(?:de\s)?\d{4}"
    r"|[^\W\d_]{3,10}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})(?!\d)"
)


def visible_byline(tree: HtmlElement) -> str | None:
    """The first name that stands in an element marked as the author's, or alone after "By"."""
    elements = tree.iter("a", "span", "div", "p", "address", "strong", "li", "h3", "h4", "h5")
    for element in islice(filter(_is_byline, elements), _MAX_LABELS):
        name = _name_in(label_of(element))
        if name:
            return name
    introduced = False
    for text in _text_nodes(tree):
        rest = _BY.sub("", text, count=1)
        if (introduced or (rest != text and rest)) and _NAME.fullmatch(name := _name_in(rest) or ""):
            return name
        introduced = rest != text and not rest
    return None


def _is_byline(element: HtmlElement) -> bool:
    if element.get("rel") == "author" or "author" in (element.get("itemprop") or ""):
        return True
    return _BYLINE_CLASS.search((element.get("class") or "")[:_MAX_LABEL_CHARACTERS]) is not None


def visible_date(tree: HtmlElement) -> str | None:
    """The first readable date in <time>, then in an element named for a date, then in a short text of its own."""
    for text in _date_texts(tree):
        if text and parse_date(text):
            return text
    return None


def _date_texts(tree: HtmlElement) -> Iterator[str | None]:
    above, times = _times(tree)
    marked = [element for element in times if element.get("itemprop") == "datePublished" or "pubdate" in element.attrib]
    for element in chain(marked, times, above):
        yield element.get("datetime")
        yield _date_in(label_of(element))
    elements = tree.iter("span", "div", "p", "li", "a", "small", "em", "abbr")
    for element in islice(filter(_is_date, elements), _MAX_LABELS):
        if element.get("itemprop") == "datePublished":
            yield element.get("content") or element.get("datetime")
        if _is_named_for_date(element):
            yield _date_in(label_of(element))
    for part in chain.from_iterable(map(_SEPARATOR.split, _text_nodes(tree))):
        date = _date_in(part)
        if date and len(part.replace(date, "").split()) <= _MAX_WORDS_AROUND_DATE:
            yield date


def _times(tree: HtmlElement) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """The first <time> above the first heading, where the latest news run, and those below; all are below none."""
    found = list(islice(tree.iter("time", "h1"), _MAX_LABELS))
    heading = next((index for index, element in enumerate(found) if element.tag == "h1"), 0)
    below = [element for element in found[heading:] if element.tag == "time"]
    return found[:heading], below


def _is_date(element: HtmlElement) -> bool:
    return element.get("itemprop") == "datePublished" or _is_named_for_date(element)


def _is_named_for_date(element: HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:_MAX_LABEL_CHARACTERS]
    return names != " " and _DATE_CLASS.search(names) is not None


def _date_in(text: str) -> str | None:
    match = _DATE.search(text) if len(text) >= _MIN_DATE_CHARACTERS and _YEAR.search(text) else None
    return match and match[0]


def _name_in(text: str) -> str | None:
    text = _BY.sub("", text, count=1)
    if end := _NAME_END.search(text):
        text = text[: end.start()]
    text = _OFFICE.sub("", _DAYLESS.sub("", text)).strip(" ,;:–—-/()")
    fits = _MIN_NAME_CHARACTERS <= len(text) <= _MAX_NAME_CHARACTERS and text.lower() not in NO_NAMES
    return text if fits else None


def label_of(element: HtmlElement) -> str:
    """The beginning of an element's text, a space between its parts."""
    parts, length = [], 0
    for event, node in islice(iterwalk(element, events=("start", "end")), _MAX_LABEL_STEPS):
        part = node.text if event == "start" else node.tail if node is not element else None
        if part:
            parts.append(part[:_MAX_LABEL_CHARACTERS])
            length += len(part)
        if length > _MAX_LABEL_CHARACTERS:
            break
    return " ".join(" ".join(parts).split())[:_MAX_LABEL_CHARACTERS]


def _text_nodes(tree: HtmlElement) -> Iterator[str]:
    """The first short texts of the page's body, as they are read."""
    body = tree.find(".//body")
    if body is not None:
        texts = (text for text in body.itertext() if len(text) <= _MAX_LABEL_CHARACTERS and not text.isspace())
        yield from (" ".join(text.split()) for text in islice(texts, _MAX_TEXT_NODES))
