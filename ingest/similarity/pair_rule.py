"""The pair rule: whether two texts are versions of one article. It looks at the two and at nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from ingest.similarity.fingerprint import SHINGLE_WORDS, Fingerprint, distinct, shingles_in_order
from ingest.similarity.sketches import Sketch, common_numbers, common_shingles

__all__ = [
    "CANDIDATE_SHARED",
    "OPEN",
    "Link",
    "LinkKind",
    "Open",
    "compare",
    "compare_sketches",
    "compare_sketches_many",
    "compare_texts",
]

# Two texts are compared if they share this many index keys. That finds 99.8% of the true pairs of a labelled set. One
# shared key finds all of them, but with three times the candidates, as a stock phrase is enough.
CANDIDATE_SHARED: Final = 2

# A text of fewer than 12 words is a headline, a caption or an error page. To share words with it says nothing, and if
# many articles hold it whole it would join them all. So such texts match exactly or not at all.
_MIN_SHINGLES: Final = 10

# The share of the larger text's shingles that must be in common. Below it the smaller text is an item or a quotation in
# something else, as in a round-up of ten; the truncated copies of the set keep .1 and more.
_MIN_COVERAGE: Final = 0.1

# Either is enough by itself: so much of the smaller text is in the larger (a truncated copy, a full quotation), or so
# much of the larger in the smaller. Round-ups and excerpts reach .66 of the smaller, weather reports of one template
# .74.
_CONTAINMENT: Final = 0.7
_COVERAGE: Final = 0.6

# A changed word breaks three shingles, so noisy copies (OCR) and half rewritten ones share few. They still have most
# words in the same order: .65 of the shorter text and .5 of the longer. Round-ups with common items reach .66 and .48.
_NOISY_CONTAINMENT: Final = 0.3
_NOISY_LCS_OF_SHORTER: Final = 0.65
_NOISY_LCS_OF_LONGER: Final = 0.5

# The time of an LCS grows with the product of the lengths: two texts of 10,000 words take some 15 ms. Of longer texts
# the first 10,000 words are aligned, which are enough to show whether one is a noisy copy of the other.
_LCS_WORDS: Final = 10_000

# Texts of one template differ in their values. Where numbers are more than rare (2% of the words, and three distinct
# ones in each text), 70% of those in one text must occur in the other; in templates at most 60% do, by chance.
_MIN_NUMBERS: Final = 3
_NUMBERS_OF_WORDS: Final = 0.02
_NUMBERS_IN_COMMON: Final = 0.7

# Two short items over one long appeal share most of their words, and yet each tells its own story: it has a run of
# words that the other lacks. Of two copies at most one has such a run: a comment, an update, what truncation cut off.
_OWN_STORY_WORDS: Final = 20
_OWN_STORY_OF_WORDS: Final = 0.2


class LinkKind(StrEnum):
    """How two linked texts relate: alike as wholes, the one within the other, or equal in wording.

    Texts of equal wording have one id, so texts are never linked by `exact`; documents are.
    """

    NEAR = "near"
    CONTAINS = "contains"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts are versions of one article. `score` is the share of the smaller text's shingles in common, .3 to 1."""

    kind: LinkKind
    score: float


class Open(Enum):
    """What two sketches say when only the texts can decide."""

    OPEN = "open"


OPEN: Final = Open.OPEN


def compare(a: Fingerprint, b: Fingerprint) -> Link | None:
    """Returns the link between two texts, or None if they are different articles. Symmetric.

    The sketches decide, and the texts only what the sketches leave open.
    """
    link = compare_sketches(Sketch.of(a), Sketch.of(b))
    return compare_texts(a, b) if link is OPEN else link


def compare_sketches(a: Sketch, b: Sketch) -> Link | Open | None:
    """Returns what two sketches say of their texts: the link, None for different articles, or OPEN. Symmetric.

    `compare_texts` says the same as a link or None, unless the true counts lie more than three standard deviations
    from what the sketches estimate. The score is an estimate.
    """
    return compare_sketches_many([a], [b])[0]


def compare_sketches_many(left: Sequence[Sketch], right: Sequence[Sketch]) -> list[Link | Open | None]:
    """Returns the same for n pairs of sketches, many times as fast."""
    ours, theirs = _Counts.of(left), _Counts.of(right)
    smaller = np.maximum(np.minimum(ours.shingles, theirs.shingles), 1)
    larger = np.maximum(np.maximum(ours.shingles, theirs.shingles), 1)
    common = common_shingles(left, right)
    differ, agree = _sketched_numbers(ours, theirs, left, right)
    rejected = differ | (smaller < _MIN_SHINGLES)
    rejected |= (common.most / smaller < _NOISY_CONTAINMENT) | (common.most / larger < _MIN_COVERAGE)
    rejected |= _too_long_to_be_noisy(ours, theirs) & (
        (common.most / smaller < _CONTAINMENT) & (common.most / larger < _COVERAGE)
    )
    enough = (common.least / smaller >= _CONTAINMENT) | (common.least / larger >= _COVERAGE)
    accepted = agree & enough & (common.least / larger >= _MIN_COVERAGE) & _no_own_story(ours, theirs, common.least)
    containment, coverage = common.likely / smaller, common.likely / larger
    contains = (containment >= _CONTAINMENT) & (coverage < _COVERAGE)
    links: list[Link | Open | None] = []
    for at, score in enumerate(containment.tolist()):
        if rejected[at]:
            links.append(None)
        elif accepted[at]:
            links.append(Link(LinkKind.CONTAINS if contains[at] else LinkKind.NEAR, score))
        else:
            links.append(OPEN)
    return links


def compare_texts(a: Fingerprint, b: Fingerprint) -> Link | None:
    """Applies the full rule to two texts whose sketches leave it open. Symmetric.

    Texts of equal wording need no comparison: they have the same `text_hash`, even if the rule finds them too short.
    The measures are the containment of Broder (1997) on 3-grams of words, and the longest common subsequence of words.
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


@dataclass(frozen=True, slots=True)
class _Counts:
    """The counts of n sketches, int64[n] each."""

    shingles: NDArray[np.int64]
    words: NDArray[np.int64]
    numbers: NDArray[np.int64]
    number_words: NDArray[np.int64]

    @classmethod
    def of(cls, sketches: Sequence[Sketch]) -> "_Counts":
        counts = [(s.shingle_count, s.word_count, s.number_count, s.number_words) for s in sketches]
        return cls(*np.array(counts, np.int64).reshape(-1, 4).T)


def _no_own_story(a: _Counts, b: _Counts, common: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tells where one of the two texts cannot tell its own story if they have `common` shingles or more in common."""

    # In a run of words that no common shingle covers, as many other shingles begin, at least. A text has two places for
    # shingles fewer than words, and each common shingle takes one.
    def cannot(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        none: NDArray[np.bool_] = words - 2 - common < np.maximum(_OWN_STORY_WORDS, _OWN_STORY_OF_WORDS * words)
        return none

    return cannot(a.words) | cannot(b.words)


def _too_long_to_be_noisy(a: _Counts, b: _Counts) -> NDArray[np.bool_]:
    """Tells where the longer text has too many words for the order of the shorter one's words to matter."""
    ours, theirs = np.minimum(a.words, _LCS_WORDS), np.minimum(b.words, _LCS_WORDS)
    too_long: NDArray[np.bool_] = np.minimum(ours, theirs) < _NOISY_LCS_OF_LONGER * np.maximum(ours, theirs)
    return too_long


def _sketched_numbers(
    a: _Counts, b: _Counts, left: Sequence[Sketch], right: Sequence[Sketch]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tells where the numbers surely differ, and where they surely do not."""
    fewest = np.minimum(a.number_words, b.number_words)
    least_distinct = np.minimum(a.numbers, b.numbers)
    matter = (fewest >= _MIN_NUMBERS) & (fewest > _NUMBERS_OF_WORDS * np.minimum(a.words, b.words))
    matter &= least_distinct >= _MIN_NUMBERS
    common, needed = common_numbers(left, right), _NUMBERS_IN_COMMON * least_distinct
    return matter & (common.most < needed), ~matter | (common.least >= needed)


def _common(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the values in both arrays, which are ascending and without repetition."""
    merged = np.sort(np.concatenate((a, b)), kind="stable")  # stable: it merges the two runs, four times as fast
    repeated: NDArray[np.int64] = merged[:-1][merged[1:] == merged[:-1]]
    return repeated


def _numbers_differ(a: Fingerprint, b: Fingerprint) -> bool:
    fewest = min(len(a.numbers), len(b.numbers))
    if fewest < _MIN_NUMBERS or fewest <= _NUMBERS_OF_WORDS * min(len(a.words), len(b.words)):
        return False
    of_a, of_b = distinct(a.numbers), distinct(b.numbers)
    fewest_distinct = min(len(of_a), len(of_b))
    return fewest_distinct >= _MIN_NUMBERS and len(_common(of_a, of_b)) < _NUMBERS_IN_COMMON * fewest_distinct


def _same_order(a: Fingerprint, b: Fingerprint) -> bool:
    shorter, longer = sorted((a.words[:_LCS_WORDS].tolist(), b.words[:_LCS_WORDS].tolist()), key=len)
    needed = max(_NOISY_LCS_OF_SHORTER * len(shorter), _NOISY_LCS_OF_LONGER * len(longer))
    return LCSseq.similarity(shorter, longer, score_cutoff=ceil(needed)) >= needed


def _tells_own_story(text: Fingerprint, common: NDArray[np.int64]) -> bool:
    """Tells whether a long run of words of `text` lies in none of the shingles that it shares with the other text."""
    shingles = shingles_in_order(text.words)
    places = np.flatnonzero(common.take(np.searchsorted(common, shingles), mode="clip") == shingles)
    # A place is the first word that a shingle covers, so the words after it begin SHINGLE_WORDS later.
    borders = np.concatenate(([-SHINGLE_WORDS], places, [len(text.words)]))
    longest = int(np.diff(borders).max()) - SHINGLE_WORDS
    return longest >= max(_OWN_STORY_WORDS, _OWN_STORY_OF_WORDS * len(text.words))
