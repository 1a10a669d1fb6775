import hashlib
import random
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents import CleanDocument, Fact, FactSource, Metadata
from ingest.similarity import reference as module
from ingest.similarity.fingerprint import text_hash, text_id
from ingest.similarity.passages import passage_keys, without_recurring
from ingest.similarity.reference import Settlement, Source, candidates, settle
from newsmill.vocabulary import Outcome, Ruling

SYLLABLES = ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ka"]

Texts = list[list[str]]


def sentence(source: random.Random, words: int = 15) -> str:
    return " ".join("".join(source.choices(SYLLABLES, k=source.randint(1, 4))) for _ in range(words)).capitalize() + "."


def article(seed: int, paragraphs: int = 10) -> list[str]:
    source = random.Random(seed)
    return [f"{sentence(source)} {sentence(source)}" for _ in range(paragraphs)]


def edited(story: list[str], seed: int) -> list[str]:
    """Another headline, an eighth of the sentences rewritten, and at most a sixth of it cut off."""
    source = random.Random(seed)
    sentences = [part for paragraph in story for part in paragraph.split(". ")]
    for at in source.sample(range(len(sentences)), len(sentences) // 8):
        sentences[at] = sentence(source)
    return [sentence(source, 6), *sentences[: len(sentences) - source.randint(0, len(sentences) // 6)]]


def source_of(document_id: int, paragraphs: Iterable[str], title: str | None = None) -> Source:
    document = CleanDocument(Metadata(title=Fact.of(title, FactSource.FIELD)), tuple(paragraphs))
    return Source(document_id, document, hashlib.sha256(f"{document}".encode()).digest(), 1)


def settled(texts: Iterable[Iterable[str]], limit: int = 16, pins: dict[int, Ruling] | None = None) -> Settlement:
    return settle([source_of(at, text) for at, text in enumerate(texts)], limit=limit, pins=pins or {})


def clusters(settlement: Settlement) -> set[frozenset[int]]:
    of_label: dict[int, set[int]] = {}
    for document_id, one in settlement.settled.items():
        of_label.setdefault(one.placement.cluster_id, set()).add(document_id)
    return {frozenset(members) for members in of_label.values()}


def base_groups(settlement: Settlement) -> set[frozenset[int]]:
    of_label: dict[int, set[int]] = {}
    for text, group in settlement.groups.items():
        of_label.setdefault(group, set()).add(text)
    return {frozenset(members) for members in of_label.values()}


APPEAL = "Please give whatever you can today so that all of us may go on reporting from the harbour of Vellmar."
SHORT = "He declined to comment on Monday."


def test_nothing_settles_to_nothing() -> None:
    assert settle([]) == Settlement({}, {}, {})


def test_versions_are_one_cluster_and_strangers_stay_apart() -> None:
    story, other = article(1), article(2)
    result = settled([story, other, edited(story, 1), story[:5], [*other, "An update came in the evening."], story])
    assert clusters(result) == {frozenset({0, 2, 3, 5}), frozenset({1, 4})}
    outcomes = [one.placement.outcome for one in result.settled.values()]
    assert outcomes.count(Outcome.UNIQUE) == 2
    assert outcomes.count(Outcome.EXACT_DUPLICATE) == 1
    assert result.recurring == {}
    assert result.settled[3].paragraphs == tuple(story[:5])
    assert result.settled[3].text_hash == text_hash(" ".join(story[:5]))


def under_appeals(count: int, paragraphs: int = 14) -> Texts:
    """Items of one publisher, of which the appeal is a good part."""
    appeal = [APPEAL, *article(77, 3)]
    return [[*article(100 + seed, paragraphs), *appeal] for seed in range(count)]


def test_what_more_groups_hold_than_the_limit_is_taken_out() -> None:
    texts = under_appeals(6)
    few, many = settled(texts, limit=6), settled(texts, limit=5)
    assert few.recurring == {}
    assert set(many.recurring.values()) == {6}
    assert set(many.recurring) == set(passage_keys(texts[0][14:]))
    assert [list(one.paragraphs) for one in many.settled.values()] == [text[:14] for text in texts]
    assert clusters(many) == {frozenset({at}) for at in range(6)}


def test_groups_count_and_not_documents() -> None:
    """A story of many copies keeps its text, and an appeal under one story is that story's."""
    story = article(1)
    result = settled([edited(story, seed) for seed in range(12)] + [[*edited(story, 90), APPEAL]] * 9, limit=1)
    assert result.recurring == {}
    assert len(set(result.groups.values())) == 1


def test_appeal_that_is_most_of_every_text_makes_them_one_group_but_not_one_cluster() -> None:
    """It is learned from longer articles under it, and stays where more than half would go."""
    short = [[*article(300 + seed, 3), *under_appeals(1)[0][14:]] for seed in range(6)]
    result = settled(short, limit=5)
    assert (len(set(result.groups.values())), len(clusters(result)), result.recurring) == (1, 6, {})
    result = settled([*short, *under_appeals(6)], limit=5)
    assert len(clusters(result)) == 12
    assert [list(result.settled[at].paragraphs) for at in range(6)] == short
    assert [list(result.settled[at].paragraphs) for at in range(6, 12)] == [text[:14] for text in under_appeals(6)]


def test_groups_are_named_by_their_least_text() -> None:
    story, other = article(1), article(2)
    texts = [story, [*story, "More of it."], other]
    ids = [text_id(text_hash(" ".join(text))) for text in texts]
    assert settled(texts).groups == {ids[0]: min(ids[:2]), ids[1]: min(ids[:2]), ids[2]: ids[2]}


def test_rulings_of_people_hold() -> None:
    texts = under_appeals(6)
    (appeal,), (own,) = passage_keys([APPEAL]), passage_keys([texts[0][0].split(". ")[0]])
    pinned = settled(texts, limit=5, pins={appeal: Ruling.ARTICLE, own: Ruling.BOILERPLATE, 12345: Ruling.BOILERPLATE})
    learned = settled(texts, limit=5).recurring
    assert pinned.recurring == {key: n for key, n in learned.items() if key != appeal} | {own: 1, 12345: 0}
    expected = [[*text[:14], APPEAL] for text in texts]
    expected[0][0] = texts[0][0].split(". ", 1)[1]
    assert [list(one.paragraphs) for one in pinned.settled.values()] == expected


def test_text_that_holds_several_others_is_a_digest_and_joins_none() -> None:
    stories = [article(seed, 6) for seed in range(9)]
    chain = [[*stories[at], *stories[at + 1], *stories[at + 2]] for at in range(0, 7, 2)]
    result = settled([*stories, *chain])
    assert result.digests == {9, 10, 11, 12}
    assert clusters(result) == {frozenset({at}) for at in range(13)}
    assert {one.placement.outcome for one in result.settled.values()} == {Outcome.UNIQUE}


def test_report_quoted_in_full_in_one_other_belongs_to_it() -> None:
    report, longer = article(1, 6), [*article(2, 8), *article(1, 6)]
    assert clusters(settled([report, longer])) == {frozenset({0, 1})}
    two_versions = settled([report, edited(report, 4), longer, report[:4]])
    assert (clusters(two_versions), two_versions.digests) == ({frozenset(range(4))}, frozenset())


def test_copies_of_a_digest_are_one_row() -> None:
    first, second = article(1), article(2)
    digest = [*first, *second]
    result = settled([first, second, digest, ["Our letter of the day.", *digest], [*digest, "That was all for today."]])
    assert clusters(result) == {frozenset({0}), frozenset({1}), frozenset({2, 3, 4})}
    assert result.digests == {2, 3, 4}


def test_digests_of_digests_join_nothing() -> None:
    stories = [article(seed, 6) for seed in range(5)]
    two, three = [*stories[0], *stories[1]], [*stories[2], *stories[3]]
    texts = [*stories, two, three, [*two, *three], [*two, *stories[4]]]
    result = settled(texts)
    assert clusters(result) == {frozenset({at}) for at in range(9)}
    assert result.digests == {5, 6, 7, 8}


def test_no_text_between_a_digest_and_a_story_joins_them() -> None:
    """One that has a story whole and part of another is a version of that story, and none of the digest of both."""
    first, second = article(1, 10), article(2, 10)
    result = settled([first, second, [*first, *second], [*first, *second[:6]], [*first[:6], *second]])
    assert clusters(result) == {frozenset({0, 3}), frozenset({1, 4}), frozenset({2})}


def test_sentences_of_two_stories_by_turns_are_a_digest() -> None:
    first, second = article(1), article(2)
    by_turns = [paragraph for pair in zip(first, second, strict=True) for paragraph in pair]
    assert settled([first, second, by_turns]).digests == {2}


def test_items_that_are_cut_join_nothing() -> None:
    stories = [article(seed) for seed in range(12)]
    letters = [[p for story in stories[at : at + 4] for p in story[:5]] for at in range(0, 9, 2)]
    result = settled([*stories, *letters])
    assert clusters(result) == {frozenset({at}) for at in range(len(stories) + len(letters))}


def test_article_that_others_quote_keeps_its_words() -> None:
    lines = [sentence(random.Random(seed), 14) for seed in range(20)]
    victim = [" ".join(lines[at : at + 2]) for at in range(0, 20, 2)]
    quoting: list[Texts] = [
        [[*article(seed, 14), *victim[1:]] for seed in range(100, 120)],
        [[*article(seed, 8), *victim[(seed % 2) * 5 :][:5]] for seed in range(100, 140)],
        [[*article(seed, 8), *victim[5:]] for seed in range(100, 120)],
        [[*article(seed, 12), *random.Random(seed).sample(lines, 18)] for seed in range(100, 130)],
        [[part for line in lines for part in (line, sentence(random.Random(line + str(n))))] for n in range(18)],
        [[*article(seed, 8), *lines[1::2]] for seed in range(100, 120)],
    ]
    for texts in quoting:
        result = settled([victim, *texts])
        assert len(result.recurring) >= 9
        assert result.settled[0].paragraphs == tuple(victim)


def test_known_better_is_canonical_among_equal_texts() -> None:
    story = article(1)
    result = settle([source_of(1, story), source_of(2, story, title="A headline")])
    assert {id_: one.placement.canonical_id for id_, one in result.settled.items()} == {1: 2, 2: 2}


def test_story_of_thousands_of_edited_copies_is_one_cluster_and_keeps_its_text() -> None:
    story = article(1, 8)
    texts = [edited(story, seed) for seed in range(2000)] + [article(seed) for seed in range(5000, 5020)]
    result = settled(texts)
    assert clusters(result) == {frozenset(range(2000)), *(frozenset({at}) for at in range(2000, 2020))}
    assert len(set(result.groups.values())) == 21
    assert result.recurring == {}
    assert [one.paragraphs for one in result.settled.values()] == [tuple(text) for text in texts]


# Candidates


def key_sets(sets: dict[int, list[int]]) -> dict[int, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return {id_: np.array(keys, np.int64) for id_, keys in sets.items()}


def test_candidates_share_keys() -> None:
    held = key_sets({5: [1, 2, 3], -7: [2, 3, 9], 6: [3], 8: [], 9: [1, 2, 3, 9]})
    assert dict(candidates(held, 2)) == {-7: [5, 9], 5: [9]}
    assert dict(candidates(held, 1)) == {-7: [5, 6, 9], 5: [6, 9], 6: [9]}
    assert dict(candidates({}, 1)) == {}


def test_of_a_key_that_many_hold_the_least_holders_meet_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HUBS", 2)
    held = key_sets({id_: [7] for id_ in (3, 1, 2, 4, 5)} | {4: [7, 8], 5: [7, 8]})
    assert dict(candidates(held, 1)) == {1: [2, 3, 4, 5], 2: [3, 4, 5], 4: [5]}
    assert dict(candidates(held, 2)) == {}


@given(
    st.dictionaries(st.integers(-99, 99), st.sets(st.integers(0, 12)), max_size=12),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_candidates_are_as_defined(sets: dict[int, set[int]], shared: int, hubs: int) -> None:
    def meet(a: int, b: int, key: int) -> bool:
        least = sorted(id_ for id_, keys in sets.items() if key in keys)[:hubs]
        return a in least or b in least

    expected = {
        a: others
        for a in sets
        if (others := [b for b in sorted(sets) if a < b and sum(meet(a, b, k) for k in sets[a] & sets[b]) >= shared])
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HUBS", hubs)
        assert dict(candidates(key_sets({id_: sorted(keys) for id_, keys in sets.items()}), shared)) == expected


# Properties

STORIES = [article(seed, 4) for seed in range(4)]
CHROME = [APPEAL, SHORT, "Share this", "* * *", *article(77, 2)]
versions = st.builds(
    lambda story, seed, above, below: [*above, *(edited(story, seed) if seed else story), *below],
    st.sampled_from(STORIES),
    st.integers(0, 4),
    st.lists(st.sampled_from(CHROME), max_size=2),
    st.lists(st.sampled_from(CHROME), max_size=3),
)
sets_of_texts = st.lists(
    versions | st.lists(st.sampled_from([*CHROME, *STORIES[0]]), min_size=1, max_size=3), max_size=10
)
limits = st.integers(1, 4)
few = settings(max_examples=settings.default.max_examples * 2 // 5)


@few
@given(sets_of_texts, limits, st.randoms(use_true_random=False))
def test_order_of_documents_does_not_matter(texts: Texts, limit: int, shuffled: random.Random) -> None:
    sources = [source_of(at, text) for at, text in enumerate(texts)]
    assert settle(shuffled.sample(sources, len(sources)), limit=limit) == settle(sources, limit=limit)


@few
@given(sets_of_texts.filter(bool), limits, st.integers(0))
def test_exact_copy_is_one_more_member_and_nothing_else(texts: Texts, limit: int, chosen: int) -> None:
    sources = [source_of(at, text) for at, text in enumerate(texts)]
    copied = chosen % len(texts)
    before = settle(sources, limit=limit)
    after = settle([*sources, source_of(len(texts), texts[copied])], limit=limit)
    copy = after.settled.pop(len(texts))
    assert replace(after, digests=after.digests - {len(texts)}) == before
    assert (len(texts) in after.digests) == (copied in after.digests)
    assert (copy.paragraphs, copy.text_hash) == (before.settled[copied].paragraphs, before.settled[copied].text_hash)
    assert copy.placement.cluster_id == before.settled[copied].placement.cluster_id
    assert copy.placement.outcome is Outcome.EXACT_DUPLICATE


@few
@given(sets_of_texts, limits)
def test_settling_what_was_settled_changes_nothing(texts: Texts, limit: int) -> None:
    """As long as no more is learned: of what is left, something else may well recur in more groups than before."""
    sources = [source_of(at, text) for at, text in enumerate(texts)]
    first = settle(sources, limit=limit)
    cleaned = [
        replace(source, document=replace(source.document, paragraphs=one.paragraphs))
        for source, one in zip(sources, first.settled.values(), strict=True)
    ]
    assert settle(cleaned, limit=10**6).settled == first.settled
    for one in first.settled.values():
        assert without_recurring(one.paragraphs, first.recurring) == (one.paragraphs, ())


@few
@given(sets_of_texts, versions)
def test_another_document_never_parts_a_group(texts: Texts, new: list[str]) -> None:
    after = base_groups(settled([*texts, new]))
    assert all(any(old <= group for group in after) for old in base_groups(settled(texts)))


@few
@given(sets_of_texts, limits)
def test_every_document_is_placed_and_keeps_words(texts: Texts, limit: int) -> None:
    result = settled(texts, limit)
    assert list(result.settled) == list(range(len(texts)))
    for text, one in zip(texts, result.settled.values(), strict=True):
        assert one.paragraphs
        assert bool(passage_keys(one.paragraphs)) == bool(passage_keys(text))
        assert set(passage_keys(text)) - set(passage_keys(one.paragraphs)) <= set(result.recurring)


# What is hard to place


def table(seed: int, rows: int = 40) -> list[str]:
    source = random.Random(seed)
    return ["  ".join(str(source.randint(0, 9999)) for _ in range(6)) for _ in range(rows)]


def chinese(seed: int, sentences: int = 12) -> list[str]:
    source = random.Random(seed)
    return ["".join(chr(0x4E00 + source.randrange(3000)) for _ in range(25)) + "。" for _ in range(sentences)]


def arabic(seed: int, sentences: int = 12) -> list[str]:
    source = random.Random(seed)
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    return [
        " ".join("".join(source.choices(letters, k=source.randint(2, 7))) for _ in range(12)) + "؟"
        for _ in range(sentences)
    ]


HARD: dict[str, Texts] = {
    "one word": [["harbour"], ["bridge"], ["harbour"]],
    "one word repeated": [["harbour " * 5000], ["bridge " * 5000], ["harbour " * 5000]],
    "two words repeated": [["at sea " * 3000], ["on land " * 3000], ["at sea " * 3000]],
    "symbols": [["* * *"], ["—"], ["* * *"]],
    "emoji": [["🎉🎉"], ["🚢"], ["🎉🎉"]],
    "Chinese": [chinese(1), chinese(2), ["另有消息。", *chinese(1)]],
    "Chinese without stops": [["".join(chinese(1))], ["".join(chinese(2))], ["".join(chinese(1))[3:]]],
    "Arabic": [arabic(1), arabic(2), arabic(1)[:-1]],
    "tables of numbers": [table(1), table(2), [*table(1), "1 2 3"]],
    "one paragraph": [[" ".join(article(1))], [" ".join(article(2))], article(1)],
    "headlines": [["Bridge falls at noon"], ["Bridge falls at dawn"], ["BRIDGE falls, at noon"]],
    "surrogates and controls": [["\ud800 \x00 lost"], ["\udfff \x01 lost and found"], ["\ud800 \x00 lost"]],
}


@pytest.mark.parametrize("name", HARD)
def test_hard_texts_are_placed_by_themselves(name: str) -> None:
    assert clusters(settled(HARD[name])) == {frozenset({0, 2}), frozenset({1})}


def test_hard_texts_join_no_strangers() -> None:
    hard = [text for name, texts in HARD.items() if name != "Chinese without stops" for text in texts[:2]]
    articles = [article(seed) for seed in range(3, 20)]
    assert {len(members) for members in clusters(settled(hard + articles, limit=2))} == {1}


def test_tables_and_words_held_by_many_articles_join_nothing() -> None:
    texts = [[*article(seed), *HARD["one word repeated"][0], *table(seed, 3)] for seed in range(20)]
    assert {len(members) for members in clusters(settled(texts))} == {1}


def test_text_of_megabytes_is_placed_beside_its_copies() -> None:
    source = random.Random(1)
    words = [sentence(source) for _ in range(3000)]
    large = [" ".join(source.sample(words, len(words))) for _ in range(25)]
    assert sum(map(len, large)) > 5_000_000
    result = settled([large, [*large, "More followed."], article(1)])
    assert clusters(result) == {frozenset({0, 1}), frozenset({2})}
