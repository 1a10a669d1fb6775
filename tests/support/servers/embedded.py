"""The embedded servers of a home, held by other processes, killed and asked by what is under them."""

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic, sleep

import psutil
import psycopg

from console.servers.embedded import servers, socket_folder
from console.servers.postgres import PostgresServer
from console.servers.process import State
from console.servers.valkey import ValkeyServer
from newsmill.settings import ServerUrls, Settings

__all__ = [
    "PROCESSES",
    "Holder",
    "answers",
    "configured",
    "family",
    "gone",
    "living_answers",
    "postmaster",
    "query",
    "started_at",
    "valkey",
    "wait_until",
]

PROCESSES = multiprocessing.get_context("fork")


def configured(home: Path, **values: str) -> Settings:
    """Settings of this home, with embedded servers but for those whose URL is given."""
    return Settings(home=home, **values)  # type: ignore[arg-type]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Waits, and looks often: some of what is waited for lasts a few milliseconds."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "what was waited for did not happen"
        sleep(0.002)


def hold(home: Path, pipe: Connection) -> None:
    with servers(configured(home)) as urls:
        pipe.send((urls, started_at(urls)))
        pipe.recv()


class Holder:
    """A process that holds the servers of a home until it is told to leave, or killed."""

    def __init__(self, home: Path) -> None:
        self.pipe, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=hold, args=(home, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def ready(self) -> tuple[ServerUrls, object]:
        assert self.pipe.poll(60)
        return self.pipe.recv()

    def leave(self, wait: bool = True) -> None:
        self.pipe.send("leave")
        if wait:
            self.process.join(60)
            assert self.process.exitcode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.join(60)
        assert self.process.exitcode == -signal.SIGKILL


def query(urls: ServerUrls, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(urls.database_url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def started_at(urls: ServerUrls) -> object:
    """When PostgreSQL began: another time is another server."""
    return query(urls, "select pg_postmaster_start_time()")[0][0]


def postmaster(home: Path) -> int:
    """The process id of PostgreSQL's first process."""
    return int((home / "postgres/postmaster.pid").read_text().split()[0])


def valkey(home: Path) -> int:
    """The process id of Valkey."""
    return int((home / "valkey/valkey.pid").read_text())


def family(home: Path) -> list[psutil.Process]:
    """All living processes of both servers."""
    first = [psutil.Process(postmaster(home)), psutil.Process(valkey(home))]
    return first + first[0].children(recursive=True)


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def living_answers(question: Callable[[psutil.Process], bool], processes: list[psutil.Process]) -> set[bool]:
    """What these processes answer, but for those that have ended since: one may serve a connection that was closed."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            found.add(question(process))
    return found


def answers(home: Path) -> list[bool]:
    """Whether PostgreSQL answers, and whether Valkey does."""
    sockets = socket_folder(home)
    return [server(home, sockets).state() is not State.SILENT for server in (PostgresServer, ValkeyServer)]
