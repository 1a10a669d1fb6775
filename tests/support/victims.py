"""Runs a whole mill as a user does, by `newsmill up`, and kills its processes."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

import psutil
import psycopg
from redis import Redis, RedisError

from console.servers.embedded import servers
from newsmill.settings import ServerUrls, Settings
from tests.support.settled import read

T = TypeVar("T")

_STOP_SECONDS = 60
_AWAY_SECONDS = 60

KILLS = ("kill worker child", "kill worker parent", "kill watcher", "kill valkey")
FLUSH = "flush"
KILL_POSTGRES = "kill postgres"


_HELD_LEASES = """
    select token from leases where expires_at > clock_timestamp() and split_part(worker, ':', 2) = %s
"""


class RunningMill:
    """`newsmill up` with a home of its own, watched through connections that outlive what is done to it."""

    def __init__(self, settings: Settings, urls: ServerUrls, log: Path, *, small_disk: Path | None = None) -> None:
        self.urls = urls
        self.inbox = settings.inbox
        self.home = settings.home
        self.redis = Redis.from_url(urls.redis_url, socket_timeout=5)
        self._database: psycopg.Connection[Any] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.log = log
        self.small_disk = small_disk
        given = {name: getattr(settings, name) for name in settings.model_fields_set}
        self.environment = os.environ | {f"NEWSMILL_{name.upper()}": str(value) for name, value in given.items()}
        self.start()

    def start(self) -> None:
        """Starts `newsmill up`; the one before has ended, or is about to."""
        if self._process is not None:
            self._process.wait(_STOP_SECONDS)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "console", "up"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.up = psutil.Process(self._process.pid)

    @property
    def superuser_url(self) -> str:
        """The database's URL for who may do what Newsmill's own role may not."""
        return self.urls.database_url.replace("user=newsmill", "user=postgres")

    def end(self) -> None:
        """Ends what still runs, whatever became of it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_STOP_SECONDS)
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        if self._database is not None:
            self._database.close()
        self.redis.close()

    def ask(self, question: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Puts a question to the database, again while PostgreSQL is away."""
        deadline = monotonic() + _AWAY_SECONDS
        while True:
            try:
                if self._database is None:
                    self._database = psycopg.connect(self.urls.database_url, autocommit=True)
                return question(self._database)
            except psycopg.OperationalError:
                if monotonic() > deadline:
                    raise
                self._database = None
                sleep(0.05)

    @property
    def has_held_lease(self) -> bool:
        """Whether at this moment a worker that lives holds a lease that has not run out."""
        parent = self.role("worker")
        return parent is not None and self.ask(lambda database: bool(read(database, _HELD_LEASES, str(parent.pid))))

    def role(self, name: str) -> psutil.Process | None:
        """The process `newsmill NAME`, None while there is none."""
        with suppress(psutil.Error):
            for child in self.up.children():
                with suppress(psutil.Error):
                    if child.cmdline()[-3:] == ["-m", "console", name] and child.status() != psutil.STATUS_ZOMBIE:
                        return child
        return None

    @property
    def valkey(self) -> psutil.Process | None:
        """The embedded Valkey, None while there is none."""
        return self._server("valkey/valkey.pid")

    @property
    def postgres(self) -> psutil.Process | None:
        """The embedded PostgreSQL's first process, None while there is none."""
        return self._server("postgres/postmaster.pid")

    def strike(self, fault: str, choice: random.Random) -> bool:
        """Does one of the faults above; a kill is SIGKILL. Returns False if its victim is not there at this moment."""
        try:
            if fault == FLUSH:
                return bool(self.redis.flushall())
            victim = self._victim(fault, choice)
            if victim is not None:
                victim.kill()
            return victim is not None
        except (RedisError, psutil.Error):
            return False

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(_STOP_SECONDS)

    def warnings(self) -> list[str]:
        """Returns the lines of its log above the level info."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if '"level": "info"' not in line]

    def _victim(self, fault: str, choice: random.Random) -> psutil.Process | None:
        match fault:
            case "kill watcher":
                return self.role("watch")
            case "kill worker parent":
                return self.role("worker")
            case "kill worker child":
                parent = self.role("worker")
                children = parent.children() if parent is not None else []
                return choice.choice(children) if children else None
            case "kill valkey":
                return self.valkey
            case "kill postgres":
                return self.postgres
        raise ValueError(fault)

    def _server(self, pid_file: str) -> psutil.Process | None:
        try:
            server = psutil.Process(int((self.home / pid_file).read_text().split("\n", 1)[0]))
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return None if server.status() == psutil.STATUS_ZOMBIE else server


@contextmanager
def running_mill(settings: Settings, folder: Path) -> Iterator[RunningMill]:
    """Starts `newsmill up` on embedded servers of its own; they run until the end of the block."""
    with servers(settings) as urls:
        mill = RunningMill(settings, urls, folder / "up.log")
        try:
            yield mill
        finally:
            mill.end()
