"""A backup taken while the mill runs brings back the same articles and bytes, and says what it cannot do."""

import hashlib
import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.support.commands import Commands
from tests.support.corpus import generate, write
from tests.support.everywhere import files_with

WORD = "Quuxfoblar"


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    """A mill on this test's servers."""
    commands = _commands(urls, urls.database_url, tmp_path / "mill")
    yield commands
    commands.stop()


@pytest.fixture
def other(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    """Another one, on a database without tables and a blob store without blobs."""
    name = "restored"
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    database_url = "/".join([urls.database_url.rpartition("/")[0], name + "?" + urls.database_url.partition("?")[2]])
    commands = _commands(urls, database_url, tmp_path / "other")
    yield commands
    commands.stop()
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)".encode())


def _commands(urls: ServerUrls, database_url: str, folder: Path) -> Commands:
    folder.mkdir()
    return Commands(folder, {"NEWSMILL_DATABASE_URL": database_url, "NEWSMILL_REDIS_URL": urls.redis_url})


def exported(commands: Commands) -> list[str]:
    answer = commands("export", "--all")
    assert answer.code == 0, answer.err
    return answer.out.splitlines()


def blobs_of(folder: Path) -> dict[str, str]:
    """The names of all blobs and the hashes of their bytes."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name not in {"tmp", "removed"}
    }


def test_backup_while_running_wipe_and_restore(commands: Commands, other: Commands, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    write(generate(1, 120), commands.inbox)
    (commands.inbox / "secret.txt").write_text(f"{generate(2, 1)[0].text} The {WORD} was seen by nobody, said she.")
    commands.start("up")
    eventually(lambda: commands.log.exists() and commands.settled(121))

    # A first backup, then one that goes without what has been forgotten since, under a load that changes no article.
    assert commands("backup", backup).code == 0
    assert len(files_with(backup / "blobs", WORD.encode())) == 1
    assert commands("forget", commands.inbox / "secret.txt", "--yes").code == 0
    before = exported(commands)
    assert len(before) == 120
    assert commands("retry", "--all", "--yes").code == 0
    answer = commands("backup", backup)
    assert (answer.code, answer.err) == (0, "")
    with psycopg.connect(commands.servers["NEWSMILL_DATABASE_URL"]) as connection:
        assert connection.execute("select count(*) from blob_holds").fetchone() == (0,)
    eventually(lambda: commands.settled(120))
    assert exported(commands) == before
    commands.stop()
    shutil.rmtree(commands.folder)

    Redis.from_url(other.servers["NEWSMILL_REDIS_URL"]).rpush("newsmill.clean", "of a former life")
    answer = other("restore", backup)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("120 files, 120 documents and 120 blobs restored, each blob's hash checked;")
    assert Redis.from_url(other.servers["NEWSMILL_REDIS_URL"]).exists("newsmill.clean") == 0
    assert exported(other) == before
    stored = blobs_of(other.folder / "home" / "blobs")
    assert list(stored) == list(stored.values())
    assert sorted(stored) == sorted(json.loads(line)["sha256"] for line in before)
    assert files_with(backup, WORD.encode()) == []
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in backup.iterdir()} == {0}

    other.start("up")  # what was at work when the backup was made goes on
    eventually(lambda: other.log.exists() and other.said("celery") and other.settled(120))
    other.stop()
    assert exported(other) == before
