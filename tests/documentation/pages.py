"""The Markdown pages of the repository: their links, headings, tables, and the commands that they show."""

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["ROOT", "Page", "pages"]

ROOT = Path(__file__).parents[2]

_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Page:
    """A page, by its path from the repository's root."""

    path: str

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text()

    def links(self) -> list[str]:
        """Where its links and images lead, as written."""
        tokens = [child for token in self._tokens() for child in token.children or []]
        return [str(token.attrGet("href") or token.attrGet("src")) for token in tokens if token.type in _LINKS]

    def anchors(self) -> set[str]:
        """What GitHub calls its headings in addresses."""
        tokens = self._tokens()
        counts: dict[str, int] = {}
        anchors = set()
        for opening, inline in pairwise(tokens):
            if opening.type == "heading_open":
                said = "".join(child.content for child in inline.children or [])
                anchor = re.sub(r"[^\w\- ]", "", said.lower()).replace(" ", "-")
                anchors.add(f"{anchor}-{counts[anchor]}" if anchor in counts else anchor)
                counts[anchor] = counts.get(anchor, 0) + 1
        return anchors

    def code(self) -> list[str]:
        """What is written as code within its sentences and tables."""
        children = [child for token in self._tokens() for child in token.children or []]
        return [child.content for child in children if child.type == "code_inline"]

    def shown(self) -> list[str]:
        """The lines that it shows for a shell or for psql, without comments: what is indented by four spaces."""
        lines = [line for token in self._tokens() if token.type == "code_block" for line in token.content.splitlines()]
        return [line for line in (re.split(r"\s+# ", line)[0].strip() for line in lines) if line]

    def rows(self, heading: str) -> list[list[str]]:
        """The cells of the tables right under a heading, without the tables' own first rows."""
        return self.tables(heading)[""]

    def tables(self, heading: str) -> dict[str, list[list[str]]]:
        """The same, and those under the headings one level below, by these headings."""
        tables: dict[str, list[list[str]]] = {}
        level, below = "", ""
        tokens = self._tokens()
        for token, inline in pairwise(tokens):
            if token.type == "heading_open" and level and token.tag <= level:
                break
            if token.type == "heading_open" and inline.content == heading:
                level = token.tag
                tables[""] = []
            elif token.type == "heading_open" and level:
                below = inline.content
                tables[below] = []
            elif token.type == "tr_open" and level:
                tables[below].append([])
            elif token.type == "td_open" and level:
                tables[below][-1].append(inline.content)
        return {name: [row for row in rows if row] for name, rows in tables.items()}

    def _tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)


_LINKS = {"link_open", "image"}


@cache
def pages() -> list[Page]:
    """All pages that the repository holds."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        check=True, cwd=ROOT, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return [Page(name) for name in sorted(names.splitlines())]
