"""The clock is set back: times that lie ahead are taken as now, and nothing waits for them to come."""

from datetime import timedelta
from typing import Any

import pytest

from db import ledger
from db.erasure import freezes, marks, tombstones
from db.processes import Identity, beat
from newsmill.vocabulary import Lane, Stage
from tests.support.book import Ledger, at_work, new_file

LIMITS = {"lease_seconds": 6.0, "longest_wait_seconds": 600.0}


def set_back(book: Ledger) -> None:
    """What the clock looks like to all rows once it is set back by an hour."""
    for table, columns in {
        "work": ("dispatched_at", "next_attempt_at"),
        "leases": ("claimed_at", "expires_at"),
        "processes": ("started_at", "seen_at", "moved_at"),
        "blob_holds": ("expires_at",),
    }.items():
        moved = ", ".join(f"{column} = {column} + interval '1 hour'" for column in columns)
        book.run(f"update {table} set {moved}")


def within(book: Ledger, table: str, column: str, seconds: float) -> list[Any]:
    """Whether each row's time is at most so many seconds from now."""
    query = f"select abs(extract(epoch from {column} - clock_timestamp())) < {seconds} from {table} order by 1"
    return [one for (one,) in book.rows(query)]


def test_times_that_lie_ahead_are_taken_as_now(book: Ledger) -> None:
    dispatched, waiting, leased = at_work(book, "dispatched", "waiting", "leased")
    book.run(
        "update work set dispatched_at = null, next_attempt_at = clock_timestamp() + interval '60 s' where id = :id",
        id=waiting,
    )
    book.held(leased)
    book(beat, Identity("a", "worker", "host", 1), moved=True)
    book(freezes.freeze, "a backup", 120.0)
    assert book(ledger.take_future_as_now, **LIMITS) == 0
    set_back(book)
    assert book(ledger.take_future_as_now, **LIMITS) == 6  # the leased row's dispatch, too
    assert book.work() == {
        dispatched: ("parse", "dispatched"),
        waiting: ("parse", "ready"),
        leased: ("parse", "leased"),
    }
    assert book(ledger.take_future_as_now, **LIMITS) == 0
    for table, column, seconds in (
        ("leases", "expires_at", 6.1),
        ("processes", "seen_at", 5),
        ("processes", "moved_at", 5),
        ("blob_holds", "expires_at", 5.1),
    ):
        assert within(book, table, column, seconds) == [True], (table, column)
    book.run("update work set dispatched_at = dispatched_at - interval '10 s'")
    assert book(ledger.lose_dispatches, Stage.PARSE, None, 3.0) == 1


def test_what_waits_for_admission_does_not_wait_for_the_clock(book: Ledger) -> None:
    (id_,) = book.register(new_file("a"))
    book.run(
        "update work set lane = :lane, next_attempt_at = clock_timestamp() + interval '1 hour'", lane=int(Lane.BULK)
    )
    assert book(ledger.end_long_waits, 600.0) == 1
    assert book.admit() == [id_]


def test_watermark_that_lies_ahead_says_nothing_of_what_came_after_it(book: Ledger) -> None:
    (behind,) = at_work(book, "a")
    book.run("update work set dispatched_at = clock_timestamp() - interval '100 s'")
    ahead = book.rows("select clock_timestamp() + interval '1 hour'")[0][0]
    assert book(ledger.lose_dispatches, Stage.PARSE, ahead, 3.0) == 0
    assert book(ledger.lose_dispatches, Stage.PARSE, ahead - timedelta(hours=2), 3.0) == 0
    assert book(ledger.lose_dispatches, Stage.PARSE, None, 3.0) == 1
    assert book.work() == {behind: ("parse", "ready")}


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (29, False), (31, True), (-60, True)])
def test_bytes_that_were_written_at_a_time_that_lies_ahead_are_written_again(
    book: Ledger, minutes: int, late: bool
) -> None:
    now = book(tombstones.forgotten, set())[1]
    doubts = book(marks.register_lock, set(), now - timedelta(minutes=minutes))
    assert doubts == marks.Doubts(refused={}, doubtful=set(), late=late)
