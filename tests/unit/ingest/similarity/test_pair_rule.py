import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.alignment import Wording
from ingest.similarity.pair_rule import (
    CANDIDATE_SHARED,
    OPEN,
    Link,
    LinkKind,
    Open,
    compare,
    compare_sketches,
    compare_sketches_many,
    compare_texts,
)
from ingest.similarity.sketches import Sketch

NEAR, CONTAINS = LinkKind.NEAR, LinkKind.CONTAINS

SYLLABLES = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ka"]


def word(source: random.Random) -> str:
    return "".join(source.choices(SYLLABLES, k=source.randint(1, 4)))


def sentence(source: random.Random, words: int = 15) -> str:
    return " ".join(word(source) for _ in range(words)).capitalize() + "."


def article(seed: int, sentences: int = 20) -> list[str]:
    source = random.Random(seed)
    return [sentence(source) for _ in range(sentences)]


def sketch(text: str) -> Sketch:
    return Sketch.of(Wording.of(text).fingerprint)


def link(one: list[str] | str, other: list[str] | str) -> tuple[LinkKind, float] | None:
    a, b = (Wording.of(text if isinstance(text, str) else " ".join(text)) for text in (one, other))
    found = compare(a, b)
    assert compare(b, a) == found
    return (found.kind, round(found.score, 1)) if found else None


def with_changed_words(text: list[str], every: int) -> str:
    source = random.Random(99)
    words = " ".join(text).split()
    return " ".join(word(source) + "x" if at % every == 0 else old for at, old in enumerate(words))


def misread(text: list[str], every: int) -> str:
    """One letter of each so many words is another, as in a copy from OCR."""
    words = " ".join(text).split()
    return " ".join(old[:-1] + "x" if at % every == 0 else old for at, old in enumerate(words))


STORY = article(1)
OTHERS = [article(seed) for seed in range(2, 12)]


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        pytest.param(STORY, (NEAR, 1.0), id="the same"),
        pytest.param(["“" + part.upper() + "”" for part in STORY], (NEAR, 1.0), id="typography"),
        pytest.param(["Other headline here", *STORY], (NEAR, 1.0), id="headline"),
        pytest.param(STORY[:8], (CONTAINS, 1.0), id="truncated"),
        pytest.param(STORY[:7] + OTHERS[0][:1], (CONTAINS, 0.9), id="truncated and amended"),
        pytest.param(OTHERS[0] + STORY, (CONTAINS, 1.0), id="quoted in full"),
        pytest.param(STORY + article(90, 4), (NEAR, 1.0), id="updated"),
        pytest.param(STORY[::-1], (NEAR, 0.9), id="reordered"),
        pytest.param(
            [OTHERS[0][at] if at % 3 == 0 else part for at, part in enumerate(STORY)],
            (NEAR, 0.6),
            id="a third rewritten",
        ),
        pytest.param(misread(STORY, every=6), (NEAR, 0.5), id="one word in six misread"),
    ],
)
def test_versions_of_one_article_are_linked(copy: list[str] | str, expected: tuple[LinkKind, float]) -> None:
    assert link(STORY, copy) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(OTHERS[0], id="another article"),
        pytest.param([part for other in OTHERS for part in other[:2]] + STORY[:2], id="a digest of openings"),
        pytest.param(OTHERS[0][:10] + STORY[5:10] + OTHERS[1][:10], id="an excerpt"),
        pytest.param([part for other in OTHERS for part in other] + STORY, id="one item of eleven"),
        pytest.param(with_changed_words(STORY, every=4), id="one word in four other"),
        pytest.param(with_changed_words(STORY, every=6), id="one word in six other"),
        pytest.param(misread(STORY[:8], every=6) + " ".join(OTHERS[0][:1]), id="an excerpt, misread"),
        pytest.param([*OTHERS[2][::2], *STORY[::2]], id="half and half"),
    ],
)
def test_other_articles_are_not_linked(text: list[str] | str) -> None:
    assert link(STORY, text) is None


def report(seed: int) -> str:
    """A weather report: everything but the values stays word for word."""
    source = random.Random(seed)
    high, low, rain, wind, gust, hour, minute, humidity = (source.randint(1, 99) for _ in range(8))
    return (
        f"Expect a dry and mostly sunny day with a high of {high} degrees and a low of {low} degrees along the coast. "
        f"The chance of rain is {rain} percent, and winds blow at {wind} kilometres an hour with gusts of {gust}. "
        f"The sun sets at {hour}:{minute}, and humidity stays around {humidity} percent until late in the evening. "
        "The weather office asks everybody to look for news before a journey, and to do as the harbour wardens say. "
        "This report is made by a machine from the measurements of stations on land, of ships and of buoys at sea."
    )


def test_reports_of_one_template_stay_apart_unless_the_values_are_the_same() -> None:
    reports = [report(seed) for seed in range(20)]
    assert [link(one, other) for one, other in combinations(reports, 2)] == [None] * 190
    assert link(report(1), "From the newsroom: " + report(1)) == (NEAR, 1.0)


def test_rare_numbers_do_not_part_an_update_from_its_source() -> None:
    first, second = (
        [f"{part} {number + at}" if at < 4 else part for at, part in enumerate(STORY)] for number in (12, 52)
    )
    assert link(first, second) == (NEAR, 1.0)


def test_short_items_over_one_long_appeal_stay_apart() -> None:
    appeal = " ".join(article(50, 9))
    items = [" ".join(article(seed, 5)) for seed in range(60, 66)]
    below = [f"{item} {appeal}" for item in items]
    above = [f"{appeal} {item}" for item in items]
    assert [link(one, other) for one, other in combinations(below, 2)] == [None] * 15
    assert [link(one, other) for one, other in combinations(above, 2)] == [None] * 15
    assert link(below[0], above[0]) == (NEAR, 1.0)
    assert link(items[0], below[0]) == (CONTAINS, 1.0)


def test_short_texts_match_exactly_or_not_at_all() -> None:
    words = [word(random.Random(seed)) + str(seed) for seed in range(12)]
    assert link(words[:11], words[:11]) is None
    assert link(words, words) == (NEAR, 1.0)
    assert link("", "") is None


def test_very_long_texts_are_compared_by_their_beginnings() -> None:
    long = article(70, 1500)  # 22,500 words, of which 10,000 are aligned
    other = OTHERS[0][0] + misread(long, every=5)
    assert link(long, other) == (NEAR, 0.4)
    assert link(long, other.split()[::-1]) is None


def test_versions_of_one_article_are_candidates() -> None:
    copies = [" ".join(STORY), " ".join(STORY[:8]), " ".join(OTHERS[0] + STORY), misread(STORY, every=6)]
    original = sketch(copies[0]).keys
    shared = [len(np.intersect1d(original, sketch(copy).keys)) for copy in copies]
    assert min(shared) >= CANDIDATE_SHARED


vocabularies = st.lists(st.sampled_from([*SYLLABLES, "1", "22", "333", "4444"]), max_size=80)


@given(vocabularies, vocabularies, vocabularies)
def test_comparison_is_symmetric(head: list[str], one: list[str], other: list[str]) -> None:
    a, b = Wording.of(" ".join(head + one)), Wording.of(" ".join(other + head))
    assert compare(a, b) == compare(b, a)


@given(vocabularies)
def test_a_text_is_its_own_copy(words: list[str]) -> None:
    prints = Wording.of(" ".join(words))
    assert compare(prints, prints) == (Link(NEAR, 1.0) if len(prints.fingerprint.shingles) >= 10 else None)


def test_numbers_count_once_however_often_they_recur() -> None:
    body = " ".join(f"word{n}" for n in range(40))
    a, b = (Wording.of(f"{body} {' '.join(numbers * 9)}") for numbers in (["1", "2", "3"], ["1", "7", "8", "9"]))
    assert compare(a, b) is None
    assert compare(a, a) is not None


# What sketches say without the texts


def sketched(one: list[str] | str, other: list[str] | str) -> LinkKind | Open | None:
    a, b = (sketch(text if isinstance(text, str) else " ".join(text)) for text in (one, other))
    said = compare_sketches(a, b)
    assert compare_sketches(b, a) == said
    return said.kind if isinstance(said, Link) else said


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(STORY, NEAR, id="the same"),
        pytest.param(["Other headline here", *STORY], NEAR, id="headline"),
        pytest.param(OTHERS[0], None, id="another article"),
        pytest.param([OTHERS[0][0], *STORY[:1]], None, id="a sentence of it"),
        pytest.param(STORY[:8], OPEN, id="truncated"),
        pytest.param(misread(STORY, every=6), OPEN, id="misread"),
        pytest.param(" ".join(STORY[0].split()[:11]), None, id="too short"),
    ],
)
def test_sketches_decide_what_is_certain(other: list[str] | str, expected: LinkKind | Open | None) -> None:
    assert sketched(STORY, other) is expected


def test_whole_sketches_are_enough_for_numbers_that_differ() -> None:
    assert [sketched(report(1), report(seed)) for seed in range(2, 20)] == [None] * 18
    assert sketched(report(1), "From the newsroom: " + report(1)) is NEAR


def test_short_items_over_one_long_appeal_are_not_linked_by_their_sketches() -> None:
    appeal = " ".join(article(50, 30))
    below = [" ".join(article(seed, 9)) + " " + appeal for seed in range(60, 66)]
    assert {sketched(one, other) for one, other in combinations(below, 2)} == {OPEN}


def edited(source: random.Random, text: list[str]) -> list[str]:
    """A copy, more or less: rewritten, truncated, with something else before or after."""
    rewritten = source.choice([0.0, 0.02, 0.1, 0.3, 0.5])
    copy = [sentence(source) if source.random() < rewritten else part for part in text]
    copy = copy[: source.randint(3, len(copy))] if source.random() < 0.3 else copy
    return [sentence(source) for _ in range(source.choice([0, 0, 1, 5, 40]))] + copy


def test_sketches_say_what_the_texts_say_or_leave_it_open() -> None:
    source = random.Random(5)
    verdicts = []
    for seed in range(60):
        prints = [Wording.of(" ".join(edited(source, article(1000 + seed, 30)))) for _ in range(5)]
        prints.append(Wording.of(" ".join(edited(source, article(2000 + seed, 30)))))
        for a, b in combinations(prints, 2):
            said, full = compare_sketches(Sketch.of(a.fingerprint), Sketch.of(b.fingerprint)), compare_texts(a, b)
            verdicts.append((said, full))
            assert compare(a, b) == (full if said is OPEN else said)
    wrong = [(said, full) for said, full in verdicts if said is not OPEN and (said is None) != (full is None)]
    assert len(wrong) <= 2  # of 900: the bounds are three standard deviations
    errors = [abs(said.score - full.score) for said, full in verdicts if isinstance(said, Link) and full]
    assert len(errors) >= 10
    assert max(errors) < 0.15
    assert sum(said is None for said, _ in verdicts) > 300


def test_many_are_compared_as_one_by_one() -> None:
    source = random.Random(6)
    others = [sketch(" ".join(edited(source, STORY))) for _ in range(40)]
    others += [sketch(text) for text in ("", "one", "7 8 9", report(1), " ".join(OTHERS[0]))]
    for one in others:
        assert compare_sketches_many([one] * len(others), others) == [compare_sketches(one, other) for other in others]
    assert compare_sketches_many([], []) == []
