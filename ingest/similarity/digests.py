"""Digests: texts that hold several others in full which do not belong together, as newsletters and round-ups do.

Each link of a text says how much of it the other has, and which places of its sketch these are. Two others that have
different places of one text share nothing that this text has from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import SKETCH_SIZE
from ingest.similarity.own_parts import common_of
from ingest.similarity.sketches import Sketch, common_shingles

__all__ = [
    "LEAST_TOGETHER_PERCENT",
    "NOT_SHARED",
    "Extent",
    "Share",
    "are_apart",
    "counts",
    "is_digest",
    "may_hold_part_many",
    "shares_by_sketch",
    "shares_by_words",
]

LEAST_TOGETHER_PERCENT: Final = 25
"""Of the places of a text that the lesser of two others has, the other one has as many, if the two belong together."""

_CONTAINED: Final = 0.7
_MOST: Final = 0.6
# A version of a digest has nine tenths of it. A text with .85 of a digest of two equal stories can have the one story
# whole and hold less of the other than a digest would, so it would join the one story with both.
_WHOLE: Final = 0.9


class Extent(IntEnum):
    """How much of a text another has: not comparable (noise), less than .6 and that in full, more, nine tenths."""

    NOISE = 0
    PART = 1
    MOST = 2
    WHOLE = 3


@dataclass(frozen=True, slots=True)
class Share:
    """What another text has of a text: how much, and of its sketch's shingles, by value, the bits of a signed int64."""

    extent: Extent
    places: int


NOT_SHARED: Final = Share(Extent.NOISE, 0)

_Pair = tuple[Share, Share]


def is_digest(shares: Sequence[Share]) -> bool:
    """Tells whether a text is a digest, by what all texts that are linked with it have of it.

    It is, if one of them is a part of it, and another has nothing of that part.
    """
    places = {share.places: False for share in shares if share.extent}
    parts = {share.places for share in shares if share.extent is Extent.PART}
    held = np.array(list(places), np.int64)
    return any(bool(are_apart(np.int64(part), held).any()) for part in parts)


def are_apart(a: np.int64, b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tells of each of n texts whether it and one other (`a`) have different places of a text: bool[n]."""
    lesser = np.minimum(np.bitwise_count(b.view(np.uint64)), np.bitwise_count(np.uint64(int(a) & _ALL)))
    both = np.bitwise_count((b & a).view(np.uint64))
    apart: NDArray[np.bool_] = 100 * both.astype(np.int64) < LEAST_TOGETHER_PERCENT * lesser.astype(np.int64)
    return apart


def counts(share: Share, *, of_digest: bool) -> bool:
    """Tells whether a link counts for clusters, by what the other text has of this one. A link has two such sides."""
    return not of_digest or share.extent is Extent.WHOLE


def may_hold_part_many(left: Sequence[Sketch], right: Sequence[Sketch]) -> NDArray[np.bool_]:
    """Tells of each of n pairs of texts, by bounds, whether one may be a part of the other: bool[n]."""
    sizes = np.array([(a.shingle_count, b.shingle_count) for a, b in zip(left, right, strict=True)]).reshape(-1, 2)
    common = common_shingles(left, right)
    # Beyond the bounds is one pair in 700: the tenth less is for those.
    may_be: NDArray[np.bool_] = common.most >= _MOST * sizes.min(axis=1, initial=1 << 40)
    may_be &= common.least < _MOST * sizes.max(axis=1, initial=1)
    return may_be


def shares_by_words(a: Wording, b: Wording) -> _Pair:
    """Returns what b has of a and what a has of b, of two texts that `compare_texts` has linked."""
    ours, theirs = a.fingerprint, b.fingerprint
    common = common_of(ours.shingles, theirs.shingles)
    of_each = len(common) / len(ours.shingles), len(common) / len(theirs.shingles)
    if max(of_each) < _CONTAINED and min(of_each) < _MOST:
        return NOT_SHARED, NOT_SHARED
    return _share(of_each[0], _within(ours.sketch, common)), _share(of_each[1], _within(theirs.sketch, common))


def shares_by_sketch(a: Sketch, b: Sketch) -> _Pair:
    """Returns the same for two texts that `compare_sketches` has linked: the larger has next to all of the smaller."""

    def of(text: Sketch, other: Sketch) -> Share:
        if text.shingle_count <= other.shingle_count:
            return _share(1.0, np.ones(len(text.shingles), np.bool_))
        common = common_shingles([text], [other]).likely[0]
        return _share(common / text.shingle_count, _within(text.shingles, other.shingles))

    return of(a, b), of(b, a)


_ALL: Final = (1 << SKETCH_SIZE) - 1


def _within(sketch: NDArray[np.int64], shingles: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(shingles):
        return np.zeros(len(sketch), np.bool_)
    within: NDArray[np.bool_] = shingles.take(np.searchsorted(shingles, sketch), mode="clip") == sketch
    return within


def _share(share: float, within: NDArray[np.bool_]) -> Share:
    extent = Extent.WHOLE if share >= _WHOLE else Extent.MOST if share >= _MOST else Extent.PART
    padded = np.zeros(SKETCH_SIZE, np.bool_)
    padded[: len(within)] = within
    return Share(extent, int(np.packbits(padded, bitorder="little").view("<i8")[0]))
