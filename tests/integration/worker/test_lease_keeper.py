"""The worker's parent keeps leases alive whatever it has to report, and ends itself when Celery misses a drain."""

from threading import Event

import psycopg
import pytest
from sqlalchemy import Connection

from db import ledger
from db.records import LeaseLoss
from db.sessions import Database
from newsmill.settings import Settings
from tests.conftest import eventually
from tests.support.book import Ledger, at_work
from worker.leases.keeper import LeaseKeeper
from worker.leases.stopwatch import Stopwatch


def test_drained_worker_leaves_once_no_task_holds_a_lease(
    book: Ledger, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def look(connection: Connection, worker: str) -> bool:
        looks.append(has_leases(connection, worker))
        return looks[-1]

    has_leases = ledger.has_leases
    monkeypatch.setattr(ledger, "has_leases", look)
    database = Database(book.database.url)
    left = Event()
    keeper = LeaseKeeper(settings, database, list, Stopwatch(), leave=left.set, idle_seconds=0.2)
    (id_,) = at_work(book, "a")
    held = book.held(id_)
    book.run("update leases set worker = :worker", worker=keeper.worker)
    keeper.start()
    try:
        keeper.drain()
        eventually(lambda: len(looks) >= 3, what="the keeper has looked, and would leave if it could")
        assert not left.is_set()
        book(ledger.end_lease, held.token)
        eventually(left.is_set, what="the keeper leaves")
    finally:
        keeper.stop()
        database.close()


def test_worker_at_work_stays_however_idle(book: Ledger, settings: Settings) -> None:
    database = Database(book.database.url)
    left = Event()
    keeper = LeaseKeeper(settings, database, list, Stopwatch(), leave=left.set, idle_seconds=0.0)
    keeper.start()
    try:
        eventually(lambda: book.rows("select count(*) from processes where role = 'worker'") == [(1,)])
        assert not left.is_set()
    finally:
        keeper.stop()
        database.close()


def test_leases_are_renewed_while_reports_wait_for_locks(book: Ledger, settings: Settings) -> None:
    database = Database(book.database.url)
    keeper = LeaseKeeper(settings.model_copy(update={"lease_seconds": 1.5}), database, lambda: ["lives"], Stopwatch())
    documents = at_work(book, "a", "b", "c", "d")
    for id_, task in zip(documents, ("lives", "died", "gave up", "died too"), strict=True):
        token = book.held(id_).token
        book.run("update leases set worker = :w, task_id = :t where token = :k", w=keeper.worker, t=task, k=token)
    expires: set[object] = set()

    def leases_by_task() -> list[tuple[object, ...]]:
        return book.rows("select task_id from leases order by 1")

    def renewed_thrice() -> bool:
        expires.update(book.rows("select expires_at from leases where task_id = 'lives'"))
        return len(expires) > 3

    with psycopg.connect(database.url) as other:
        other.execute("select from work where id = any(%s) for update", [documents[1:3]])
        keeper.start()
        try:
            for task in ("died", "died too"):
                keeper.report(task, LeaseLoss("WorkerKilled", "killed", counts=False))
            keeper.report_given_up("gave up")
            eventually(lambda: len(leases_by_task()) == 3, what="a report that waits for nothing goes through")
            eventually(renewed_thrice, what="the lease of the task that lives is renewed")
            assert leases_by_task() == [("died",), ("gave up",), ("lives",)]
            other.rollback()
            eventually(lambda: leases_by_task() == [("lives",)], what="the other reports go through")
        finally:
            keeper.stop()
            database.close()
