"""When a role is started again, and how one that no longer works is ended."""

import fcntl
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.processes import supervisor as supervising
from console.processes.supervisor import Supervisor, role_environment, wait_before_restart
from newsmill.settings import Settings, load_settings
from newsmill.vocabulary import Role
from tests.conftest import eventually


@pytest.mark.parametrize("code", [0, 130, -signal.SIGKILL, -signal.SIGTERM])
def test_who_was_killed_or_told_to_stop_is_started_at_once_however_often(code: int) -> None:
    assert wait_before_restart(code, lived_seconds=0.1, failures=9) == (0, 0.0)


@pytest.mark.parametrize("code", [1, 70, -signal.SIGSEGV])
def test_who_fails_by_itself_soon_waits_longer_each_time(code: int) -> None:
    failures, waits = 0, []
    for _ in range(8):
        failures, wait = wait_before_restart(code, lived_seconds=2.0, failures=failures)
        waits.append(wait)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_failure_after_a_good_while_begins_anew() -> None:
    assert wait_before_restart(1, lived_seconds=60.0, failures=5) == (0, 0.0)


def test_roles_get_the_urls_that_were_read_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u@h/d")
    monkeypatch.setenv("NEWSMILL_DATABASE_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("NEWSMILL_DATABASE_PASSWORD", "p")
    settings = load_settings()
    for name, value in role_environment(settings).items():
        monkeypatch.setenv(name, value)
    load_settings.cache_clear()
    assert load_settings() == settings


@dataclass
class FakeWatchdog:
    """Thinks of roles what the test says, and remembers what it was told."""

    opinion: str | None = None
    watched: list[tuple[str, str]] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)

    def watch(self, name: str, role: str) -> None:
        self.watched.append((name, role))

    def report_dead(self, name: str) -> None:
        self.dead.append(name)

    def stuck(self, name: str) -> str | None:
        return self.opinion if name == self.watched[0][0] else None


_DEAF = """
import pathlib, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("up").touch()
signal.pause()
"""


def test_a_role_that_ends_right_after_each_start_is_told(watchdog: "FakeWatchdog") -> None:
    settings = Settings(database_url="postgresql://unused", redis_url="redis://unused")
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    supervisor = Supervisor(settings, [Role.WORKER], watchdog, command=lambda _role: command)

    def told() -> str | None:
        supervisor.run_once()
        return supervisor.failing

    assert told() is None
    eventually(told, what="it is started three times")
    assert supervisor.failing == "the worker ended right after its start 3 times in a row, with code 3"


@pytest.fixture
def watchdog() -> FakeWatchdog:
    return FakeWatchdog()


@pytest.fixture
def supervisor(watchdog: FakeWatchdog) -> Iterator[Supervisor]:
    settings = Settings(database_url="postgresql://unused", redis_url="redis://unused")
    deaf = [sys.executable, "-c", _DEAF]
    supervisor = Supervisor(settings, [Role.WORKER], watchdog, command=lambda _role: deaf, grace_seconds=0.2)
    yield supervisor
    for process in supervisor.running.values():
        process.kill()
        process.wait()


def test_a_stuck_role_is_asked_then_killed_then_started_again(supervisor: Supervisor, watchdog: FakeWatchdog) -> None:
    def process_now() -> subprocess.Popen[bytes] | None:
        supervisor.run_once()
        return supervisor.running.get(Role.WORKER)

    first = process_now()
    assert first is not None
    eventually(Path("up").exists, what="it ignores SIGTERM")
    watchdog.opinion = "no heartbeat"
    eventually(lambda: process_now() not in {None, first}, what="another one runs")
    assert first.returncode == -signal.SIGKILL
    assert watchdog.dead == [watchdog.watched[0][0]]
    pids = [str(first.pid), str(supervisor.running[Role.WORKER].pid)]
    assert [name.split(":")[1] for name, _ in watchdog.watched] == pids


_DEAF_FAMILY = """
import fcntl, os, pathlib, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
lock = os.open("lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_SH)
for _ in range(4):
    if os.fork() == 0:
        memory = bytearray(os.urandom(1 << 16)) * 2000  # which takes the kernel a while to take apart
        pathlib.Path(f"up-{os.getpid()}").touch()
        signal.pause()
signal.pause()
"""


def test_a_role_that_had_to_be_killed_holds_nothing_once_all_are_drained(
    watchdog: FakeWatchdog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supervising, "DRAIN_SECONDS", 0.1)
    settings = Settings(database_url="postgresql://unused", redis_url="redis://unused")
    command = [sys.executable, "-c", _DEAF_FAMILY]
    supervisor = Supervisor(settings, [Role.WORKER], watchdog, command=lambda _role: command)
    supervisor.run_once()
    eventually(lambda: len(list(tmp_path.glob("up-*"))) == 4, what="the children are there")
    supervisor.drain()
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
