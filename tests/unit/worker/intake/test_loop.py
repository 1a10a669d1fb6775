from collections.abc import Iterator
from threading import Event
from typing import Any, cast

import pytest
import structlog

from db.sessions import DatabaseUnavailableError
from ingest.inbox.files import FileStat, SeenFile, VanishedError
from ingest.inbox.retries import Retries
from newsmill.errors import NewsmillError, TerminalError, TransientError
from worker.intake import loop
from worker.intake.accept import Accepted, IntakePausedError
from worker.intake.loop import IntakeLoop
from worker.services import Services

FILE = SeenFile("/inbox/a.txt", FileStat(3, 1, 1, 7, 1))


class Answers:
    """Stands for intake: raises or returns what the test prepared, one after the other."""

    def __init__(self) -> None:
        self.prepared: list[Accepted | set[str] | Exception | None] = []

    def __call__(self, *_: object) -> Any:
        answer = self.prepared.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    for name in ("accept", "known", "note_folder"):
        monkeypatch.setattr(loop, name, answers)
    return answers


@pytest.fixture
def said() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as events:
        yield events


@pytest.fixture
def retries() -> Retries:
    return Retries(base_seconds=1.0, max_seconds=9.0, clock=lambda: 0.0)


@pytest.fixture
def stop() -> Event:
    return Event()


@pytest.fixture
def mill_side(answers: Answers, retries: Retries, stop: Event) -> IntakeLoop:
    return IntakeLoop(cast(Services, None), stop, retries, check_seconds=0.0)


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What was noted in the ledger of why nothing is taken in."""
    noted: list[str | None] = []
    monkeypatch.setattr(loop, "note_stop", lambda _, why: noted.append(None if why is None else str(why)))
    return noted


def error(kind: type[NewsmillError], words: str) -> Accepted:
    return Accepted(errors={FILE.path: kind(words)})


def test_wait_is_told_once_for_each_reason_and_so_is_its_end(
    mill_side: IntakeLoop, answers: Answers, said: list[Any]
) -> None:
    full, away = TransientError("the disk is full"), TransientError("the database is away")
    answers.prepared = [full, full, full, away, full, Accepted(file_ids=[1]), full, Accepted(file_ids=[2])]
    mill_side.take([FILE])
    mill_side.take([FILE])
    assert [event.get("reason", event["event"]) for event in said] == [
        "the disk is full", "the database is away", "the disk is full", "intake goes on",
        "the disk is full", "intake goes on",
    ]  # fmt: skip


def test_ledger_is_told_of_what_it_does_not_know(
    mill_side: IntakeLoop, answers: Answers, noted: list[str | None]
) -> None:
    full, away, paused = TransientError("full"), DatabaseUnavailableError("away"), IntakePausedError("paused")
    answers.prepared = [away, paused, full, full, Accepted(), Accepted()]
    mill_side.take([FILE])
    mill_side.take([FILE])
    assert noted == ["full", None]


def test_what_cannot_be_taken_comes_again_and_is_told_when_its_reason_changes(
    mill_side: IntakeLoop, answers: Answers, said: list[Any], retries: Retries
) -> None:
    locked, changed = error(TransientError, "a.txt: locked"), error(TransientError, "a.txt: changed")
    answers.prepared = [locked, locked, changed, Accepted(file_ids=[1]), changed]
    due = []
    for _ in range(5):
        mill_side.take([FILE])
        due.append(retries.next_due())
    assert [event["event"] for event in said] == ["a.txt: locked", "a.txt: changed", "a.txt: changed"]
    assert due[:3] == [1.0, 1.0, 1.0]
    assert retries.wants_scan() is False


def test_terminal_errors_are_looked_at_again_and_vanished_files_are_not(
    mill_side: IntakeLoop, answers: Answers, said: list[Any], retries: Retries
) -> None:
    answers.prepared = [error(VanishedError, "a.txt: gone"), error(TerminalError, "a.txt: not a regular file")]
    mill_side.take([FILE])
    assert (retries.next_due(), said[0]["log_level"]) == (None, "info")
    mill_side.take([FILE])
    assert (retries.next_due(), said[1]["log_level"]) == (1.0, "warning")


def test_who_is_told_to_stop_waits_no_longer_and_takes_nothing(
    mill_side: IntakeLoop, answers: Answers, stop: Event, retries: Retries
) -> None:
    stop.set()
    mill_side.take([FILE])
    mill_side.unreadable("/inbox/locked", PermissionError(13, "Permission denied"))
    assert mill_side.known([FILE]) == {FILE.path}
    assert retries.next_due() is None


def test_folder_is_told_and_noted_and_told_again_when_it_may_be_read(
    mill_side: IntakeLoop, answers: Answers, said: list[Any]
) -> None:
    answers.prepared = [TransientError("the database is away"), None, None]
    mill_side.unreadable("/inbox/locked", PermissionError(13, "Permission denied"))
    mill_side.unreadable("/inbox/locked", None)
    assert [event["event"] for event in said] == [
        "folder /inbox/locked is left out, not all of it can be read: Permission denied; "
        "give this user leave to read and enter it",
        "intake waits",
        "intake goes on",
        "folder is left out no more",
    ]
    assert answers.prepared == []
