"""A mill whose parts are on many hosts: blobs on S3, TLS and passwords in both URLs, PgBouncer in between."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db import holds, ledger
from db.models import Stage
from db.sessions import Database
from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles, eventually
from tests.support.corpus import generate, write
from tests.support.s3 import S3
from tests.support.settled import assert_whole, nothing_at_work, read, settled

FILES = generate(31, 60)
ROLES = ("watch", "worker", "sweep")


@pytest.fixture
def tables(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the test's own to its database."""
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """A bucket, which the roles that are started find by their environment."""
    with S3() as s3:
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
        yield s3


def finished(tables: psycopg.Connection[Any], documents: int) -> bool:
    """Whether so many are done, and nothing is at work."""
    done = read(tables, "select count(*) from documents where finished_at is not null")
    return done == [documents] and nothing_at_work(tables)


def said_by(role: str, folder: Path) -> str:
    """The log of the processes of a role."""
    return "".join(path.read_text() for path in folder.glob(f"{role}-*.log"))


def test_load_and_replay_with_blobs_on_s3_that_stops_and_comes_back(
    s3: S3, settings: Settings, urls: ServerUrls, roles: Roles, tables: psycopg.Connection[Any], tmp_path: Path
) -> None:
    database = Database(urls.database_url)
    with database.transaction() as connection:
        holds.pause(connection, ["parse"])
    write(FILES[:30], settings.inbox)
    for role in ROLES:
        roles.start(role, blob_url="s3://mill/blobs")
    eventually(lambda: read(tables, "select count(*) from documents") == [30], what="30 are registered")

    s3.stop()
    with database.transaction() as connection:
        holds.resume(connection, ["parse"])
    write(FILES[30:], settings.inbox)
    for role in ("watch", "worker"):
        eventually(lambda role=role: "blob store s3://mill/blobs: EndpointConn" in said_by(role, tmp_path), what=role)  # type: ignore[misc]
    s3.start()
    eventually(lambda: finished(tables, 60), what="all are done once S3 is back")
    s3.files().get("mill/blobs", str(tmp_path / "fetched"), recursive=True)
    assert_whole(tables, tmp_path / "fetched", FILES)
    assert not settings.home.exists()  # no blob was kept here

    before = settled(tables)
    with database.transaction() as connection:
        ledger.retry(connection, read(tables, "select id from documents"), Stage.PARSE)
    eventually(lambda: finished(tables, 60), what="all are replayed")
    assert read(tables, "select distinct generation from documents") == [1]
    assert settled(tables) == before
    database.close()
