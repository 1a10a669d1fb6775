"""What a command opens first: the servers, and on them the database, the blob store or all services."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from pydantic import SecretStr

from console.processes.liveness import is_alive
from console.servers.embedded import servers
from console.servers.postgres import PostgresServer
from console.servers.process import try_lock
from db.revisions import head_revision, require_current
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.ownership import require_own_home
from newsmill.settings import Settings
from newsmill.vocabulary import Role

if TYPE_CHECKING:
    from redis import Redis

    from ingest.blobs.store import BlobStore
    from worker.services import Services

__all__ = [
    "bare_servers",
    "blob_store",
    "inbox_of_up",
    "migrated",
    "opened_database",
    "opened_services",
    "require_inbox",
    "require_mill",
    "sole_up",
    "throwaway_database",
    "unchecked_services",
]

_LOCK_BYTES = 8192  # a number and a path


def require_mill(settings: Settings) -> None:
    """Raises ConfigurationError where an embedded PostgreSQL was never set up.

    A command in the wrong folder must say so and not set up servers there: the folder may be the inbox.
    """
    if settings.database_url is not None:
        return
    try:
        (settings.home / PostgresServer.folder_name).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigurationError(
            f"there is no mill in {settings.home}: go where `newsmill up` runs, or set NEWSMILL_HOME"
        ) from None
    except OSError:  # `servers` says what is wrong with it
        pass


def require_inbox(inbox: Path) -> None:
    """Makes the inbox if it is not there; raises ConfigurationError if it cannot be made or read.

    For `up`, which would start a watcher over and over. A watcher on its own waits for an inbox that may come back.
    """
    try:
        inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{inbox}: the inbox cannot be made: {error.strerror}") from error
    try:
        os.scandir(inbox).close()
    except OSError as error:
        raise ConfigurationError(f"{inbox}: the inbox cannot be read: {error.strerror}") from error


def inbox_of_up(home: Path) -> Path | None:
    """Returns the inbox that the `newsmill up` of this host on this home watches; None where none runs."""
    try:
        lock = os.open(_lock_of_up(home), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with open(lock, "rb") as held:
        pid, _, inbox = held.read(_LOCK_BYTES).partition(b"\n")
    # To try the lock would keep a `newsmill up` off that starts at this moment.
    return Path(os.fsdecode(inbox)) if inbox and pid.isdigit() and is_alive(int(pid)) else None


def _lock_of_up(home: Path) -> Path:
    return home / f"up-{socket.gethostname()}.lock"


@contextmanager
def sole_up(home: Path, inbox: Path) -> Iterator[None]:
    """Keeps every other `newsmill up` of this host off this home while the block runs.

    Raises ConfigurationError if one runs: nobody means a second watcher and as many workers again. The kernel takes the
    lock from one that is killed. Each host has a lock of its own, as hosts may share a home. It says which `inbox` is
    watched.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own_home(home)
        lock = os.open(_lock_of_up(home), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:  # without embedded servers nobody may need a home; who does learns the reason from `servers`
        yield
        return
    try:
        try:
            is_sole = try_lock(lock)
        except OSError:  # a file system without locks
            is_sole = True
        if not is_sole:
            process = os.pread(lock, _LOCK_BYTES, 0).partition(b"\n")[0].decode()
            raise ConfigurationError(
                f"`newsmill up` runs on {home} already, as process {process or 'unknown'}; for"
                " more workers start `newsmill worker`, for another mill set NEWSMILL_HOME"
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n%s" % (os.getpid(), os.fsencode(inbox)), 0)
        yield
    finally:
        os.close(lock)


@contextmanager
def opened_database(settings: Settings, name: str) -> Iterator[Database]:
    """Opens the database, whose schema has to be current; `name` shows in pg_stat_activity.

    Raises ConfigurationError where nothing was set up, or the schema is another.
    """
    require_mill(settings)
    with servers(settings) as urls:
        database = Database(urls.database_url, name=f"newsmill {name}")
        try:
            require_current(database)
            yield database
        finally:
            database.close()


def blob_store(settings: Settings) -> "BlobStore":
    """Returns the blob store, for commands that open the database alone; it connects when it is first used."""
    from ingest.blobs.store import BlobStore

    return BlobStore(settings.blobs)


@contextmanager
def bare_servers(settings: Settings, name: str) -> Iterator[tuple[Database, "Redis"]]:
    """Opens both servers, whatever is in them, for a restore, which brings the tables. Raises ConfigurationError."""
    with servers(settings) as urls:
        database = Database(urls.database_url, name=f"newsmill {name}")
        try:
            yield database, _connected(urls.redis_url)
        finally:
            database.close()


@contextmanager
def throwaway_database(settings: Settings, name: str) -> Iterator[Database]:
    """Opens an empty database of an embedded PostgreSQL of its own, which goes with all it holds.

    Raises ConfigurationError where no PostgreSQL is installed with Newsmill.
    """
    with TemporaryDirectory(prefix="newsmill-") as folder:
        # A Redis is not needed; a URL keeps an embedded one from starting.
        own = {"home": Path(folder), "database_url": None, "redis_url": SecretStr("redis://unused.invalid")}
        with servers(settings.model_copy(update=own)) as urls:
            database = Database(urls.database_url, name=f"newsmill {name}")
            try:
                yield database
            finally:
                database.close()


def migrated(settings: Settings, tell: Callable[[str], None]) -> str:
    """Brings the schema to this version and returns its revision; `tell` gets a line about what it waits for."""
    from console.processes.readiness import await_database
    from db.migrating import migrate

    with servers(settings) as urls:
        database = Database(urls.database_url, name="newsmill migrate")
        await_database(database, tell=tell)
        database.retrying(lambda: migrate(database))
        database.close()
    return head_revision()


@contextmanager
def opened_services(settings: Settings, name: str, *, stop: Event | None = None) -> Iterator["Services"]:
    """Opens all services, for whoever takes files in or sends messages.

    With `stop`, a role waits until every server answers, or `stop` is set. Raises ConfigurationError where nothing was
    set up, or the schema is another.
    """
    require_mill(settings)
    from console.processes.readiness import await_parts
    from worker.services import open_services

    with servers(settings, stop=stop) as urls:
        services = open_services(settings, urls, name=name)
        try:
            if stop is None:
                require_current(services.database)
            else:
                await_parts(services, stop, takes_files=name == Role.WATCH)
            yield services
        finally:
            services.close()


@contextmanager
def unchecked_services(settings: Settings, name: str) -> Iterator["Services"]:
    """Opens all services without a look whether they answer or fit, for `newsmill doctor`, which tells that.

    Raises ConfigurationError where nothing was set up.
    """
    require_mill(settings)
    from worker.services import open_services

    with servers(settings) as urls:
        services = open_services(settings, urls, name=name)
        try:
            yield services
        finally:
            services.close()


def _connected(url: str) -> "Redis":
    from redis import Redis, RedisError

    redis = Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
    try:
        redis.ping()
    except (RedisError, ValueError) as error:
        raise ConfigurationError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error
    return redis
