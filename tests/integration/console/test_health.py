"""Health is progress: what is a stall and what is not, and how `newsmill health` says so."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import pauses, processes
from db.processes import Identity
from newsmill.settings import ServerUrls, Settings
from tests.conftest import eventually
from tests.support.book import Ledger, new_file
from worker.leases.heartbeat import Heartbeat

# So long that the seconds which a test may take are none of its margins.
SETTINGS = Settings(stall_seconds=300, lease_seconds=6, document_seconds=300)


@pytest.fixture
def work(book: Ledger) -> list[int]:
    """Three documents, dispatched just now."""
    book.register(*(new_file(name) for name in "abc"))
    return book.admit()


def beat(book: Ledger, role: str, *, seen: float = 0, moved: float | None = None, name: str = "one") -> None:
    """A process of this role, seen and having moved so many seconds ago."""
    book(processes.beat, Identity(name, role, socket.gethostname(), 7), moved=False)
    book.run(
        """
        update processes set started_at = clock_timestamp() - interval '1 h',
            seen_at = clock_timestamp() - make_interval(secs => :seen),
            moved_at = clock_timestamp() - coalesce(make_interval(secs => :moved), interval '1 h')
        where name = :name
        """,
        seen=seen, moved=moved, name=name,
    )  # fmt: skip


def dispatched(book: Ledger, seconds_ago: float) -> None:
    book.run(
        "update work set dispatched_at = clock_timestamp() - make_interval(secs => :ago) where lease_token is null",
        ago=seconds_ago,
    )


def complaints(book: Ledger) -> list[str]:
    """What is wrong, each by its first words."""
    found = processes.problems(book(processes.look, SETTINGS), SETTINGS)
    return [" ".join(problem.split()[:5]) for problem in found]


STALLED = "stalled: 3 items have been"


def test_an_idle_system_needs_nobody(book: Ledger) -> None:
    assert complaints(book) == []


@pytest.mark.usefixtures("work")
def test_work_needs_a_worker_and_a_sweeper(book: Ledger) -> None:
    assert complaints(book) == ["there is work and no", "there is work and no"]
    beat(book, "worker")
    beat(book, "sweep", seen=310, name="two")
    assert complaints(book) == ["there is work and no"]
    beat(book, "sweep", seen=290, name="two")
    assert complaints(book) == []


@pytest.mark.usefixtures("work")
@pytest.mark.parametrize(
    ("due", "moved", "expected"),
    [(290, None, []), (310, None, [STALLED]), (310, 310, [STALLED]), (310, 290, []), (9999, 0, [])],
)
def test_a_stall_is_work_long_due_and_no_worker_that_moved(
    book: Ledger, due: float, moved: float | None, expected: list[str]
) -> None:
    beat(book, "worker", moved=moved)
    beat(book, "sweep", moved=0, name="two")
    dispatched(book, due)
    assert complaints(book) == expected


def test_items_that_come_back_again_and_again_are_no_health(book: Ledger, work: list[int]) -> None:
    beat(book, "worker", moved=0)
    beat(book, "sweep", moved=0, name="two")
    book.run("update work set waits = 7")
    assert complaints(book) == []
    book.run("update work set waits = 8 where id = :id", id=work[0])
    assert complaints(book) == ["1 items have come back"]


def test_one_worker_that_moves_is_enough(book: Ledger, work: list[int]) -> None:
    beat(book, "worker", moved=1000)
    beat(book, "worker", moved=1, name="another")
    beat(book, "sweep", moved=0, name="two")
    dispatched(book, 1000)
    assert complaints(book) == []


def test_a_long_document_is_no_stall_until_its_limits_are_over(book: Ledger, work: list[int]) -> None:
    held = book.held(work[0])
    beat(book, "worker", moved=1000, name=held.worker)
    beat(book, "sweep", moved=0, name="two")
    dispatched(book, 1000)
    claimed = "update leases set claimed_at = clock_timestamp() - make_interval(secs => :ago)"
    book.run(claimed, ago=3290)
    assert complaints(book) == []
    book.run(claimed, ago=3310)
    assert complaints(book) == ["stalled: 2 items have been", "1 tasks run longer than"]


@pytest.mark.usefixtures("work")
def test_what_is_paused_is_not_due(book: Ledger) -> None:
    beat(book, "worker")
    beat(book, "sweep", name="two")
    dispatched(book, 1000)
    book(pauses.pause, ["clean"])
    assert complaints(book) == [STALLED]
    book(pauses.pause, ["parse"])
    assert complaints(book) == []
    book.run("delete from processes")
    assert complaints(book) == []


@pytest.mark.usefixtures("work")
def test_what_nobody_sends_is_a_stall_and_what_waits_is_not(book: Ledger) -> None:
    beat(book, "worker", moved=0)
    beat(book, "sweep", moved=310, name="two")
    book.run("update work set dispatched_at = null")
    assert complaints(book) == ["stalled: 3 items are to"]
    book.run("update work set next_attempt_at = clock_timestamp() + interval '1 h'")
    assert complaints(book) == []
    book.run("delete from processes")
    assert complaints(book) == []


def test_files_that_wait_for_admission_are_work(book: Ledger) -> None:
    book.register(new_file("a"))
    assert complaints(book) == ["there is work and no", "there is work and no"]


def test_a_death_frees_the_leases_of_that_process_alone(book: Ledger, work: list[int]) -> None:
    held = book.held(work[0])
    book.run("update leases set worker = 'other' where token != :token", token=held.token)
    other = book.claim(work[1])
    book.run("update leases set worker = 'other' where token = :token", token=other.token if other else 0)
    book(processes.depart, held.worker)
    assert book.rows("select worker, expires_at <= clock_timestamp() from leases order by 1") == sorted(
        [("other", False), (held.worker, True)]
    )


def test_processes_of_long_ago_are_forgotten(book: Ledger) -> None:
    beat(book, "worker", seen=1010)
    beat(book, "worker", seen=990, name="another")
    assert book(processes.forget_processes, 1000.0) == 1
    assert book.rows("select name from processes") == [("another",)]


def test_a_role_is_on_the_list_for_as_long_as_it_runs(book: Ledger) -> None:
    heartbeat = Heartbeat(book.database, "sweep", seconds=0.01)
    listed = "select role, moved_at > started_at from processes"
    with heartbeat.beating():
        eventually(lambda: book.rows(listed) == [("sweep", False)])
        heartbeat.moved()
        eventually(lambda: book.rows(listed) == [("sweep", True)])
    assert book.rows(listed) == []


# The command

BEAT = """
    insert into processes (name, role, host, pid, seen_at)
    values ('one', 'worker', %s, 7, now() - make_interval(secs => %s))
    on conflict (name) do update set seen_at = excluded.seen_at
"""


def health(*options: str, **environment: str) -> tuple[int, str]:
    """The exit code and standard output of `newsmill health`."""
    done = subprocess.run(
        [sys.executable, "-m", "console", "health", *options],
        check=False, env=os.environ | environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def where(urls: ServerUrls) -> dict[str, str]:
    return {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url}


def test_health_of_an_idle_system(urls: ServerUrls) -> None:
    assert health(**where(urls)) == (0, "healthy: 0 worker, 0 sweep, 0 watch; nothing to do\n")
    code, printed = health("--json", **where(urls))
    answer: dict[str, Any] = json.loads(printed)
    assert (code, answer["healthy"], answer["problems"], answer["processes"]) == (0, True, [], [])


def test_health_of_a_role_of_this_host(urls: ServerUrls) -> None:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(BEAT, ["another host", 0])
        unseen = "unhealthy: a worker of this host has not been seen; start `newsmill worker`\n"
        assert health("--role", "worker", **where(urls)) == (1, unseen)
        connection.execute("delete from processes")
        connection.execute(BEAT, [socket.gethostname(), 10_000])
        code, printed = health("--role", "worker", **where(urls))
        assert (code, printed.startswith("unhealthy: a worker of this host was last seen 10")) == (1, True)
        connection.execute(BEAT, [socket.gethostname(), 0])
        assert health("--role", "worker", **where(urls)) == (0, "healthy: 1 worker; nothing to do\n")
        assert health("--role", "sweep", **where(urls))[0] == 1


def test_health_starts_no_server(tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer = f"unhealthy: no PostgreSQL answers in {home}; `newsmill up` starts everything\n"
    assert health(NEWSMILL_HOME=str(home)) == (1, answer)
    assert not home.exists()


def test_health_of_an_empty_database(urls: ServerUrls) -> None:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute("drop table processes, holds")
    answer = "unhealthy: the database has not this version's tables; run `newsmill migrate`\n"
    assert health(**where(urls)) == (1, answer)


def test_a_database_that_hangs_does_not_hang_the_probe() -> None:
    """It accepts connections and says nothing."""
    with _silent_server() as port:
        url = f"postgresql://user@127.0.0.1:{port}/newsmill"
        code, printed = health(NEWSMILL_DATABASE_URL=url, NEWSMILL_REDIS_URL="redis://127.0.0.1:1")
    assert (code, printed.split(":")[0]) == (1, "unhealthy")


class _silent_server:  # noqa: N801 - a context manager
    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepted: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        port: int = self._listener.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        for connection in [self._listener, *self._accepted]:
            connection.close()

    def _accept(self) -> None:
        try:
            while True:
                self._accepted.append(self._listener.accept()[0])
        except OSError:
            pass
