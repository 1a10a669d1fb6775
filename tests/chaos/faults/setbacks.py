"""Faults of time: PostgreSQL is what it was some seconds ago, or its clock is set to another hour."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from time import monotonic, sleep
from typing import Any, cast

import psycopg

from tests.chaos.faults.kinds import QUEUES, Faults, MissedError, Needs, found, kill, require
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()

_SECONDS = 5.0


@FAULTS.kind("PostgreSQL back in time", Needs.FILE, apart=True)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Brings back a copy made before files were registered, while Redis keeps their messages.

    The watcher begins anew, as whoever sets a database back has to let it: it asks for what it took only when it scans.
    """
    with closing(psycopg.connect(_other(mill, "postgres"), autocommit=True)) as server:
        try:
            with _closed(server):
                server.execute("create database chaos_earlier template newsmill")
            before, deadline = mill.ask(_registered), monotonic() + _SECONDS
            while mill.ask(_registered) == before or not _messages(mill):
                if monotonic() > deadline:
                    raise MissedError("nothing was registered that could be lost")
                sleep(0.01)
            with _closed(server), server.transaction():
                server.execute("alter database newsmill rename to chaos_lost")
                server.execute("alter database chaos_earlier rename to newsmill")
        finally:
            for name in ("chaos_earlier", "chaos_lost"):
                server.execute(f"drop database if exists {name} with (force)".encode())
    kill(found(mill.role("watch")))
    yield


@contextmanager
def _closed(server: psycopg.Connection[Any]) -> Iterator[None]:
    """Ends all sessions of the database, and lets none begin while the block runs."""
    (id_,) = read(server, "select oid from pg_database where datname = 'newsmill'")
    server.execute("alter database newsmill with allow_connections false")
    try:
        while read(server, "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'newsmill'"):
            sleep(0.01)
        yield
    finally:
        (name,) = read(server, "select datname from pg_database where oid = %s", id_)
        server.execute(f"alter database {name} with allow_connections true".encode())


def _other(mill: RunningMill, name: str) -> str:
    return mill.urls.database_url.replace("/newsmill?", f"/{name}?", 1)


def _registered(database: psycopg.Connection[Any]) -> list[Any]:
    return read(database, "select count(*) from files")


def _messages(mill: RunningMill) -> int:
    return sum(cast(int, mill.redis.llen(queue)) for queue in QUEUES)


# All times that are compared with the clock, so that they are to it what they would be had the clock been set.
_MOVED = """
    lock table work, leases, processes, blob_holds in exclusive mode;
    update work set dispatched_at = dispatched_at + interval '{by}', next_attempt_at = next_attempt_at + interval '{by}'
    where dispatched_at is not null or next_attempt_at is not null;
    update leases set claimed_at = claimed_at + interval '{by}', expires_at = expires_at + interval '{by}';
    update processes set started_at = started_at + interval '{by}', seen_at = seen_at + interval '{by}',
                         moved_at = moved_at + interval '{by}';
    update blob_holds set expires_at = expires_at + interval '{by}';
"""


def _set_clock(mill: RunningMill, by: str) -> None:
    """Moves all times by an interval, in one transaction; an hour ahead is what a clock set back by one leaves."""
    with psycopg.connect(mill.urls.database_url) as database:
        database.execute("set lock_timeout = '2s'")
        require(read(database, "select 1 from work where dispatched_at is not null limit 1"))
        require(read(database, "select 1 from leases limit 1"))
        try:
            database.execute(_MOVED.format(by=by).encode())
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            raise MissedError(str(error)) from error


@FAULTS.kind("clock set back by an hour", Needs.LEASE, limit_seconds=20)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _set_clock(mill, "1 hour")
    yield


@FAULTS.kind("clock set forward by an hour", Needs.LEASE, limit_seconds=20)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    _set_clock(mill, "-1 hour")
    yield
