"""Tells the supervisor whether a process works, and not only whether it lives: by what the ledger sees of it.

A restart helps a role that is deaf or frozen. It helps against no outage: while a server is away, nobody is judged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

import structlog
from redis import Redis, RedisError

from db import processes
from db.processes import ProcessState, View
from db.sessions import Database
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Role

__all__ = ["Judge", "Watchdog"]

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 2.0
_PASS_SECONDS = 60.0
"""The longest statement of a sweeper's pass; see `db.sessions`."""


@dataclass(slots=True)
class _Watched:
    """What a process showed last, and since when it shows just that."""

    seen_at: datetime | None
    moved_at: datetime | None
    seen_since: float
    moved_since: float


class Judge:
    """Tells which processes are stuck, from a series of looks.

    It measures for how long this process saw nothing change, and not how old a time stamp is. So it is not wrong after
    an outage, a pause, a host that slept or a clock that was set.
    """

    def __init__(self, settings: Settings, *, start_seconds: float = 60.0) -> None:
        self._settings = settings
        self._start_seconds = start_seconds
        self._watched: dict[str, _Watched] = {}
        self._waiting_since: float | None = None

    def forget(self) -> None:
        """Begins anew after a server did not answer: nobody is to blame for having done nothing meanwhile."""
        self._watched.clear()
        self._waiting_since = None

    def observe(self, view: View, roles: Mapping[str, str], now: float) -> dict[str, str]:
        """Takes a look at the processes, role by name; returns those that are stuck, and why. `now` is monotonic."""
        if not view.dispatched:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        states = {process.name: process for process in view.processes}
        stuck = {}
        for name, role in roles.items():
            reason = self._reason(role, states.get(name), self._watch(name, states.get(name), now), view, now)
            if reason is not None:
                stuck[name] = reason
        for gone in self._watched.keys() - roles.keys():
            del self._watched[gone]
        return stuck

    def _watch(self, name: str, state: ProcessState | None, now: float) -> _Watched:
        seen_at, moved_at = (state.seen_at, state.moved_at) if state else (None, None)
        watched = self._watched.setdefault(name, _Watched(seen_at, moved_at, now, now))
        if seen_at != watched.seen_at:
            watched.seen_at, watched.seen_since = seen_at, now
        if moved_at != watched.moved_at:
            watched.moved_at, watched.moved_since = moved_at, now
        return watched

    def _reason(self, role: str, state: ProcessState | None, watched: _Watched, view: View, now: float) -> str | None:
        silent, still = now - watched.seen_since, now - watched.moved_since
        if state is None:
            return f"it has not begun its work in {silent:.0f} s" if silent > self._start_seconds else None
        if silent > processes.fresh_seconds(self._settings):
            return f"no heartbeat for {silent:.0f} s"
        stall = self._settings.stall_seconds
        if role == Role.SWEEP and view.unfinished and still > stall + _PASS_SECONDS:
            return f"it has completed no pass for {still:.0f} s"
        if role != Role.WORKER:
            return None
        if state.task_seconds is not None:
            longest = processes.longest_task_seconds(self._settings)
            return (
                f"its tasks run longer than any limit, {still:.0f} s"
                if min(still, state.task_seconds) > longest
                else None
            )
        waiting = 0.0 if self._waiting_since is None else now - self._waiting_since
        if view.due and min(still, waiting) > stall:
            return f"it has taken nothing for {still:.0f} s, and {view.due:,} items are due"
        return None


class Watchdog:
    """A thread that looks now and then, as a database may hang; and that reports to the ledger who has died."""

    def __init__(
        self,
        settings: Settings,
        urls: ServerUrls,
        *,
        judge: Judge | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._database = Database(urls.database_url, name="newsmill watchdog")
        self._redis = Redis.from_url(urls.redis_url, socket_timeout=5, socket_connect_timeout=5)
        self._judge = judge or Judge(settings)
        self._roles: dict[str, str] = {}
        self._stuck: dict[str, str] = {}
        self._dead: SimpleQueue[str] = SimpleQueue()
        self._stop = Event()
        self._thread = Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread once it has reported the dead, and within five seconds in any case."""
        self._stop.set()
        self._thread.join(timeout=5)

    def watch(self, name: str, role: str) -> None:
        """Watches over a process of this name, which has been started."""
        self._roles = self._roles | {name: role}

    def report_dead(self, name: str) -> None:
        """Reports that a process has ended, so that others get its work soon and not when its leases run out."""
        self._roles = {other: role for other, role in self._roles.items() if other != name}
        self._dead.put(name)

    def stuck(self, name: str) -> str | None:
        """Returns why the process has to be started again; None if it need not."""
        return self._stuck.get(name)

    def _run(self) -> None:
        look_at = self._clock()
        pause = min(_LOOK_SECONDS, self._settings.stall_seconds / 4)
        unforeseen = ""  # said once, and anew after a look that worked
        while not (self._stop.is_set() and self._dead.empty()):
            try:
                dead = self._dead.get(timeout=0.05 if self._stop.is_set() else 0.2)
            except Empty:
                dead = None
            try:
                if dead is not None:
                    self._database.run(processes.depart, dead, retry_seconds=0)
                elif self._clock() >= look_at:
                    look_at = self._clock() + pause
                    self._stuck = self._look()
                    unforeseen = ""
            except Exception as error:
                # Whatever it is, such as another password or a restore: without this thread nobody would be judged.
                reason = str(error).partition("\n")[0]  # the others are the statement's
                if isinstance(error, TransientError | RedisError):
                    log.debug("watchdog: a server is away", reason=reason)
                elif reason != unforeseen:
                    unforeseen = reason
                    log.warning("watchdog: nobody is judged", error=type(error).__name__, reason=reason)
                self._judge.forget()
                self._stuck = {}
                if dead is not None:
                    self._dead.put(dead)
                if self._stop.wait(0.5):
                    break

    def _look(self) -> dict[str, str]:
        roles = self._roles
        self._redis.ping()
        view = self._database.run(processes.look, self._settings, retry_seconds=0)
        return self._judge.observe(view, roles, self._clock())
