"""What a version adds and lacks: by wording alone, each sentence once, in reading order."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.differences import Difference, difference, sentences_of

STORY = "The old bridge over the river falls. The council will build a new one.\n\nIt will cost four million crowns."


def between(canonical: str, version: str, limit: int = 10) -> Difference:
    return difference(sentences_of(canonical), sentences_of(version), limit=limit)


def test_what_is_new_and_what_is_gone_is_told_in_reading_order() -> None:
    version = (
        "The mayor was not at home today.\n\nThe old bridge over the river falls."
        " Nobody was hurt, said the police. It will cost four million crowns."
    )
    assert between(STORY, version) == Difference(
        adds_count=2,
        lacks_count=1,
        adds=("The mayor was not at home today.", "Nobody was hurt, said the police."),
        lacks=("The council will build a new one.",),
    )


def test_form_and_order_and_repetition_make_no_difference() -> None:
    version = (
        "IT WILL COST FOUR MILLION CROWNS! The council will build a new one.\n\n"
        "“The old bridge over the river falls.”\n\nIt will cost four million crowns."
    )
    assert between(STORY, version) == Difference(0, 0, (), ())


def test_all_are_counted_and_few_are_told() -> None:
    version = "\n\n".join(f"This is said by nobody but number {number}." for number in range(5))
    found = between(STORY, version, limit=2)
    assert (found.adds_count, found.lacks_count) == (5, 3)
    assert found.adds == ("This is said by nobody but number 0.", "This is said by nobody but number 1.")
    assert len(found.lacks) == 2


def test_endless_sentence_is_cut() -> None:
    assert between(STORY, f"{STORY}\n\n{'word ' * 1000}").adds == (f"{'word ' * 200}…",)


SENTENCES = st.lists(st.integers(0, 12).map(lambda n: f"Sentence of the story number {n}."), min_size=1, max_size=8)


@given(SENTENCES, SENTENCES)
def test_the_reverse_adds_what_this_lacks(one: list[str], other: list[str]) -> None:
    there, back = between("\n\n".join(one), " ".join(other)), between(" ".join(other), "\n\n".join(one))
    assert (there.adds, there.lacks) == (back.lacks, back.adds)
    assert set(there.adds) == set(other) - set(one)
    assert (there.adds_count, there.lacks_count) == (len(set(other) - set(one)), len(set(one) - set(other)))
