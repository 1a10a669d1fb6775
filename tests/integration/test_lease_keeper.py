"""The worker's parent ends itself when it has drained and Celery does not notice."""

from threading import Event

import pytest

from db import ledger
from db.sessions import Database
from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.book import Ledger, at_work
from worker import leases
from worker.leases import LeaseKeeper
from worker.stopwatch import Stopwatch


def test_drained_worker_leaves_once_no_task_holds_a_lease(
    book: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_IDLE_SECONDS", 0.2)
    database = Database(book.database.url)
    left = Event()
    keeper = LeaseKeeper(settings, database, list, Stopwatch(), leave=left.set)
    (id_,) = at_work(book, "a")
    held = book.held(id_)
    book.run("update leases set worker = :worker", worker=keeper.worker)
    keeper.start()
    try:
        keeper.drain()
        assert not left.wait(2.0)
        book(ledger.end_lease, held.token)
        eventually(left.is_set, what="the keeper leaves")
    finally:
        keeper.stop()
        database.close()


def test_worker_at_work_stays_however_idle(book: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_IDLE_SECONDS", 0.0)
    database = Database(book.database.url)
    left = Event()
    keeper = LeaseKeeper(settings, database, list, Stopwatch(), leave=left.set)
    keeper.start()
    try:
        eventually(lambda: book.rows("select count(*) from processes where role = 'worker'") == [(1,)])
        assert not left.is_set()
    finally:
        keeper.stop()
        database.close()
