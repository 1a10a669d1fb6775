"""The pair rule: whether two texts are versions of one article. It looks at the two and at nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from ingest.similarity.alignment import LEAST_OF_FORM, LEAST_VALUES_OF_WORDS, Wording, one_form
from ingest.similarity.fingerprint import SKETCH_SIZE, Fingerprint, distinct
from ingest.similarity.own_parts import LEAST_OWN_OF_WORDS, LEAST_OWN_WORDS, OwnPart, common_of, have_own_stories
from ingest.similarity.sketches import Sketch, common_numbers, common_shingles

__all__ = [
    "CANDIDATE_SHARED",
    "OPEN",
    "PAIR_RULE",
    "Link",
    "LinkKind",
    "Open",
    "compare",
    "compare_sketches",
    "compare_sketches_many",
    "compare_texts",
]

PAIR_RULE: Final = 3
"""The number of this rule, which every link carries. Whoever changes the rule counts it up."""

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

# Sketches say that two texts are versions only where the one seems to have next to all of the other: each value in
# which two reports of a form differ breaks three shingles, so that most forms have under .8 in common, and those with
# the fewest values .91. An estimate by SKETCH_SIZE shingles is off by .05 and by .04 there, one standard deviation. A
# third of the pairs that are versions are decided so, without a look at the texts.
_SURE_CONTAINMENT: Final = 0.97


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


def compare(a: Wording, b: Wording) -> Link | None:
    """Returns the link between two texts, or None if they are different articles. Symmetric.

    The sketches decide, and the texts only what the sketches leave open.
    """
    link = compare_sketches(Sketch.of(a.fingerprint), Sketch.of(b.fingerprint))
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
    accepted &= _no_form(smaller, common.least, common.likely)
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


def compare_texts(a: Wording, b: Wording) -> Link | None:
    """Applies the full rule to two texts whose sketches leave it open. Symmetric.

    Texts of equal wording need no comparison: they have the same `text_hash`, even if the rule finds them too short.
    The measures are the containment of Broder (1997) on 3-grams of words, and the longest common subsequence of words.
    """
    ours, theirs = a.fingerprint, b.fingerprint
    smaller, larger = sorted((ours.shingles, theirs.shingles), key=len)
    if len(smaller) < _MIN_SHINGLES:
        return None
    common = common_of(smaller, larger)
    containment, coverage = len(common) / len(smaller), len(common) / len(larger)
    if containment < _NOISY_CONTAINMENT or coverage < _MIN_COVERAGE or _numbers_differ(ours, theirs):
        return None
    if containment < _CONTAINMENT and coverage < _COVERAGE and not _same_order(ours, theirs):
        return None
    own, of_other = OwnPart(a, common), OwnPart(b, common)
    if have_own_stories(own, of_other) or (_may_be_of_form(own, of_other) and one_form(a, b)):
        return None
    kind = LinkKind.CONTAINS if containment >= _CONTAINMENT and coverage < _COVERAGE else LinkKind.NEAR
    return Link(kind, containment)


def _may_be_of_form(a: OwnPart, b: OwnPart) -> bool:
    """Tells whether what two texts have for themselves can be the values of a form; it spares most alignments."""
    most = min(a.most_values, b.most_values)
    # A letter of a script without spaces is half a word.
    shared = max(len(part.text.words) - part.words for part in (a, b)) / 2
    if most == 0 or most < LEAST_VALUES_OF_WORDS * shared:
        return False
    values, own, near, both = map(sum, zip(a.form_lengths(), b.form_lengths(), strict=True))
    return values / max(own, 1) + near / max(both, 1) >= LEAST_OF_FORM


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

    # In words that no common shingle covers, as many other shingles begin, at least. A text has two places for shingles
    # fewer than words, and each common shingle takes one.
    def cannot(words: NDArray[np.int64]) -> NDArray[np.bool_]:
        none: NDArray[np.bool_] = words - 2 - common < np.maximum(LEAST_OWN_WORDS, LEAST_OWN_OF_WORDS * words)
        return none

    return cannot(a.words) | cannot(b.words)


def _no_form(smaller: NDArray[np.int64], least: NDArray[np.float64], likely: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tells where two texts are no reports of one form, by the least and the likely number of common shingles."""
    is_part: NDArray[np.bool_] = least > smaller - 1
    return is_part | ((smaller > SKETCH_SIZE) & (likely / smaller >= _SURE_CONTAINMENT))


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


def _numbers_differ(a: Fingerprint, b: Fingerprint) -> bool:
    fewest = min(len(a.numbers), len(b.numbers))
    if fewest < _MIN_NUMBERS or fewest <= _NUMBERS_OF_WORDS * min(len(a.words), len(b.words)):
        return False
    of_a, of_b = distinct(a.numbers), distinct(b.numbers)
    fewest_distinct = min(len(of_a), len(of_b))
    return fewest_distinct >= _MIN_NUMBERS and len(common_of(of_a, of_b)) < _NUMBERS_IN_COMMON * fewest_distinct


def _same_order(a: Fingerprint, b: Fingerprint) -> bool:
    shorter, longer = sorted((a.words[:_LCS_WORDS].tolist(), b.words[:_LCS_WORDS].tolist()), key=len)
    needed = max(_NOISY_LCS_OF_SHORTER * len(shorter), _NOISY_LCS_OF_LONGER * len(longer))
    return LCSseq.similarity(shorter, longer, score_cutoff=ceil(needed)) >= needed
