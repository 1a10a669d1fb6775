"""Finds the span of a document that is its article, among what the page says around it."""

from collections.abc import Sequence

from ingest.cleaning.appeals import asks_for_money
from ingest.cleaning.lines import LINKS, Line, is_sentence

__all__ = ["FOOTER_RULES", "find_body"]

FOOTER_RULES = frozenset(
    {"related-links", "comments", "tags", "newsletter", "copyright", "share-bar", "sign-in", "form"}
)
"""Where chrome of these rules has begun past the last running text, nothing of the article follows."""

# What paragraphs add to the span that is the article, or take away from it: running text, a short sentence, and chrome.
# Other short lines weigh nothing, for articles have lists.
_PROSE_WEIGHT, _SENTENCE_WEIGHT, _CHROME_WEIGHT = 4.0, 1.0, -1.5
# Chrome of these rules stands between an article's paragraphs as often as around it.
_WITHIN_ARTICLES = frozenset({"advertisement", "divider", "photo-credit", "player"})


def find_body(lines: Sequence[Line], found: list[str | None]) -> tuple[int, int]:
    """Returns the indexes of the first and the last running text of the article, and marks appeals that end it.

    What a page says around its article may be running text, too. So the article is the span of the greatest sum, where
    running text adds and chrome takes away. Without running text it is what is unmatched before a footer; where there
    is not even that, the span is empty: (number of lines, -1).
    """
    body = [index for index, line in enumerate(lines) if line.prose and found[index] is None]
    while len(body) > 1 and asks_for_money(lines[body[-1]].folded):
        found[body.pop()] = "appeal"
    if body:
        return _densest(lines, found, body[-1])
    body = [index for index, line in enumerate(lines) if line.rule is None and found[index] is None]
    if not body:
        return len(lines), -1
    footer = (index for index in range(body[0], len(lines)) if found[index] in FOOTER_RULES)
    end = next(footer, len(lines))
    return body[0], max(index for index in body if index < end)


def _densest(lines: Sequence[Line], found: Sequence[str | None], last: int) -> tuple[int, int]:
    """Returns the span of the greatest sum that begins and ends with running text, none of it past `last`."""
    best, span = 0.0, (0, -1)
    total, start = 0.0, 0
    for index, line in enumerate(lines[: last + 1]):
        if line.prose and found[index] is None:
            if total <= 0:
                total, start = 0.0, index
            total += _PROSE_WEIGHT
            if total > best:
                best, span = total, (start, index)
        else:
            total += _weight(line, found[index])
    return span


def _weight(line: Line, rule: str | None) -> float:
    if line.rule in _WITHIN_ARTICLES or line.key in LINKS:
        return 0.0
    if line.rule or rule:
        return _CHROME_WEIGHT
    return _SENTENCE_WEIGHT if is_sentence(line) else 0.0
