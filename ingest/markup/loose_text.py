"""Gives text that stands in a page beside paragraphs, and in none of them, a paragraph of its own.

Browsers lay out such text as a block as well (CSS 2.2, 9.2.1.1: anonymous block boxes). trafilatura drops it where it
follows an element that it drops, and it is often the first sentence of an article.
"""

from typing import Final

from lxml.html import HtmlElement

__all__ = ["INLINE", "wrap_loose_text"]

INLINE: Final = frozenset([
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q",
    "s", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
])  # fmt: skip
_IN_LINES: Final = INLINE | {"br", "img"}
_HOLDERS: Final = ("div", "section", "article", "main", "td", "body", "center")
_SHORTEST: Final = (
    40  # in characters, without those of the elements in it: what is shorter is mostly a label or a separator
)


def wrap_loose_text(tree: HtmlElement) -> None:
    """Puts each run of text and inline elements beside a `<p>` into a `<p>`, in time linear in the tree's size."""
    for holder in [element for element in tree.iter(*_HOLDERS) if element.find("p") is not None]:
        before, run, length = None, [], len((holder.text or "").strip())
        for child in [*holder, None]:
            if child is not None and _is_in_line(child):
                run.append(child)
                length += len((child.tail or "").strip())
                continue
            if length >= _SHORTEST:
                _wrap(holder, before, run)
            before, run, length = child, [], len((child.tail or "").strip()) if child is not None else 0


def _is_in_line(element: HtmlElement) -> bool:
    return element.tag in _IN_LINES and all(child.tag in _IN_LINES for child in element)


def _wrap(holder: HtmlElement, before: HtmlElement | None, run: list[HtmlElement]) -> None:
    """Puts the text behind `before` (at the holder's start, where that is None) and the run into a paragraph."""
    paragraph = holder.makeelement("p")
    if before is None:
        paragraph.text, holder.text = holder.text, None
        holder.insert(0, paragraph)
    else:
        paragraph.text, before.tail = before.tail, None
        before.addnext(paragraph)
    paragraph.extend(run)
