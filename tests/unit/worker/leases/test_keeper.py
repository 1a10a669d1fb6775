"""What the end of a worker process says about the document it worked on."""

import pytest

from db.records import LeaseLoss
from worker.leases.keeper import hang, lease_loss_of


def _no() -> bool:
    return False


@pytest.mark.parametrize(
    ("message", "out_of_memory", "death"),
    [
        (
            "Worker exited prematurely: signal 11 (SIGSEGV) Job: 3.",
            False,
            LeaseLoss("Crash", "crash: the process died of SIGSEGV", counts=True),
        ),
        (
            "Worker exited prematurely: signal 6 Job: 3.",
            False,
            LeaseLoss("Crash", "crash: the process died of signal 6", counts=True),
        ),
        (
            "Worker exited prematurely: exitcode 3 Job: 3.",
            False,
            LeaseLoss("Crash", "crash: the process ended with exit code 3", counts=True),
        ),
        (
            "something that nobody foresaw",
            False,
            LeaseLoss("Crash", "crash: the process ended with exit code unknown", counts=True),
        ),
        (
            "Worker exited prematurely: signal 9 (SIGKILL) Job: 3.",
            True,
            LeaseLoss("OutOfMemory", "memory: the kernel killed the process as memory ran out", counts=True),
        ),
        (
            "Worker exited prematurely: signal 9 (SIGKILL) Job: 3.",
            False,
            LeaseLoss("WorkerKilled", "the worker process was killed from outside", counts=False),
        ),
        (
            "Worker exited prematurely: signal 15 (SIGTERM) Job: 3.",
            False,
            LeaseLoss("WorkerKilled", "the worker process was told to stop", counts=False),
        ),
    ],
)
def test_death_says_what_it_was_and_whose_fault(message: str, out_of_memory: bool, death: LeaseLoss) -> None:
    assert lease_loss_of(message, lambda: out_of_memory) == death


def test_only_a_sigkill_asks_about_memory() -> None:
    def fail() -> bool:
        raise AssertionError

    assert lease_loss_of("signal 11 (SIGSEGV)", fail).counts
    assert not lease_loss_of("signal 9 (SIGKILL)", _no).counts


def test_hang_counts_and_names_its_limit() -> None:
    assert hang(2.5) == LeaseLoss("Hang", "hang: no end after 2.5 s", counts=True)
