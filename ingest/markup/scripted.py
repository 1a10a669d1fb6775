"""Text that a page holds in its scripts alone: `articleBody` of JSON-LD, and the state from which a script draws it."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from lxml.html import HtmlElement

from ingest.text.entities import unescape_page

__all__ = ["scripted_paragraphs"]

_MIN_SCRIPT_CHARACTERS = 200
_MAX_VALUES = 200_000
_MAX_DEPTH = 40
_MAX_RICH_DEPTH = 8
_MAX_NAME_CHARACTERS = 64  # a name is looked at for each item of its list: one of 20 kB over 6,000 of them took 5 s
_MIN_SENTENCE_CHARACTERS = 40
_MIN_BODY_CHARACTERS = 200
# `window.__STATE__ = {…}`, `Fusion.globalContent = {…}`, `self.__next_f.push(…)` is no JSON of one piece.
_ASSIGNED = re.compile(r"(?:__|[sS]tate|STATE|[cC]ontent|[dD]ata)\s{0,4}=\s{0,4}(?=[{\[])")
# Possessive, so that a string without end is looked through once.
_STRING = re.compile(r'"((?:[^"\\\n]|\\.){200,}+)"' r"|'((?:[^'\\\n]|\\.){200,}+)'")
_MAX_STRINGS = 200
_JSON_BEGINS = re.compile(r"\s{0,9}(?:\w{1,6}:)?(?=[{\[])")
_JSON_TYPES: Final = ("application/json", "application/ld+json")
_BODY_NAMES = frozenset([
    "article", "articlebody", "blocks", "body", "bodyhtml", "bodytext", "content", "contentelements", "contenthtml",
    "html", "maincontent", "paragraphs", "richtext", "sections", "story", "storytext", "text",
])  # fmt: skip
_TEXT_NAMES = ("text", "value", "content", "html", "body", "data", "children", "nodes", "paragraphs", "insert")
# Of what is not under such a name so much more is needed: teasers of other articles are lists of sentences as well.
_OTHER_WEIGHT = 0.2
_NEARLY = 0.9
_TAG = re.compile(r"<[^<>]{1,2000}>")
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|h[1-6]|li|ul|ol|blockquote|section|article|tr|table)(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE
)
_LETTER_PAIR = re.compile(r"[^\W\d_]\s+[^\W\d_]|[\u0e00-\u0eff\u3040-\u9fff]{10}")


class _Body(NamedTuple):
    weight: float
    paragraphs: tuple[str, ...]


def scripted_paragraphs(tree: HtmlElement) -> tuple[str, ...]:
    """Returns the paragraphs of the longest running text in the page's scripts; none where there is no long one."""
    found = [body for value in _values(tree) for body in _bodies(value)]
    if not found:
        return ()
    most = max(body.weight for body in found)
    return max(
        (body for body in found if body.weight >= _NEARLY * most), key=lambda body: len(body.paragraphs)
    ).paragraphs


def _values(tree: HtmlElement) -> Iterator[Any]:
    """The values of the page's scripts that are JSON, or that assign some."""
    decoder = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
    for script in tree.iter("script"):
        text = script.text or ""
        if len(text) < _MIN_SCRIPT_CHARACTERS:
            continue
        if (script.get("type") or "").strip().lower().startswith(_JSON_TYPES):
            start: int | None = len(text) - len(text.lstrip())
        else:
            assigned = _ASSIGNED.search(text)
            start = assigned.end() if assigned else None
        try:
            if start is not None:
                yield decoder.raw_decode(text, start)[0]
                continue
        except (ValueError, RecursionError):
            pass
        yield from _quoted_values(text, decoder)


def _quoted_values(script: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    """The long strings of a script: JSON within them, as in `JSON.parse("…")` and `push([1, "5:{…}"])`, or HTML."""
    for match in islice(_STRING.finditer(script), _MAX_STRINGS):
        quoted = match[1] if match[1] is not None else match[2].replace("\\'", "'").replace('"', '\\"')
        try:
            text = json.loads(f'"{quoted}"', strict=False)
            begins = _JSON_BEGINS.match(text)
            if begins:
                yield decoder.raw_decode(text, begins.end())[0]
            elif _BLOCK_TAG.search(text):
                yield {"html": text}
        except (ValueError, RecursionError):
            continue


def _bodies(value: Any) -> Iterator[_Body]:
    """The strings and lists in a value that may be an article's body, each with its weight."""
    stack: list[tuple[str, Any, int]] = [("", value, 0)]
    seen = 0
    while stack and seen < _MAX_VALUES:
        seen += 1
        name, one, depth = stack.pop()
        weight = 1.0 if _plain(name) in _BODY_NAMES else _OTHER_WEIGHT
        if isinstance(one, str):
            if len(one) >= _MIN_BODY_CHARACTERS:
                yield from _body(weight, _split(one))
        elif isinstance(one, list):
            yield from _body(weight, tuple(part for item in one for part in _split(_text_of(item, _MAX_RICH_DEPTH))))
            stack.extend((name, item, depth + 1) for item in one if depth < _MAX_DEPTH)
        elif isinstance(one, dict) and depth < _MAX_DEPTH:
            stack.extend((key, item, depth + 1) for key, item in one.items())


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name[:_MAX_NAME_CHARACTERS].lower()))


def _body(weight: float, paragraphs: tuple[str, ...]) -> Iterator[_Body]:
    size = sum(len(paragraph) for paragraph in paragraphs if _is_sentence(paragraph))
    if size >= _MIN_BODY_CHARACTERS:
        yield _Body(weight * size, paragraphs)


def _text_of(value: Any, depth: int) -> str:
    """The text of one item of a list: itself, or what its parts hold under the names of text (rich text)."""
    if isinstance(value, str):
        return value
    if depth == 0:
        return ""
    if isinstance(value, list):
        return "".join(_text_of(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return next(filter(None, (_text_of(value.get(name), depth - 1) for name in _TEXT_NAMES)), "")
    return ""


def _split(text: str) -> tuple[str, ...]:
    """Returns the paragraphs of a text: its lines, and its blocks where it is HTML."""
    if "<" in text:
        text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    lines = (" ".join(line.split()) for line in unescape_page(text).splitlines())
    return tuple(filter(None, lines))


def _is_sentence(text: str) -> bool:
    return len(text) >= _MIN_SENTENCE_CHARACTERS and _LETTER_PAIR.search(text) is not None
