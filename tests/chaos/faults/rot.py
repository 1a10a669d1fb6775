"""Faults of bits that change by themselves, in the blob store and in a backup."""

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any, LiteralString

from tests.chaos.faults.kinds import Faults, MissedError, Needs, found, frozen, require
from tests.support.settled import read
from tests.support.victims import RunningMill

__all__ = ["FAULTS"]

FAULTS = Faults()

_SECONDS = 10.0
_COMMAND_SECONDS = 120
_UNREAD = """
    select distinct encode(f.sha256, 'hex') from work w join documents d on d.id = w.id join files f on f.id = d.file_id
    where w.stage = 'parse' and w.lease_token is null and not f.is_container and f.size_bytes > 0 limit 20
"""
_NOTICED = "select count(*) from failures where error_class = 'DamagedBlobError'"


@FAULTS.kind("bit rot in blobs", Needs.FILE, seconds=2)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Turns a bit of blobs that are still to be read, until somebody has noticed; then the blobs are brought back.

    The worker rests until then: it reads most blobs as soon as they are there.
    """
    before = mill.ask(lambda database: read(database, _NOTICED))
    with ExitStack() as rotten:
        with frozen(found(mill.role("worker"))):
            for name in _soon(mill, _UNREAD, bool):
                rotten.enter_context(_flipped(mill.small_disk / "blobs" / name[:2] / name, choice))
        _soon(mill, _NOTICED, lambda noticed: noticed > before)
        yield


def _soon(mill: RunningMill, query: LiteralString, is_enough: Callable[[list[Any]], bool]) -> list[Any]:
    """Returns the rows once they are enough. Raises MissedError if that takes long."""
    deadline = monotonic() + _SECONDS
    while not is_enough(rows := mill.ask(lambda database: read(database, query))):
        if monotonic() > deadline:
            raise MissedError(f"waited for long: {query}")
        sleep(0.02)
    return rows


@contextmanager
def _flipped(path: Path, choice: random.Random) -> Iterator[None]:
    """One bit is another while the block runs, unless somebody writes the blob anew."""
    with suppress(FileNotFoundError):
        data = path.read_bytes()
        at = choice.randrange(len(data))
        _write(path, at, data[at] ^ 1 << choice.randrange(8))
        try:
            yield
        finally:
            with suppress(FileNotFoundError):
                if sha256(path.read_bytes()).hexdigest() != path.name:
                    _write(path, at, data[at])
        return
    raise MissedError("the blob has gone")


def _write(path: Path, at: int, byte: int) -> None:
    """Changes a byte in place, which needs no room on a disk that is full."""
    with path.open("r+b", buffering=0) as file:
        file.seek(at)
        file.write(bytes([byte]))


@FAULTS.kind("bit rot in a backup", Needs.LEASE, weight=0.8, apart=True)
def _(mill: RunningMill, choice: random.Random) -> Iterator[None]:
    """Turns a bit of a backup that is made meanwhile: it is named, the next backup heals it, and can be restored."""
    folder = mill.home / "backup"
    try:
        _newsmill(mill, 0, "backup", str(folder))
        blobs = sorted(
            path for path in folder.rglob("*") if path.is_file() and len(path.name) == sha256().digest_size * 2
        )
        require(blobs)
        blob = choice.choice([path for path in blobs if path.stat().st_size])
        data = blob.read_bytes()
        at = choice.randrange(len(data))
        _write(blob, at, data[at] ^ 1 << choice.randrange(8))
        assert blob.name in _newsmill(mill, 1, "backup", str(folder), "--verify")
        assert blob.name in _newsmill(mill, 0, "backup", str(folder))
        assert blob.read_bytes() == data
        _newsmill(mill, 0, "restore", str(folder), "--test")
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _newsmill(mill: RunningMill, code: int, *arguments: str) -> str:
    """Returns what a command says. Raises AssertionError if it does not end with this code."""
    done = subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        env=mill.environment,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{' '.join(arguments)} ended with {done.returncode}: {said}"
    return said
