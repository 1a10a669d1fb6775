"""The largest memory that each process of a running mill ever had, by role, and that of what is in Redis."""

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
    """Bytes of the largest process of a role: when idle, at the most, and the most that was seen of it private.

    A session of PostgreSQL is measured without shared buffers: as these, the sampled `RssAnon`; every other process by
    the kernel's own `VmHWM`, which misses no peak and counts pages shared with others, such as libraries, in full.
    """

    idle: int = 0
    peak: int = 0
    private: int = 0
    pids: set[int] = field(default_factory=set)


def resident(pid: int) -> tuple[int, int]:
    """Peak resident and present private bytes of a process; (0, 0) if it is gone."""
    values = {"VmHWM": 0, "RssAnon": 0}
    with suppress(OSError), open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            name, _, rest = line.partition(":")
            if name in values:
                values[name] = int(rest.split()[0]) * 1024
    return values["VmHWM"], values["RssAnon"]


def peak_bytes(pid: int, running: Callable[[], bool], seconds: float = 0.02) -> int:
    """Waits until a process ends; returns its peak resident memory, but for the last `seconds` of its life."""
    peak = 0
    while running():
        peak = max(peak, resident(pid)[0])
        time.sleep(seconds)
    return peak


class Footprints:
    """Looks at a mill's processes now and then, in a thread."""

    def __init__(self, mill: RunningMill, *, seconds: float = 0.5) -> None:
        self.by_role = {role: Footprint() for role in ROLES}
        self._services = mill
        self._seconds = seconds
        self._stop = Event()
        self._thread = Thread(target=self._run, name="footprints", daemon=True)

    def begin(self) -> None:
        """What is measured now is the idle baseline; from now on the thread looks."""
        self.run_once()
        for footprint in self.by_role.values():
            footprint.idle = footprint.peak
        self._thread.start()

    def end(self) -> None:
        """A last look."""
        self._stop.set()
        self._thread.join()
        self.run_once()

    def run_once(self) -> None:
        """Looks at every process once."""
        for role, pid in self._processes():
            peak, private = resident(pid)
            self._note(role, pid, private if role == "postgres session" else peak, private)
        with suppress(RedisError):
            memory = self._services.redis.info("memory")
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
        found = [("up", self._services.up.pid)]
        for name in ("watch", "sweep", "worker"):
            role = self._services.role(name)
            if role is not None:
                found.append((name, role.pid))
                if name == "worker":
                    found += [("worker process", child.pid) for child in _children(role)]
        if self._services.valkey is not None:
            found.append(("valkey", self._services.valkey.pid))
        if self._services.postgres is not None:
            found += [("postgres session", child.pid) for child in _sessions(self._services.postgres)]
        return found


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children())
    except psutil.Error:
        return []


def _sessions(postgres: psutil.Process) -> list[psutil.Process]:
    """Its children but for autovacuum, which comes when it likes and has memory of its own (`maintenance_work_mem`)."""
    found = []
    for child in _children(postgres):
        with suppress(psutil.Error):
            if not " ".join(child.cmdline()).startswith("postgres: autovacuum"):
                found.append(child)
    return found
