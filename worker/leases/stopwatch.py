"""Times how long each worker process computes on a document, in memory shared with its parent.

The stopwatch alone detects hangs: a process that waits for a database that is away computes nothing. It counts CPU
time: on a busy host, or under a quota, the clock says how long others had the processor.
"""

import mmap
import os
import signal
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import clock_gettime_ns, monotonic_ns, process_time_ns
from typing import NamedTuple

__all__ = ["Overdue", "Stopwatch"]


class _Record(NamedTuple):
    """What a process computes. `began_ns` is of CLOCK_MONOTONIC, and 0 while the process computes nothing.

    `cpu_ns` is what CPU time the process had used by then.
    """

    pid: int
    began_ns: int
    cpu_ns: int
    token: int
    document: int


_PACKED = struct.Struct("<qqqqq")
# Linux makes the number of a process's CPU clock of its id (clock_getcpuclockid(3)).
_PROCESS_CPU = 2
_CLOCK_SECONDS = 10
_SLOTS = 256
# A slot has two records: of its present process, and of the one before, which may have died a moment ago.
_SLOT_BYTES = 2 * _PACKED.size
_END = _SLOTS * _SLOT_BYTES


class Overdue(NamedTuple):
    """A process that computes for too long, and the token of its lease."""

    pid: int
    token: int


class Stopwatch:
    """The parent makes it before it forks. Each child writes to its own slot, and the parent reads all slots."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _END)
        self._offset: int | None = None
        self._killed: deque[int] = deque(maxlen=_SLOTS)  # tokens

    def take_slot(self, index: int) -> None:
        """Gives this process the slot of child number `index`. A process without one (parent, test) times nothing."""
        self._offset = index % _SLOTS * _SLOT_BYTES
        _PACKED.pack_into(self._memory, self._offset + _PACKED.size, *self._read(self._offset))
        self._write(self._offset)

    @contextmanager
    def computing(self, token: int, document: int) -> Iterator[None]:
        """Times the block, which computes on one document under this lease."""
        if self._offset is None:
            yield
            return
        self._write(self._offset, monotonic_ns(), process_time_ns(), token, document)
        try:
            yield
        finally:
            self._write(self._offset)

    def culprit(self, token: int) -> int | None:
        """Returns the document that a process computed under this lease when it died; None if it computed nothing."""
        for offset in range(0, _END, _PACKED.size):
            record = self._read(offset)
            if record.began_ns and record.token == token:
                return record.document
        return None

    def kill_overdue(self, seconds: float) -> list[Overdue]:
        """Kills the children of this process that compute for longer than `seconds` of CPU time; returns them.

        What takes ten times as long by the clock waits for something that does not come, and is killed as well.
        """
        killed = []
        for offset in range(0, _END, _SLOT_BYTES):
            record = self._read(offset)
            if not record.began_ns or record.token in self._killed or not _is_overdue(record, seconds):
                continue
            if self._read(offset) != record:
                continue
            # If the process has died of something else, another may have its id: `waitid` fails for one that is no
            # child of ours.
            with suppress(ChildProcessError, ProcessLookupError):
                os.waitid(os.P_PID, record.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
                os.kill(record.pid, signal.SIGKILL)
                self._killed.append(record.token)
                killed.append(Overdue(record.pid, record.token))
        return killed

    def _read(self, offset: int) -> _Record:
        return _Record(*_PACKED.unpack_from(self._memory, offset))

    def _write(self, offset: int, began_ns: int = 0, cpu_ns: int = 0, token: int = 0, document: int = 0) -> None:
        _PACKED.pack_into(self._memory, offset, os.getpid(), began_ns, cpu_ns, token, document)


def _is_overdue(record: _Record, seconds: float) -> bool:
    if monotonic_ns() - record.began_ns > _CLOCK_SECONDS * seconds * 1e9:
        return True
    try:
        return clock_gettime_ns(~record.pid << 3 | _PROCESS_CPU) - record.cpu_ns > seconds * 1e9
    except OSError:  # it has died
        return False
