"""Faults of PostgreSQL: it dies, refuses, deadlocks or is full, or its sessions and statements are ended."""

import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from time import monotonic, sleep
from typing import Any

import psycopg

from tests.chaos.faults.kinds import Faults, MissedError, Needs, found, kill, require, send
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()


@FAULTS.kind("kill -9 of PostgreSQL", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    kill(found(mill.postgres))
    yield


@FAULTS.kind("immediate restart of PostgreSQL", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    send(found(mill.postgres), signal.SIGQUIT)
    yield


_OURS = "from pg_stat_activity where starts_with(application_name, 'newsmill') and datname = current_database()"


@FAULTS.kind("sessions terminated", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    ended = 0
    for _ in range(10):
        ended += len(mill.ask(lambda d: read(d, f"select pg_terminate_backend(pid) {_OURS} and random() < .5")))
        sleep(choice.uniform(0.01, 0.1))
    require(ended)
    yield


@FAULTS.kind("statements cancelled", Needs.LEASE, limit_seconds=10)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Cancels statements as `statement_timeout` does, with SQLSTATE 57014."""
    cancelled = 0
    for _ in range(100):
        cancelled += len(mill.ask(lambda d: read(d, f"select pg_cancel_backend(pid) {_OURS} and state = 'active'")))
        sleep(choice.uniform(0.0, 0.02))
    require(cancelled)
    yield


@FAULTS.kind("connections exhausted", Needs.LEASE, seconds=4, apart=True)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with ExitStack() as held:
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(mill.urls.database_url, autocommit=True))
        require(mill.ask(lambda d: read(d, f"select pg_terminate_backend(pid) {_OURS}")))
        with suppress(psycopg.OperationalError):
            while True:  # takes the connections that have just become free
                held.enter_context(psycopg.connect(mill.urls.database_url, autocommit=True))
        yield


@FAULTS.kind("work locked", Needs.LEASE, seconds=20, weight=0.6, apart=True, limit_seconds=10)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with psycopg.connect(mill.urls.database_url) as database:
        database.execute("lock table work in access exclusive mode")
        yield


@FAULTS.kind("deadlock", Needs.LEASE)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Locks a leased row. Once a statement of Newsmill waits for it, locks rows that this statement has locked."""
    before = mill.ask(_deadlocks)
    with psycopg.connect(mill.superuser_url, application_name="chaos") as database:
        database.execute("set deadlock_timeout = '30s'")  # Newsmill's own, 1 s, runs out first
        leased = read(database, "select id from work where lease_token is not null order by lease_token, id desc")
        require(len(leased) > 1)
        database.execute("select from work where id = %s for update", (leased[0],))
        deadline = monotonic() + 3
        while not read(database, "select 1 from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"):
            if monotonic() > deadline:
                raise MissedError("nobody waited for the row")
            sleep(0.005)
        for other in leased[1:]:
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


@FAULTS.kind("serialization errors and a full disk in PostgreSQL", Needs.LEASE, seconds=3)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Lets statements fail at random: serialization, deadlock, timeout, disk full, lock not available."""
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
