"""Runs PgBouncer before a PostgreSQL; the program is that on PATH, or Debian's, unpacked into the user's cache."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import eventually
from tests.support.servers.tls import Certificates

__all__ = ["PASSWORD", "PgBouncer", "pgbouncer"]

PASSWORD = "p@ss/w:rd%20"
"""The password of the user `newsmill`; a URL needs it quoted."""

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "newsmill-tests" / "pgbouncer"
_STARTS = 3  # each on another port


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """A running one, in transaction mode."""

    port: int
    pool_size: int

    def url(self, database: str, *, password: str = PASSWORD, options: str = "") -> str:
        """A libpq URI through it."""
        quoted = "".join(f"%{byte:02X}" for byte in password.encode())
        return f"postgresql://newsmill:{quoted}@localhost:{self.port}/{database}?{options}"

    def show(self, what: LiteralString, *, options: str = "") -> list[dict[str, Any]]:
        """The rows of SHOW, from its console."""
        with psycopg.connect(self.url("pgbouncer", options=options), autocommit=True) as connection:
            cursor = psycopg.ClientCursor(connection, row_factory=psycopg.rows.dict_row)
            return cursor.execute(f"show {what}").fetchall()


@contextmanager
def pgbouncer(
    database_url: str, folder: Path, *, certificates: Certificates | None = None, pool_size: int = 4
) -> Iterator[PgBouncer]:
    """Runs one before that PostgreSQL for the user `newsmill` with a SCRAM password; with certificates, TLS only."""
    program, environment = _program()
    folder.mkdir()
    server = conninfo_to_dict(database_url)
    lines = {
        "listen_addr": "127.0.0.1",
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": folder / "users.txt",
        "admin_users": "newsmill",
        "pool_mode": "transaction",
        "default_pool_size": pool_size,
        "max_client_conn": 200,
    }
    if certificates is not None:
        lines |= {
            "client_tls_sslmode": "require",
            "client_tls_key_file": certificates.key,
            "client_tls_cert_file": certificates.certificate,
        }
    settings = "".join(f"{name} = {value}\n" for name, value in lines.items())
    ini = f"[databases]\n* = host={server['host']} port={server['port']}\n[pgbouncer]\n{settings}"
    (folder / "users.txt").write_text(f'"newsmill" "{PASSWORD}"\n')
    for _ in range(_STARTS):
        with _running(program, environment, folder, ini) as port:
            if port is not None:
                yield PgBouncer(port, pool_size)
                return
    pytest.fail(f"PgBouncer does not start: {(folder / 'log').read_text()}")


@contextmanager
def _running(program: str, environment: dict[str, str], folder: Path, ini: str) -> Iterator[int | None]:
    """One on a port that was free; None if it ended at once, as when somebody else has taken the port since."""
    port = _free_port()
    (folder / "pgbouncer.ini").write_text(f"{ini}listen_port = {port}\n")
    # It refuses to run as root, and in a user namespace without mappings takes itself for somebody else.
    prefix = ["unshare", "--user"] if os.geteuid() == 0 else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*prefix, program, folder / "pgbouncer.ini"], env=environment, stdout=log, stderr=log
        )
    listening = f"listening on 127.0.0.1:{port}"  # it says so itself: who answers there may be somebody else
    try:
        eventually(
            lambda: listening in (folder / "log").read_text() or process.poll() is not None, what="PgBouncer listens"
        )
        yield port if process.poll() is None else None
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _program() -> tuple[str, dict[str, str]]:
    """The program, and the environment to run it in."""
    path = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
    if found := shutil.which("pgbouncer", path=path):
        return found, dict(os.environ)
    if not _CACHE.exists():
        try:
            _unpack()
        except (OSError, subprocess.SubprocessError) as error:
            said = " ".join((getattr(error, "stderr", None) or str(error)).split())
            pytest.fail(f"pgbouncer is not on PATH, nor can it be downloaded: run `apt-get install pgbouncer` ({said})")
    libraries = ":".join(str(folder) for folder in sorted(_CACHE.glob("usr/lib/*-linux-*")))
    return str(_CACHE / "usr" / "sbin" / "pgbouncer"), os.environ | {"LD_LIBRARY_PATH": libraries}


def _unpack() -> None:
    """Puts Debian's package, and the libraries of it that are not installed, into the cache, whole or not at all."""
    _CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE.parent) as name:
        folder = Path(name)
        try:
            _download(folder)
        except subprocess.CalledProcessError:
            # No lists of packages, as in a new container, or old ones: read them, into a folder of our own.
            (folder / "lists").mkdir()
            lists = ("-o", f"Dir::State::Lists={folder / 'lists'}", "-o", f"Dir::Cache={folder}")
            _run(folder, "apt-get", *lists, "update")
            _download(folder, *lists)
        for package in folder.glob("*.deb"):
            _run(folder, "dpkg", "-x", str(package), "root")
        (folder / "root").rename(_CACHE)


def _download(folder: Path, *options: str) -> None:
    needs = re.findall(
        r"^ *\|?Depends: (lib[^ \n]+)", _run(folder, "apt-cache", *options, "depends", "pgbouncer"), re.MULTILINE
    )
    missing = [
        name for name in needs if subprocess.run(["dpkg", "-s", name], check=False, capture_output=True).returncode
    ]
    _run(folder, "apt-get", *options, "download", "pgbouncer", *missing)


def _run(folder: Path, *command: str) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=120).stdout
