"""The pair rule: whether two texts are versions of one article, judged from the two and nothing else."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from ingest.fingerprint import SHINGLE_WORDS, Fingerprint, shingles_in_order

__all__ = ["CANDIDATE_SHARED", "Link", "LinkKind", "compare"]

# Two texts are worth comparing when their sketches share this many shingles: of the true pairs of a labelled set that
# finds 99.8%; one shared shingle finds all, among three times the candidates (a stock phrase is enough).
CANDIDATE_SHARED: Final = 2

# A text of fewer than 12 words is a headline, a caption or an error page: sharing some words with it says nothing, and
# held whole within many articles it would join them all. Such texts match exactly or not at all.
_MIN_SHINGLES: Final = 10

# Of the larger text's shingles, the share that must be in common. Below it the smaller one is an item or a quotation in
# something else, as in a round-up of ten; the truncated copies of the set keep .1 and more.
_MIN_COVERAGE: Final = 0.1

# Enough by itself: so much of the smaller text is in the larger (a truncated copy, a full quotation), or so much of the
# larger in the smaller. Round-ups and excerpts reach .66 of the smaller, weather reports of one template .74.
_CONTAINMENT: Final = 0.7
_COVERAGE: Final = 0.6

# One changed word breaks three shingles, so noisy (OCR) and half rewritten copies share few. They still have most words
# in the same order: .65 of the shorter and .5 of the longer. Round-ups with items in common reach .66 and .48.
_NOISY_CONTAINMENT: Final = 0.3
_NOISY_LCS_OF_SHORTER: Final = 0.65
_NOISY_LCS_OF_LONGER: Final = 0.5

# The time of an LCS grows with the product of the lengths: two texts of 10,000 words take some 15 ms. Of longer texts
# only the first so many words are aligned; whether one is a noisy copy of the other shows in that many.
_LCS_WORDS: Final = 10_000

# Texts made from one template differ in their values. Where numbers are more than rare (2% of the words, three distinct
# ones in both), 70% of those in one text must occur in the other; in templates at most 60% do, by chance.
_MIN_NUMBERS: Final = 3
_NUMBERS_OF_WORDS: Final = 0.02
_NUMBERS_IN_COMMON: Final = 0.7

# Two short items over one long appeal share most of their words, and yet each tells its own story: one run of words
# that is not in the other. Of two copies at most one has such a run (a comment, an update, what truncation took away).
_OWN_STORY_WORDS: Final = 20
_OWN_STORY_OF_WORDS: Final = 0.2


class LinkKind(StrEnum):
    """How two linked texts relate: alike as wholes, or the one held within the other."""

    NEAR = "near"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts are versions of one article; `score` is the share of the smaller one's shingles in common, .3 to 1."""

    kind: LinkKind
    score: float


def compare(a: Fingerprint, b: Fingerprint) -> Link | None:
    """The link between two texts, None when they are different articles; symmetric.

    Texts of equal wording need no comparison: their `text_hash` is the same, also where the rule finds them too short.
    The measures are the containment of Broder (1997) on word 3-grams and the longest common subsequence of words.
    """
    smaller, larger = sorted((a.shingles, b.shingles), key=len)
    if len(smaller) < _MIN_SHINGLES:
        return None
    common = _common(smaller, larger)
    containment, coverage = len(common) / len(smaller), len(common) / len(larger)
    if containment < _NOISY_CONTAINMENT or coverage < _MIN_COVERAGE or _numbers_differ(a, b):
        return None
    if containment < _CONTAINMENT and coverage < _COVERAGE and not _same_order(a, b):
        return None
    if _tells_own_story(a, common) and _tells_own_story(b, common):
        return None
    kind = LinkKind.CONTAINS if containment >= _CONTAINMENT and coverage < _COVERAGE else LinkKind.NEAR
    return Link(kind, containment)


def _common(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values in both; each array ascending and without repetition."""
    merged = np.sort(np.concatenate((a, b)), kind="stable")  # stable: it merges the two runs, four times as fast
    repeated: NDArray[np.int64] = merged[:-1][merged[1:] == merged[:-1]]
    return repeated


def _numbers_differ(a: Fingerprint, b: Fingerprint) -> bool:
    fewest = min(len(a.numbers), len(b.numbers))
    if fewest < _MIN_NUMBERS or fewest <= _NUMBERS_OF_WORDS * min(len(a.words), len(b.words)):
        return False
    of_a, of_b = _distinct(a.numbers), _distinct(b.numbers)
    distinct = min(len(of_a), len(of_b))
    return distinct >= _MIN_NUMBERS and len(_common(of_a, of_b)) < _NUMBERS_IN_COMMON * distinct


def _distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values once each, ascending; a set of six million takes a gigabyte, and np.unique ten times as long."""
    ordered = np.sort(values)
    distinct: NDArray[np.int64] = ordered[np.diff(ordered, prepend=~ordered[:1]) != 0]
    return distinct


def _same_order(a: Fingerprint, b: Fingerprint) -> bool:
    shorter, longer = sorted((a.words[:_LCS_WORDS].tolist(), b.words[:_LCS_WORDS].tolist()), key=len)
    needed = max(_NOISY_LCS_OF_SHORTER * len(shorter), _NOISY_LCS_OF_LONGER * len(longer))
    return LCSseq.similarity(shorter, longer, score_cutoff=ceil(needed)) >= needed


def _tells_own_story(text: Fingerprint, common: NDArray[np.int64]) -> bool:
    """Whether a long run of words of `text` lies in none of the shingles it has in common with the other text."""
    shingles = shingles_in_order(text.words)
    places = np.flatnonzero(common.take(np.searchsorted(common, shingles), mode="clip") == shingles)
    # A place is the first of the words it covers, so what it leaves open begins SHINGLE_WORDS later.
    borders = np.concatenate(([-SHINGLE_WORDS], places, [len(text.words)]))
    longest = int(np.diff(borders).max()) - SHINGLE_WORDS
    return longest >= max(_OWN_STORY_WORDS, _OWN_STORY_OF_WORDS * len(text.words))
