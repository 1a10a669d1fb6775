"""Everything in one terminal: servers, migrations and the three roles as child processes, each restarted if it dies."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import IO

import structlog
from redis import Redis, RedisError

from console.embedded import ensure_running, servers
from db.migrating import migrate
from db.sessions import Database
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings

__all__ = ["Supervisor", "running_roles"]

log = structlog.get_logger(__name__)

_DRAIN_SECONDS = 30.0
_CHECK_SECONDS = 0.5
_SERVER_CHECK_SECONDS = 2.0
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class _Role:
    """A child process and when it may be started again."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    start_at: float = field(default=0.0)


class Supervisor:
    """Keeps the roles, and the embedded servers, alive."""

    def __init__(self, settings: Settings, roles: Sequence[str], *, output: IO[bytes] | None = None) -> None:
        self._settings = settings
        self._roles = {name: _Role([sys.executable, "-m", "console", name]) for name in roles}
        self._output = output
        self._servers_checked = monotonic()

    def run(self, stop: Event) -> None:
        """Starts all roles and watches over them until told to stop; then lets them drain."""
        try:
            while not stop.is_set():
                self.run_once()
                stop.wait(_CHECK_SECONDS)
        finally:
            self.drain()

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """The roles run, watched over by a thread, for as long as the block does."""
        stop = Event()
        thread = Thread(target=self.run, args=(stop,), name="supervisor")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def run_once(self) -> None:
        """Starts what is not running and due."""
        if monotonic() >= self._servers_checked + _SERVER_CHECK_SECONDS:
            self._servers_checked = monotonic()
            try:
                ensure_running(self._settings)
            except TransientError as error:
                log.warning("a server is down", reason=str(error))
        for name, role in self._roles.items():
            if role.process is not None and role.process.poll() is not None:
                self._note_death(name, role)
            if role.process is None and monotonic() >= role.start_at:
                role.process = self._start(role.command)
                role.started = monotonic()

    def drain(self) -> None:
        """Tells all roles to finish what they are at, and waits for them."""
        running = [role.process for role in self._roles.values() if role.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = monotonic() + _DRAIN_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a role did not drain in time; its leases will run out", pid=process.pid)
                process.kill()
                process.wait()

    def _note_death(self, name: str, role: _Role) -> None:
        code = role.process.returncode if role.process is not None else 0
        role.deaths = 0 if monotonic() - role.started > 30 else role.deaths + 1  # noqa: PLR2004
        wait = 0.0 if role.deaths <= 1 else min(30.0, 0.5 * 2**role.deaths)
        log.warning("a role ended and is started again", died=name, code=code, wait_seconds=wait)
        role.process, role.start_at = None, monotonic() + wait

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            env=os.environ | _environment(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which lets them drain
            preexec_fn=partial(_end_with_parent, os.getpid()),  # noqa: PLW1509 - no thread of ours runs here
        )


@contextmanager
def running_roles(settings: Settings, roles: Sequence[str], *, output: IO[bytes] | None = None) -> Iterator[Supervisor]:
    """Servers up, schema current, and a supervisor for the roles; drains them at the end of the block."""
    with servers(settings) as urls:
        _require_redis(urls.redis_url)
        database = Database(urls.database_url, name="newsmill migrate")
        try:
            database.retrying(lambda: migrate(database))
        finally:
            database.close()
        supervisor = Supervisor(settings, roles, output=output)
        try:
            yield supervisor
        finally:
            supervisor.drain()


def _require_redis(url: str) -> None:
    """One clear line now, rather than roles that end over and over."""
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        raise ConfigurationError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error


def _environment(settings: Settings) -> Mapping[str, str]:
    """The settings for the children, also those that came from the command line."""
    values = {name: getattr(settings, name) for name in ("home", "inbox", "workers", "blob_url")}
    urls = {name: getattr(settings, name) for name in ("database_url", "redis_url")}
    values |= {name: url.get_secret_value() if url else "" for name, url in urls.items()}
    return {f"NEWSMILL_{name.upper()}": "" if value is None else str(value) for name, value in values.items()}


def _end_with_parent(parent: int) -> None:
    """Linux: should the supervisor be killed, its roles drain rather than run on without anybody."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was killed before this took effect
        os._exit(1)
