"""Sketches: what is kept of a text to tell, without the text, how much of it another text has."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.similarity.fingerprint import INDEX_SIZE, SKETCH_SIZE, Fingerprint, distinct, first_in_order, sketch_order

__all__ = [
    "GROUP_SHARED",
    "Common",
    "Sketch",
    "common_numbers",
    "common_shingles",
    "estimate_containment",
    "pack_sketch",
    "same_group",
    "same_group_many",
    "unpack_sketch",
]

# The group rule. Two versions of one story share most of their text, and two stories under one appeal do not. Groups
# need not keep all versions together: each part counts once more towards what recurs. But they must never part a story
# of hundreds of copies. The coverage has a plateau from .45 to .6; at .7 such a story falls apart.
GROUP_SHARED: Final = 6
_GROUP_COVERAGE: Final = 0.55

# Bounds lie this many standard deviations from the estimate; the true value of one pair in some 700 is outside.
_DEVIATIONS: Final = 3

_COUNTS: Final = struct.Struct(">4I")
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)  # no value has this place


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A text's bottom-k sketch (Cohen 1997). The arrays are int64 of one dimension, ascending, without repetition.

    `shingles` has the SKETCH_SIZE of its `shingle_count` distinct shingles that come first in the sketch's order, or
    all if there are fewer. `numbers` has the same of its `number_count` distinct words that begin with a digit; they
    are `number_words` of its `word_count` words.
    """

    shingles: NDArray[np.int64]
    shingle_count: int
    numbers: NDArray[np.int64]
    number_count: int
    number_words: int
    word_count: int

    @classmethod
    def of(cls, prints: Fingerprint) -> "Sketch":
        """Returns the sketch of a text."""
        numbers = distinct(prints.numbers)
        return cls(
            shingles=prints.sketch,
            shingle_count=len(prints.shingles),
            numbers=first_in_order(numbers, SKETCH_SIZE),
            number_count=len(numbers),
            number_words=len(prints.numbers),
            word_count=len(prints.words),
        )

    @property
    def keys(self) -> NDArray[np.int64]:
        """The part of the sketch that the index holds: the INDEX_SIZE shingles that come first, ascending."""
        return first_in_order(self.shingles, INDEX_SIZE)


@dataclass(frozen=True, slots=True)
class Common:
    """How many elements the two sets of each of n pairs share: an estimate and its bounds, float64[n] each."""

    likely: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


def pack_sketch(sketch: Sketch) -> bytes:
    """Packs the counts as unsigned 32-bit and the values as signed 64-bit integers, big-endian: 1,040 bytes at most."""
    counts = _COUNTS.pack(sketch.shingle_count, sketch.number_count, sketch.number_words, sketch.word_count)
    return counts + sketch.shingles.astype(">i8").tobytes() + sketch.numbers.astype(">i8").tobytes()


def unpack_sketch(packed: bytes) -> Sketch:
    """Reverses `pack_sketch`. Raises ValueError for bytes that it did not make."""
    if len(packed) < _COUNTS.size:
        raise ValueError(f"no sketch: {len(packed)} bytes")
    shingle_count, number_count, number_words, word_count = _COUNTS.unpack_from(packed)
    of_shingles, of_numbers = min(shingle_count, SKETCH_SIZE), min(number_count, SKETCH_SIZE)
    if len(packed) != _COUNTS.size + 8 * (of_shingles + of_numbers):
        raise ValueError(f"no sketch of {shingle_count} shingles and {number_count} numbers: {len(packed)} bytes")
    values = np.frombuffer(packed, ">i8", offset=_COUNTS.size).astype(np.int64)
    return Sketch(values[:of_shingles], shingle_count, values[of_shingles:], number_count, number_words, word_count)


def estimate_containment(a: Sketch, b: Sketch) -> float:
    """Estimates the share of the smaller text's shingles that the larger text has, from 0 to 1."""
    smaller = min(a.shingle_count, b.shingle_count)
    return float(common_shingles([a], [b]).likely[0]) / smaller if smaller else 0.0


def same_group(a: Sketch, b: Sketch) -> bool:
    """Tells whether two texts are of one group: they share enough index keys and most of the larger text."""
    return bool(same_group_many([a], [b])[0])


def same_group_many(left: Sequence[Sketch], right: Sequence[Sketch]) -> NDArray[np.bool_]:
    """Returns the same for n pairs of texts, many times as fast: bool[n]."""
    larger = np.array([max(a.shingle_count, b.shingle_count, 1) for a, b in zip(left, right, strict=True)], np.int64)
    near: NDArray[np.bool_] = common_shingles(left, right).likely / larger >= _GROUP_COVERAGE
    for at in np.flatnonzero(near).tolist():
        near[at] = len(np.intersect1d(left[at].keys, right[at].keys, assume_unique=True)) >= GROUP_SHARED
    return near


def common_shingles(left: Sequence[Sketch], right: Sequence[Sketch]) -> Common:
    """Estimates how many shingles the two texts of each of n pairs have in common."""
    return _common([(s.shingles, s.shingle_count) for s in left], [(s.shingles, s.shingle_count) for s in right])


def common_numbers(left: Sequence[Sketch], right: Sequence[Sketch]) -> Common:
    """Estimates how many distinct numbers the two texts of each of n pairs have in common."""
    return _common([(s.numbers, s.number_count) for s in left], [(s.numbers, s.number_count) for s in right])


_Samples = Sequence[tuple[NDArray[np.int64], int]]
"""For each set the values that come first in the order, and how many values it has."""


def _common(left: _Samples, right: _Samples) -> Common:
    """Estimates how many values the two sets of each pair have in common.

    Two sketches know both sets up to the lesser of their last places in the order, which makes a random sample of the
    union. The share of the sample that lies in both sets estimates the resemblance (Broder 1997). Its bounds are
    Wilson's score interval (1927) with the correction for a finite population. The sizes of the sets turn resemblance
    into the number in common. Where both sketches are whole sets, the result is exact.
    """
    ours, our_counts, our_last = _in_order(left)
    theirs, their_counts, their_last = _in_order(right)
    last = np.minimum(our_last, their_last)[:, np.newaxis]
    is_whole = (our_last == _ALL) & (their_last == _ALL)
    both = np.sort(np.concatenate((ours, theirs), axis=1), axis=1)
    shared = np.count_nonzero((both[:, 1:] == both[:, :-1]) & (both[:, 1:] <= last) & (both[:, 1:] != _NONE), axis=1)
    sample = np.count_nonzero((both <= last) & (both != _NONE), axis=1) - shared
    resemblance = shared / np.maximum(sample, 1)
    counts = our_counts + their_counts
    least, most = _bounds(resemblance, sample, counts / (1 + resemblance), is_whole)

    def in_common(share: NDArray[np.float64]) -> NDArray[np.float64]:
        estimate = np.minimum(share * counts / (1 + share), np.minimum(our_counts, their_counts))
        bounded: NDArray[np.float64] = np.where(is_whole, shared, np.maximum(estimate, shared))
        return bounded

    return Common(in_common(resemblance), in_common(least), in_common(most))


def _in_order(samples: _Samples) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64]]:
    """Returns a row for each sample with its places in the order, the sets' sizes, and up to where each is known."""
    counts = np.array([count for _, count in samples], np.int64)
    lengths = np.array([len(values) for values, _ in samples], np.int64)
    is_there = np.arange(max(lengths, default=0)) < lengths[:, np.newaxis]
    places = np.full(is_there.shape, _NONE)
    if is_there.any():
        places[is_there] = np.minimum(sketch_order(np.concatenate([values for values, _ in samples])), _NONE - 1)
    last = np.max(np.where(is_there, places, 0), axis=1, initial=0)
    return places, counts, np.where(counts <= lengths, _ALL, last)


def _bounds(
    share: NDArray[np.float64], sample: NDArray[np.int64], population: NDArray[np.float64], is_whole: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    population = np.maximum(population, sample + 1)
    weight = np.where(is_whole, 0, _DEVIATIONS**2 * (1 / np.maximum(sample, 1) - 1 / population))
    centre = (share + weight / 2) / (1 + weight)
    width = np.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    return np.maximum(centre - width, 0), np.minimum(centre + width, 1)
