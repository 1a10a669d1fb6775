"""Faults of disks: that of the blob store, or of the database, is full."""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from tests.chaos.faults.kinds import Faults, MissedError, Needs, found, frozen
from tests.support.servers.small_disk import mounted_disk
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()

_DISK_BYTES = 48 * 1024 * 1024
_REFUSED_SECONDS = 15.0


@FAULTS.kind("blob store full", Needs.FILE, seconds=3)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    with _full(mill.small_disk):
        yield


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """Nothing is free on the disk while the block runs."""
    filler = disk / "filler"
    try:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(1024 * 1024)):
                pass
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize < 1024 * 1024
        yield
    finally:
        filler.unlink(missing_ok=True)


_TABLES = ("documents", "texts", "articles", "failures", "shingles", "links", "passages")
_REFUSAL = b"No space left on device"


@FAULTS.kind("database disk full", Needs.LEASE, seconds=4, apart=True)
def _(mill: RunningMill, _choice: random.Random) -> Iterator[None]:
    """Moves tables to a small disk and fills it: PostgreSQL gets no more pages from the kernel (53100).

    The worker rests until the disk is full: there is something to be written then.
    """
    with (
        mounted_disk(_DISK_BYTES) as disk,
        psycopg.connect(mill.superuser_url, autocommit=True) as database,
        _on(disk, database),
        ExitStack() as full,
    ):
        with frozen(found(mill.role("worker"))):
            for table in _TABLES:
                database.execute(f"alter table {table} set tablespace small".encode())
                database.execute(f"vacuum full {table}".encode())  # nothing is free in the pages that it has
            full.enter_context(_full(disk))
            began = _log(mill).stat().st_size
            database.execute(_END_SESSIONS)  # those that come then log what they are refused
        _wait_for_refusal(mill, began)
        yield


_END_SESSIONS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid != pg_backend_pid()
"""


@contextmanager
def _on(disk: Path, database: psycopg.Connection[Any]) -> Iterator[None]:
    """There is a tablespace `small` on the disk while the block runs; then its tables go back."""
    place = disk / "tablespace"
    place.mkdir(mode=0o700)
    database.execute("set deadlock_timeout = '30s'")  # Newsmill's own, 1 s, runs out first
    database.execute(f"create tablespace small location '{place}'".encode())
    database.execute("alter database newsmill set log_min_messages = 'error'")
    try:
        yield
    finally:
        database.execute("alter database newsmill reset log_min_messages")
        for table in _TABLES:
            database.execute(f"alter table {table} set tablespace pg_default".encode())
        database.execute("drop tablespace small")
        database.execute("checkpoint")  # recovery from a crash would begin with a disk that is gone


def _wait_for_refusal(mill: RunningMill, began: int) -> None:
    """Waits until a process of Newsmill was refused a page. Raises MissedError if that takes long."""
    deadline = monotonic() + _REFUSED_SECONDS
    while _REFUSAL not in _log(mill).read_bytes()[began:]:
        if monotonic() > deadline:
            raise MissedError("nobody asked for a page")
        sleep(0.05)


def _log(mill: RunningMill) -> Path:
    return mill.home / "logs" / "postgres.log"
