import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.alignment import Wording
from ingest.similarity.digests import (
    NOT_SHARED,
    Extent,
    Share,
    are_apart,
    counts,
    is_digest,
    may_hold_part_many,
    shares_by_sketch,
    shares_by_words,
)
from ingest.similarity.sketches import Sketch


def words(seed: int, count: int = 300) -> list[str]:
    source = random.Random(seed)
    return ["".join(source.choices("abcdefghiklmnoprst", k=source.randint(2, 8))) for _ in range(count)]


def wording(*parts: list[str]) -> Wording:
    return Wording.of(" ".join(word for part in parts for word in part))


def sketch(*parts: list[str]) -> Sketch:
    return Sketch.of(wording(*parts).fingerprint)


FIRST, SECOND = words(1), words(2)
ALL, LOWER, UPPER = -1, (1 << 32) - 1, -(1 << 32)


def test_digest_has_a_part_and_another_text_that_has_nothing_of_it() -> None:
    part, most, whole = (Share(extent, LOWER) for extent in (Extent.PART, Extent.MOST, Extent.WHOLE))
    elsewhere = Share(Extent.PART, UPPER)
    assert is_digest([part, elsewhere])
    assert is_digest([most, elsewhere])
    assert not is_digest([])
    assert not is_digest([part])
    assert not is_digest([part, part, most, whole])
    assert not is_digest([part, Share(Extent.WHOLE, ALL)])
    assert not is_digest([most, Share(Extent.MOST, UPPER)])
    assert not is_digest([part, NOT_SHARED, Share(Extent.NOISE, UPPER)])
    assert not is_digest([part, Share(Extent.PART, 0)])


def test_two_texts_with_a_quarter_of_the_lesser_in_common_are_not_apart() -> None:
    places = np.array([0b1, 0b10, 0b1111, 0b11110000, ALL, 0, -(1 << 63)], np.int64)
    assert are_apart(np.int64(0b1111), places).tolist() == [False, False, False, True, False, False, True]
    assert are_apart(np.int64(0b11111), np.array([0b1111110000, 0b11111110000], np.int64)).tolist() == [True, True]
    assert are_apart(np.int64(0b11111), np.array([0b1111000], np.int64)).tolist() == [False]


def test_digests_links_count_only_with_what_holds_the_whole() -> None:
    shares = [Share(extent, ALL) for extent in Extent]
    assert [counts(share, of_digest=True) for share in shares] == [False, False, False, True]
    assert all(counts(share, of_digest=False) for share in shares)


def test_shares_say_how_much_and_which_places() -> None:
    digest, story = wording(FIRST, SECOND), wording(FIRST)
    of_digest, of_story = shares_by_words(digest, story)
    of_digest_2, _ = shares_by_words(digest, wording(SECOND))
    assert (of_digest.extent, of_story) == (Extent.PART, Share(Extent.WHOLE, ALL))
    assert of_digest.places & of_digest_2.places == 0
    assert of_digest.places.bit_count() + of_digest_2.places.bit_count() <= 64
    assert [share.extent for share in shares_by_words(wording(FIRST), wording(FIRST[:250]))] == [
        Extent.MOST,
        Extent.WHOLE,
    ]
    noisy = [word if at % 3 else word[::-1] + "x" for at, word in enumerate(FIRST)]
    assert shares_by_words(wording(FIRST), wording(noisy)) == (NOT_SHARED, NOT_SHARED)


def test_sketches_say_the_same_of_a_text_within_another() -> None:
    for shorter in (FIRST[:40], FIRST[:150], FIRST):
        whole = [*FIRST, *SECOND[:100]]
        assert shares_by_sketch(sketch(whole), sketch(shorter)) == shares_by_words(wording(whole), wording(shorter))


@given(st.integers(0, 5), st.integers(12, 300), st.integers(0, 300))
def test_shares_are_symmetric_and_hold_no_more_than_there_is(seed: int, mine: int, more: int) -> None:
    a, b = words(seed)[:mine], [*words(seed)[:mine], *words(seed + 1)[:more]]
    of_a, of_b = shares_by_words(wording(a), wording(b))
    assert shares_by_words(wording(b), wording(a)) == (of_b, of_a)
    by_sketch = shares_by_sketch(sketch(a), sketch(b))
    assert shares_by_sketch(sketch(b), sketch(a)) == by_sketch[::-1]
    assert of_a.extent == by_sketch[0].extent == Extent.WHOLE
    assert of_a.places & ((1 << len(sketch(a).shingles)) - 1) == (1 << len(sketch(a).shingles)) - 1


def test_only_what_may_be_a_part_is_looked_at_closely() -> None:
    whole = sketch(FIRST, SECOND)
    others = [sketch(FIRST), sketch(FIRST[:100]), sketch(FIRST, SECOND[:250]), sketch(words(3)), whole]
    assert may_hold_part_many([whole] * 5, others).tolist() == [True, True, False, False, False]
    assert may_hold_part_many([], []).tolist() == []
