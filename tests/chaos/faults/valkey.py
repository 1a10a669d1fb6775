"""Faults of Valkey: it dies, loses its data, is full or frozen, or its messages are lost, doubled or out of order."""

import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, cast

import psutil
import psycopg
from redis import RedisError

from tests.chaos.faults.kinds import QUEUES, Faults, Needs, found, kill, require, send
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()


@FAULTS.kind("kill -9 of Valkey", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    kill(found(mill.valkey))
    yield


@FAULTS.kind("FLUSHALL", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    require(sum(cast(int, mill.redis.llen(queue)) for queue in QUEUES))
    mill.redis.flushall()
    yield


@FAULTS.kind("Valkey restored to an older state", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Brings Valkey back with messages that are already processed, and without the newer ones."""
    mill.redis.save()
    before = mill.ask(_dispatched)
    dump = mill.home / "valkey" / "dump.rdb"
    try:
        deadline = monotonic() + 1
        while mill.ask(_dispatched) == before and monotonic() < deadline:
            sleep(0.01)
        kill(found(mill.valkey))
        yield
        _wait_for_valkey(mill)
    finally:
        dump.unlink(missing_ok=True)


def _dispatched(database: psycopg.Connection[Any]) -> list[Any]:
    return read(database, "select max(dispatched_at), count(*) from work")


def _wait_for_valkey(mill: RunningMill, seconds: float = 20) -> None:
    deadline = monotonic() + seconds
    while True:
        try:
            mill.redis.ping()
        except RedisError:
            if monotonic() > deadline:
                raise
            sleep(0.05)
        else:
            return


@FAULTS.kind("SIGSTOP of Valkey", Needs.MESSAGE, seconds=30, weight=0.6, apart=True, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    server = found(mill.valkey)
    send(server, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(psutil.Error):
            server.resume()


@FAULTS.kind("Valkey full", Needs.MESSAGE, seconds=4)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Fills Valkey. With `noeviction`, it takes no message until there is room again."""
    mill.redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        _wait_for_valkey(mill)
        mill.redis.config_set("maxmemory", 0)


@FAULTS.kind("connections to Valkey cut", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    cut = 0
    for _ in range(10):
        cut += cast(int, mill.redis.client_kill_filter(_type="normal", skipme=True))
        sleep(choice.uniform(0.01, 0.1))
    require(cut)
    yield


@FAULTS.kind("messages doubled", Needs.MESSAGE, seconds=2)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Doubles each message at once, and adds it again when most of them are processed."""
    copies = {queue: cast(list[bytes], mill.redis.lrange(queue, 0, -1)) for queue in QUEUES}
    require(sum(map(len, copies.values())))
    _push(mill, copies)
    yield
    _push(mill, copies)


def _push(mill: RunningMill, messages: dict[str, list[bytes]]) -> None:
    for queue, raw in messages.items():
        if raw:
            mill.redis.rpush(queue, *raw)


@FAULTS.kind("messages lost", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    require([raw for queue in QUEUES if choice.random() < 0.7 for raw in [mill.redis.rpop(queue)] if raw])
    yield


@FAULTS.kind("messages out of order", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    moved = 0
    for queue in QUEUES:
        with mill.redis.pipeline() as pipeline:
            pipeline.lrange(queue, 0, -1)
            pipeline.delete(queue)
            raw = pipeline.execute()[0]
        _push(mill, {queue: choice.sample(raw, len(raw))})
        moved += len(raw)
    require(moved)
    yield
