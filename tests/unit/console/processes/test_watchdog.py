"""Who is stuck, told from a series of looks; time in which nobody could have moved does not count."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.processes.watchdog import Judge
from db.processes import ProcessState, View
from newsmill.settings import Settings

SETTINGS = Settings(stall_seconds=30, lease_seconds=6, document_seconds=30)
BEGAN = datetime(2031, 1, 1, tzinfo=UTC)
IDLE = View((), False, 0, 0, 0.0, 0, 0, 0.0)
BUSY = replace(IDLE, unfinished=True, dispatched=5)
DUE = replace(BUSY, due=5, due_seconds=31.0)


def state(
    role: str = "worker", *, seen: float = 0, moved: float | None = 0, task_seconds: float | None = None
) -> ProcessState:
    """A process that was seen and moved so many seconds after the beginning."""
    moved_at = None if moved is None else BEGAN + timedelta(seconds=moved)
    return ProcessState("one", role, "host", 7, BEGAN + timedelta(seconds=seen), moved_at, 0.0, 0.0, task_seconds)


def verdicts(*looks: tuple[float, View, ProcessState | None], role: str = "worker") -> list[str | None]:
    """What the judge says of the one process, look by look."""
    judge = Judge(SETTINGS)
    return [
        judge.observe(replace(view, processes=(process,) if process else ()), {"one": role}, now).get("one")
        for now, view, process in looks
    ]


def test_a_worker_that_takes_nothing_while_work_is_due_is_stuck() -> None:
    looks = [(now, DUE if now > 30 else BUSY, state(seen=now)) for now in (0.0, 20.0, 30.0, 31.0)]
    assert verdicts(*looks) == [None, None, None, "it has taken nothing for 31 s, and 5 items are due"]


def test_a_worker_that_moves_is_not_however_long_its_queue() -> None:
    assert verdicts(*((now, DUE, state(seen=now, moved=now // 25)) for now in range(0, 500, 5))) == [None] * 100


def test_a_worker_without_work_is_not() -> None:
    assert verdicts(*((now, IDLE, state(seen=now)) for now in range(0, 500, 5))) == [None] * 100


def test_work_that_has_come_after_a_long_rest_or_a_pause_is_given_time() -> None:
    rest = [(now, IDLE, state(seen=now)) for now in range(0, 500, 5)]
    assert verdicts(*rest, (500, DUE, state(seen=500)), (530, DUE, state(seen=530)))[-2:] == [None, None]


def test_a_busy_worker_is_not_stuck_until_its_limits_are_over() -> None:
    looks = [(now, DUE, state(seen=now, task_seconds=now)) for now in (0.0, 100.0, 330.0, 331.0)]
    assert verdicts(*looks) == [None, None, None, "its tasks run longer than any limit, 331 s"]


@pytest.mark.parametrize("role", ["worker", "sweep", "watch"])
def test_a_silent_role_is_stuck_with_and_without_work(role: str) -> None:
    looks = [(now, IDLE, state(role)) for now in (0.0, 30.0, 31.0)]
    assert verdicts(*looks, role=role) == [None, None, "no heartbeat for 31 s"]


def test_a_role_has_a_minute_to_begin() -> None:
    assert verdicts(*((now, IDLE, None) for now in (0.0, 60.0, 61.0))) == [
        None,
        None,
        "it has not begun its work in 61 s",
    ]


def test_a_sweeper_that_completes_no_pass_is_stuck_if_there_is_work() -> None:
    looks = [(now, BUSY, state("sweep", seen=now)) for now in (0.0, 90.0, 91.0)]
    assert verdicts(*looks, role="sweep") == [None, None, "it has completed no pass for 91 s"]
    assert verdicts((0, IDLE, state("sweep")), (91, IDLE, state("sweep", seen=91)), role="sweep") == [None, None]


def test_an_outage_is_held_against_nobody() -> None:
    judge = Judge(SETTINGS)
    before = replace(DUE, processes=(state(),))
    assert judge.observe(before, {"one": "worker"}, 0.0) == {}
    judge.forget()
    assert judge.observe(before, {"one": "worker"}, 1000.0) == {}
    assert judge.observe(before, {"one": "worker"}, 1030.0) == {}
    assert judge.observe(before, {"one": "worker"}, 1031.0) == {"one": "no heartbeat for 31 s"}
