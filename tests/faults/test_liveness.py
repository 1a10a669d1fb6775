"""A role that lives and does nothing is started again, and one that dies or drains leaves nothing half done."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil
import psycopg
import pytest

from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.programs.preloaded import run_command
from tests.support.servers.proxy import Proxy
from tests.support.servers.web import free_port
from tests.support.settled import assert_whole, nothing_at_work, read

Drop = Callable[[list[GeneratedFile]], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Sets a short stall limit, and small batches, so that there is always one at work."""
    return settings.model_copy(update={"stall_seconds": 5.0, "lease_seconds": 5.0, "batch_documents": 10})


def child(up: subprocess.Popen[bytes], role: str) -> psutil.Process | None:
    """Returns the process of this role, or None while there is none."""
    for process in psutil.Process(up.pid).children():
        try:
            if process.cmdline()[-1:] == [role]:
                return process
        except psutil.Error:
            continue
    return None


def health(settings: Settings) -> tuple[int, list[str]]:
    """Returns the exit code of `newsmill health` and its complaints."""
    given = {
        "NEWSMILL_DATABASE_URL": settings.database_url.get_secret_value() if settings.database_url else "",
        "NEWSMILL_REDIS_URL": settings.redis_url.get_secret_value() if settings.redis_url else "",
        "NEWSMILL_STALL_SECONDS": str(settings.stall_seconds),
        "NEWSMILL_LEASE_SECONDS": str(settings.lease_seconds),
    }
    environment, folder = os.environ | given, settings.home.parent
    code, out, _ = run_command(["health", "--json"], environment=environment, folder=folder, timeout_seconds=60)
    answer = json.loads(out)
    assert answer["healthy"] == (code == 0)
    return code, answer["problems"]


def restarts(roles: Roles) -> list[dict[str, Any]]:
    """Returns the supervisor's log lines about roles that ended."""
    return [json.loads(line) for line in roles.logs().splitlines() if '"a role ended and is started again"' in line]


def holds_lease(ledger: psycopg.Connection[Any]) -> bool:
    return read(ledger, "select exists (select from work where lease_token is not null)") == [True]


@contextmanager
def redis_by_proxy(urls: ServerUrls) -> Iterator[tuple[Proxy, str]]:
    """Starts a proxy to Redis that can lose the connections by which workers take messages."""
    with Proxy(unquote(urlsplit(urls.redis_url).path), word=b"BRPOP") as proxy:
        yield proxy, f"redis://127.0.0.1:{proxy.port}/0"


def test_a_worker_that_has_gone_deaf_is_started_again(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Drop, urls: ServerUrls
) -> None:
    files = generate(41, 40)
    with redis_by_proxy(urls) as (proxy, redis_url):
        up = roles.start("up", redis_url=redis_url)
        drop(files[:20])
        eventually(lambda: nothing_at_work(ledger), what="the worker hears")
        deaf = child(up, "worker")
        assert deaf is not None
        proxy.deafen()
        drop(files[20:])
        eventually(
            lambda: [problem.split(":")[0] for problem in health(roles.settings)[1]] == ["stalled"],
            what="it is not well",
        )
        assert health(roles.settings)[0] == 1
        eventually(lambda: "and 20 items are due" in roles.logs(), what="the supervisor says why")
        proxy.heal()
        eventually(lambda: nothing_at_work(ledger), what="another one has done the work")
        assert not deaf.is_running()
        eventually(lambda: health(roles.settings) == (0, []))
        roles.stop()
    assert_whole(ledger, roles.settings.home / "blobs", files)
    assert read(ledger, "select error_class from failures") == []


def test_roles_that_are_frozen_for_good_are_started_again(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Drop
) -> None:
    files = generate(42, 200)
    up = roles.start("up", web_port=free_port())
    eventually(
        lambda: read(ledger, "select role from processes order by role") == ["serve", "sweep", "watch", "worker"]
    )
    drop(files)
    eventually(lambda: holds_lease(ledger), what="it is at work")
    frozen = [child(up, role) for role in ("worker", "sweep", "watch", "serve")]
    for process in frozen:
        assert process is not None
        for each in (process, *process.children(recursive=True)):
            each.suspend()
    eventually(lambda: all(process and not process.is_running() for process in frozen), what="they are ended")
    eventually(lambda: nothing_at_work(ledger), what="others have done the work")
    assert roles.logs().count("no heartbeat for") >= len(frozen)
    assert_whole(ledger, roles.settings.home / "blobs", files)


def test_a_worker_killed_again_and_again_keeps_nobody_waiting(
    roles: Roles, ledger: psycopg.Connection[Any], drop: Drop
) -> None:
    """Its leases would last for minutes, and the back-off of a crash loop for half a minute."""
    files = generate(43, 400)
    up = roles.start("up", lease_seconds=300, stall_seconds=300)
    drop(files)
    for _ in range(5):
        eventually(lambda: holds_lease(ledger) and child(up, "worker"), what="work has gone on")
        worker = child(up, "worker")
        assert worker is not None
        worker.kill()
        eventually(lambda worker=worker: not worker.is_running())
    eventually(lambda: nothing_at_work(ledger))
    eventually(lambda: len(restarts(roles)) == 5)
    assert [(end["ended"], end["wait_seconds"]) for end in restarts(roles)] == [("worker", 0)] * 5
    assert_whole(ledger, roles.settings.home / "blobs", files)
    assert set(read(ledger, "select error_class from failures")) <= {"WorkerLost"}


@pytest.mark.parametrize(
    ("started", "number"), [("up", signal.SIGTERM), ("up", signal.SIGINT), ("worker", signal.SIGTERM)]
)
def test_a_drain_leaves_nothing_half_done(
    started: str, number: signal.Signals, roles: Roles, ledger: psycopg.Connection[Any], drop: Drop
) -> None:
    files = generate(44, 300)
    drop(files)
    first = roles.start(started)
    eventually(lambda: holds_lease(ledger), what="it is at work")
    first.send_signal(number)
    assert first.wait(60) == 0
    assert read(ledger, "select * from leases") == []
    assert read(ledger, "select count(*) from work where lease_token is not null") == [0]
    assert read(ledger, "select name from processes") == []
    assert not nothing_at_work(ledger)
    roles.start("up")
    eventually(lambda: nothing_at_work(ledger))
    assert_whole(ledger, roles.settings.home / "blobs", files)
    assert read(ledger, "select error_class from failures") == []
