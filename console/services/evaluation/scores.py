"""The measures of a labelled set, as web content extraction has them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

__all__ = ["Answer", "Figures", "folded", "is_author", "is_title", "page_figures", "word_scores"]

Answer = dict[str, str]
"""What is said of a page: `text`, `title`, `author`, `publish_date`, as far as it is known."""

Figures = dict[str, float]

_WORD = re.compile(r"\w+")


def folded(text: str | None) -> str:
    """The text with single spaces."""
    return " ".join((text or "").split())


def word_scores(found: str | None, true: str | None) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of a text, however often each occurs."""
    ours, theirs = Counter(_words(found)), Counter(_words(true))
    common = (ours & theirs).total()
    precision = common / ours.total() if ours else float(not theirs)
    recall = common / theirs.total() if theirs else float(not ours)
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def is_title(found: str, true: str) -> bool:
    """Whether one title contains the other, with half its words."""
    short, long = sorted((" ".join(_words(found)), " ".join(_words(true))), key=len)
    return bool(short) and short in long and 2 * len(short.split()) >= len(long.split())


def is_author(found: str, true: str) -> bool:
    """Whether each surname is there."""
    names = [_words(name) for name in re.split(r"[,;]| and |&", true)]
    return all(name[-1] in _words(found) for name in names if name)


_CHECKS: Mapping[str, Callable[[str, str], bool]] = {
    "title": is_title,
    "author": is_author,
    "publish_date": lambda found, true: found[:10] == true[:10],
}


def page_figures(answers: Sequence[Answer], labels: Sequence[Mapping[str, Any]]) -> Figures:
    """The figures of some pages: the words of their texts, averaged, and the shares of facts that are right."""
    pairs = list(zip(answers, labels, strict=True))
    scores = [word_scores(answer.get("text"), label.get("text")) for answer, label in pairs]
    figures = dict(zip(("precision", "recall", "f1"), map(fmean, zip(*scores, strict=True)), strict=True))
    for name, is_right in _CHECKS.items():
        labelled = [(answer.get(name, ""), label[name]) for answer, label in pairs if label.get(name)]
        if any(answer for answer, _ in labelled):
            figures[name] = fmean(is_right(answer, true) for answer, true in labelled)
    return figures


def _words(text: str | None) -> list[str]:
    return _WORD.findall((text or "").lower())
