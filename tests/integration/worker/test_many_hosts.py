"""A mill whose parts are on many hosts: blobs on S3, TLS and passwords in both URLs, PgBouncer in between."""

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest
from redis import Redis
from s3fs import S3FileSystem

from console.servers.valkey import ValkeyServer
from db import ledger, pauses
from db.migrating import migrate
from db.sessions import Database
from ingest.blobs import object_store
from ingest.blobs.object_store import FsspecBackend
from ingest.blobs.store import BlobStore
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.conftest import Roles, eventually
from tests.support.commands import Answer, Commands
from tests.support.corpus import generate, write
from tests.support.servers.pgbouncer import PASSWORD, pgbouncer
from tests.support.servers.s3 import S3
from tests.support.servers.tls import Certificates, TlsProxy, make_certificates
from tests.support.settled import assert_whole, nothing_at_work, read, settled, sha256_of

FILES = generate(31, 60)
WRONG_PASSWORD = "wr0ng/guess"
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
        S3FileSystem.clear_instance_cache()  # fsspec's, where another test's S3 may be
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
        pauses.pause(connection, ["parse"])
    write(FILES[:30], settings.inbox)
    for role in ROLES:
        roles.start(role, blob_url="s3://mill/blobs")
    eventually(lambda: read(tables, "select count(*) from documents") == [30], what="30 are registered")
    # One that starts later would wait for S3, as it should, and without the sweeper nothing that was paused goes on.
    eventually(lambda: read(tables, "select count(*) from processes") == [len(ROLES)], what="all roles are there")

    s3.stop()
    with database.transaction() as connection:
        pauses.resume(connection, ["parse"])
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

    store = FsspecBackend("s3://mill/blobs")  # and what the collection of garbage needs of it
    key = f"{sha256_of(FILES[0])[:2]}/{sha256_of(FILES[0])}"
    store.move([(key, "trash/one")])
    assert [(entry.name, entry.size_bytes) for entry in store.entries("trash")] == [
        ("one", len(FILES[0].text.encode()))
    ]
    store.remove(["trash/one"])
    assert [store.exists(key), store.exists("trash/one"), *store.entries("trash")] == [False, False]


def test_an_s3_that_takes_connections_and_never_answers_is_given_up(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "UPLOAD_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        S3FileSystem.clear_instance_cache()
        store = BlobStore("s3://silent/blobs")
        with pytest.raises(
            TransientError, match=r"^blob store s3://silent/blobs: an upload was not through after 1 s$"
        ):
            store.commit([store.stage(BytesIO(b"news"))])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA and what it signed."""
    return make_certificates(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey that wants the password."""
    with TemporaryDirectory() as sockets:  # a socket's path must be short
        (tmp_path / "valkey").mkdir()
        server = ValkeyServer(tmp_path / "valkey", Path(sockets))
        server.start()
        Redis.from_url(server.url).config_set("requirepass", PASSWORD)
        yield server
        Redis.from_url(server.url, password=PASSWORD).config_set("requirepass", "")
        server.ask_to_stop()
        server.wait_until_stopped()


def database_name(tables: psycopg.Connection[Any]) -> str:
    """The test's database."""
    return tables.info.dbname


def test_tls_and_passwords_in_both_urls(
    certificates: Certificates,
    valkey: ValkeyServer,
    settings: Settings,
    urls: ServerUrls,
    roles: Roles,
    tables: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:
    """The embedded servers are built without TLS: PgBouncer and a proxy have it for them."""
    name = database_name(tables)
    with (
        pgbouncer(urls.database_url, tmp_path / "bouncer", certificates=certificates) as bouncer,
        TlsProxy(valkey.socket, certificates) as proxy,
    ):

        def given(ca: Path, password: str = PASSWORD) -> dict[str, str]:
            options = f"sslmode=verify-full&sslrootcert={quote(str(ca), safe='')}"
            return {
                "database_url": bouncer.url(name, password=password, options=options),
                "redis_url": f"rediss://:{quote(password, safe='')}@localhost:{proxy.port}/0?ssl_ca_certs={ca}",
            }

        for role in ROLES:
            roles.start(role, **given(certificates.ca))
        write(FILES, settings.inbox)
        eventually(lambda: finished(tables, len(FILES)), what="all are done")
        assert_whole(tables, settings.home / "blobs", FILES)
        commands = [process.cmdline() for role in roles.running for process in family(role.pid)]
        visits = [(certificates.ca, PASSWORD), (certificates.other_ca, PASSWORD), (certificates.ca, WRONG_PASSWORD)]
        with ThreadPoolExecutor() as pool:
            good, stranger, intruder = pool.map(
                lambda visit: doctor(tmp_path, {"inbox": str(settings.inbox), **given(*visit)}), visits
            )
        roles.stop()

    assert good.code == 0, good.out
    assert [findings(answer)[name] for answer in (stranger, intruder) for name in ("postgresql", "redis")] == [
        (False, "certificate verify failed"),
        (False, "certificate verify failed"),
        (False, "check NEWSMILL_DATABASE_URL"),
        (False, "invalid username-password pair"),
    ]
    said = [roles.logs(), str(commands), *(answer.out + answer.err for answer in (good, stranger, intruder))]
    assert [word for text in said for word in secrets_in(text)] == []


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def doctor(folder: Path, settings: dict[str, str]) -> Answer:
    """What `newsmill doctor --json` says with these settings."""
    (folder / "doctor").mkdir(exist_ok=True)
    return Commands(folder / "doctor", {f"NEWSMILL_{name.upper()}": value for name, value in settings.items()})(
        "doctor", "--json"
    )


def findings(answer: Answer) -> dict[str, tuple[bool | None, str]]:
    """Whether each finding is good, and the words of it that matter here."""
    words = re.compile("certificate verify failed|check NEWSMILL_DATABASE_URL|invalid username-password pair")
    return {
        finding["name"]: (finding["ok"], (words.findall(finding["message"]) or [finding["message"]])[0])
        for finding in answer.json()
    }


def secrets_in(text: str) -> list[str]:
    """The passwords that stand in a text, plain or as in the URL."""
    return [form for word in (PASSWORD, WRONG_PASSWORD) for form in (word, quote(word, safe="")) if form in text]


def test_load_through_pgbouncer_in_transaction_mode(
    settings: Settings, server_urls: ServerUrls, urls: ServerUrls, roles: Roles, tables: psycopg.Connection[Any],
    tmp_path: Path,
) -> None:  # fmt: skip
    """Of migrations, too; and all that the roles have open shares three connections of PostgreSQL."""
    with pgbouncer(urls.database_url, tmp_path / "bouncer", pool_size=3) as bouncer:
        url = bouncer.url(database_name(tables))
        tables.execute("drop schema public cascade")
        tables.execute("create schema public")
        database = Database(url)
        migrate(database)
        database.close()
        for role in (*ROLES, "worker"):
            roles.start(role, database_url=url)
        write(FILES, settings.inbox)
        clients, servers = [], []

        def done() -> bool:
            clients.append(len([c for c in bouncer.show("clients") if c["database"] == database_name(tables)]))
            servers.extend(read(tables, _CONNECTIONS))
            return finished(tables, len(FILES))

        eventually(done, what="all are done")
        assert_whole(tables, settings.home / "blobs", FILES)
        assert max(clients) > 3 >= max(servers)
        roles.stop()


_CONNECTIONS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid != pg_backend_pid() and backend_type = 'client backend'
"""
