"""Real servers for all tests: one embedded PostgreSQL and Valkey for the run, a database of its own for each test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
from redis import Redis

from console.servers.embedded import servers
from db.migrating import migrate
from db.sessions import Database
from newsmill.settings import ServerUrls, Settings, load_settings
from worker.services import Services, open_services

# The tests' settings are their own, whatever mill this shell is set up for.
for _name in [name for name in os.environ if name.startswith("NEWSMILL_")]:
    del os.environ[_name]
# Many of their texts are of a word or two. What is too short is tested with limits of its own.
os.environ["NEWSMILL_MIN_WORDS"] = "1"

# Without a deadline: a busy machine is no error. `make test-fast` chooses `fast`, by --hypothesis-profile.
hypothesis.settings.register_profile("full", deadline=None)
hypothesis.settings.register_profile("fast", deadline=None, max_examples=20)
hypothesis.settings.load_profile("full")

# A shell's background job ignores Ctrl-C, and hands that down to all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

_numbers = count(1)
# Each drop begins with a checkpoint, which on a busy disk takes a second or two if much was written since the last.
_DROPPED_AT_ONCE = 16


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env, and `inbox` and `.newsmill` would be made here
    load_settings.cache_clear()


@pytest.fixture(scope="session")
def server_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerUrls]:
    """The run's servers, with a migrated template database."""
    home = tmp_path_factory.mktemp("home")
    with servers(Settings(home=home, database_url=None, redis_url=None)) as urls:
        with psycopg.connect(_database_url(urls, "postgres"), autocommit=True) as connection:
            connection.execute("create database template_newsmill")
        database = Database(_database_url(urls, "template_newsmill"))
        migrate(database)
        database.close()
        yield urls


@pytest.fixture
def urls(server_urls: ServerUrls, _used_databases: list[str]) -> Iterator[ServerUrls]:
    """A fresh, migrated database and an empty Redis."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(_database_url(server_urls, "postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template template_newsmill".encode())
    Redis.from_url(server_urls.redis_url).flushall()
    yield ServerUrls(_database_url(server_urls, name), server_urls.redis_url)
    _used_databases.append(name)
    if len(_used_databases) == _DROPPED_AT_ONCE:
        with psycopg.connect(_database_url(server_urls, "postgres"), autocommit=True) as connection:
            while _used_databases:
                connection.execute(f"drop database {_used_databases.pop()} with (force)".encode())


@pytest.fixture(scope="session")
def _used_databases() -> list[str]:
    """Databases of tests that are over."""
    return []


@pytest.fixture
def settings(urls: ServerUrls, tmp_path: Path) -> Settings:
    """Settings that point at this test's servers and folders, with waits short enough for a test."""
    return Settings(
        home=tmp_path / "home",
        inbox=tmp_path / "inbox",
        database_url=urls.database_url,  # type: ignore[arg-type]
        redis_url=urls.redis_url,  # type: ignore[arg-type]
        workers=2,
        retry_seconds=0.1,
        sweep_seconds=0.2,
        settle_seconds=0.3,
        log_format="json",
    )


@pytest.fixture
def mill(settings: Settings, urls: ServerUrls) -> Iterator[Services]:
    """A mill in this process."""
    mill = open_services(settings, urls, name="test")
    yield mill
    mill.close()


def _database_url(urls: ServerUrls, name: str) -> str:
    return urls.database_url.replace("/newsmill?", f"/{name}?", 1)


@dataclass
class Roles:
    """Role processes, started as a deployment starts them."""

    settings: Settings
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, role: str, *, module: str = "console", prefix: Sequence[str] = (), **more: object
    ) -> subprocess.Popen[bytes]:
        """Starts `newsmill ROLE`, or that role of another module, perhaps under another command that stands before it.

        Its log is in the test's folder.
        """
        values = {**self.settings.model_dump(), **more}
        environment = {f"NEWSMILL_{name.upper()}": _plain(value) for name, value in values.items() if value is not None}
        with (self.folder / f"{role}-{len(self.running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*prefix, sys.executable, "-m", module, role],
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def stop(self) -> None:
        """Lets all drain."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            process.wait(timeout=60)

    def logs(self) -> str:
        """What all of them said, for a failing test."""
        return "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')}" for path in sorted(self.folder.glob("*.log"))
        )


def _plain(value: object) -> str:
    secret = getattr(value, "get_secret_value", None)
    return str(secret() if secret else value)


@pytest.fixture
def roles(settings: Settings, tmp_path: Path) -> Iterator[Roles]:
    """Starts role processes; what still runs at the end of the test is drained."""
    roles = Roles(settings, tmp_path)
    yield roles
    roles.stop()


def eventually(condition: Callable[[], object], *, seconds: float = 180, what: str = "") -> None:
    """Waits until the condition holds; fails the test when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)
