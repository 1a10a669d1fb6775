"""The watchdog's thread on real servers: it outlives whatever keeps it from looking."""

import json

import pytest

from console.processes.watchdog import Judge, Watchdog
from db.sessions import Database
from newsmill.settings import ServerUrls, Settings
from tests.conftest import eventually
from tests.support.book import Ledger


@pytest.fixture
def book(urls: ServerUrls) -> Ledger:
    """A ledger in a database of its own, whose tables a test may take away."""
    return Ledger(Database(urls.database_url))


def test_a_watchdog_goes_on_after_a_restore(
    settings: Settings,
    urls: ServerUrls,
    book: Ledger,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """For a moment a table is not there; nobody is judged by it, and what was reported meanwhile is not lost."""
    settings = settings.model_copy(update={"stall_seconds": 1.0})
    watchdog = Watchdog(settings, urls, judge=Judge(settings, start_seconds=0.0))
    watchdog.watch("host:1:deaf", "sweep")
    book.run("insert into processes (name, role, host, pid) values ('host:2:dead', 'watch', 'host', 2)")
    watchdog.start()
    try:
        eventually(lambda: watchdog.stuck("host:1:deaf"), what="the first look")
        book.run("alter table processes rename to elsewhere")
        watchdog.report_dead("host:2:dead")
        eventually(lambda: watchdog.stuck("host:1:deaf") is None, what="nobody is stuck")
        book.run("alter table elsewhere rename to processes")
        eventually(lambda: watchdog.stuck("host:1:deaf"), what="it looks again")
        eventually(lambda: book.rows("select name from processes") == [], what="the death is in the ledger")
    finally:
        watchdog.stop()
        book.database.close()
    assert [json.loads(record.getMessage()) for record in caplog.records] == [
        {
            "event": "watchdog: nobody is judged",
            "error": "ProgrammingError",
            "reason": '(psycopg.errors.UndefinedTable) relation "processes" does not exist',
            "level": "warning",
        }
    ]
