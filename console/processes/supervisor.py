"""Everything in one terminal: servers, migrations, and the roles as child processes.

A role that dies or no longer works is started again.
"""

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
from time import monotonic, sleep
from typing import IO
from uuid import uuid4

import structlog
from redis import Redis

from console.processes.readiness import await_database, await_server
from console.processes.watchdog import Watchdog
from console.servers.embedded import ensure_running, servers
from db.migrating import migrate
from db.sessions import Database
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Role
from worker.dispatch import require_kept_messages
from worker.leases.heartbeat import TOKEN_VARIABLE, process_name

__all__ = ["DRAIN_SECONDS", "Supervisor", "role_environment", "running_roles", "wait_before_restart"]

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 30.0
"""So long the roles have to finish what they are at. The next start does again what is not finished then."""

_CHECK_SECONDS = 0.25
_DEATH_SECONDS = 5.0
_SHORT_LIFE_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 30.0
_HOPELESS_FAILURES = 3
_TOLD_TO_STOP = {0, 128 + signal.SIGINT}
_FAULTS = {-number for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here, as a forked child may not wait for another thread's locks


@dataclass(slots=True)
class _Child:
    """A child process and when it may be started again."""

    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    name: str = ""
    started: float = 0.0
    failures: int = 0
    code: int = 0
    start_at: float = 0.0
    kill_at: float | None = None


def _command_of(role: Role) -> Sequence[str]:
    # -P: nothing is imported from the working directory, which may hold a folder `newsmill` or be somebody else's.
    return [sys.executable, "-P", "-m", "console", role]


class Supervisor:
    """Keeps the roles, and the embedded servers, alive and at work."""

    def __init__(
        self,
        settings: Settings,
        roles: Sequence[Role],
        watchdog: Watchdog,
        *,
        output: IO[bytes] | None = None,
        command: Callable[[Role], Sequence[str]] = _command_of,
        grace_seconds: float = 5.0,
        server_check_seconds: float = 2.0,
    ) -> None:
        """Prepares, and starts nothing yet; a role that is stuck has `grace_seconds` to end in order."""
        self._settings = settings
        self._watchdog = watchdog
        self._children = {role: _Child(command(role)) for role in roles}
        self._output = output
        self._grace_seconds = grace_seconds
        self._server_check_seconds = server_check_seconds
        self._servers_checked = monotonic()

    @property
    def running(self) -> dict[Role, subprocess.Popen[bytes]]:
        """The process of each role that has one."""
        return {role: child.process for role, child in self._children.items() if child.process is not None}

    @property
    def failing(self) -> str | None:
        """Says which role has failed right after its start again and again; None while there is hope."""
        for role, child in self._children.items():
            if child.failures >= _HOPELESS_FAILURES:
                return f"the {role} ended right after its start {child.failures} times in a row, with code {child.code}"
        return None

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
        """Runs the roles while the block runs; a thread watches over them."""
        stop = Event()
        thread = Thread(target=self.run, args=(stop,), name="supervisor")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def run_once(self, stop: Event | None = None) -> None:
        """Starts each role that does not run and is due, and ends each that no longer works.

        Waits for a server that recovers, until `stop` is set: no role can do anything before it answers.
        """
        if monotonic() >= self._servers_checked + self._server_check_seconds:
            self._servers_checked = monotonic()
            try:
                ensure_running(self._settings, stop=stop)
            except TransientError as error:
                log.warning("a server is down", reason=str(error))
            except SystemExit:  # told to stop meanwhile
                return
        for role, child in self._children.items():
            if child.process is not None and child.process.poll() is not None:
                self._note_end(role, child)
            if child.process is None and monotonic() >= child.start_at:
                self._start(role, child)
            if child.process is not None:
                self._end_if_stuck(role, child, child.process)

    def drain(self) -> None:
        """Tells all roles to finish what they are at, and waits for them, at most DRAIN_SECONDS."""
        running = [(child, child.process) for child in self._children.values() if child.process is not None]
        for _, process in running:
            process.send_signal(signal.SIGTERM)
        deadline = monotonic() + DRAIN_SECONDS
        for child, process in running:
            try:
                process.wait(max(0.1, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a role did not drain in time; its work is done again by the next start", pid=process.pid)
                _kill(process)
                process.wait()
                _await_end_of_group(process.pid)
            self._watchdog.report_dead(child.name)
            child.process = None

    def _end_if_stuck(self, role: Role, child: _Child, process: subprocess.Popen[bytes]) -> None:
        if child.kill_at is not None:
            if monotonic() >= child.kill_at:
                _kill(process)
            return
        reason = self._watchdog.stuck(child.name)
        if reason is not None:
            log.warning("a role no longer works and is started again", stuck=role.value, pid=process.pid, reason=reason)
            child.kill_at = monotonic() + self._grace_seconds
            process.terminate()

    def _note_end(self, role: Role, child: _Child) -> None:
        code = child.process.returncode if child.process is not None else 0
        child.code = code
        child.failures, wait = wait_before_restart(code, monotonic() - child.started, child.failures)
        log.warning("a role ended and is started again", ended=role.value, code=code, wait_seconds=wait)
        self._watchdog.report_dead(child.name)
        child.process, child.kill_at, child.start_at = None, None, monotonic() + wait

    def _start(self, role: Role, child: _Child) -> None:
        token = uuid4().hex[:6]
        child.process = subprocess.Popen(  # noqa: S603 - our own program
            child.command,
            env=os.environ | role_environment(self._settings) | {TOKEN_VARIABLE: token},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which lets them drain
            preexec_fn=partial(_end_with_parent, os.getpid()),  # noqa: PLW1509 - it calls one function of the kernel's
        )
        child.started = monotonic()
        child.name = process_name(child.process.pid, token)
        self._watchdog.watch(child.name, role)


@contextmanager
def running_roles(
    settings: Settings, roles: Sequence[Role], *, output: IO[bytes] | None = None, stop: Event | None = None
) -> Iterator[Supervisor]:
    """Starts the servers, brings the schema up to date, and gives a supervisor of the roles; drains them at the end.

    With `stop` it waits for PostgreSQL and Redis as long as they take, and says for which; when `stop` is set
    meanwhile, the process ends with exit code 0. Without, it waits for half a minute, and raises TransientError.
    """
    with servers(settings, stop=stop) as urls:
        _await_redis(urls.redis_url, stop)
        database = Database(urls.database_url, name="newsmill migrate")
        try:
            await_database(database, stop=stop)
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
    """Returns how often in a row a role has failed soon after its start, and the seconds to wait before the next.

    Only a role that ends by itself backs off. One that was killed from outside or told to stop has not failed.
    """
    failed = code in _FAULTS or (code > 0 and code not in _TOLD_TO_STOP)
    if not failed or lived_seconds > _SHORT_LIFE_SECONDS:
        return 0, 0.0
    return failures + 1, min(_LONGEST_WAIT_SECONDS, 0.5 * 2 ** min(failures + 1, 10))


def _await_redis(url: str, stop: Event | None) -> None:
    """Says in one line now what the roles would say over and over, and waits for a Redis that is away."""
    try:
        with Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as redis:
            await_server("Redis", lambda: require_kept_messages(redis), stop)
    except ValueError as error:
        raise ConfigurationError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error


def role_environment(settings: Settings) -> Mapping[str, str]:
    """Returns the settings for the children, with those of the command line."""
    values = {name: getattr(settings, name) for name in ("home", "inbox", "workers", "blob_url", "web_port")}
    urls = {name: getattr(settings, name) for name in ("database_url", "redis_url")}
    values |= {name: url.get_secret_value() if url else "" for name, url in urls.items()}
    variables = {f"NEWSMILL_{name.upper()}": "" if value is None else str(value) for name, value in values.items()}
    return variables | {f"{name}_FILE": "" for name in variables}  # these were read


def _end_with_parent(parent: int) -> None:
    """On Linux, the roles drain when their supervisor is killed, rather than run on without anybody."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the supervisor died before this took effect
        os._exit(1)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the role with its children, which may be stopped with it: it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _await_end_of_group(group: int) -> None:
    """Waits until the kernel has taken the killed role's children apart, for a few seconds at the most.

    Each of them has the role's lock on the servers until then: whoever leaves meanwhile is not the last, and the
    servers would outlive all.
    """
    deadline = monotonic() + _DEATH_SECONDS
    with suppress(ProcessLookupError):
        while monotonic() < deadline:
            os.killpg(group, 0)
            sleep(0.01)
