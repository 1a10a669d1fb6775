"""Batches within their limits, and what a publisher does when Redis refuses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombu.exceptions import OperationalError
from sqlalchemy import Connection

from db import ledger
from db.records import Dispatch
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from newsmill.vocabulary import LATER_BYTES, Stage
from worker.app import queue_names
from worker.dispatch import Dispatcher, dispatch_time, in_batches

NOW = datetime(2024, 5, 1, tzinfo=UTC)
SETTINGS = Settings(batch_documents=3, batch_bytes=1000)


def entry(id_: int, stage: Stage = Stage.PARSE, size_bytes: int = 100, *, alone: bool = False) -> Dispatch:
    return Dispatch(id_, stage, 0, size_bytes, alone, NOW)


def batches(dispatches: Sequence[Dispatch]) -> list[list[int]]:
    return [[d.id for d in batch] for batch in in_batches(dispatches, max_documents=3, max_bytes=1000)]


def test_batches_hold_so_many_documents() -> None:
    assert batches([entry(id_) for id_ in range(1, 8)]) == [[1, 2, 3], [4, 5, 6], [7]]


def test_batches_hold_so_many_bytes_or_a_single_document() -> None:
    sizes = [600, 400, 1, 5000, 999, 2]
    assert batches([entry(id_, size_bytes=size) for id_, size in enumerate(sizes, 1)]) == [
        [1, 2], [3], [4], [5], [6],
    ]  # fmt: skip


def test_suspects_and_containers_go_alone_behind_the_others_of_their_stage() -> None:
    dispatches = [entry(1), entry(2, alone=True), entry(3), entry(4, Stage.UNPACK), entry(5, Stage.UNPACK)]
    assert batches(dispatches) == [[4], [5], [1, 3], [2]]


def test_large_documents_and_suspects_go_behind_all_other_work() -> None:
    large = LATER_BYTES + 1
    dispatches = [
        entry(1, size_bytes=LATER_BYTES), entry(2, size_bytes=large), entry(3, alone=True),
        entry(4, Stage.UNPACK, large), entry(5, Stage.UNPACK, alone=True),
    ]  # fmt: skip
    assert [d.is_later for d in dispatches] == [False, True, True, False, False]
    assert queue_names() == [
        "newsmill.unpack", "newsmill.store", "newsmill.deduplicate", "newsmill.clean", "newsmill.parse",
        "newsmill.unpack.later", "newsmill.store.later", "newsmill.deduplicate.later", "newsmill.clean.later",
        "newsmill.parse.later",
    ]  # fmt: skip


def test_a_batch_is_of_one_stage() -> None:
    dispatches = [entry(1, Stage.STORE), entry(2, Stage.CLEAN), entry(3, Stage.STORE)]
    assert batches(dispatches) == [[2], [1, 3]]


@given(
    st.lists(
        st.builds(
            entry,
            st.integers(1, 10**6),
            st.sampled_from(Stage),
            st.integers(0, 2000),
            alone=st.booleans(),
        ),
        unique_by=lambda d: d.id,
    )
)
def test_every_item_is_in_one_batch_within_the_limits(dispatches: list[Dispatch]) -> None:
    made = list(in_batches(dispatches, max_documents=3, max_bytes=1000))
    assert sorted(d.id for batch in made for d in batch) == sorted(d.id for d in dispatches)
    for batch in made:
        assert len({d.stage for d in batch}) == 1
        assert len(batch) <= 3
        assert len(batch) == 1 or sum(d.size_bytes for d in batch) <= 1000
        assert len(batch) == 1 or not any(d.alone for d in batch)


class UnusedDatabase(Database):
    """Whatever is done in a transaction is left to the test."""

    def __init__(self) -> None:
        super().__init__("postgresql:///unused")

    @contextmanager
    def transaction(self, **_: Any) -> Iterator[Connection]:
        yield cast(Connection, None)


def test_what_redis_does_not_take_is_taken_back_after_a_single_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[list[int]] = []
    taken_back: list[int] = []

    def refuse_the_second(batch: Sequence[Dispatch], _items: object) -> None:
        tried.append([d.id for d in batch])
        if len(tried) == 2:
            raise OperationalError("connection refused")

    dispatcher = Dispatcher(SETTINGS, UnusedDatabase(), "redis://unused")
    monkeypatch.setattr(dispatcher, "publish_batch", refuse_the_second)
    monkeypatch.setattr(ledger, "undispatch", lambda _connection, ids: taken_back.extend(ids))
    dispatcher.publish([entry(id_) for id_ in range(1, 12)], {})
    assert tried == [[1, 2, 3], [4, 5, 6]]
    assert taken_back == [4, 5, 6, 7, 8, 9, 10, 11]


@pytest.mark.parametrize("url", ["localhost:6379", "http://:hidden@h", "redis://:hidden@h:port"])
def test_wrong_redis_url_is_an_error_that_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Dispatcher(SETTINGS, Database("postgresql:///unused"), url)
    assert str(caught.value) == "NEWSMILL_REDIS_URL: must be redis://…, rediss://… or unix://…"


@pytest.mark.parametrize(
    "message",
    [None, b"", b"not json", b"[]", b'"text"', b'{"headers": {}}', b'{"headers": {"dispatched_at": 5}}', b"\xff\xfe",
     b'{"headers": {"dispatched_at": "soon"}}', b'{"headers": null}'],
)  # fmt: skip
def test_message_that_is_not_ours_says_nothing(message: Any) -> None:
    assert dispatch_time(message) is None


def test_dispatch_time_is_read_from_the_headers() -> None:
    message = b'{"body": "", "headers": {"dispatched_at": "2024-05-01T00:00:00+00:00"}}'
    assert dispatch_time(message) == NOW
