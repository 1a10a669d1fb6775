"""A child that computes for too long is killed, and told by its lease; nobody else is."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

import pytest

from worker.leases.stopwatch import Overdue, Stopwatch


@contextmanager
def child(work: Callable[[], AbstractContextManager[None]]) -> Iterator[int]:
    """A forked process that does this work, says so, and stands still in it."""
    ready, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with work():
                os.write(say, b"!")
                signal.pause()
        finally:
            os._exit(1)
    os.close(say)
    try:
        assert os.read(ready, 1) == b"!"
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


def computing_in(watch: Stopwatch, index: int, token: int) -> Callable[[], AbstractContextManager[None]]:
    def work() -> AbstractContextManager[None]:
        watch.take_slot(index)
        return watch.computing(token, 7)

    return work


def test_only_what_computes_for_too_long_is_killed_and_once(watch: Stopwatch) -> None:
    def waiting() -> AbstractContextManager[None]:
        watch.take_slot(1)
        with watch.computing(12, 7):
            pass
        return nullcontext()

    with child(computing_in(watch, 0, 11)) as hung, child(waiting) as idle:
        assert watch.kill_overdue(60) == []
        assert watch.kill_overdue(0) == [Overdue(hung, 11)]
        assert os.waitstatus_to_exitcode(os.waitpid(hung, 0)[1]) == -signal.SIGKILL
        assert watch.kill_overdue(0) == []
        assert os.waitpid(idle, os.WNOHANG) == (0, 0)


def test_a_child_that_others_keep_from_the_processor_is_not_taken_for_one_that_hangs(watch: Stopwatch) -> None:
    """It stands still for as long as one that computes takes to be overdue."""
    spins_read, spins_write = os.pipe()

    def spinning() -> AbstractContextManager[None]:
        watch.take_slot(1)
        with watch.computing(12, 7):
            os.write(spins_write, b"!")
            while True:
                pass

    with child(computing_in(watch, 0, 11)) as held_up:
        hung = os.fork()
        if hung == 0:
            spinning()
        assert os.read(spins_read, 1) == b"!"
        killed: list[Overdue] = []
        while not killed:
            killed = watch.kill_overdue(0.3)
        assert killed == [Overdue(hung, 12)]
        assert os.waitstatus_to_exitcode(os.waitpid(hung, 0)[1]) == -signal.SIGKILL
        assert os.waitpid(held_up, os.WNOHANG) == (0, 0)


def test_a_process_that_is_no_child_is_left_alone(watch: Stopwatch) -> None:
    """A child that died while it computed leaves its slot; by now its id may be somebody else's."""
    with child(computing_in(watch, 0, 11)) as gone:
        os.kill(gone, signal.SIGKILL)
        os.waitpid(gone, 0)
        assert watch.kill_overdue(0) == []


def test_the_document_of_a_dead_process_is_known_when_the_next_has_its_slot(watch: Stopwatch) -> None:
    with child(computing_in(watch, 0, 11)) as gone:
        os.kill(gone, signal.SIGKILL)
        os.waitpid(gone, 0)
    assert (watch.culprit(11), watch.culprit(12)) == (7, None)
    with child(computing_in(watch, 0, 12)):
        assert (watch.culprit(11), watch.culprit(12)) == (7, 7)


def test_without_a_slot_nothing_is_timed(watch: Stopwatch) -> None:
    with watch.computing(1, 7):
        assert watch.kill_overdue(0) == []


def test_a_slot_is_free_again_after_an_exception(watch: Stopwatch) -> None:
    watch.take_slot(3)
    with suppress(ZeroDivisionError), watch.computing(1, 7):
        raise ZeroDivisionError
    assert watch.kill_overdue(0) == []
