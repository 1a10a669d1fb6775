"""What a role says and does where its servers or its store are not, or not as it needs them."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.support.commands import Answer, Commands


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    yield commands
    commands.stop()


@pytest.fixture
def nobody() -> Iterator[str]:
    """A host and port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize(
    ("role", "setting", "value", "waited_for"),
    [
        ("watch", "DATABASE_URL", "postgresql://newsmill:secret@{nobody}/newsmill", "PostgreSQL"),
        ("sweep", "REDIS_URL", "redis://:secret@{nobody}/0", "Redis"),
        ("worker", "REDIS_URL", "redis://:secret@{nobody}/0", "Redis"),
        ("up", "REDIS_URL", "redis://:secret@{nobody}/0", "Redis"),
        ("up", "DATABASE_URL", "postgresql://newsmill:secret@{nobody}/newsmill", "PostgreSQL"),
        ("watch", "BLOB_URL", "file:///proc/nowhere", "the blob store"),
    ],
)
def test_a_role_waits_for_what_may_come_says_so_and_ends_when_told(
    role: str, setting: str, value: str, waited_for: str, commands: Commands, nobody: str
) -> None:
    commands.servers[f"NEWSMILL_{setting}"] = value.format(nobody=nobody)
    waiting = commands.start(role)
    eventually(lambda: commands.said(f"waiting for {waited_for} since "), what="it says what it waits for")
    waiting.terminate()
    assert waiting.wait(20) == 0
    assert not commands.said("secret")
    assert not commands.said("Traceback")


@pytest.mark.parametrize("command", [("worker",), ("watch",), ("sweep",), ("up",)])
def test_a_redis_that_throws_messages_away_is_refused(
    command: tuple[str, ...], commands: Commands, urls: ServerUrls
) -> None:
    with Redis.from_url(urls.redis_url) as redis:
        before = redis.config_get("maxmemory*")
        redis.config_set("maxmemory", "1gb")
        redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            answer = commands(*command)
        finally:
            for name in ("maxmemory", "maxmemory-policy"):
                redis.config_set(name, before[name])
    assert (answer.code, reason(answer)) == (
        1,
        "Redis throws keys away when its memory is full (maxmemory-policy allkeys-lru), and with them messages: set"
        " maxmemory-policy noeviction there",
    )


def reason(answer: Answer) -> str:
    """Why a role ended: its last line in the log."""
    return str(json.loads(answer.err.splitlines()[-1])["event"])


def test_a_store_that_cannot_be_is_said_at_once(commands: Commands) -> None:
    commands.servers["NEWSMILL_BLOB_URL"] = "nonsense://bucket"
    answer = commands("worker")
    assert (answer.code, reason(answer)) == (1, "blob store: Protocol not known: nonsense")
