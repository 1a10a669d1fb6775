import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.fingerprint import INDEX_SIZE, SKETCH_SIZE, fingerprint, sketch_order
from ingest.similarity.sketches import (
    GROUP_SHARED,
    Sketch,
    common_numbers,
    common_shingles,
    estimate_containment,
    pack_sketch,
    same_group,
    same_group_many,
    unpack_sketch,
)


def words(*spans: tuple[int, int]) -> str:
    return " ".join(f"word{number}" for first, last in spans for number in range(first, last))


def sketch(text: str) -> Sketch:
    return Sketch.of(fingerprint(text))


def values(one: Sketch) -> dict[str, Any]:
    read = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in read.items()}


def in_common(a: str, b: str) -> int:
    return len(set(fingerprint(a).shingles.tolist()) & set(fingerprint(b).shingles.tolist()))


def test_sketch_of_a_short_text_is_all_of_it() -> None:
    text = "The 7 ships left at 7 and 12 came in 2031"
    prints = fingerprint(text)
    assert values(sketch(text)) == {
        "shingles": prints.shingles.tolist(),
        "shingle_count": 9,
        "numbers": sorted(set(prints.numbers.tolist())),
        "number_count": 3,
        "number_words": 4,
        "word_count": 11,
    }


def test_sketch_of_a_long_text_holds_what_comes_first() -> None:
    prints = fingerprint(words((0, 300)) + " " + " ".join(map(str, range(100))))
    one = Sketch.of(prints)
    for kept, everything in ((one.shingles, prints.shingles), (one.numbers, prints.numbers)):
        first = everything[np.argsort(sketch_order(everything))][:SKETCH_SIZE]
        assert kept.tolist() == sorted(first.tolist())
    assert (one.shingle_count, one.number_count, one.number_words, one.word_count) == (398, 100, 100, 400)
    first = one.shingles[np.argsort(sketch_order(one.shingles))][:INDEX_SIZE]
    assert one.keys.tolist() == sorted(first.tolist())


@given(st.text() | st.lists(st.sampled_from(["a", "b", "7", "81", "港"]), max_size=200).map(" ".join))
def test_packed_sketch_comes_back(text: str) -> None:
    one = sketch(text)
    assert values(unpack_sketch(pack_sketch(one))) == values(one)


def test_packed_sketches_are_fixed_for_all_time() -> None:
    """Stored rows hold these bytes: whoever changes them has to compute every sketch anew."""
    packed = "000000010000000100000001000000038123a9d319e1fa334930c821c1606730"
    assert pack_sketch(sketch("One and 2")).hex() == packed
    assert len(pack_sketch(sketch(words((0, 500))))) == 16 + 8 * SKETCH_SIZE


@pytest.mark.parametrize("damage", [b"", b"\0" * 15, pack_sketch(sketch("a b c d"))[:-1], b"\xff" * 100])
def test_other_bytes_are_no_sketch(damage: bytes) -> None:
    with pytest.raises(ValueError, match="no sketch"):
        unpack_sketch(damage)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (words((0, 400)), words((0, 400))),
        (words((0, 400)), words((100, 500))),
        (words((0, 400)), words((390, 800))),
        (words((0, 400)), words((500, 900))),
        (words((0, 2000)), words((0, 300))),
        (words((0, 2000)), words((0, 20))),
        (words((0, 50)), words((20, 60))),
        ("", words((0, 100))),
    ],
)
def test_true_number_in_common_lies_within_the_bounds(a: str, b: str) -> None:
    common = common_shingles([sketch(a)], [sketch(b)])
    assert common.least[0] <= in_common(a, b) <= common.most[0]
    assert common.least[0] <= common.likely[0] <= common.most[0]


def test_bounds_hold_of_a_thousand_pairs() -> None:
    """Nearly all: 1 in 700 may lie outside, as the bounds are three standard deviations."""
    outside = 0
    for at in range(1000):
        a, b = words((1000 * at, 1000 * at + 200)), words((1000 * at + at % 200, 1000 * at + 300))
        common = common_shingles([sketch(a)], [sketch(b)])
        outside += not common.least[0] <= in_common(a, b) <= common.most[0]
    assert outside <= 5


def test_whole_sets_are_counted_exactly() -> None:
    a, b = "1 2 3 4 5 6 7 8 9 10", "1 2 3 4 5 6 7 20 21 22"
    common = common_numbers([sketch(a)] * 3, [sketch(b), sketch(a), sketch("none")])
    assert [array.tolist() for array in (common.likely, common.least, common.most)] == [[7, 10, 0]] * 3


def test_containment_is_about_the_share_of_the_smaller() -> None:
    assert estimate_containment(sketch(words((0, 400))), sketch(words((0, 100)))) == pytest.approx(1, abs=0.3)
    assert estimate_containment(sketch(words((0, 400))), sketch(words((200, 600)))) == pytest.approx(0.5, abs=0.15)
    assert estimate_containment(sketch(words((0, 400))), sketch("")) == 0


def test_group_is_of_texts_with_most_of_the_larger_in_common() -> None:
    story = words((0, 400))
    near = [story, words((0, 380), (900, 920)), words((40, 400))]
    far = [words((0, 150)), words((250, 700)), words((1000, 1400)), "", "one word"]
    assert same_group_many([sketch(story)] * 8, [*map(sketch, near + far)]).tolist() == [True] * 3 + [False] * 5
    assert [same_group(sketch(other), sketch(story)) for other in near + far] == [True] * 3 + [False] * 5
    assert same_group_many([], []).tolist() == []


def test_group_needs_shared_index_keys() -> None:
    short = " ".join("abcdefg")
    assert len(sketch(short).keys) == GROUP_SHARED - 1
    assert not same_group(sketch(short), sketch(short))
    assert same_group(sketch(short + " h"), sketch(short + " h"))


vocabularies = st.lists(st.sampled_from("abcdefgh"), max_size=120).map(" ".join)


@given(vocabularies, vocabularies)
def test_estimates_are_symmetric(one: str, other: str) -> None:
    a, b = sketch(one), sketch(other)
    assert same_group(a, b) == same_group(b, a)
    assert estimate_containment(a, b) == estimate_containment(b, a)
