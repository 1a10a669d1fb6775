"""The pair rule: whether two texts are versions of one article, judged from the two and nothing else."""

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

# Two texts are worth comparing when this many of their index keys are the same: of the true pairs of a labelled set
# that finds 99.8%; one shared shingle finds all, among three times the candidates (a stock phrase is enough).
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
    """How two linked texts relate: alike as wholes, the one held within the other, or equal in wording.

    Texts of equal wording have one id, so no two texts are linked for that: `exact` is said of documents.
    """

    NEAR = "near"
    CONTAINS = "contains"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts are versions of one article; `score` is the share of the smaller one's shingles in common, .3 to 1."""

    kind: LinkKind
    score: float


class Open(Enum):
    """The verdict of two sketches that only the texts can tell."""

    OPEN = "open"


OPEN: Final = Open.OPEN


def compare(a: Fingerprint, b: Fingerprint) -> Link | None:
    """The link between two texts, None when they are different articles; symmetric.

    What their sketches say stands; only what these leave open do the texts decide.
    """
    link = compare_sketches(Sketch.of(a), Sketch.of(b))
    return compare_texts(a, b) if link is OPEN else link


def compare_sketches(a: Sketch, b: Sketch) -> Link | Open | None:
    """What two sketches say of their texts: the link, None for different articles, or OPEN; symmetric.

    A link or None is what `compare_texts` says too, as surely as the true counts lie within three standard deviations
    of what the sketches estimate; the score is an estimate.
    """
    return compare_sketches_many([a], [b])[0]


def compare_sketches_many(left: Sequence[Sketch], right: Sequence[Sketch]) -> list[Link | Open | None]:
    """The same of n pairs of sketches, many times as quick."""
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
    """The full rule, of two texts whose sketches leave it open; symmetric.

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


@dataclass(frozen=True, slots=True)
class _Counts:
    """What n sketches count, int64[n] each."""

    shingles: NDArray[np.int64]
    words: NDArray[np.int64]
    numbers: NDArray[np.int64]
    number_words: NDArray[np.int64]

    @classmethod
    def of(cls, sketches: Sequence[Sketch]) -> "_Counts":
        counts = [(s.shingle_count, s.word_count, s.number_count, s.number_words) for s in sketches]
        return cls(*np.array(counts, np.int64).reshape(-1, 4).T)


def _no_own_story(a: _Counts, b: _Counts, common: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where one of the two texts cannot tell its own story, with so many shingles in common or more."""

    # A run of words that no common shingle covers is as many places, at least, where other shingles begin; and of all
    # places (two fewer than words) each common shingle takes one.
    def cannot(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        none: NDArray[np.bool_] = words - 2 - common < np.maximum(_OWN_STORY_WORDS, _OWN_STORY_OF_WORDS * words)
        return none

    return cannot(a.words) | cannot(b.words)


def _too_long_to_be_noisy(a: _Counts, b: _Counts) -> NDArray[np.bool_]:
    """Where the longer text has too many words for the order of the shorter one's to matter."""
    ours, theirs = np.minimum(a.words, _LCS_WORDS), np.minimum(b.words, _LCS_WORDS)
    too_long: NDArray[np.bool_] = np.minimum(ours, theirs) < _NOISY_LCS_OF_LONGER * np.maximum(ours, theirs)
    return too_long


def _sketched_numbers(
    a: _Counts, b: _Counts, left: Sequence[Sketch], right: Sequence[Sketch]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the numbers surely differ, and where they surely do not."""
    fewest = np.minimum(a.number_words, b.number_words)
    least_distinct = np.minimum(a.numbers, b.numbers)
    matter = (fewest >= _MIN_NUMBERS) & (fewest > _NUMBERS_OF_WORDS * np.minimum(a.words, b.words))
    matter &= least_distinct >= _MIN_NUMBERS
    common, needed = common_numbers(left, right), _NUMBERS_IN_COMMON * least_distinct
    return matter & (common.most < needed), ~matter | (common.least >= needed)


def _common(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values in both; each array ascending and without repetition."""
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
    """Whether a long run of words of `text` lies in none of the shingles it has in common with the other text."""
    shingles = shingles_in_order(text.words)
    places = np.flatnonzero(common.take(np.searchsorted(common, shingles), mode="clip") == shingles)
    # A place is the first of the words it covers, so what it leaves open begins SHINGLE_WORDS later.
    borders = np.concatenate(([-SHINGLE_WORDS], places, [len(text.words)]))
    longest = int(np.diff(borders).max()) - SHINGLE_WORDS
    return longest >= max(_OWN_STORY_WORDS, _OWN_STORY_OF_WORDS * len(text.words))
