"""The search index's pending list is flushed beside the sweeper, who waits for none of it."""

import json
from collections.abc import Iterator
from threading import Event

import psycopg
import pytest

from newsmill.settings import ServerUrls
from tests.conftest import Roles, eventually
from tests.support.book import Ledger, at_work
from worker.duties.search_index import SearchFlusher


@pytest.fixture
def stranger(urls: ServerUrls) -> Iterator[str]:
    """The URL of a user who owns nothing."""
    with psycopg.connect(urls.database_url.replace("user=newsmill", "user=postgres"), autocommit=True) as admin:
        admin.execute("create role stranger login")
        yield urls.database_url.replace("user=newsmill", "user=stranger")
        admin.execute("drop role stranger")


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    events = [json.loads(record.getMessage()) for record in caplog.records]
    return [(event["event"], event["reason"]) for event in events]


def test_a_flush_leaves_nothing_pending(book: Ledger) -> None:
    (id_,) = at_work(book, "a")
    flusher = SearchFlusher(book.database.url)
    before = flusher.run_once()
    book.run("insert into articles (document_id, text, word_count, char_count) values (:id, 'a word', 2, 6)", id=id_)
    assert (before, flusher.run_once(), flusher.run_once()) == (0, 1, 0)


def test_who_does_not_own_the_index_says_so_once_and_leaves_it(stranger: str, caplog: pytest.LogCaptureFixture) -> None:
    SearchFlusher(stranger, pause_seconds=0.0).run(Event())
    assert said(caplog) == [
        (
            "the search index is left to `store`, which may wait for it at times",
            "(psycopg.errors.InsufficientPrivilege) must be owner of index ix_articles_search",
        )
    ]


def test_what_fails_is_told_and_tried_again(
    urls: ServerUrls, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    flusher, stop, flush = SearchFlusher(urls.database_url, pause_seconds=0.0), Event(), SearchFlusher.run_once
    with psycopg.connect(urls.database_url.replace("user=newsmill", "user=postgres"), autocommit=True) as admin:

        def fail(self: SearchFlusher) -> None:
            try:
                flush(self)
            finally:
                admin.execute("alter index elsewhere rename to ix_articles_search")

        def flush_and_stop(self: SearchFlusher) -> None:
            flush(self)
            stop.set()

        admin.execute("alter index ix_articles_search rename to elsewhere")
        attempts = iter([fail, flush_and_stop])

        def next_attempt(self: SearchFlusher) -> None:
            next(attempts)(self)

        monkeypatch.setattr(SearchFlusher, "run_once", next_attempt)
        flusher.run(stop)
    assert said(caplog) == [
        (
            "the search index could not be flushed",
            '(psycopg.errors.UndefinedTable) relation "ix_articles_search" does not exist',
        )
    ]


def test_neither_the_sweepers_passes_nor_its_end_wait_for_a_flush(roles: Roles, urls: ServerUrls) -> None:
    """Another holds the index for as long as the test goes on."""
    with psycopg.connect(urls.database_url) as owner, psycopg.connect(urls.database_url, autocommit=True) as observer:

        def read(query: str) -> list[tuple[object, ...]]:
            return observer.execute(query).fetchall()

        def flush_waits() -> bool:
            return read(
                "select wait_event_type from pg_stat_activity"
                " where datname = current_database() and application_name = 'newsmill search index'"
            ) == [("Lock",)]

        owner.execute("reindex index ix_articles_search")
        sweeper = roles.start("sweep", lease_seconds=0.6)
        eventually(flush_waits, what="a flush waits")
        passed: set[object] = set()

        def passed_thrice() -> bool:
            passed.update(read("select moved_at from processes"))
            return len(passed) > 3

        eventually(passed_thrice, what="the sweeper goes on")
        assert flush_waits()
        sweeper.terminate()
        assert sweeper.wait(timeout=60) == 0
        assert flush_waits()
        assert read("select name from processes") == []
