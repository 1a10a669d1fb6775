"""The text of a piece of HTML in blocks of lines, in time linear in its size whatever its markup.

For pages whose markup is known, as databases write them; of any other page, `ingest.markup` finds the article.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ingest.text.entities import unescape_page

__all__ = ["PageBlock", "PageText", "centred_classes", "read_page"]

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]{0,30})(?P<rest>[^<>]*)>")
_ATTRIBUTE = re.compile(
    r"\b(?:class|id)\s{0,5}=\s{0,5}(?:\"([^\"]{0,300})\"|'([^']{0,300})'|([^\s\"'<>]{1,100}))", re.IGNORECASE
)
_CENTRED = re.compile(r"align\s{0,5}[=:]\s{0,5}[\"']?center", re.IGNORECASE)
_CLASS_RULE = re.compile(r"\.([\w-]{1,60})\s{0,5}\{([^{}]{0,500})\}")

_INLINE: Final = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins",
    "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "text", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
_UNSEEN: Final = frozenset(
    ["script", "style", "noscript", "template", "svg", "head", "title", "textarea", "select", "button"]
)
_HOLDERS: Final = frozenset(["div", "p", "center", "td", "th", "table", "h1", "h2", "h3", "h4"])
_MAX_HOLDERS = 500


class PageBlock(NamedTuple):
    """Lines that belong together, and whether they are set in the middle."""

    lines: tuple[str, ...]
    is_centred: bool

    @property
    def text(self) -> str:
        """Returns the lines as one."""
        return " ".join(self.lines)


class PageText(NamedTuple):
    """The blocks of a page; and by class or id, the texts of the elements that were asked for, which no block has."""

    blocks: tuple[PageBlock, ...]
    parts: Mapping[str, tuple[str, ...]]

    def part(self, *names: str) -> str:
        """Returns the text of the first element of the first of these classes or ids that has any."""
        return next((text for name in names for text in self.parts.get(name, ()) if text), "")


def centred_classes(page: str) -> frozenset[str]:
    """Returns the classes, in lower case, that the page's styles set in the middle."""
    return frozenset(name.lower() for name, rule in _CLASS_RULE.findall(page) if _CENTRED.search(rule))


def read_page(markup: str, *, parts: Iterable[str] = (), centred: frozenset[str] = frozenset()) -> PageText:
    """Returns the text. `parts` are the classes and ids, in lower case, of elements whose texts are told apart."""
    reader = _Reader(frozenset(parts), centred)
    position = 0
    markup = _without_comments(markup)
    for tag in _TAG.finditer(markup):
        reader.text(markup[position : tag.start()])
        reader.tag(tag)
        position = tag.end()
    reader.text(markup[position:])
    return reader.result()


def _without_comments(markup: str) -> str:
    if "<!" not in markup and "<?" not in markup:
        return markup
    return "".join(_outside_comments(markup))


def _outside_comments(markup: str) -> Iterator[str]:
    position = 0
    while (start := markup.find("<!--", position)) >= 0:
        yield markup[position:start]
        end = markup.find("-->", start)
        if end < 0:
            return
        position = end + 3
    yield markup[position:]


class _Reader:
    def __init__(self, wanted: frozenset[str], centred: frozenset[str]) -> None:
        self._wanted = wanted
        self._centred_classes = centred
        self._blocks: list[PageBlock] = []
        self._lines: list[str] = []
        self._line: list[str] = []
        self._parts: dict[str, list[str]] = {}
        self._part: tuple[str, str, int] | None = None  # its name, its tag, and how many of these are open in it
        self._part_text: list[str] = []
        self._unseen = ""
        self._holders: list[tuple[str, bool]] = []
        self._in_pre = False

    def text(self, text: str) -> None:
        if not text or self._unseen:
            return
        if self._part is not None:
            self._part_text.append(text)
        elif self._in_pre:
            first, *others = text.split("\n")
            self._line.append(first)
            for line in others:
                if "".join(self._line).strip():
                    self._end_line(keep=True)
                else:  # a blank line parts what is set as it is
                    self._end_block()
                self._line.append(line)
        else:
            self._line.append(text.replace("\n", " "))

    def tag(self, tag: re.Match[str]) -> None:
        name, is_close = tag["name"].lower(), bool(tag["close"])
        if self._unseen:
            if is_close and name == self._unseen:
                self._unseen = ""
        elif name in _UNSEEN:
            if not is_close and not tag["rest"].endswith("/"):
                self._unseen = name
        elif self._part is not None:
            self._in_part(self._part, name, is_close)
        elif not is_close and self._wanted and (part := self._part_name(tag["rest"])):
            self._part, self._part_text = (part, name, 1), []
        elif name == "br":
            self._end_line()
        elif name not in _INLINE:
            self._end_block()
            self._in_pre = not is_close if name == "pre" else self._in_pre
            self._hold(name, is_close, tag["rest"])

    def _part_name(self, attributes: str) -> str:
        for match in _ATTRIBUTE.finditer(attributes):
            for name in (match[1] or match[2] or match[3] or "").lower().split():
                if name in self._wanted:
                    return name
        return ""

    def _in_part(self, around: tuple[str, str, int], name: str, is_close: bool) -> None:
        part, own, depth = around
        if name == own and not (name == "p" and not is_close):
            depth += -1 if is_close else 1
            self._part = (part, own, depth)
        elif name not in _INLINE:
            self._part_text.append(" ")
        if depth <= 0:
            self._end_part()

    def _end_part(self) -> None:
        if self._part is not None:
            text = " ".join(unescape_page("".join(self._part_text)).split())
            self._parts.setdefault(self._part[0], []).append(text)
            self._part = None

    def _hold(self, name: str, is_close: bool, attributes: str) -> None:
        if name not in _HOLDERS:
            return
        if not is_close:
            if len(self._holders) < _MAX_HOLDERS and not attributes.endswith("/"):
                self._holders.append((name, self._is_centred(name, attributes)))
        elif self._holders and any(held == name for held, _ in self._holders[-5:]):
            while self._holders.pop()[0] != name:
                pass

    def _is_centred(self, name: str, attributes: str) -> bool:
        if name == "center" or _CENTRED.search(attributes):
            return True
        classes = (match[1] or match[2] or match[3] or "" for match in _ATTRIBUTE.finditer(attributes))
        return any(one in self._centred_classes for text in classes for one in text.lower().split())

    def _end_line(self, keep: bool = False) -> None:
        text = unescape_page("".join(self._line))
        self._line = []
        if stripped := " ".join(text.split()):
            # The first line of a paragraph is indented in text that is set as it is.
            self._lines.append(f"    {stripped}" if keep and text.startswith("   ") else stripped)

    def _end_block(self) -> None:
        self._end_line(keep=self._in_pre)
        if self._lines:
            self._blocks.append(PageBlock(tuple(self._lines), any(centred for _, centred in self._holders[-3:])))
            self._lines = []

    def result(self) -> PageText:
        self._end_part()
        self._end_block()
        return PageText(tuple(self._blocks), {name: tuple(texts) for name, texts in self._parts.items()})
