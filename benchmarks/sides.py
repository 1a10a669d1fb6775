"""The two systems to compare, each with its own database on the same embedded servers."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]
import psycopg
from pydantic import SecretStr

from benchmarks import plain_chain
from console.processes.supervisor import running_roles
from console.servers.embedded import servers
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Role
from tests.support.corpus import GeneratedFile, generate, write
from worker.app import broker_url

__all__ = ["SIDES", "Bench", "CpuSeconds", "Side", "open_bench"]

_ROOT = Path(__file__).parents[1]
_LIMIT_SECONDS = 120.0  # the longest time without progress
_POLL_SECONDS = 0.02
_WARM_UP_GROUP = 10  # files at a time, so that every process gets some
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """CPU seconds since the processes began: of Python (watcher, workers, all roles), PostgreSQL and Valkey."""

    python: float
    postgres: float
    valkey: float

    def since(self, earlier: "CpuSeconds") -> "CpuSeconds":
        """Returns the CPU time since an earlier reading."""
        return CpuSeconds(self.python - earlier.python, self.postgres - earlier.postgres, self.valkey - earlier.valkey)

    @property
    def total(self) -> float:
        """Returns the sum of all three."""
        return self.python + self.postgres + self.valkey


@dataclass(frozen=True, slots=True)
class Bench:
    """A temporary home with running servers."""

    home: Path
    urls: ServerUrls

    def create_database(self, name: str) -> str:
        """Creates an empty database; returns its URL."""
        with psycopg.connect(self.urls.database_url, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self.urls.database_url.replace("/newsmill?", f"/{name}?", 1)


@contextmanager
def open_bench() -> Iterator[Bench]:
    """Runs embedded servers with their usual settings on a temporary home."""
    with TemporaryDirectory(prefix="newsmill-bench-") as folder:
        home = Path(folder) / "home"
        with servers(Settings(home=home, database_url=None, redis_url=None)) as urls:
            yield Bench(home, urls)


@dataclass(frozen=True, slots=True)
class Side:
    """A running system: files renamed into `inbox` become rows of `articles` in its database."""

    name: str
    folder: Path
    inbox: Path
    connection: psycopg.Connection[tuple[int, ...]]
    home: Path

    def articles(self) -> int:
        """Returns the number of committed articles, as another session sees them."""
        row = self.connection.execute("select count(*) from articles").fetchone()
        return row[0] if row else 0

    def prepare(self, files: Sequence[GeneratedFile]) -> list[Path]:
        """Writes the files beside the inbox and syncs them, so that no later sync of either system pays for them."""
        staging = self.folder / "staging"
        write(list(files), staging)
        os.sync()
        return [staging / file.name for file in files]

    def drop(self, paths: Sequence[Path]) -> None:
        """Renames prepared files into the inbox."""
        for path in paths:
            os.rename(path, self.inbox / path.name)

    def wait(self, articles: int, poll_seconds: float = _POLL_SECONDS) -> None:
        """Waits until there are so many articles. Raises TimeoutError when there is no progress any more."""
        seen, deadline = -1, 0.0
        while (now := self.articles()) < articles:
            if now > seen:
                seen, deadline = now, time.monotonic() + _LIMIT_SECONDS
            elif time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise TimeoutError(f"{self.name} stands still at {now} of {articles} articles\n{log}")
            time.sleep(poll_seconds)

    def warm_up(self, seed: int, count: int) -> None:
        """Processes other files first, so that every process is up, connected and has loaded its modules."""
        paths = self.prepare([replace(file, name=f"warm-up-{file.name}") for file in generate(-seed - 1, count)])
        for start in range(0, len(paths), _WARM_UP_GROUP):
            self.drop(paths[start : start + _WARM_UP_GROUP])
            self.wait(min(start + _WARM_UP_GROUP, len(paths)))

    def cpu(self) -> CpuSeconds:
        """Returns the CPU time so far. A parent's includes that of its ended children."""
        python = _cpu_seconds(psutil.Process().children(recursive=True))
        postgres = psutil.Process(_pid(self.home / "postgres" / "postmaster.pid"))
        valkey = psutil.Process(_pid(self.home / "valkey" / "valkey.pid"))
        return CpuSeconds(python, _cpu_seconds([postgres, *postgres.children(recursive=True)]), _cpu_seconds([valkey]))


@contextmanager
def newsmill(bench: Bench) -> Iterator[Side]:
    """Runs Newsmill as `newsmill up` does, with default settings."""
    with _side(bench, "newsmill") as (side, database_url, log):
        settings = Settings(
            home=side.folder / "home",  # for the blob store, as the servers are the bench's
            inbox=side.inbox,
            database_url=SecretStr(database_url),
            redis_url=SecretStr(bench.urls.redis_url),
        )
        with (
            log.open("wb") as output,
            running_roles(settings, [Role.WATCH, Role.WORKER, Role.SWEEP], output=output) as supervisor,
            supervisor.in_background(),
        ):
            yield side


@contextmanager
def plain(bench: Bench) -> Iterator[Side]:
    """Runs the plain chain: one watcher, and one Celery worker with a process for each core."""
    with _side(bench, "plain") as (side, database_url, log):
        side.connection.execute(plain_chain.SCHEMA.encode())
        redis_url = bench.urls.redis_url.replace("db=0", "db=1")
        environment = os.environ | {
            plain_chain.DATABASE_VARIABLE: database_url,
            plain_chain.BROKER_VARIABLE: broker_url(redis_url),
        }
        module = plain_chain.__name__
        with log.open("wb") as output, ExitStack() as stack:
            for command in (
                ["-m", "celery", "-A", module, "worker", f"--concurrency={os.cpu_count() or 1}"],
                ["-m", module, str(side.inbox)],
            ):
                process = subprocess.Popen(
                    [sys.executable, *command], cwd=_ROOT, env=environment, stdout=output, stderr=output
                )
                stack.callback(process.wait)
                stack.callback(process.terminate)
            yield side


SIDES = {"newsmill": newsmill, "plain": plain}


@contextmanager
def _side(bench: Bench, name: str) -> Iterator[tuple[Side, str, Path]]:
    run = f"{name}_{next(_numbers)}"
    folder = bench.home.parent / run
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    database_url = bench.create_database(run)
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield Side(name, folder, inbox, connection, bench.home), database_url, folder / "log"


def _pid(file: Path) -> int:
    return int(file.read_text().split("\n", 1)[0])


def _cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    seconds = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return seconds
