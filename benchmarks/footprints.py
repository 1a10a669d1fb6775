"""Samples the memory of a running Newsmill: the peak of the processes of each role, and of the data in Redis."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import psutil  # type: ignore[import-untyped]
from redis import RedisError

from tests.support.victims import RunningMill

__all__ = ["ROLES", "Footprint", "Footprints", "peak_bytes", "resident"]

ROLES = ("up", "watch", "sweep", "worker", "worker process", "postgres session", "valkey", "redis data")


@dataclass(slots=True)
class Footprint:
    """Bytes of the largest process of a role: idle, at its peak, and the largest private part that was seen.

    The peak of a PostgreSQL session is its sampled `RssAnon`, which leaves shared buffers out. The peak of any other
    process is the kernel's `VmHWM`: it misses no peak, and counts pages shared with others, such as libraries, in full.
    """

    idle: int = 0
    peak: int = 0
    private: int = 0
    pids: set[int] = field(default_factory=set)


def resident(pid: int) -> tuple[int, int]:
    """Returns the peak resident and the present private bytes of a process; (0, 0) if it is gone."""
    values = {"VmHWM": 0, "RssAnon": 0}
    with suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            name, _, rest = line.partition(":")
            if name in values:
                values[name] = int(rest.split()[0]) * 1024
    return values["VmHWM"], values["RssAnon"]


def peak_bytes(pid: int, running: Callable[[], bool], seconds: float = 0.02) -> int:
    """Waits until a process ends; returns its peak resident bytes, which may miss the last `seconds` of its life."""
    peak = 0
    while running():
        peak = max(peak, resident(pid)[0])
        time.sleep(seconds)
    return peak


class Footprints:
    """A thread that samples the processes of a running Newsmill."""

    def __init__(self, mill: RunningMill, *, seconds: float = 0.5) -> None:
        self.by_role = {role: Footprint() for role in ROLES}
        self._mill = mill
        self._seconds = seconds
        self._stop = Event()
        self._thread = Thread(target=self._run, name="footprints", daemon=True)

    def begin(self) -> None:
        """Takes the present values as the idle ones, and starts the thread."""
        self.run_once()
        for footprint in self.by_role.values():
            footprint.idle = footprint.peak
        self._thread.start()

    def end(self) -> None:
        """Ends the thread, and samples once more."""
        self._stop.set()
        self._thread.join()
        self.run_once()

    def run_once(self) -> None:
        """Samples every process once."""
        for role, pid in self._processes():
            peak, private = resident(pid)
            self._note(role, pid, private if role == "postgres session" else peak, private)
        with suppress(RedisError):
            memory = self._mill.redis.info("memory")
            self._note("redis data", 0, int(memory["used_memory_peak"]), int(memory["used_memory"]))

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            self.run_once()

    def _note(self, role: str, pid: int, peak: int, private: int) -> None:
        footprint = self.by_role[role]
        footprint.pids.add(pid)
        footprint.peak = max(footprint.peak, peak)
        footprint.private = max(footprint.private, private)

    def _processes(self) -> list[tuple[str, int]]:
        found = [("up", self._mill.up.pid)]
        for name in ("watch", "sweep", "worker"):
            role = self._mill.role(name)
            if role is not None:
                found.append((name, role.pid))
                if name == "worker":
                    found += [("worker process", child.pid) for child in _children(role)]
        if self._mill.valkey is not None:
            found.append(("valkey", self._mill.valkey.pid))
        if self._mill.postgres is not None:
            found += [("postgres session", child.pid) for child in _sessions(self._mill.postgres)]
        return found


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.Error:
        return []


def _sessions(postgres: psutil.Process) -> list[psutil.Process]:
    """Returns PostgreSQL's children without autovacuum. That runs at any time and may use `maintenance_work_mem`."""
    found = []
    for child in _children(postgres):
        with suppress(psutil.Error):
            if not " ".join(child.cmdline()).startswith("postgres: autovacuum"):
                found.append(child)
    return found
