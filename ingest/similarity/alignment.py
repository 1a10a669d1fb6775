"""Two texts aligned word by word: what stands in one where the other has something else.

Reports of one form (obituaries, results, forecasts) share most of their words, and yet each is a report of its own:
they differ by names, days and numbers at many places, and in hardly anything else. Versions of one report differ in
larger pieces: a sentence that is rewritten, a paragraph more, an end that was cut off.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq, Levenshtein

from ingest.similarity.fingerprint import Fingerprint, analyse, fingerprint, shingles_in_order, word_starts

__all__ = [
    "ALIGNED_WORDS",
    "LEAST_OF_FORM",
    "LEAST_VALUES_OF_WORDS",
    "Differences",
    "Wording",
    "differences",
    "one_form",
]

ALIGNED_WORDS: Final = 4000
"""How many words of a text are aligned, from its beginning: the time grows with the product of the lengths. A form is
shorter, and of a longer text the beginning shows how it differs."""

# Lengths are in half words, as `hash_lines` counts them: a letter of a script without spaces is one.

# Fewer equal words in a row than two are chance ("of", "the"): they belong to the difference around them.
_RUN_WORDS: Final = 2

# A value is a name, a number, a day, an amount with its unit: at most six words. What is longer is a piece of text.
_VALUE: Final = 2 * 6
# Single equal words may stand between values ("… with …, a … warning"): pieces of at most four words, ten in all.
_PIECE: Final = 2 * 4
_VALUES: Final = 2 * 10
# Before the first equal words and after the last stand headlines and bylines, too. So a value there is shorter, or has
# equal words in its midst.
_EDGE_VALUE: Final = 2 * 3

# Spellings this much alike are one word, misread by a machine or spelled as elsewhere. In copies from OCR with an error
# in 16 letters 95% of the misread places are, and of the names in forms 6%.
_UNLIKE_LETTERS: Final = 0.4
# Of two letters one may differ ("of", "ot"), in words of an alphabet.
_SHORT_LETTERS: Final = 2

# So many letters of two words are compared: the time grows with the product of their lengths. Two of 320,000 letters
# took 12 s.
_COMPARED_LETTERS: Final = 512

# In the normal form of a text in an alphabet, words are what stands between spaces. Beyond U+0E00 are the scripts that
# are written without, and some others.
_BEYOND_ALPHABETS: Final = re.compile("[\u0e00-\U0010ffff]")

# Misspellings are half a difference: in copies from OCR they outnumber what looks like values, and in forms from OCR
# they are as many.
_MISSPELLED: Final = 0.5

# The guard. Both limits lie where the labelled sets have the fewest pairs (docs/experiments.md has the table).
#
# Values per hundred shared words: copies that are edited by hand have under 3, half rewritten ones 3 to 10; forms have
# 3 and more, most of them 6 to 20.
LEAST_VALUES_OF_WORDS: Final = 0.03
# A single value makes two reports of a flash ("Bridge in … closed"), where it is more than a twentieth. In longer texts
# it takes two: editors exchange a word.
_SINGLE_VALUE_OF_WORDS: Final = 0.05
# Beyond so many words on end without a value, text does not look like a form any more.
_TIED: Final = 2 * 12
# The share of the differing words that are values and the share of the shared words that are tied to them, together.
# Nearly all of 1,811 pairs of reports of 20 forms have 1.13 and more. Of 1,376 pairs of versions 1.5% have, which were
# rewritten word by word at random or have fewer than 20 words.
LEAST_OF_FORM: Final = 1.1


@dataclass(frozen=True, eq=False)
class Wording:
    """A text for comparison: its fingerprint, and its normal form for the letters of the words."""

    fingerprint: Fingerprint
    normal_form: str

    @cached_property
    def shingles_in_order(self) -> NDArray[np.int64]:
        """The shingle that begins at each word, in reading order."""
        return shingles_in_order(self.fingerprint.words)

    @classmethod
    def of(cls, text: str) -> "Wording":
        """Returns the wording of any text."""
        analysis = analyse(text)
        return cls(analysis.fingerprint, analysis.normal_form)

    @classmethod
    def of_normal_form(cls, normal_form: str) -> "Wording":
        """Returns the same for a text that `normalise` returned."""
        return cls(fingerprint(normal_form), normal_form)


@dataclass(frozen=True, slots=True)
class Differences:
    """How two texts differ.

    `values` is the number of places where one has a few words and the other has others, between words that both have.
    `shared` is what both have in the same order, in half words. `tied` is the share of it that lies within 12 words
    behind a value; the rest is text without values. `substituted` is the share of the differing words that are values;
    the rest are larger pieces, additions, omissions and misspellings.
    """

    values: int
    shared: int
    tied: float
    substituted: float

    @property
    def is_of_form(self) -> bool:
        """Tells whether the two are reports of one form.

        They have enough values, and differ by values clearly more than what they share is free of them. So a long frame
        does not hide a form whose reports differ by nothing but values, and a rewritten report, which differs by whole
        sentences, has stretches that nobody touched.
        """
        least = LEAST_VALUES_OF_WORDS if self.values > 1 else _SINGLE_VALUE_OF_WORDS
        if not self.values or 2 * self.values < least * self.shared:
            return False
        return self.substituted + self.tied >= LEAST_OF_FORM


def one_form(a: Wording, b: Wording) -> bool:
    """Tells whether two texts are reports of one form with other values. Symmetric."""
    found = differences(a, b)
    return found is not None and found.is_of_form


def differences(a: Wording, b: Wording) -> Differences | None:
    """Returns how two texts differ, or None where they cannot be reports of one form. Symmetric."""
    # Of several alignments of equal length the algorithm takes one by the order of the two.
    a, b = sorted((a, b), key=lambda text: (len(text.fingerprint.words), text.normal_form))
    sides = _Side(a), _Side(b)
    gaps = _gaps(*sides)
    # The letters are read only if the two would be of one form even if no difference were a misspelling.
    found = _differences(gaps, [float(gap.values > 0) for gap in gaps])
    if not found.is_of_form:
        return None
    unlike = []
    left = found.values
    for gap in gaps:
        share = _share_unlike(*gap.other_words(*sides)) if gap.values else 0.0
        left -= 0 if share else gap.values
        if 2 * left < LEAST_VALUES_OF_WORDS * found.shared:
            return None
        unlike.append(share)
    return _differences(gaps, unlike)


class _Side:
    """One text of two: its words as hashes, and the half words before each. The words themselves are made if needed."""

    __slots__ = ("_starts", "_text", "_words", "before", "hashes")

    def __init__(self, text: Wording) -> None:
        self._text = text.normal_form
        self._words: list[str] | None = None
        self._starts: NDArray[np.int64] | None = None
        self.hashes: list[int] = text.fingerprint.words[:ALIGNED_WORDS].tolist()
        self.before: Sequence[int] = range(0, 2 * len(self.hashes) + 2, 2)
        if not self._text.isascii() and _BEYOND_ALPHABETS.search(self._text):
            self._starts, is_sign = word_starts(self._text, ALIGNED_WORDS + 1)
            del self.hashes[len(self._starts) :]
            self.before = [0, *np.cumsum(2 - is_sign).tolist()]

    @property
    def words(self) -> list[str]:
        if self._words is None:
            if self._starts is None:
                self._words = self._text.split(" ", ALIGNED_WORDS)
            else:
                ends = [*self._starts.tolist(), len(self._text)]
                self._words = [self._text[one:other].strip() for one, other in pairwise(ends)]
        return self._words


_Places = tuple[int, int, int, int]


class _Gap(NamedTuple):
    """What lies before a run of words that two texts share, up to the run before it. Lengths are in half words.

    `places` say from and to which word it reaches in the one text and in the other. In it there may be single words
    that are equal: `equal` has their places in both, and `singles` their length. `differing` are the other words of
    both texts, and `values` as how many values they can be seen, or 0. `run` is the run behind the gap. The gap before
    the first run and the one behind the last are at the edges.
    """

    places: _Places
    equal: tuple[tuple[int, int], ...]
    singles: int
    differing: int
    values: int
    is_edge: bool
    run: int

    def other_words(self, one: _Side, other: _Side) -> tuple[list[str], list[str]]:
        """Returns the words of the gap that are in one text alone, and in the other."""
        start, end, of_other, end_of_other = self.places
        words, others = one.words[start:end], other.words[of_other:end_of_other]
        for place, of_that in reversed(self.equal):
            del words[place - start], others[of_that - of_other]
        return words, others


def _gaps(one: _Side, other: _Side) -> list[_Gap]:
    """Returns the gaps between the runs, and those before the first and behind the last."""
    gaps: list[_Gap] = []
    start = start_of_other = 0
    equal: list[tuple[int, int]] = []
    for place, place_of_other, size in LCSseq.editops(one.hashes, other.hashes).as_matching_blocks():
        if 0 < size < _RUN_WORDS:
            equal.append((place, place_of_other))
            continue
        is_edge = not gaps or not size
        places = start, place, start_of_other, place_of_other
        if is_edge and not equal:
            places = _nearest(places, at_start=not gaps)
        start, start_of_other = place + size, place_of_other + size
        gaps.append(_gap(one, other, places, tuple(equal), is_edge, one.before[start] - one.before[place]))
        equal.clear()
    return gaps


def _nearest(places: _Places, *, at_start: bool) -> _Places:
    """Returns the part of a gap at an edge that is next to the words they share, equally long in both texts."""
    start, end, other_start, other_end = places
    length = min(end - start, other_end - other_start)
    return (
        (end - length, end, other_end - length, other_end)
        if at_start
        else (start, start + length, other_start, other_start + length)
    )


def _gap(
    one: _Side,
    other: _Side,
    places: _Places,
    equal: tuple[tuple[int, int], ...],
    is_edge: bool,
    run: int,
) -> _Gap:
    before, of_other = one.before, other.before
    start, end, other_start, other_end = places
    singles = sum(before[place + 1] - before[place] for place, _ in equal) if equal else 0
    lengths = before[end] - before[start] - singles, of_other[other_end] - of_other[other_start] - singles
    differing = lengths[0] + lengths[1]
    longest = max(lengths) + singles
    if min(lengths) == 0 or longest > _VALUES:
        return _Gap(places, equal, singles, differing, 0, is_edge, run)
    pieces = _pieces(before, of_other, places, equal) if equal else [lengths]
    may_be_value = longest <= (_EDGE_VALUE if is_edge and not equal else _VALUE) or (
        singles > 0 and max(map(max, pieces)) <= _PIECE
    )
    values = sum(min(piece) > 0 for piece in pieces)
    return _Gap(places, equal, singles, differing, max(values, 1) if may_be_value else 0, is_edge, run)


def _pieces(
    before: Sequence[int], of_other: Sequence[int], places: _Places, equal: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Returns the lengths, in either text, of the pieces into which the single equal words cut a gap."""
    start, end, other_start, other_end = places
    pieces = []
    for place, other_place in (*equal, (end, other_end)):
        pieces.append((before[place] - before[start], of_other[other_place] - of_other[other_start]))
        start, other_start = place + 1, other_place + 1
    return pieces


def _differences(gaps: Sequence[_Gap], unlike: Sequence[float]) -> Differences:
    """Returns the differences if of each gap this share of its words are values; a gap without is none."""
    shared = tied = stretch = values = 0
    substituted = differing = 0.0
    for gap, share in zip(gaps, unlike, strict=True):
        singles = gap.singles if gap.values else 0  # in a larger gap they are chance
        if share:
            values += gap.values
            substituted += share * gap.differing
            tied += singles + min(stretch, _TIED)
            stretch = 0
        else:
            stretch += singles
        if gap.values:
            differing += gap.differing * (share + (1 - share) * _MISSPELLED)
        elif not gap.is_edge:  # what is before the first run and behind the last may be of no text
            differing += gap.differing
        stretch += gap.run
        shared += singles + gap.run
    tied += min(stretch, _TIED)
    return Differences(values, shared, tied / max(shared, 1), substituted / max(differing, 1))


def _share_unlike(one: Sequence[str], other: Sequence[str]) -> float:
    """Returns what share of the words of a gap are others, and not other spellings of the same."""
    if len(one) == len(other):
        return sum(map(_are_unlike, one, other)) / len(one)
    numbers, numbers_of_other = (list(filter(str.isdecimal, words)) for words in (one, other))
    if numbers and numbers_of_other and numbers != numbers_of_other:
        return 1
    return float(_are_unlike("".join(one), "".join(other)))


def _are_unlike(one: str, other: str) -> bool:
    if one.isdecimal() and other.isdecimal():
        return one != other  # 1204 and 1304 are spelled alike, and yet no misspelling
    one, other = one[:_COMPARED_LETTERS], other[:_COMPARED_LETTERS]
    longest = max(len(one), len(other))
    return Levenshtein.distance(one, other) > max(_UNLIKE_LETTERS * longest, longest == _SHORT_LETTERS)
