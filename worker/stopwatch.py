"""How long each worker process has been computing on one document, in memory that it shares with its parent.

A hang is told by this and nothing else: a process that waits for a database that is away computes nothing.
"""

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic_ns
from typing import NamedTuple

__all__ = ["Overdue", "Stopwatch"]

# The process's id, CLOCK_MONOTONIC in nanoseconds when it began to compute (0: it does not), the lease it computes for.
_SLOT = struct.Struct("<qqq")
_SLOTS = 256


class Overdue(NamedTuple):
    """A process that has been computing for too long, and the token of its lease."""

    pid: int
    token: int


class Stopwatch:
    """Made by the parent before it forks; each child writes to a slot of its own, the parent reads them all."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SLOTS * _SLOT.size)
        self._offset: int | None = None

    def take_slot(self, index: int) -> None:
        """Says that this process is the child number `index`; without it (in tests, in a parent) nothing is timed."""
        self._offset = index % _SLOTS * _SLOT.size
        self._write(self._offset, 0, 0)

    @contextmanager
    def computing(self, token: int) -> Iterator[None]:
        """Times the block: what it does is of one document alone."""
        if self._offset is None:
            yield
            return
        self._write(self._offset, monotonic_ns(), token)
        try:
            yield
        finally:
            self._write(self._offset, 0, 0)

    def kill_overdue(self, seconds: float) -> list[Overdue]:
        """Kills the children of this process that have been computing for longer; returns which they were."""
        killed = []
        limit = monotonic_ns() - int(seconds * 1e9)
        for offset in range(0, _SLOTS * _SLOT.size, _SLOT.size):
            pid, began, token = _SLOT.unpack_from(self._memory, offset)
            if not 0 < began < limit or _SLOT.unpack_from(self._memory, offset) != (pid, began, token):
                continue
            self._write(offset, 0, 0)
            with suppress(
                ChildProcessError, ProcessLookupError
            ):  # it has died of something else, and somebody's is its id
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                os.kill(pid, 9)
                killed.append(Overdue(pid, token))
        return killed

    def _write(self, offset: int, began_ns: int, token: int) -> None:
        _SLOT.pack_into(self._memory, offset, os.getpid(), began_ns, token)
