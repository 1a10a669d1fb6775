"""Finds site chrome among the paragraphs of a document: what is not the article but the page around it.

A paragraph is chrome when all of it is short and matches a phrase of `ingest.cleaning.phrase_book`, or when it stands
in a block that opens unmistakably.
"""

import re
from collections import Counter
from collections.abc import Sequence

from ingest.cleaning.appeals import mark_appeals
from ingest.cleaning.body import FOOTER_RULES, find_body
from ingest.cleaning.lines import LINKS, LONGEST_HEADLINE, LONGEST_MENU_ITEM, Line, ends_sentence, is_sentence
from ingest.cleaning.looks import look_at
from ingest.cleaning.phrase_book import BOOK, Place

__all__ = ["find_chrome"]

_HEADINGS = BOOK.phrases(Place.HEADING)
_HEADINGS_AT_EDGE = BOOK.phrases(Place.HEADING_AT_EDGE)
_SIGN_OFF = re.compile(rf"\(?(?:additional )?{BOOK.alternatives('sign-off')}\b")

_FEWEST_MENU_ITEMS = 4
_MENU_RULES = frozenset({"navigation", "sign-in"})
_BUTTON_RULES = frozenset({"share-bar", "comments", "sign-in", "newsletter", "appeal"})
_LONGEST_FOOTER_LABEL = 100
# Rules whose lines are words that an article may have as an item or a heading, and how far around them chrome counts.
_COMMON_WORDS = frozenset({"navigation", "network"})
_AROUND = 6
_LONGEST_LIST = 12  # of such words in a row
_PROMOTION_PARAGRAPHS = 8
_RELATED_PARAGRAPHS = 12
_MORE_FROM = ("related-links", True)


def find_chrome(paragraphs: Sequence[str], looked_at: dict[str, Line] | None = None) -> list[str | None]:
    """Returns for each paragraph the name of the rule by which it is chrome, or None where it stays.

    `looked_at` keeps what each looks like, for a next call with paragraphs of the same document.
    """
    known = {} if looked_at is None else looked_at
    lines = [known.get(paragraph) or known.setdefault(paragraph, look_at(paragraph)) for paragraph in paragraphs]
    found: list[str | None] = [None if line.at_edge_only else line.rule for line in lines]
    mark_appeals(lines, found)
    _mark_promotions(lines, found)
    first, last = find_body(lines, found)
    _mark_related(lines, found, last)
    _mark_edges(lines, found, first, last)
    _mark_runs(lines, found)
    _mark_menus(lines, found)
    _mark_repeated(lines, found)
    _mark_footer(lines, found, last)
    return found


def _mark_promotions(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks what stands between the two labels by which screen readers skip a newsletter's promotion."""
    for start, line in enumerate(lines):
        if line.key == "skip past newsletter promotion":
            for end in range(start + 1, min(start + 1 + _PROMOTION_PARAGRAPHS, len(lines))):
                if lines[end].key == "after newsletter promotion":
                    found[start:end] = ["newsletter"] * (end - start)


def _mark_related(lines: Sequence[Line], found: list[str | None], last: int) -> None:
    """Marks the headings of lists of other articles and the headlines that follow them."""
    for start, line in enumerate(lines):
        past_body = start > last
        heads = line.key in _HEADINGS or (found[start] == "related-links" and line.folded.endswith(":"))
        if not (heads or (past_body and _heads_links(line))):
            continue
        found[start] = "related-links"
        # Within the article one line is a link; of several, the last may be a heading of the article itself.
        stop = min(start + 1 + (_RELATED_PARAGRAPHS if past_body else 1), len(lines))
        for index in range(start + 1, stop):
            if not _is_headline(lines[index], past_body):
                break
            found[index] = found[index] or "related-links"


def _heads_links(line: Line) -> bool:
    return line.key in _HEADINGS_AT_EDGE or line.key in LINKS or (line.rule, line.at_edge_only) == _MORE_FROM


def _is_headline(line: Line, past_body: bool) -> bool:
    if line.prose or not line.folded or len(line.folded) > LONGEST_HEADLINE or line.rule is not None:
        return False
    if line.folded.endswith((".", ":", ";", ",")) or _SIGN_OFF.match(line.folded):
        return False
    return past_body or line.folded.count(" ") > 2  # noqa: PLR2004 (a shorter line may be a heading)


def _mark_edges(lines: Sequence[Line], found: list[str | None], first: int, last: int) -> None:
    """Marks what is chrome only before the first or past the last running text."""
    for index, line in enumerate(lines):
        if line.at_edge_only and not first <= index <= last and not _may_be_article(lines, index, first):
            found[index] = found[index] or line.rule


def _may_be_article(lines: Sequence[Line], index: int, first: int) -> bool:
    """Tells whether a common word may head the article's first paragraph or end its list: no chrome is beside it."""
    rule = lines[index].rule
    if index > first and lines[index - 1].rule is None and index + 1 < len(lines) and is_sentence(lines[index + 1]):
        return rule in _COMMON_WORDS
    if index > first and rule == "navigation" and _is_within_list(lines, index, first):
        return True
    heads_prose = index + 1 < len(lines) and lines[index + 1].prose
    if rule not in _COMMON_WORDS or (index < first and not heads_prose):
        return False
    around = [*lines[max(index - _AROUND, 0) : index], *lines[index + 1 : index + 1 + _AROUND]]
    if rule == "navigation":
        return all(line.rule is None for line in around)
    return all(line.rule is None or line.rule in _COMMON_WORDS for line in around)


def _is_within_list(lines: Sequence[Line], index: int, first: int) -> bool:
    """Tells whether the item is in a list that goes on before and after it, and no other chrome has come before."""
    begin = end = index
    while begin > max(first, index - _LONGEST_LIST) and lines[begin].rule == "navigation":
        begin -= 1
    while end < min(len(lines) - 1, index + _LONGEST_LIST) and lines[end].rule == "navigation":
        end += 1
    is_list = not lines[begin].prose and lines[begin].rule is None is lines[end].rule
    return is_list and all(line.rule in {None, "navigation"} for line in lines[max(begin - _AROUND, 0) : begin])


def _mark_runs(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks menu lines in the midst of the article: three or more in a row, of which one is chrome anywhere."""
    start = 0
    for index in range(len(lines) + 1):
        if index < len(lines) and lines[index].rule is not None:
            continue
        run = range(start, index)
        if len(run) > 2 and any(found[position] for position in run):  # noqa: PLR2004
            for position in run:
                found[position] = found[position] or lines[position].rule
        start = index + 1


def _mark_repeated(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks buttons in the midst of the article that occur more than once, as under each post of a live blog."""
    counts = Counter(line.key for line in lines if line.rule in _BUTTON_RULES)
    for index, line in enumerate(lines):
        if line.rule in _BUTTON_RULES and counts[line.key] > 1:
            found[index] = found[index] or line.rule


def _mark_footer(lines: Sequence[Line], found: list[str | None], last: int) -> None:
    """Marks labels between the lines of chrome past the article: the links and figures that only this site has.

    They begin after a line behind which no article goes on. A line at whose end a sentence ends is never one of them.
    """
    tail = [index for index in range(last + 1, len(lines)) if found[index]]
    start = next((index for index in tail if found[index] in FOOTER_RULES), len(lines))
    for index in range(start + 1, tail[-1] if tail else 0):
        if found[index] is None and _is_label_of_site(lines[index]):
            found[index] = "footer"


def _is_label_of_site(line: Line) -> bool:
    return not line.prose and len(line.folded) <= _LONGEST_FOOTER_LABEL and not ends_sentence(line.folded)


def _mark_menus(lines: Sequence[Line], found: list[str | None]) -> None:
    """Marks whole menus: from one known item to another, where a third of the lines between are known items, too."""
    known: list[int] = []
    for index, line in enumerate([*lines, None]):
        if line is not None and line.rule in _MENU_RULES:
            known.append(index)
        elif line is None or not (line.rule or _is_menu_item(line)):
            if len(known) >= _FEWEST_MENU_ITEMS and len(known) * 3 >= known[-1] - known[0]:
                for position in range(known[0], known[-1] + 1):
                    found[position] = found[position] or "navigation"
            known = []


def _is_menu_item(line: Line) -> bool:
    """Tells whether the line may be an item that only this site has; three words may be a headline already."""
    return 0 < len(line.key) <= LONGEST_MENU_ITEM and line.key.count(" ") <= 1 and line.folded[-1] not in ".!?,;:"
