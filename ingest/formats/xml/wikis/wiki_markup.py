"""Takes out of wikitext what is no text of the article, in linear time, and leaves lines that are quick to parse.

The parser of wikitext tries each opening anew that nobody closes: 16 kB of `{{a|` take it 8 s, of `<a ` 22 s. So
templates, tables, footnotes, comments and tags go before, and links that have no end become characters.
"""

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["plain_lines"]

# Elements whose content is no text.
_UNREAD: Final = frozenset(
    {"ref", "references", "gallery", "math", "chem", "timeline", "score", "syntaxhighlight", "source", "templatestyles",
     "imagemap", "graph", "mapframe", "hiero"}
)  # fmt: skip
_CLOSINGS: Final = {
    "<!--": re.compile("-->"),
    **{name: re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE) for name in (*_UNREAD, "nowiki")},
}
_BREAKS: Final = frozenset({"br", "p", "div", "li", "dd", "dt", "blockquote", "poem", "center", "hr", "ul", "ol", "dl"})
_TOKEN: Final = re.compile(
    r"<!--|<(?P<closing>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,20})(?P<rest>(?:[\s/][^<>]{0,1000})?)>"
    r"|\{\{|\}\}|\[\[|\]\]|\[|^[ :]{0,20}\{\||^ {0,9}\|\}(?!\})",
    re.MULTILINE,
)
_LINK_END: Final = re.compile(r"[\]\n]")
_LIST_MARKS: Final = "*#:; "
_MAX_LINKS = 3  # in each other: a picture's caption has some
_MAX_PIECE = 4000  # characters
_ESCAPES: Final = str.maketrans({"<": "&lt;", "[": "&#91;", "{": "&#123;", "'": "&#39;"})


def plain_lines(wikitext: str) -> Iterator[str]:
    """Yields the lines that have text, with links, emphasis and headings in them: at most 4,000 characters each."""
    for line in _Scanner(wikitext).scanned().split("\n"):
        rest = line.lstrip(_LIST_MARKS).rstrip()
        while len(rest) > _MAX_PIECE:
            cut = rest.rfind(" ", 0, _MAX_PIECE)
            cut = cut if cut > 0 else _MAX_PIECE
            yield rest[:cut]
            rest = rest[cut:]
        if rest:
            yield rest


class _Scanner:
    """Goes through wikitext once. `_open` has what is open: its kind, and where in `_parts` it begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str] = []
        self._open: list[tuple[str, int]] = []
        self._counts = {"{{": 0, "[[": 0, "{|": 0, "<table": 0}
        self._next_end = -1
        self._never_closed: set[str] = set()

    def scanned(self) -> str:
        """Returns the text without templates, tables, comments and tags."""
        at = 0
        while match := _TOKEN.search(self._text, at):
            self._parts.append(self._text[at : match.start()].replace("<", "&lt;"))
            at = self._after(match)
        self._parts.append(self._text[at:].replace("<", "&lt;"))
        for _, index in self._open:
            self._parts[index] = self._parts[index].translate(_ESCAPES)
        return "".join(self._parts)

    def _after(self, match: re.Match[str]) -> int:
        """Takes a mark; returns where to read on."""
        mark = match[0].strip(" :")
        if mark == "<!--":
            return self._behind(mark, match.end())
        if match["name"]:
            return self._tag(match)
        if mark in self._counts:
            self._begin(mark)
        elif mark == "[":
            self._bracket(match.end())
        else:
            self._end({"}}": "{{", "]]": "[[", "|}": "{|"}[mark], mark)
        return match.end()

    def _tag(self, match: re.Match[str]) -> int:
        name = match["name"].lower()
        if name == "table":
            if match["closing"]:
                self._end("<table", "")
            else:
                self._begin("<table")
        elif name in _BREAKS:
            self._parts.append("\n")
        elif name in _CLOSINGS and not match["closing"] and not match["rest"].endswith("/"):
            return self._behind(name, match.end())
        return match.end()

    def _behind(self, section: str, at: int) -> int:
        """Returns where a section ends; where it begins if nobody closes it."""
        end = None if section in self._never_closed else _CLOSINGS[section].search(self._text, at)
        if end is None:
            self._never_closed.add(section)
            return at
        if section == "nowiki":
            self._parts.append(self._text[at : end.start()].translate(_ESCAPES))
        return end.end()

    def _bracket(self, at: int) -> None:
        """Takes the beginning of an external link, which ends in its line."""
        if self._next_end < at:  # asked once for each line or bracket, not for each beginning
            match = _LINK_END.search(self._text, at)
            self._next_end = match.start() if match else len(self._text)
        closed = self._text.startswith("]", self._next_end)
        self._parts.append("[" if closed else "&#91;")

    def _begin(self, mark: str) -> None:
        self._open.append((mark, len(self._parts)))
        self._counts[mark] += 1
        deep = mark == "[[" and self._counts[mark] > _MAX_LINKS
        self._parts.append("" if deep or mark == "<table" else mark)

    def _end(self, opener: str, mark: str) -> None:
        """Takes what ends the innermost `opener`: what is open in a template or a table goes with it."""
        is_link = opener == "[["
        if not self._counts[opener] or (is_link and self._open[-1][0] != opener):
            self._parts.append(mark.translate(_ESCAPES))
            return
        while True:
            kind, index = self._open.pop()
            self._counts[kind] -= 1
            if kind == opener:
                break
        if is_link:
            self._parts[index:] = [part.replace("\n", " ") for part in self._parts[index:]]
            self._parts.append("]]" if self._parts[index] else "")
        else:
            del self._parts[index:]
