"""Labels boxes of a web page by their names: what stands beside the article. The names are in `boxes.toml`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

__all__ = ["HIDDEN", "LABELS", "Label", "Labels"]

HIDDEN: Final = "hidden"

_MAX_CHARACTERS = 300
_MAX_CLASSES = 12
_MAX_WORDS = 3
_MAX_REMEMBERED = 4096
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD_END = re.compile(r"[-_]+")
# A class that says how a box looks, or what its article is about, and not what it is: "has-sidebar", "tag-ferry" of
# WordPress, "md:hidden" of Tailwind.
_MODIFIER = re.compile(r"(?:category|tag|type|status|format|has|no|with|without|is|js)[-_]|.*[:\[\]()]")
# Their ids are what links in the page lead to: "what-is-a-newsletter".
_NAMED_BY_CLASS_ALONE = frozenset(
    {"blockquote", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "td", "th"}
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label, and whether it is believed of a box that holds most of the page's running text.

    A `firm` label always is. One of which boxes are `spread` is not either where all of them together hold so much.
    """

    name: str
    firm: bool = False
    spread: bool = False


class Labels:
    """The labels, by the tags, roles and names that mean them."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self.labels: Final = {
            name: Label(name, table.get("firm", False), table.get("spread", False)) for name, table in tables.items()
        }
        self._tags = {tag: name for name, table in tables.items() for tag in table.get("tags", ())}
        self._roles = {role: name for name, table in tables.items() for role in table.get("roles", ())}
        names = [(word, name) for name, table in tables.items() for word in table.get("names", ())]
        self._order = {name: order for order, name in enumerate(tables)}
        self._names = {word: name for word, name in names if not word.endswith("*")}
        self._prefixes = {word.removesuffix("*"): name for word, name in names if word.endswith("*")}
        self._starts = tuple(self._prefixes)
        self._first_words = {word.partition("-")[0] for word in self._names}
        # Pages of a site share their names: the label of a name is found once.
        self._of_name = lru_cache(_MAX_REMEMBERED)(self._label_of_name)

    def of(self, tag: str, role: str, classes: str, id_: str) -> str | None:
        """Returns the label of a box; the names of its class and id go before what its tag says."""
        names = classes[:_MAX_CHARACTERS].split()[:_MAX_CLASSES] if tag != "body" else []
        if id_ and tag != "body" and tag not in _NAMED_BY_CLASS_ALONE:
            names.append(id_[:_MAX_CHARACTERS])
        found = {label for name in names if (label := self._of_name(name))}
        if found:
            return min(found, key=self._order.__getitem__) if len(found) > 1 else found.pop()
        return self._tags.get(tag) or (self._roles.get(role.strip().lower()) if role else None)

    def _label_of_name(self, name: str) -> str | None:
        if _MODIFIER.match(name):
            return None
        words = _WORD_END.split(_CAPITAL.sub("-", name).lower())
        hits: set[str | None] = set()
        for first, word in enumerate(words):
            if word.startswith(self._starts):
                hits.update(label for start, label in self._prefixes.items() if word.startswith(start))
            if word not in self._first_words:
                continue
            for last in range(first + 1, min(first + _MAX_WORDS, len(words)) + 1):
                hits.add(self._names.get("-".join(words[first:last])))
        return min(filter(None, hits), key=self._order.__getitem__, default=None)


LABELS: Final = Labels(tomllib.loads(files("ingest.markup").joinpath("boxes.toml").read_text("utf-8")))
