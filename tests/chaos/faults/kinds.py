"""What a fault is, and helpers that the faults share."""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

import psutil

from tests.support.victims import RunningMill
from worker.app import queue_names

__all__ = [
    "QUEUES",
    "Fault",
    "Faults",
    "MissedError",
    "Needs",
    "children_of",
    "found",
    "frozen",
    "kill",
    "require",
    "send",
]

QUEUES = queue_names()
"""The keys of the stage queues in Redis."""


class MissedError(Exception):
    """The fault's victim is not there at this moment, or the fault had no visible effect."""


class Needs(Enum):
    """What must be there for a fault to have an effect."""

    LEASE = "a living worker holds a lease"
    MESSAGE = "a message is in flight"
    FILE = "a file lies in the inbox that is not registered"


Strike = Callable[[RunningMill, random.Random], Iterator[None]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault. It lasts `seconds`; other faults may strike meanwhile, unless it stands `apart`."""

    name: str
    needs: Needs
    strike: Callable[[RunningMill, random.Random], Any]
    seconds: float = 0.0
    weight: float = 1.0
    apart: bool = False
    limit_seconds: float | None = None


class Faults(dict[str, Fault]):
    """Kinds of faults by name, in the order in which a seed draws from them."""

    def kind(
        self,
        name: str,
        needs: Needs,
        *,
        seconds: float = 0.0,
        weight: float = 1.0,
        apart: bool = False,
        limit_seconds: float | None = None,
    ) -> Callable[[Strike], Strike]:
        """Registers a generator function. The code before its `yield` strikes, and the code after it mends."""

        def register(strike: Strike) -> Strike:
            self[name] = Fault(name, needs, contextmanager(strike), seconds, weight, apart, limit_seconds)
            return strike

        return register


def found(process: psutil.Process | None) -> psutil.Process:
    """Returns the process. Raises MissedError if there is none."""
    if process is None:
        raise MissedError("no such process at this moment")
    return process


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Sends the process a signal. Raises MissedError if it has ended."""
    try:
        process.send_signal(number)
    except psutil.Error as error:
        raise MissedError(str(error)) from error


def kill(process: psutil.Process) -> None:
    """Kills the process by SIGKILL. Raises MissedError if it has ended."""
    send(process, signal.SIGKILL)


def children_of(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    """Returns the process's children. Raises MissedError if it has ended."""
    try:
        return list(process.children(recursive=recursive))
    except psutil.Error as error:
        raise MissedError(str(error)) from error


def require(seen: object) -> None:
    """Raises MissedError unless something was hit: a fault without an effect does not count."""
    if not seen:
        raise MissedError("nothing was hit")


@contextmanager
def frozen(parent: psutil.Process) -> Iterator[None]:
    """Stops the process and its children while the block runs. Raises MissedError if it has ended."""
    processes = [parent, *children_of(parent, recursive=True)]
    for process in processes:
        with suppress(psutil.Error):
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.Error):
                process.resume()
