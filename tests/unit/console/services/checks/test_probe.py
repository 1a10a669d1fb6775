"""An answer comes soon, whatever the database does."""

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import pytest
from sqlalchemy.exc import ProgrammingError

from console.services.checks.probe import Health, probe
from db.processes import ProcessState, View
from newsmill.errors import TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Role

SETTINGS = Settings(stall_seconds=30, lease_seconds=6)
BEGAN = datetime(2031, 1, 1, tzinfo=UTC)
IDLE = View((), False, 0, 0, 0.0, 0, 0, 0.0)


class FakeDatabase:
    """Answers any question with what the test says."""

    def __init__(self, answer: View | Exception) -> None:
        self.answer = answer

    def run(self, *_: object, **__: object) -> View:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def open_end() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def asked(answer: View | Exception, role: Role | None = None) -> Health:
    return probe(lambda: FakeDatabase(answer), SETTINGS, role)  # type: ignore[arg-type, return-value]


def watcher(*, seen_seconds: float, host: str) -> View:
    state = ProcessState("one", Role.WATCH, host, os.getpid(), BEGAN, BEGAN, seen_seconds, 0.0, None)
    return replace(IDLE, processes=(state,))


def test_idle_mill_is_healthy() -> None:
    assert asked(IDLE) == Health(IDLE)


def test_work_without_workers_is_a_problem() -> None:
    found = asked(replace(IDLE, unfinished=True))
    assert [problem.partition(":")[0] for problem in found.problems] == [
        "there is work and no worker", "there is work and no sweeper",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seen_seconds", "host", "problems"),
    [
        (1.0, socket.gethostname(), ()),
        (99.0, socket.gethostname(), ("a watch of this host was last seen 99 s ago; start `newsmill watch`",)),
        (1.0, "elsewhere", ("a watch of this host has not been seen; start `newsmill watch`",)),
    ],
)
def test_role_lives_where_it_was_seen_lately_on_this_host(
    seen_seconds: float, host: str, problems: tuple[str, ...]
) -> None:
    assert asked(watcher(seen_seconds=seen_seconds, host=host), Role.WATCH).problems == problems


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TransientError("PostgreSQL: the connection is lost"), "PostgreSQL: the connection is lost"),
        (
            ProgrammingError("select", {}, Exception("relation")),
            "the database has not this version's tables; run `newsmill migrate`",
        ),
    ],
)
def test_what_the_database_refuses_is_an_answer(error: Exception, said: str) -> None:
    assert asked(error) == Health(None, (said,))


def test_database_that_hangs_is_not_waited_for(open_end: Event) -> None:
    def hang() -> FakeDatabase:
        open_end.wait(60)
        return FakeDatabase(IDLE)

    found = probe(hang, SETTINGS, limit_seconds=0.01)  # type: ignore[arg-type]
    assert found == Health(None, ("the database has not answered within 0.01 s",))
