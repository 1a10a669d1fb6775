"""What JSON-LD (schema.org) says of the article, read as tolerantly as browsers and search engines read it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ingest.metadata.fields import as_text
from ingest.text.entities import unescape_page

__all__ = ["Author", "authors_of", "schema_article"]

_MAX_JSON_CHARACTERS = 1024 * 1024
_MAX_JSON_NODES = 2000
_MAX_VALUES_A_BLOCK = 20
_MAX_AUTHORS = 100
_MAX_DEPTH = 3

_ARTICLE_TYPES: Final = frozenset({"report", "review", "liveblogposting", "blogposting", "socialmediaposting"})
_PAGE_TYPES: Final = frozenset(
    {"webpage", "itempage", "medicalwebpage", "faqpage", "qapage", "aboutpage", "recipe", "howto", "podcastepisode"}
)
_ORGANISATION_TYPES: Final = frozenset(
    {"organization", "newsmediaorganization", "corporation", "localbusiness", "educationalorganization", "website",
     "governmentorganization", "ngo", "brand", "collegeoruniversity", "medicalorganization"}
)  # fmt: skip
_OF_ARTICLE: Final = ("headline", "author", "publisher", "datePublished", "dateModified", "dateCreated", "url",
                      "mainEntityOfPage", "inLanguage", "creator",
                      "description", "articleSection", "keywords")  # fmt: skip

_OF_PAGE: Final = _OF_ARTICLE[1:-3]  # its headline may be the site's, and what follows as well

# What sites put around JSON: comments of HTML and JavaScript, sections of CDATA.
_BEFORE = re.compile(
    r"(?:\s|\ufeff|<!--|<!\[CDATA\[|//[^\n{\[]{0,80}(?=\n|<!|$)|/\*[^*]{0,80}\*/|//(?=<)|(?:var|let|const)\s\w{1,40}\s?=)+"
)
_ENDS: Final = ("", "}", "}}", "]}")  # what a template forgets
_VALUE_START = re.compile(r"[\[{]")
# A string up to the quote that ends it: one before a comma, colon, bracket, or the end. Others are quotes of the text.
# Possessive, so that a string without end is looked through once.
_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.|"(?![\s;]*(?:[,:}\]]|\Z)))*+)(?:"|\Z)|,[\s,]*+|//[^\n"]*|/\*[^"*]{0,1000}\*/', re.DOTALL
)
_BROKEN_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_INNER_QUOTE = re.compile(r'(?<!\\)((?:\\\\){0,20})"')
_DECODER = json.JSONDecoder(strict=False, parse_int=str)


class Author(NamedTuple):
    """One author: `is_person` is None where the type is not told."""

    name: str
    is_person: bool | None


def schema_article(scripts: Iterable[str]) -> dict[str, Any]:
    """The first article that JSON-LD describes at its top, with the nodes its references stand for; or {}.

    What it lacks is completed from other descriptions of the same headline, and from the page that it is on.
    """
    articles: list[dict[str, Any]] = []
    page: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for node in _nodes(scripts):
        kinds = _types(node)
        if any(kind.endswith("article") or kind in _ARTICLE_TYPES for kind in kinds):
            articles.append(node)
        elif not page and not kinds.isdisjoint(_PAGE_TYPES):
            page = node
        if isinstance(node.get("@id"), str) and _name(node):
            named.setdefault(node["@id"], node)
    merged: dict[str, Any] = {}
    headline = as_text(articles[0].get("headline")) if articles else None
    same = [node for node in articles[1:] if as_text(node.get("headline")) in {headline, None}]
    for node in [*articles[:1], *same, page]:
        for key in _OF_ARTICLE if node is not page else _OF_PAGE:
            if not merged.get(key) and (value := node.get(key)):
                merged[key] = value
    for key in ("author", "publisher", "creator"):
        merged[key] = _resolve(merged.get(key), named)
    return merged


def _types(node: Mapping[str, Any]) -> set[str]:
    """The names of a node's types, without the address of their vocabulary."""
    kinds = node.get("@type", node.get("type"))
    listed = kinds[:_MAX_VALUES_A_BLOCK] if isinstance(kinds, list) else [kinds]
    return {re.split("[/#:]", kind[:200])[-1].lower() for kind in listed if isinstance(kind, str)}


def _resolve(value: Any, named: Mapping[str, Any]) -> Any:
    """A reference to another node, or a list of them, replaced by that node."""
    if isinstance(value, list):
        return [_resolve(item, named) for item in value[:_MAX_AUTHORS] if not isinstance(item, list) or len(item) == 1]
    if isinstance(value, dict) and not _name(value) and isinstance(value.get("@id"), str):
        return named.get(value["@id"])
    return value


def authors_of(article: Mapping[str, Any]) -> list[Author]:
    """The authors by name, in order; a bare address is nobody."""
    found: dict[str, Author] = {}
    for value in (article.get("author"), article.get("creator")):
        for item in (value if isinstance(value, list) else [value])[:_MAX_AUTHORS]:
            item = item[0] if isinstance(item, list) and len(item) == 1 else item  # noqa: PLW2901
            kinds = _types(item) if isinstance(item, dict) else set()
            is_person = True if "person" in kinds else False if not kinds.isdisjoint(_ORGANISATION_TYPES) else None
            name = _name(item) if isinstance(item, dict) else as_text(item)
            if name and not name.lower().startswith(("http://", "https://")):
                found.setdefault(name, Author(name, is_person))
        if found:
            break
    return list(found.values())


def _name(node: Mapping[str, Any]) -> str | None:
    return as_text(node.get("name")) or " ".join(
        filter(None, (as_text(node.get("givenName")), as_text(node.get("familyName"))))
    )


def _nodes(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, without those inside lists of related articles."""
    for script in scripts:
        if len(script) <= _MAX_JSON_CHARACTERS:
            for value in _values(script):
                yield from _flattened(value, _MAX_DEPTH)


def _flattened(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and depth:
        for item in value[:_MAX_JSON_NODES]:
            yield from _flattened(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        if depth:
            inner = value.get("@graph") or [value.get("mainEntity"), value.get("mainEntityOfPage")]
            yield from _flattened(inner, depth - 1 if "@graph" in value else min(depth - 1, 1))


def _values(script: str) -> list[Any]:
    """The JSON values in a script; none where it cannot be mended. Takes time linear in its length."""
    try:
        return [_DECODER.decode(script)]
    except (ValueError, RecursionError):
        pass
    start = _BEFORE.match(script)
    text = script[start.end() :] if start else script
    if '"' not in text and "&quot;" in text:
        text = unescape_page(text)
    begins = _VALUE_START.match(text)
    if begins is None:
        return []
    mended = _decoded(text)
    for end in _ENDS if not mended else ():
        if mended := _decoded(_TOKEN.sub(_mended, text).rstrip("; \t\r\n") + end):
            break
    return mended


def _decoded(text: str) -> list[Any]:
    """The values at the beginning of the text, one behind the other, with what sites put between them and behind."""
    values: list[Any] = []
    position = 0
    try:
        while position < len(text) and len(values) < _MAX_VALUES_A_BLOCK and _VALUE_START.match(text, position):
            value, position = _DECODER.raw_decode(text, position)
            values.append(value)
            while position < len(text) and text[position] in " \t\r\n;,":
                position += 1
    except (ValueError, RecursionError):
        pass
    return values


def _mended(match: re.Match[str]) -> str:
    """A string with its inner quotes and broken escapes mended; nothing for a comma too many and a comment."""
    if match[0].startswith(","):
        return "" if match.string[match.end() : match.end() + 1] in {"}", "]"} else ","
    if match[1] is None:
        return ""
    text = _BROKEN_ESCAPE.sub(r"\\\\", match[1])
    return f'"{_INNER_QUOTE.sub(_escaped_quote, text)}"' if '"' in text else f'"{text}"'


def _escaped_quote(match: re.Match[str]) -> str:
    return f'{match[1]}\\"'
