"""What each of two texts has for itself: whether both tell a story of their own beside what they share."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.similarity.alignment import Wording
from ingest.similarity.fingerprint import SHINGLE_WORDS, Fingerprint, distinct

__all__ = ["LEAST_OWN_OF_WORDS", "LEAST_OWN_WORDS", "OwnPart", "common_of", "have_own_stories"]

# Two short items over one long appeal share most of their words, and yet each tells its own story: it has a run of
# words that the other lacks. Of two copies at most one has such a run: a comment, an update, what truncation cut off.
LEAST_OWN_WORDS: Final = 20
_OWN_RUN_OF_WORDS: Final = 0.2

# A press release is mostly about the company and the law, and what is new stands above. So less is enough at the
# beginning, if nothing differs behind it: of 1,376 pairs of versions none is like that. A copy whose lead was written
# anew has most words of the other lead somewhere. At the end stand footers, which say nothing.
LEAST_OWN_OF_WORDS: Final = 0.12
_HEAD_WORDS: Final = 10
_TOGETHER: Final = 0.75
_KNOWN_ELSEWHERE: Final = 0.55

# A gap without three equal words in a row that is longer than this is text and no values. It parts none of 1,799 pairs
# of reports of a form.
_VALUES_WORDS: Final = 24
# Nearer to a gap than this a word may be tied to a value (`ingest.similarity.alignment`).
_NEAR_WORDS: Final = 14


class OwnPart:
    """The words of a text that lie in no shingle of another text.

    They lie in gaps: `starts` are the places of their first words, ascending, and `lengths` how many words each has.
    """

    __slots__ = ("lengths", "starts", "text")

    def __init__(self, text: Wording, common: NDArray[np.int64]) -> None:
        shingles = text.shingles_in_order
        nearest = common.take(np.searchsorted(common, shingles), mode="clip") if len(common) else ~shingles
        places = np.flatnonzero(nearest == shingles)
        # A place is the first word that a shingle covers, so the words after it begin SHINGLE_WORDS later.
        borders = np.concatenate(([-SHINGLE_WORDS], places, [len(text.fingerprint.words)]))
        lengths = np.diff(borders) - SHINGLE_WORDS
        gaps = np.flatnonzero(lengths > 0)
        self.text = text.fingerprint
        self.starts: NDArray[np.int64] = borders[gaps] + SHINGLE_WORDS
        self.lengths: NDArray[np.int64] = lengths[gaps]

    @property
    def words(self) -> int:
        """Returns how many words there are in all gaps."""
        return int(self.lengths.sum())

    @property
    def most_values(self) -> int:
        """Returns in how many places another text can have other words at the most, with two equal words between."""
        return int(((self.lengths + 2) // 3).sum())

    def form_lengths(self) -> tuple[int, int, int, int]:
        """Returns what bounds how much this text can look like a report of the same form as the other.

        In words: the gaps that may be values, all gaps that stand between shared words or may be values, the shared
        words that are near a gap, and all shared words.
        """
        ends, count = self.starts + self.lengths, len(self.text.words)
        may_be_values = self.lengths <= _VALUES_WORDS
        counts = may_be_values | ((self.starts > 0) & (ends < count))
        shared = np.append(self.starts, count)
        shared[1:] -= ends
        near = np.minimum(shared, _NEAR_WORDS)
        values = int(self.lengths[may_be_values].sum())
        return values, int(self.lengths[counts].sum()), int(near.sum()), int(shared.sum())

    @property
    def has_long_run(self) -> bool:
        """Tells whether a gap is long enough for a story."""
        return int(self.lengths.max(initial=0)) >= max(LEAST_OWN_WORDS, _OWN_RUN_OF_WORDS * len(self.text.words))

    @property
    def stands_above(self) -> bool:
        """Tells whether this is a text at the beginning, over words that are all the other's, too."""
        if self.words < max(LEAST_OWN_WORDS, LEAST_OWN_OF_WORDS * len(self.text.words)):
            return False
        start, end = int(self.starts[0]), int(self.starts[-1] + self.lengths[-1])
        return start <= _HEAD_WORDS and self.words >= _TOGETHER * (end - start)

    def is_new_to(self, other: Fingerprint) -> bool:
        """Tells whether few of its words occur in the other text."""
        places = [np.arange(s, s + n) for s, n in zip(self.starts.tolist(), self.lengths.tolist(), strict=True)]
        own = distinct(self.text.words[np.concatenate(places)])
        return len(common_of(own, distinct(other.words))) < _KNOWN_ELSEWHERE * len(own)


def have_own_stories(a: OwnPart, b: OwnPart) -> bool:
    """Tells whether two texts that share much tell two stories. Symmetric."""
    if a.has_long_run and b.has_long_run:
        return True
    return a.stands_above and b.stands_above and a.is_new_to(b.text) and b.is_new_to(a.text)


def common_of(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the values in both arrays, which are ascending and without repetition."""
    merged = np.sort(np.concatenate((a, b)), kind="stable")  # stable: it merges the two runs, four times as fast
    repeated: NDArray[np.int64] = merged[:-1][merged[1:] == merged[:-1]]
    return repeated
