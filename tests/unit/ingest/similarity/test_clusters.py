import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.similarity.clusters import DisjointSets, Member, Placement, components, settle_clusters
from newsmill.vocabulary import Outcome

UNIQUE, NEAR, EXACT = Outcome.UNIQUE, Outcome.NEAR_DUPLICATE, Outcome.EXACT_DUPLICATE

Links = list[tuple[int, int]]


def member(document_id: int, text_id: int, chars: int = 100, raw: bytes | None = None, ordinal: int = 0) -> Member:
    raw = raw or bytes([document_id])
    return Member(document_id, text_id, chars, 0, bytes([text_id]), raw, ordinal)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Member], Links]:
    texts = draw(st.lists(st.integers(1, 5), min_size=1, max_size=12))  # the length of each text
    of_document = draw(st.lists(st.sampled_from(range(len(texts))), min_size=1, max_size=20))
    members = [member(at + 1, text_id, texts[text_id]) for at, text_id in enumerate(of_document)]
    text_ids = st.sampled_from(range(len(texts)))
    return members, draw(st.lists(st.tuples(text_ids, text_ids), max_size=15))


def partition(placements: dict[int, Placement]) -> set[frozenset[int]]:
    clusters: dict[int, set[int]] = {}
    for document_id, placement in placements.items():
        clusters.setdefault(placement.cluster_id, set()).add(document_id)
    return {frozenset(cluster) for cluster in clusters.values()}


def test_no_members_give_no_placements() -> None:
    assert settle_clusters([], []) == {}


def test_members_of_a_cluster_get_their_outcome() -> None:
    members = [
        member(1, text_id=5, chars=80),
        member(2, text_id=6, chars=90),
        member(3, text_id=6, chars=90),
        member(4, text_id=5, chars=80),
        member(5, text_id=7),
    ]
    assert settle_clusters(members, [(5, 6)]) == {
        1: Placement(1, NEAR, 2),
        2: Placement(1, UNIQUE, 2),
        3: Placement(1, EXACT, 2),
        4: Placement(1, EXACT, 2),
        5: Placement(5, UNIQUE, 5),
    }


def test_a_chain_is_one_cluster() -> None:
    members = [member(at, at) for at in range(1, 6)]
    assert partition(settle_clusters(members, [(2, 1), (4, 5), (3, 4)])) == {frozenset({1, 2}), frozenset({3, 4, 5})}


def test_a_text_without_members_joins_its_neighbours() -> None:
    assert partition(settle_clusters([member(1, 1), member(2, 2)], [(1, 9), (9, 2)])) == {frozenset({1, 2})}


@pytest.mark.parametrize(
    ("first", "second", "canonical"),
    [
        (member(1, 1, chars=10), member(2, 2, chars=11), 2),
        (member(1, 2), member(2, 1), 2),
        (member(1, 1, raw=b"b"), member(2, 1, raw=b"a"), 2),
        (member(1, 1, raw=b"a", ordinal=7), member(2, 1, raw=b"a", ordinal=6), 2),
        (member(1, 1, raw=b"a"), member(2, 1, raw=b"a"), 1),
    ],
)
def test_rank_is_length_then_text_then_file_then_ordinal(first: Member, second: Member, canonical: int) -> None:
    placements = settle_clusters([first, second], [(1, 2)])
    assert {placement.canonical_id for placement in placements.values()} == {canonical}
    assert placements[canonical].outcome == UNIQUE


def test_a_chain_of_thousands_is_placed() -> None:
    count = 20_000  # more than a recursive search could go down
    members = [Member(at, at, count - at, 0, b"", b"", 0) for at in range(count)]
    expected = {at: Placement(0, NEAR if at else UNIQUE, 0) for at in range(count)}
    assert settle_clusters(members, [(at + 1, at) for at in range(count - 1)]) == expected
    assert settle_clusters(members, [(at, at + 1) for at in range(count - 1)]) == expected


@given(scenes(), st.randoms(use_true_random=False))
def test_order_and_direction_do_not_matter(scene: tuple[list[Member], Links], shuffled: random.Random) -> None:
    members, links = scene
    other_members = shuffled.sample(members, len(members))
    other_links = [shuffled.choice([(a, b), (b, a)]) for a, b in shuffled.sample(links, len(links))]
    assert settle_clusters(other_members, other_links + other_links) == settle_clusters(members, links)


@given(scenes(), st.randoms(use_true_random=False))
def test_other_ids_give_the_same_result(scene: tuple[list[Member], Links], shuffled: random.Random) -> None:
    members, links = scene
    documents = dict(zip(range(1, 21), shuffled.sample(range(1000), 20), strict=True))
    texts = dict(zip(range(12), shuffled.sample(range(1000), 12), strict=True))
    renamed = [replace(m, document_id=documents[m.document_id], text_id=texts[m.text_id]) for m in members]
    before = settle_clusters(members, links)
    after = settle_clusters(renamed, [(texts[a], texts[b]) for a, b in links])
    assert partition(after) == {frozenset(documents[m] for m in cluster) for cluster in partition(before)}
    assert {documents[m]: (p.outcome, documents[p.canonical_id]) for m, p in before.items()} == {
        m: (p.outcome, p.canonical_id) for m, p in after.items()
    }


@given(scenes(), st.tuples(st.integers(0, 11), st.integers(0, 11)))
def test_another_link_never_splits(scene: tuple[list[Member], Links], link: tuple[int, int]) -> None:
    members, links = scene
    after = partition(settle_clusters(members, [*links, link]))
    assert all(any(old <= new for new in after) for old in partition(settle_clusters(members, links)))


@given(scenes())
def test_each_cluster_has_one_unique_and_each_text_one_that_is_not_exact(scene: tuple[list[Member], Links]) -> None:
    members, links = scene
    placements = settle_clusters(members, links)
    assert set(placements) == {m.document_id for m in members}
    canonical = sorted(m for m, placement in placements.items() if placement.outcome == UNIQUE)
    assert canonical == sorted({placement.canonical_id for placement in placements.values()})
    assert sorted({p.cluster_id for p in placements.values()}) == sorted(map(min, partition(placements)))
    first_of_text = [m.text_id for m in members if placements[m.document_id].outcome != EXACT]
    assert sorted(first_of_text) == sorted({m.text_id for m in members})


def test_of_equal_texts_the_one_that_is_known_better_is_canonical() -> None:
    bare = Member(1, 7, 100, 0, b"hash", b"a", 1)
    titled = Member(2, 7, 100, 1, b"hash", b"b", 1)
    assert settle_clusters([bare, titled], []) == {1: Placement(1, EXACT, 2), 2: Placement(1, UNIQUE, 2)}


def test_components_grow_link_by_link() -> None:
    sets = DisjointSets("abcd")
    sets.join("a", "b")
    sets.join("x", "b")
    assert len({sets.find(node) for node in "abx"}) == 1
    assert len({sets.find(node) for node in "acd"}) == 3
    assert sets.representatives() == components("abcd", [("a", "b"), ("x", "b")])
