"""Clusters in PostgreSQL equal the pure function over all stored documents, whatever happened in whatever order."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Barrier

import pytest
from sqlalchemy import text

from db import articles, ledger
from db.records import Arrival, Completion, NewFile
from db.sessions import Database
from db.similarity import clusters, index
from ingest.documents import CleanDocument, Fact, FactSource, Metadata
from ingest.metadata.codec import METADATA
from ingest.similarity.clusters import Member, settle_clusters
from ingest.similarity.fingerprint import fingerprint, text_id
from ingest.similarity.sketches import Sketch
from tests.support.book import Ledger, new_file
from tests.support.metadata import day

Labels = dict[int, tuple[int, str]]
"""Cluster and outcome by document id."""


@dataclass
class Stories:
    """Texts with links between some of them, and documents that get one of the texts, or another, or none."""

    database: Database
    links: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of texts' numbers, least first."""
    text_ids: dict[int, int] = field(default_factory=dict)
    documents: dict[int, NewFile] = field(default_factory=dict)
    stored: dict[int, int] = field(default_factory=dict)
    """The number of its text by document id."""

    def register(self, count: int) -> list[int]:
        files = [new_file(f"document {len(self.documents) + number}") for number in range(count)]
        with self.database.transaction() as connection:
            for file in files:
                (file_id,) = ledger.register_files(connection, [file]).new
                document_id = connection.scalar(text("select id from documents where file_id = :id"), {"id": file_id})
                assert document_id is not None
                self.documents[document_id] = file
        return list(self.documents)[-count:]

    def publish(self, number: int) -> None:
        """Puts the text into the index, and then its links to those that are there: as the stage does."""
        if number in self.text_ids:
            return
        with self.database.transaction() as connection:
            published = _text(number)
            index.publish(connection, [published])
            self.text_ids[number] = published.id
        found = []
        for a, b in self.links:
            if number in (a, b) and a in self.text_ids and b in self.text_ids:
                low, high = sorted((self.text_ids[a], self.text_ids[b]))
                found.append(index.TextLink(low, high, "near", 0.9))
        with self.database.transaction() as connection:
            index.link(connection, [self.text_ids[number]], found)

    def store(self, arriving: dict[int, int]) -> None:
        """Stores documents (id to number of text) in one transaction, as the stage does."""
        for number in arriving.values():
            self.publish(number)
        with self.database.transaction() as connection:
            articles.write(connection, {id_: _article(number) for id_, number in arriving.items()})
            text_of = {id_: self.text_ids[number] for id_, number in arriving.items()}
            placed = clusters.place(connection, [Arrival(id_, text_, text_) for id_, text_ in text_of.items()])
            ledger.complete(
                connection,
                [
                    Completion(id_, text_, text_, placed[id_].outcome, placed[id_].cluster_id, [])
                    for id_, text_ in text_of.items()
                ],
            )
        self.stored |= arriving

    def fail(self, ids: list[int]) -> None:
        """Ends documents as failed, and takes those that had a place out of it."""
        with self.database.transaction() as connection:
            connection.execute(
                text("update documents set outcome = 'failed', finished_at = now() where id = any(:ids)"), {"ids": ids}
            )
            clusters.withdraw(connection, [id_ for id_ in ids if id_ in self.stored])
        for id_ in ids:
            self.stored.pop(id_, None)

    def expected(self) -> Labels:
        """What the pure function says of all that is stored."""
        members = [
            Member(
                document_id=id_,
                text_id=number,
                char_count=len(_article(number).text),
                metadata_count=METADATA.count(_article(number).metadata),
                text_hash=_hash(number),
                sha256=self.documents[id_].sha256,
                ordinal=1,
            )
            for id_, number in self.stored.items()
        ]
        counted = set(self.stored.values())
        placed = settle_clusters(members, [(a, b) for a, b in self.links if a in counted and b in counted])
        return {id_: (placement.cluster_id, str(placement.outcome)) for id_, placement in placed.items()}

    def labels(self) -> Labels:
        with self.database.transaction() as connection:
            rows = connection.execute(text("select id, cluster_id, outcome from documents where text_id is not null"))
            return {row.id: (row.cluster_id, row.outcome) for row in rows}


def _hash(number: int) -> bytes:
    return sha256(f"text {number}".encode()).digest()


def _article(number: int) -> CleanDocument:
    """Some are longer, some are equally long and known better, some equal in both."""
    metadata = Metadata(
        title=Fact("t", FactSource.FIELD) if number % 2 else None, published=Fact(day(2020, 1, 1), FactSource.URL)
    )
    return CleanDocument(metadata, ("x" * (10 + number % 3),))


@pytest.fixture
def stories(database: Database) -> Stories:
    return Stories(database)


def test_unrelated_documents_are_each_unique(stories: Stories) -> None:
    first, second = stories.register(2)
    stories.store({first: 1, second: 2})
    assert stories.labels() == {first: (first, "unique"), second: (second, "unique")}


def test_equal_texts_are_exact_duplicates_without_a_link(stories: Stories) -> None:
    first, second, third = stories.register(3)
    stories.store({second: 1})
    stories.store({third: 1, first: 1})
    labels = stories.labels()
    assert labels == stories.expected()
    assert sorted(outcome for _, outcome in labels.values()) == ["exact_duplicate", "exact_duplicate", "unique"]
    assert {cluster for cluster, _ in labels.values()} == {first}


def test_document_between_two_clusters_joins_them_and_its_failure_parts_them(stories: Stories) -> None:
    stories.links = {(1, 2), (2, 3)}
    left, between, right = stories.register(3)
    stories.store({left: 1})
    stories.store({right: 3})
    assert {cluster for cluster, _ in stories.labels().values()} == {left, right}
    stories.store({between: 2})
    assert {cluster for cluster, _ in stories.labels().values()} == {left}
    stories.fail([between])
    assert stories.labels() == {left: (left, "unique"), right: (right, "unique")}
    with stories.database.transaction() as connection:
        assert connection.execute(
            text("select cluster_id, text_id, outcome from documents where id = :id"), {"id": between}
        ).one() == (None, None, "failed")
        assert set(connection.scalars(text("select document_id from articles"))) == {left, right}


def test_replay_with_another_text_moves_a_document_and_settles_those_it_leaves(stories: Stories) -> None:
    stories.links = {(1, 2), (2, 3), (4, 5)}
    left, between, right, other = stories.register(4)
    stories.store({left: 1, between: 2, right: 3, other: 4})
    stories.store({between: 5})
    assert stories.labels() == stories.expected()
    assert {id_: cluster for id_, (cluster, _) in stories.labels().items()} == {
        left: left, between: between, right: right, other: between
    }  # fmt: skip


def test_text_whose_document_was_never_stored_joins_nothing(stories: Stories) -> None:
    stories.links = {(1, 2), (2, 3)}
    left, right = stories.register(2)
    stories.publish(2)
    stories.store({left: 1})
    stories.store({right: 3})
    assert stories.labels() == {left: (left, "unique"), right: (right, "unique")}


@pytest.mark.parametrize("seed", range(8))
def test_any_history_equals_the_pure_function_over_what_is_stored(stories: Stories, seed: int) -> None:
    random_ = random.Random(seed)
    numbers = range(random_.choice((4, 9, 16)))
    stories.links = set(_random_links(random_, numbers, share=random_.choice((0.1, 0.2, 0.4))))
    ids = stories.register(18)
    for _ in range(40):
        chosen = random_.sample(ids, random_.randint(1, 4))
        if random_.random() < 0.25:
            stories.fail(chosen)
        else:
            stories.store({id_: random_.choice(numbers) for id_ in chosen})
        assert stories.labels() == stories.expected()


def test_order_of_arrival_does_not_change_who_is_together_and_who_is_canonical(stories: Stories) -> None:
    random_ = random.Random(5)
    stories.links = set(_random_links(random_, range(12), share=0.12))
    ids = stories.register(12)
    stories.store({id_: number for number, id_ in enumerate(ids)})
    together = stories.labels()
    for _ in range(4):
        stories.fail(ids)
        for id_ in random_.sample(ids, len(ids)):
            stories.store({id_: ids.index(id_)})
        assert stories.labels() == together


@pytest.fixture
def many_connections(book: Ledger) -> Iterator[Database]:
    database = Database(book.database.url, pool_size=8)
    yield database
    database.close()


def test_concurrent_stores_lose_no_merge_and_do_not_deadlock(many_connections: Database) -> None:
    stories = Stories(many_connections)
    random_ = random.Random(8)
    numbers = range(40)
    stories.links = {(a, a + 1) for a in numbers[:-1] if a % 8 != 7} | {(0, 23)}
    for number in numbers:
        stories.publish(number)
    ids = stories.register(80)
    text_of = {id_: random_.choice(numbers) for id_ in ids}
    shares = [random_.sample(ids, 40) for _ in range(8)]  # each is stored by four of them: replays that cross
    together = Barrier(8)

    def one_worker(share: list[int]) -> None:
        together.wait(timeout=20)
        for start in range(0, len(share), 4):
            stories.store({id_: text_of[id_] for id_ in share[start : start + 4]})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one_worker, shares))
    assert stories.labels() == stories.expected()
    assert len({cluster for cluster, _ in stories.labels().values()}) >= 3


def test_sessions_publish_the_same_texts_at_the_same_moment(many_connections: Database) -> None:
    pages = [[_text(page * 5 + number) for number in range(5)] for page in range(50)]
    together = Barrier(8, timeout=20)

    def one_worker(_: int) -> None:
        for page in pages:
            together.wait()
            with many_connections.transaction() as connection:
                index.publish(connection, page)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one_worker, range(8)))
    with many_connections.transaction() as connection:
        assert connection.scalar(text("select count(*) from texts")) == 250


def _text(number: int) -> index.IndexedText:
    body = f"text {number}"
    return index.IndexedText(text_id(_hash(number)), _hash(number), body, Sketch.of(fingerprint(body)))


def _random_links(random_: random.Random, numbers: range, *, share: float) -> Iterator[tuple[int, int]]:
    for low in numbers:
        for high in numbers[low + 1 :]:
            if random_.random() < share:
                yield low, high
