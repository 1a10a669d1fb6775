"""Looks at one paragraph by itself: which phrase or pattern it matches, and whether it reads as running text."""

import re
from functools import lru_cache

from ingest.cleaning.appeals import asks_for_support, opens_appeal
from ingest.cleaning.folding import DECORATION, fold
from ingest.cleaning.lines import LINKS, LONGEST_HEADLINE, LONGEST_MENU_ITEM, Line, ends_sentence, is_prose
from ingest.cleaning.phrase_book import BOOK, Place

__all__ = ["look_at"]

_HEADINGS = BOOK.phrases(Place.HEADING)
_ANYWHERE = BOOK.phrases(Place.ANYWHERE)
_EDGE = BOOK.phrases(Place.EDGE)
_ANYWHERE_PATTERN = BOOK.pattern(Place.ANYWHERE)
_EDGE_PATTERN = BOOK.pattern(Place.EDGE)
_DIVIDER = frozenset(" *-_=~•·|×✕✖x─▼▲►▶◀☰#>»›→")

# What pages say of their links to readers who do not see them.
_OPENS_WINDOW = re.compile(r",? ?\(?opens (?:in (?:a )?)?new (?:window|tab)\)?$")
_CAPTION_BUTTONS = BOOK.list_words("caption-button")
_MENU_SEPARATOR = re.compile(r" ?[|·•›»→] ?| [/>] ")
_PART_END = re.compile(rf"(?<=[.!?]) |{_MENU_SEPARATOR.pattern}")

_LONGEST_PHRASE = 80
_LONGEST_NOTICE = 450


def look_at(paragraph: str) -> Line:
    """Returns what the paragraph looks like; one of over 450 characters is running text, whatever it says."""
    if len(paragraph) > _LONGEST_NOTICE:
        return Line("", "", None, False, True)
    return _look_at_short(paragraph)


# Lines of chrome recur from document to document, and the passes over one document see the same lines.
@lru_cache(maxsize=2048)
def _look_at_short(paragraph: str) -> Line:
    folded = fold(paragraph)
    if "opens" in folded:
        folded = _OPENS_WINDOW.sub("", folded) or folded
    rule, at_edge_only, key = None, False, ""
    if len(paragraph) <= _LONGEST_PHRASE:
        key = folded.strip(DECORATION)
        if key in _HEADINGS or key in LINKS:
            rule = "related-links"
        elif not (rule := _ANYWHERE.get(key)):
            rule = _EDGE.get(key) or ("divider" if _DIVIDER.issuperset(folded) else None)
            at_edge_only = rule is not None
    if rule is None and folded.endswith(_CAPTION_BUTTONS):
        rule = "photo-credit"
    if rule is None and (match := _ANYWHERE_PATTERN.fullmatch(folded)):
        rule = match.lastgroup
    if rule is None:
        match = _EDGE_PATTERN.fullmatch(folded)
        rule = match.lastgroup if match else "navigation" if _is_menu(folded) else None
        at_edge_only = rule is not None
    if rule is None or at_edge_only:
        whole = _rule_of_parts(folded)
        rule, at_edge_only = (whole, False) if whole else (rule, at_edge_only)
    name = rule.replace("_", "-") if rule else None
    prose = name is None and is_prose(paragraph)
    return Line(folded, key, name, at_edge_only, prose, asks_for_support(folded), opens_appeal(folded))


def _rule_of_parts(folded: str) -> str | None:
    """Returns the rule of a line of several sentences or menu items, each of which is chrome by itself.

    Of sentences one has to be chrome anywhere: "Sport. Politics." may be an article's.
    """
    if len(folded) > LONGEST_HEADLINE or not _PART_END.search(folded, 0, _LONGEST_PHRASE):
        return None
    parts = [part for part in _PART_END.split(folded) if part]
    looks = []
    for part in parts:
        looks.append(_look_at_short(part))
        if looks[-1].rule in {None, "divider"}:
            return None
    is_menu = not any(ends_sentence(part) for part in parts[:-1])
    return next((look.rule for look in looks if is_menu or not look.at_edge_only), None)


def _is_menu(folded: str) -> bool:
    """Tells whether the line is a menu in one line, as "News | Sport | Weather"."""
    if len(folded) > LONGEST_HEADLINE or not _MENU_SEPARATOR.search(folded):
        return False
    items = _MENU_SEPARATOR.split(folded)
    known = sum(item in _EDGE for item in items)
    return known * 2 >= len(items) and max(map(len, items)) <= LONGEST_MENU_ITEM
