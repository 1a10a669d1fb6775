"""Everything in one terminal: servers, migrations and the three roles as child processes, each started again when it
dies or no longer works."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import IO
from uuid import uuid4

import structlog
from redis import Redis

from console.processes.readiness import await_database
from console.processes.watchdog import Watchdog
from console.servers.embedded import ensure_running, servers
from db.migrating import migrate
from db.sessions import Database
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings
from worker.dispatch import require_kept_messages
from worker.leases.heartbeat import TOKEN_VARIABLE, process_name

__all__ = ["DRAIN_SECONDS", "Supervisor", "role_environment", "running_roles", "wait_before_restart"]

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 30.0
"""How long the roles have to finish what they are at; what is not finished then is done again after the next start."""

_CHECK_SECONDS = 0.25
_SHORT_LIFE_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 30.0
_TOLD_TO_STOP = {0, 128 + signal.SIGINT}
_FAULTS = {-number for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: a forked child may not wait for another thread's locks


@dataclass(slots=True)
class _Role:
    """A child process and when it may be started again."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    name: str = ""
    started: float = 0.0
    failures: int = 0
    start_at: float = 0.0
    kill_at: float | None = None


def _command_of(role: str) -> Sequence[str]:
    return [sys.executable, "-m", "console", role]


class Supervisor:
    """Keeps the roles, and the embedded servers, alive and at work."""

    def __init__(
        self,
        settings: Settings,
        roles: Sequence[str],
        watchdog: Watchdog,
        *,
        output: IO[bytes] | None = None,
        command: Callable[[str], Sequence[str]] = _command_of,
        grace_seconds: float = 5.0,
        server_check_seconds: float = 2.0,
    ) -> None:
        """Prepares, and starts nothing yet; a role that is stuck has `grace_seconds` to end in order."""
        self._settings = settings
        self._watchdog = watchdog
        self._roles = {name: _Role(command(name)) for name in roles}
        self._output = output
        self._grace_seconds = grace_seconds
        self._server_check_seconds = server_check_seconds
        self._servers_checked = monotonic()

    @property
    def running(self) -> dict[str, subprocess.Popen[bytes]]:
        """The process of each role that has one."""
        return {name: role.process for name, role in self._roles.items() if role.process is not None}

    def run(self, stop: Event, *, draining: Callable[[], None] = lambda: None) -> None:
        """Starts all roles and watches over them until told to stop; then says so and lets them drain."""
        try:
            while not stop.is_set():
                self.run_once(stop)
                stop.wait(_CHECK_SECONDS)
        finally:
            draining()
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

    def run_once(self, stop: Event | None = None) -> None:
        """Starts what is not running and due, and ends what no longer works.

        A server that recovers is waited for, until told to stop: no role can do anything before it answers.
        """
        if monotonic() >= self._servers_checked + self._server_check_seconds:
            self._servers_checked = monotonic()
            try:
                ensure_running(self._settings, stop=stop)
            except TransientError as error:
                log.warning("a server is down", reason=str(error))
            except SystemExit:  # told to stop meanwhile
                return
        for name, role in self._roles.items():
            if role.process is not None and role.process.poll() is not None:
                self._note_end(name, role)
            if role.process is None and monotonic() >= role.start_at:
                self._start(name, role)
            if role.process is not None:
                self._end_if_stuck(name, role, role.process)

    def drain(self) -> None:
        """Tells all roles to finish what they are at, and waits for them, for DRAIN_SECONDS at the most."""
        running = [(role, role.process) for role in self._roles.values() if role.process is not None]
        for _, process in running:
            process.send_signal(signal.SIGTERM)
        deadline = monotonic() + DRAIN_SECONDS
        for role, process in running:
            try:
                process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a role did not drain in time; its work is done again by the next start", pid=process.pid)
                _kill(process)
                process.wait()
            self._watchdog.report_dead(role.name)
            role.process = None

    def _end_if_stuck(self, name: str, role: _Role, process: subprocess.Popen[bytes]) -> None:
        if role.kill_at is not None:
            if monotonic() >= role.kill_at:
                _kill(process)
            return
        reason = self._watchdog.stuck(role.name)
        if reason is not None:
            log.warning("a role no longer works and is started again", stuck=name, pid=process.pid, reason=reason)
            role.kill_at = monotonic() + self._grace_seconds
            process.terminate()

    def _note_end(self, name: str, role: _Role) -> None:
        code = role.process.returncode if role.process is not None else 0
        role.failures, wait = wait_before_restart(code, monotonic() - role.started, role.failures)
        log.warning("a role ended and is started again", ended=name, code=code, wait_seconds=wait)
        self._watchdog.report_dead(role.name)
        role.process, role.kill_at, role.start_at = None, None, monotonic() + wait

    def _start(self, name: str, role: _Role) -> None:
        token = uuid4().hex[:6]
        role.process = subprocess.Popen(  # noqa: S603 - our own program
            role.command,
            env=os.environ | role_environment(self._settings) | {TOKEN_VARIABLE: token},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which lets them drain
            preexec_fn=partial(_end_with_parent, os.getpid()),  # noqa: PLW1509 - it calls one function of the kernel's
        )
        role.started = monotonic()
        role.name = process_name(role.process.pid, token)
        self._watchdog.watch(role.name, name)


@contextmanager
def running_roles(
    settings: Settings, roles: Sequence[str], *, output: IO[bytes] | None = None, stop: Event | None = None
) -> Iterator[Supervisor]:
    """Servers up, schema current, and a supervisor for the roles; drains them at the end of the block.

    When told to stop while a server starts, the process ends with exit code 0.
    """
    with servers(settings, stop=stop) as urls:
        _require_redis(urls.redis_url)
        database = Database(urls.database_url, name="newsmill migrate")
        try:
            await_database(database)
            database.retrying(lambda: migrate(database))
        finally:
            database.close()
        watchdog = Watchdog(settings, urls)
        supervisor = Supervisor(settings, roles, watchdog, output=output)
        watchdog.start()
        try:
            yield supervisor
        finally:
            supervisor.drain()
            watchdog.stop()


def wait_before_restart(code: int, lived_seconds: float, failures: int) -> tuple[int, float]:
    """How often in a row a role has failed soon after its start, now that it ended so; and the seconds to wait.

    Back-off is for what ends by itself. Who was killed from outside or told to stop has not failed, and is needed.
    """
    failed = code in _FAULTS or (code > 0 and code not in _TOLD_TO_STOP)
    if not failed or lived_seconds > _SHORT_LIFE_SECONDS:
        return 0, 0.0
    return failures + 1, min(_LONGEST_WAIT_SECONDS, 0.5 * 2 ** min(failures + 1, 10))


def _require_redis(url: str) -> None:
    """One clear line now, rather than roles that wait or end over and over."""
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            require_kept_messages(redis)
    except ValueError as error:
        raise ConfigurationError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error


def role_environment(settings: Settings) -> Mapping[str, str]:
    """The settings for the children, also those that came from the command line."""
    values = {name: getattr(settings, name) for name in ("home", "inbox", "workers", "blob_url")}
    urls = {name: getattr(settings, name) for name in ("database_url", "redis_url")}
    values |= {name: url.get_secret_value() if url else "" for name, url in urls.items()}
    variables = {f"NEWSMILL_{name.upper()}": "" if value is None else str(value) for name, value in values.items()}
    return variables | {f"{name}_FILE": "" for name in variables}  # which were read


def _end_with_parent(parent: int) -> None:
    """Linux: should the supervisor be killed, its roles drain rather than run on without anybody."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was killed before this took effect
        os._exit(1)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its children, which may have been stopped with it: it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
