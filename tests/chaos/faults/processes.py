"""Faults of Newsmill's processes: they are killed, told to stop, or frozen."""

import random
import signal
from collections.abc import Iterator
from contextlib import suppress

import psutil

from tests.chaos.faults.kinds import QUEUES, Faults, MissedError, Needs, children_of, found, frozen, kill, require, send
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()


@FAULTS.kind("kill -9 of a worker process", Needs.LEASE, limit_seconds=5)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    children = children_of(found(mill.role("worker")))
    if not children:
        raise MissedError("no child at this moment")
    kill(choice.choice(children))
    yield


@FAULTS.kind("kill -9 of the worker", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    kill(found(mill.role("worker")))
    yield


@FAULTS.kind("kill -9 of the watcher", Needs.FILE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    kill(found(mill.role("watch")))
    yield


@FAULTS.kind("kill -9 of the sweeper, messages lost", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    kill(found(mill.role("sweep")))
    require(mill.redis.delete(*QUEUES))
    yield


@FAULTS.kind("kill -9 of everything", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    for process in [*mill.up.children(recursive=True), mill.up]:
        with suppress(psutil.Error):
            process.kill()
    mill.start()
    yield


@FAULTS.kind("SIGTERM to the worker", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    send(found(mill.role("worker")), signal.SIGTERM)
    yield


@FAULTS.kind("Ctrl-C of everything", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    assert mill.stop() == 0, "up did not end well"
    assert mill.ask(lambda database: read(database, "select token, worker from leases")) == [], "left half done"
    mill.start()
    yield


@FAULTS.kind("SIGSTOP of the worker past its leases", Needs.LEASE, seconds=9)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with frozen(found(mill.role("worker"))):
        yield
