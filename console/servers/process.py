"""What the embedded servers have in common: how one is launched, asked and stopped, and how its death is known."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import ClassVar

import structlog

from newsmill.errors import ConfigurationError, TransientError
from newsmill.paths import open_file

__all__ = [
    "ANSWER_SECONDS",
    "LOST_SOCKET_SECONDS",
    "MAX_LAUNCHES",
    "MAX_LOG_BYTES",
    "POLITE_STOP_SECONDS",
    "PROBE_SECONDS",
    "TELL_SECONDS",
    "EmbeddedServer",
    "State",
    "try_lock",
]

log = structlog.get_logger(__name__)

PROBE_SECONDS = 2  # libpq takes no less
ANSWER_SECONDS = 30.0  # the longest a server that says nothing is waited for
TELL_SECONDS = 10.0
LOST_SOCKET_SECONDS = 5.0  # a running server without its socket file by then is stopped and started again
POLITE_STOP_SECONDS = 15.0  # PostgreSQL writes a checkpoint when it stops
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.02
MAX_LAUNCHES = 5
MAX_LOG_BYTES = 4 * 1024 * 1024


class State(Enum):
    """What a server answers."""

    READY = "ready"
    STARTING = "starting"
    SILENT = "silent"


class EmbeddedServer(ABC):
    """One server with its data folder, socket and log under a home folder.

    Every process of the server inherits an open file that holds an exclusive lock on `<home>/<name>.lock`. The lock
    tells whether any of them is left, also after `kill -9` of the first; no process id has to be trusted. One process
    at a time calls the methods, under the start lock; `state` and `bound_log` need none.
    """

    label: ClassVar[str]
    folder_name: ClassVar[str]
    pid_file: ClassVar[str]
    socket_name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    last_signal: ClassVar[signal.Signals]  # for a server that hangs; loses nothing that the server promised to keep
    setting: ClassVar[str]

    def __init__(self, home: Path, sockets: Path) -> None:
        self._home = home
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
        """Connects and asks; takes two seconds at the most."""

    @abstractmethod
    def _prepare(self, lock: int) -> None:
        """Makes the data folder what the server needs; whatever runs for that inherits `lock`."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Returns the program and its arguments, to run in the foreground in the data folder."""

    def start(self, stop: Event | None = None) -> None:
        """Returns once the server answers; starts it if it does not run.

        A server that says it is starting is waited for without end, and the log says so: a crash recovery that is given
        up begins from its start the next time. When `stop` is set, the process ends with exit code 0. Raises
        ConfigurationError if the server cannot run as things are installed, TransientError if it dies again and again
        or says nothing; the message ends with the last lines of its log.
        """
        began = told = patience_from = time.monotonic()
        stop = stop or Event()
        launches = 0
        self.bound_log()
        while (state := self.state()) is not State.READY:
            now = time.monotonic()
            with self._lock_if_dead() as lock:
                if lock is not None:
                    if launches == MAX_LAUNCHES:
                        raise self._failure("does not start")
                    time.sleep(0.1 * (2**launches - 1))
                    launches += 1
                    self._launch(lock)
                    patience_from = time.monotonic()
                elif state is State.STARTING:
                    patience_from = now
                    if now - told > TELL_SECONDS:
                        told = now
                        log.warning(
                            f"waiting for {self.label}, which recovers from a crash or is being stopped",
                            seconds=round(now - began),
                            log=str(self.log),
                        )
                elif now - patience_from > LOST_SOCKET_SECONDS and not self.socket.exists():
                    self.ask_to_stop()
            if now > patience_from + ANSWER_SECONDS:
                raise self._failure("does not answer")
            if stop.wait(min(1.0, max(_POLL_SECONDS, (now - began) / 20))):  # PostgreSQL logs each question
                raise SystemExit(os.EX_OK)

    def wait_until_stopped(self) -> None:
        """Returns once no process of the server is left; raises TransientError if that takes over a minute."""
        began = asked = time.monotonic()
        while True:
            with self._lock_if_dead() as lock:
                if lock is not None:
                    return
            now = time.monotonic()
            if now - began > _STOP_SECONDS:
                raise self._failure("does not stop")
            if now - asked > 1:  # it may have had no pid file yet
                asked = now
                if now - began < POLITE_STOP_SECONDS:
                    self.ask_to_stop()
                else:
                    self._signal(self.last_signal)
            time.sleep(_POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Tells the server to stop, if it is certain which process it is; returns at once."""
        self._signal(self.stop_signal)

    def _signal(self, number: signal.Signals) -> None:
        if (pid := self._pid()) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _launch(self, lock: int) -> None:
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        self._prepare(lock)
        # No process of the server is alive, so both files are stale. A pid file whose number some other process has by
        # now would keep PostgreSQL from starting.
        self.socket.unlink(missing_ok=True)
        if self._pid() is None:
            (self.folder / self.pid_file).unlink(missing_ok=True)
        # The shell puts the server in the background and ends. So init reaps it and not a holder, who may be busy. A
        # session of its own keeps the terminal's Ctrl-C and hang-up away.
        self._run(["/bin/sh", "-c", '"$@" &', "sh", *self._command()], lock, self.folder)

    def _run(self, command: Sequence[str], lock: int, folder: Path, text: str = "") -> int:
        """Runs a program to its end, with its output in the log; returns the exit status."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        log = self._open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
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
        """Holds the server's own lock while the block runs if none of its processes lives; gives None if one does."""
        descriptor = self._open(self._lock, os.O_RDWR | os.O_CREAT)
        try:
            yield descriptor if try_lock(descriptor) else None
        finally:
            os.close(descriptor)  # closed and not unlocked, so that a server that inherited it keeps the lock

    def _pid(self) -> int | None:
        """Returns the server's process id, None where its pid file does not tell the truth."""
        try:
            pid = int((self.folder / self.pid_file).read_text().split("\n", 1)[0])
            if Path("/proc/self/cwd").exists() and not os.path.samefile(f"/proc/{pid}/cwd", self.folder):
                return None  # another process has the number by now: both servers work in their data folder
        except (OSError, ValueError):
            return None
        return pid if pid > 0 else None

    def bound_log(self) -> None:
        """Empties a log that has grown too large. The servers append, so this is safe while they write."""
        try:
            log = self._open(self.log, os.O_RDWR)
        except (FileNotFoundError, NotADirectoryError):
            return
        with open(log, "rb") as written:
            if os.fstat(log).st_size <= MAX_LOG_BYTES:
                return
            kept = self._open(self.log.with_suffix(".log.1"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with open(kept, "wb") as copy:
                os.fchmod(kept, 0o600)  # an older version's was for everybody
                shutil.copyfileobj(written, copy)
            os.ftruncate(log, 0)

    def _open(self, path: Path, flags: int) -> int:
        """Opens a file of the home through no link; one that this makes is for its owner only."""
        return open_file(str(self._home), str(path), flags)

    def _last_words(self) -> str:
        lines: list[str] = []
        with suppress(OSError), open(self._open(self.log, os.O_RDONLY), "rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - 4096))
            lines = log.read().decode(errors="replace").splitlines()
        return " | ".join([line for line in lines if line.strip()][-5:]) or "nothing"

    def _failure(self, what: str) -> TransientError:
        return TransientError(
            f"the embedded {self.label} in {self.folder} {what}; its log {self.log} says: {self._last_words()}"
        )

    def _package_folder(self, package: str) -> Path:
        """Returns where a wheel put its files, without importing it. Raises ConfigurationError if it is not there."""
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ConfigurationError(
                f"no {self.label} to use: run `pip install 'newsmill[embedded]'` or set {self.setting}"
            )
        return Path(spec.submodule_search_locations[0])


def try_lock(descriptor: int) -> bool:
    """Takes the exclusive lock on an open file; returns False if somebody else holds any."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
