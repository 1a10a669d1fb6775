"""The faults: each strikes a running mill when its block is entered, and is over when it is left."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from time import monotonic, sleep
from typing import Any, cast

import psutil
import psycopg
from redis import RedisError

from newsmill.vocabulary import Stage
from tests.support.settled import read
from tests.support.victims import RunningMill
from worker.app import queue_name

__all__ = ["FAULTS", "Fault", "MissedError", "Needs"]

_QUEUES = [queue_name(stage) for stage in Stage]


class MissedError(Exception):
    """Its victim was not there at this moment, or nothing was seen to happen."""


class Needs(Enum):
    """What must be in hand for a fault to bite."""

    LEASE = "a living worker holds a lease"
    MESSAGE = "a message is in flight"
    FILE = "a file lies in the inbox that is not registered"


Strike = Callable[[RunningMill, random.Random], Iterator[None]]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: it lasts `seconds`, and others may strike meanwhile unless it stands `apart`."""

    name: str
    needs: Needs
    strike: Callable[[RunningMill, random.Random], Any]
    seconds: float = 0.0
    weight: float = 1.0
    apart: bool = False
    limit_seconds: float | None = None


FAULTS: dict[str, Fault] = {}


def _fault(
    name: str,
    needs: Needs,
    *,
    seconds: float = 0.0,
    weight: float = 1.0,
    apart: bool = False,
    limit_seconds: float | None = None,
) -> Callable[[Strike], Strike]:
    """Registers a generator function: what stands before its `yield` strikes, what stands after mends."""

    def register(strike: Strike) -> Strike:
        FAULTS[name] = Fault(name, needs, contextmanager(strike), seconds, weight, apart, limit_seconds)
        return strike

    return register


def _found(process: psutil.Process | None) -> psutil.Process:
    if process is None:
        raise MissedError("no such process at this moment")
    return process


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error as error:
        raise MissedError(str(error)) from error


def _kill(process: psutil.Process) -> None:
    _send(process, signal.SIGKILL)


def _children(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=recursive))
    except psutil.Error as error:
        raise MissedError(str(error)) from error


# Processes


@_fault("kill -9 of a worker process", Needs.LEASE, limit_seconds=5)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    children = _children(_found(mill.role("worker")))
    if not children:
        raise MissedError("no child at this moment")
    _kill(choice.choice(children))
    yield


@_fault("kill -9 of the worker", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _kill(_found(mill.role("worker")))
    yield


@_fault("kill -9 of the watcher", Needs.FILE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _kill(_found(mill.role("watch")))
    yield


@_fault("kill -9 of the sweeper, messages lost", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _kill(_found(mill.role("sweep")))
    _require(mill.redis.delete(*_QUEUES))
    yield


@_fault("kill -9 of everything", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    for process in [*mill.up.children(recursive=True), mill.up]:
        with suppress(psutil.Error):
            process.kill()
    mill.start()
    yield


@_fault("SIGTERM to the worker", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _send(_found(mill.role("worker")), signal.SIGTERM)
    yield


@_fault("Ctrl-C of everything", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    assert mill.stop() == 0, "up did not end well"
    assert mill.ask(lambda database: read(database, "select token, worker from leases")) == [], "left half done"
    mill.start()
    yield


@_fault("SIGSTOP of the worker past its leases", Needs.LEASE, seconds=9)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    parent = _found(mill.role("worker"))
    processes = [parent, *_children(parent, recursive=True)]
    for process in processes:
        with suppress(psutil.Error):
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.Error):
                process.resume()


# Redis


def _require(seen: object) -> None:
    """A fault that hit nothing is none."""
    if not seen:
        raise MissedError("nothing was hit")


@_fault("kill -9 of Valkey", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _kill(_found(mill.valkey))
    yield


@_fault("FLUSHALL", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _require(sum(cast(int, mill.redis.llen(queue)) for queue in _QUEUES))
    mill.redis.flushall()
    yield


@_fault("Valkey restored to an older state", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """It comes back with messages that have been worked off, and without those that came since."""
    mill.redis.save()
    before = mill.ask(_dispatched)
    dump = mill.home / "valkey" / "dump.rdb"
    try:
        deadline = monotonic() + 1
        while mill.ask(_dispatched) == before and monotonic() < deadline:
            sleep(0.01)
        _kill(_found(mill.valkey))
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


@_fault("SIGSTOP of Valkey", Needs.MESSAGE, seconds=30, weight=0.6, apart=True, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    server = _found(mill.valkey)
    _send(server, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(psutil.Error):
            server.resume()


@_fault("Valkey full", Needs.MESSAGE, seconds=4)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """`noeviction`: it refuses to take any more until there is room again."""
    mill.redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        _wait_for_valkey(mill)
        mill.redis.config_set("maxmemory", 0)


@_fault("connections to Valkey cut", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    cut = 0
    for _ in range(10):
        cut += cast(int, mill.redis.client_kill_filter(_type="normal", skipme=True))
        sleep(choice.uniform(0.01, 0.1))
    _require(cut)
    yield


@_fault("messages doubled", Needs.MESSAGE, seconds=2)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Each is there twice now, and once more when most of it has been worked off."""
    copies = {queue: cast(list[bytes], mill.redis.lrange(queue, 0, -1)) for queue in _QUEUES}
    _require(sum(map(len, copies.values())))
    _push(mill, copies)
    yield
    _push(mill, copies)


def _push(mill: RunningMill, messages: dict[str, list[bytes]]) -> None:
    for queue, raw in messages.items():
        if raw:
            mill.redis.rpush(queue, *raw)


@_fault("messages lost", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    _require([raw for queue in _QUEUES if choice.random() < 0.7 for raw in [mill.redis.rpop(queue)] if raw])
    yield


@_fault("messages out of order", Needs.MESSAGE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    moved = 0
    for queue in _QUEUES:
        with mill.redis.pipeline() as pipeline:
            pipeline.lrange(queue, 0, -1)
            pipeline.delete(queue)
            raw = pipeline.execute()[0]
        _push(mill, {queue: choice.sample(raw, len(raw))})
        moved += len(raw)
    _require(moved)
    yield


# PostgreSQL


@_fault("kill -9 of PostgreSQL", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _kill(_found(mill.postgres))
    yield


@_fault("immediate restart of PostgreSQL", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _send(_found(mill.postgres), signal.SIGQUIT)
    yield


_OURS = "from pg_stat_activity where starts_with(application_name, 'newsmill') and datname = current_database()"


@_fault("sessions terminated", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    ended = 0
    for _ in range(10):
        ended += len(mill.ask(lambda d: read(d, f"select pg_terminate_backend(pid) {_OURS} and random() < .5")))
        sleep(choice.uniform(0.01, 0.1))
    _require(ended)
    yield


@_fault("statements cancelled", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """What `statement_timeout` does: SQLSTATE 57014."""
    cancelled = 0
    for _ in range(100):
        cancelled += len(mill.ask(lambda d: read(d, f"select pg_cancel_backend(pid) {_OURS} and state = 'active'")))
        sleep(choice.uniform(0.0, 0.02))
    _require(cancelled)
    yield


@_fault("connections exhausted", Needs.LEASE, seconds=4, apart=True)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(mill.urls.database_url, autocommit=True))
        _require(mill.ask(lambda d: read(d, f"select pg_terminate_backend(pid) {_OURS}")))
        with suppress(psycopg.OperationalError):
            while True:  # the places that just became free
                held.enter_context(psycopg.connect(mill.urls.database_url, autocommit=True))
        yield


@_fault("work locked", Needs.LEASE, seconds=20, weight=0.6, apart=True, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with psycopg.connect(mill.urls.database_url) as database:
        database.execute("lock table work in access exclusive mode")
        yield


@_fault("deadlock", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """One of our rows is locked, and once a statement of the mill waits for it, another that this one holds."""
    before = mill.ask(_deadlocks)
    with psycopg.connect(mill.urls.database_url, application_name="chaos") as database:
        database.execute("set deadlock_timeout = '30s'")  # the mill's own, 1 s, runs out first
        held = read(database, "select id from work where lease_token is not null order by lease_token, id desc")
        _require(len(held) > 1)
        database.execute("select from work where id = %s for update", (held[0],))
        deadline = monotonic() + 3
        while not read(database, "select 1 from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"):
            if monotonic() > deadline:
                raise MissedError("nobody waited for the row")
            sleep(0.005)
        for other in held[1:]:
            database.execute("select from work where id = %s for update", (other,))
        database.rollback()
    deadline = monotonic() + 3
    while mill.ask(_deadlocks) == before:  # statistics come a moment later
        if monotonic() > deadline:
            raise MissedError("no circle came about")
        sleep(0.05)
    yield


def _deadlocks(database: psycopg.Connection[Any]) -> list[Any]:
    return read(database, "select deadlocks from pg_stat_database where datname = current_database()")


_RAISE = """
create sequence if not exists chaos_raised;
create or replace function chaos_raise() returns trigger language plpgsql as $$
declare states text[] := array['40001', '40P01', '57014', '53100', '55P03'];
begin
    if random() < .3 then
        perform nextval('chaos_raised');
        raise exception 'chaos' using errcode = states[1 + floor(random() * cardinality(states))::int];
    end if;
    return null;
end $$;
create trigger chaos before insert or update or delete on {table}
    for each statement execute function chaos_raise();
"""


@_fault("serialization errors and a full disk in PostgreSQL", Needs.LEASE, seconds=3)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Statements fail at random: serialization, deadlock, timeout, disk full, lock not available."""
    table = choice.choice(["work", "leases", "documents", "texts", "files"])
    with psycopg.connect(mill.urls.database_url, autocommit=True) as database:
        database.execute("set lock_timeout = '2s'")
        with suppress(psycopg.errors.LockNotAvailable):
            database.execute(_RAISE.format(table=table).encode())
            try:
                yield
            finally:
                database.execute(f"set lock_timeout = '20s'; drop trigger chaos on {table}".encode())
            return
    raise MissedError("no room for the trigger")


# The blob store's disk


@_fault("blob store full", Needs.FILE, seconds=3)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    filler = mill.small_disk / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1024 * 1024)):
                pass
        assert os.statvfs(mill.small_disk).f_bavail * os.statvfs(mill.small_disk).f_frsize < 1024 * 1024
        yield
    finally:
        filler.unlink(missing_ok=True)
