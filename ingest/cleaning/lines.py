"""One paragraph by itself: what is known of it, and whether it reads as running text."""

import re
from dataclasses import dataclass

from ingest.cleaning.phrase_book import BOOK, Place

__all__ = [
    "LINKS",
    "LONGEST_HEADLINE",
    "LONGEST_MENU_ITEM",
    "Line",
    "ends_sentence",
    "is_prose",
    "is_sentence",
    "length",
]

LINKS = BOOK.phrases(Place.LINK)
LONGEST_HEADLINE = 160
LONGEST_MENU_ITEM = 25


_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
_SENTENCE_END = re.compile(r"[.!?…。！？।۔][\"'”’»)\]*]*$")
_STOPS = (".", "!", "?", '."', '!"', '?"', ".'", ".)", "。", "؟", "।")


_LONGEST_QUESTION = 120
_SHORTEST_PROSE = 60
_LONGEST_LINE_WITHOUT_END = 200


@dataclass(frozen=True, slots=True)
class Line:
    """What one paragraph looks like by itself.

    `key` is the folded paragraph without its decoration. `rule` is None where the paragraph matches no phrase;
    with `at_edge_only` the rule counts before and after the article alone. `asks_for_support` is set where it asks
    its reader for money for the press, `opens_appeal` where it may be the first of paragraphs that do.
    """

    folded: str
    key: str
    rule: str | None
    at_edge_only: bool
    prose: bool
    asks_for_support: bool = False
    opens_appeal: bool = False


def is_prose(paragraph: str) -> bool:
    """Tells whether the paragraph reads as running text, and not as a heading, a menu item or a caption."""
    characters = length(paragraph)
    if characters > _LONGEST_LINE_WITHOUT_END:
        return True
    if characters < _SHORTEST_PROSE or not _SENTENCE_END.search(paragraph):
        return False
    return characters > _LONGEST_QUESTION or not paragraph.rstrip("\"'”’»)]*").endswith(("?", "!"))


def length(paragraph: str) -> float:
    """Returns the length in letters of an alphabet.

    A Chinese, Japanese or Korean character counts two and a half, for it says as much.
    """
    return len(paragraph) if paragraph.isascii() else len(paragraph) + 1.5 * len(_WIDE.findall(paragraph))


def ends_sentence(folded: str) -> bool:
    """Tells whether a mark that ends a sentence stands at the end, be it within quotation marks or brackets."""
    return _SENTENCE_END.search(folded) is not None


def is_sentence(line: Line) -> bool:
    """Tells whether the line is a short sentence, which an article may have as a paragraph and a menu has not."""
    several = line.folded.count(" ") > 2 or length(line.folded) > len(line.folded)  # noqa: PLR2004 (words)
    return line.rule is None and several and line.folded.endswith(_STOPS)
