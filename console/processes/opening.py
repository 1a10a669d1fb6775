"""What a command opens first: the servers and, on a schema that is current, the database or a whole mill."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from console.servers.embedded import servers
from console.servers.postgres import PostgresServer
from console.servers.process import try_lock
from db.migrating import head_revision, migrate, require_current
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.settings import Settings
from newsmill.vocabulary import Role

if TYPE_CHECKING:
    from redis import Redis

    from ingest.blobs.store import BlobStore
    from worker.services import Services

__all__ = [
    "bare_servers",
    "blob_store",
    "migrated",
    "opened_database",
    "opened_services",
    "require_inbox",
    "require_mill",
    "sole_up",
    "unchecked_services",
]


def require_mill(settings: Settings) -> None:
    """Raises ConfigurationError where an embedded PostgreSQL was never set up.

    Who asks after a mill in the wrong folder wants to know that, and not to have one made there: it may be the inbox.
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
    """Makes the inbox if it is not there; raises ConfigurationError if that cannot be, or it cannot be read.

    For `up`, which would start a watcher over and over; a watcher on its own waits for what may come.
    """
    try:
        inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{inbox}: the inbox cannot be made: {error.strerror}") from error
    try:
        os.scandir(inbox).close()
    except OSError as error:
        raise ConfigurationError(f"{inbox}: the inbox cannot be read: {error.strerror}") from error


@contextmanager
def sole_up(home: Path) -> Iterator[None]:
    """For as long as the block runs there is no other `newsmill up` of this host on this home.

    Raises ConfigurationError if there is one: a second watcher and as many workers again are not what was meant. The
    kernel takes the lock from one that is killed. Hosts have locks of their own, as they may share a home.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(
            home / f"up-{socket.gethostname()}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
    except OSError:  # with servers and a blob store elsewhere nobody needs a home; if somebody does, `servers` says so
        yield
        return
    try:
        try:
            is_sole = try_lock(lock)
        except OSError:  # a file system without locks
            is_sole = True
        if not is_sole:
            raise ConfigurationError(
                f"`newsmill up` runs on {home} already, as process {os.pread(lock, 20, 0).decode() or 'unknown'}; for"
                " more workers start `newsmill worker`, for another mill set NEWSMILL_HOME"
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(lock)


@contextmanager
def opened_database(settings: Settings, name: str) -> Iterator[Database]:
    """The database, for commands that only read or mark; `name` shows in pg_stat_activity.

    Raises ConfigurationError where there is no mill.
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
    """The blob store, for commands that open no whole mill; it connects when it is asked for something."""
    from ingest.blobs.store import BlobStore

    return BlobStore(settings.blobs)


@contextmanager
def bare_servers(settings: Settings, name: str) -> Iterator[tuple[Database, "Redis"]]:
    """Both servers, whatever is in them: for a restore, which brings the tables. Raises ConfigurationError."""
    with servers(settings) as urls:
        database = Database(urls.database_url, name=f"newsmill {name}")
        try:
            yield database, _connected(urls.redis_url)
        finally:
            database.close()


def migrated(settings: Settings, tell: Callable[[str], None]) -> str:
    """Brings the schema to this version and returns its revision; `tell` hears for what it waits."""
    from console.processes.readiness import await_database

    with servers(settings) as urls:
        database = Database(urls.database_url, name="newsmill migrate")
        await_database(database, tell=tell)
        database.retrying(lambda: migrate(database))
        database.close()
    return head_revision()


@contextmanager
def opened_services(settings: Settings, name: str, *, stop: Event | None = None) -> Iterator["Services"]:
    """A whole mill, for what takes files in or sends messages; a role waits for its parts until it is told to stop.

    Raises ConfigurationError where there is no mill.
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
    """A whole mill whose parts may be away or of another version: for `newsmill doctor`, which says so.

    Raises ConfigurationError where there is no mill.
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
