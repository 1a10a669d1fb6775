"""A whole mill as a user runs it, `newsmill up`, and its processes to be killed."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from redis import Redis

from console.embedded import servers
from newsmill.settings import ServerUrls, Settings
from tests.support.settled import read

_STOP_SECONDS = 60


class RunningMill:
    """`newsmill up` with a home of its own, and connections to its servers that outlive what is done to it."""

    def __init__(self, process: subprocess.Popen[bytes], urls: ServerUrls, log: Path) -> None:
        self.database: psycopg.Connection[Any] = psycopg.connect(urls.database_url, autocommit=True)
        self._redis = Redis.from_url(urls.redis_url, socket_timeout=5)
        self._process = process
        self._up = psutil.Process(process.pid)
        self._log = log

    def close(self) -> None:
        """Closes the connections."""
        self.database.close()
        self._redis.close()

    @property
    def has_held_lease(self) -> bool:
        """Whether at this moment a worker that lives holds a lease that has not run out."""
        parent = self.role("worker")
        return parent is not None and bool(
            read(
                self.database,
                "select true from leases where expires_at > clock_timestamp() and split_part(worker, ':', 2) = %s",
                str(parent.pid),
            )
        )

    def role(self, name: str) -> psutil.Process | None:
        """The process `newsmill NAME`, None while there is none."""
        with suppress(psutil.Error):
            for child in self._up.children():
                with suppress(psutil.Error):
                    if child.cmdline()[-3:] == ["-m", "console", name] and child.status() != psutil.STATUS_ZOMBIE:
                        return child
        return None

    def strike(self, fault: str, choice: random.Random) -> bool:
        """Does one of the faults in `FAULTS`; False if what it needs is not there at this moment."""
        if fault in {"flush", "kill valkey"}:
            with suppress(ConnectionError, TimeoutError):
                if fault == "flush":
                    return bool(self._redis.flushall())
                os.kill(int(self._redis.info("server")["process_id"]), signal.SIGKILL)
                return True
            return False
        parent = self.role("watch" if fault == "kill watcher" else "worker")
        if parent is None:
            return False
        with suppress(psutil.Error):
            victim = choice.choice(parent.children()) if fault == "kill worker child" else parent
            victim.kill()
            return True
        return False

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(_STOP_SECONDS)

    def warnings(self) -> list[str]:
        """What it has to say about its troubles."""
        return [line for line in self._log.read_text(errors="replace").splitlines() if '"level": "info"' not in line]


FAULTS = ("kill worker child", "kill worker parent", "kill watcher", "kill valkey", "flush")


@contextmanager
def running_mill(settings: Settings, folder: Path) -> Iterator[RunningMill]:
    """Starts `newsmill up` on embedded servers of its own; they run until the end of the block."""
    log = folder / "up.log"
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    environment = {f"NEWSMILL_{name.upper()}": str(value) for name, value in given.items()}
    with servers(settings) as urls, log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "console", "up"],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        mill = RunningMill(process, urls, log)
        try:
            yield mill
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(_STOP_SECONDS)
            mill.close()
