"""PostgreSQL and Valkey without installing either: what no setting names is served from the home folder.

All commands that use the same home share the servers, and the last one stops them.
"""

import errno
import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from console.servers.postgres import PostgresServer
from console.servers.process import EmbeddedServer, State, try_lock
from console.servers.valkey import ValkeyServer
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import ServerUrls, Settings

__all__ = ["SOCKETS", "embedded_in_use", "ensure_running", "running_servers", "servers", "socket_folder"]

# Not TMPDIR and not XDG_RUNTIME_DIR: all sessions of a user must find the same sockets, also after a log-out.
SOCKETS = "/tmp/newsmill-{uid}"  # noqa: S108 - its owner and mode are checked
_POLL_SECONDS = 0.02
_LOCK_SECONDS = 600.0


def embedded_in_use(settings: Settings) -> bool:
    """Whether at least one of the two servers is an embedded one."""
    return settings.database_url is None or settings.redis_url is None


@contextmanager
def servers(settings: Settings, *, stop: Event | None = None) -> Iterator[ServerUrls]:
    """Have both servers answering for as long as the block runs; the last block of any process stops what was started.

    When told to stop while one starts, the process ends with exit code 0. Raises ConfigurationError if that cannot be
    done here (the message says what to change), TransientError if a server does not start or stop in time.
    """
    if not embedded_in_use(settings):
        yield _urls(settings, {})
        return
    with _holding(settings, stop) as urls:
        yield urls


def ensure_running(settings: Settings, *, stop: Event | None = None) -> ServerUrls:
    """Bring back what died; call it now and then inside `servers`. The URLs stay the same, Valkey's contents do not.

    Costs one connection to each embedded server (a few milliseconds) while all is well. Ends and raises as `servers`.
    """
    if not embedded_in_use(settings):
        return _urls(settings, {})
    with _explained(settings.home):
        wanted = _wanted(settings)
        for server in wanted:
            server.bound_log()
        if any(server.state() is not State.READY for server in wanted):
            with _start_lock(settings.home, stop):
                for server in wanted:
                    server.start(stop)
    return _urls(settings, {type(server): server.url for server in wanted})


def running_servers(settings: Settings) -> ServerUrls:
    """Where the servers are, without starting or holding any; PostgreSQL has to answer if it is an embedded one.

    Raises TransientError when it does not: there is nobody to ask then.
    """
    if not embedded_in_use(settings):
        return _urls(settings, {})
    with _explained(settings.home):
        wanted = _wanted(settings) if settings.home.exists() else []
        away = not wanted or any(isinstance(s, PostgresServer) and s.state() is not State.READY for s in wanted)
    if away:
        raise TransientError(f"no PostgreSQL answers in {settings.home}; `newsmill up` starts everything")
    return _urls(settings, {type(server): server.url for server in wanted})


@contextmanager
def _holding(settings: Settings, stop: Event | None) -> Iterator[ServerUrls]:
    """Hold a shared lock for as long as the block runs, which is how the last holder knows that it is the last.

    It is taken and given back under the start lock only, so nobody comes while the last one stops the servers. The
    kernel gives it back for a holder that is killed; what then still runs is adopted by the next one.
    """
    home = settings.home
    with _explained(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        holder = os.open(home / "servers.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with _explained(home), _start_lock(home, stop):
            fcntl.flock(holder, fcntl.LOCK_SH)
            try:
                wanted = _wanted(settings)
                for server in wanted:
                    server.start(stop)
            except BaseException:
                _leave(home, holder)
                raise
        try:
            yield _urls(settings, {type(server): server.url for server in wanted})
        finally:
            if _is_ours(home, holder):
                with _start_lock(home):
                    _leave(home, holder)
            else:  # the home was deleted under us; PostgreSQL notices that itself within a minute
                for server in wanted:
                    server.ask_to_stop()
    finally:
        os.close(holder)


def _is_ours(home: Path, holder: int) -> bool:
    """Whether the home is still the folder in which we took our lock."""
    try:
        return os.path.samestat((home / "servers.lock").stat(), os.fstat(holder))
    except FileNotFoundError:
        return False


def _leave(home: Path, holder: int) -> None:
    """Stop the servers if nobody else holds them. Those we did not want too: who did may have been killed."""
    try:
        if try_lock(holder):
            sockets = socket_folder(home)
            both = (PostgresServer(home, sockets), ValkeyServer(home, sockets))
            # A second Ctrl-C may end the waiting, but must not leave a server behind that nobody asked to stop.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                for server in both:
                    server.ask_to_stop()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for server in both:
                server.wait_until_stopped()
            with suppress(OSError):
                sockets.rmdir()
    finally:
        fcntl.flock(holder, fcntl.LOCK_UN)  # closing is not enough if we forked meanwhile


@contextmanager
def _start_lock(home: Path, stop: Event | None = None) -> Iterator[None]:
    """Be the only process that starts or stops servers of this home. When told to stop, the process ends."""
    path = home / "start.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    give_up = time.monotonic() + _LOCK_SECONDS
    stop = stop or Event()
    try:
        while not try_lock(descriptor):
            if time.monotonic() > give_up:
                raise TransientError(f"another process has been starting or stopping the servers for long: see {path}")
            if stop.wait(_POLL_SECONDS):
                raise SystemExit(os.EX_OK)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


@contextmanager
def _explained(home: Path) -> Iterator[None]:
    """Turn what the file system refuses into a message that names the setting."""
    try:
        yield
    except OSError as error:
        known = TransientError if error.errno in {errno.ENOSPC, errno.EMFILE, errno.ENFILE} else ConfigurationError
        raise known(f"cannot run servers in {home} ({error}): set NEWSMILL_HOME to a folder of yours") from error


def _wanted(settings: Settings) -> list[EmbeddedServer]:
    sockets = socket_folder(settings.home)
    wanted: list[EmbeddedServer] = []
    if settings.database_url is None:
        wanted.append(PostgresServer(settings.home, sockets))
    if settings.redis_url is None:
        wanted.append(ValkeyServer(settings.home, sockets))
    return wanted


def _urls(settings: Settings, embedded: dict[type[EmbeddedServer], str]) -> ServerUrls:
    database, redis = settings.database_url, settings.redis_url
    return ServerUrls(
        database_url=database.get_secret_value() if database else embedded[PostgresServer],
        redis_url=redis.get_secret_value() if redis else embedded[ValkeyServer],
    )


def socket_folder(home: Path) -> Path:
    """A short folder that only we can enter, one for each home.

    Short because a socket's path may have 107 bytes (103 on macOS). Named by the home's identity, not its path: a
    server outlives the renaming of its home, and one of a deleted home does not get in the way of the next.
    """
    identity = home.stat()
    parent = Path(SOCKETS.format(uid=os.geteuid()))
    folder = parent / f"{identity.st_dev:x}-{identity.st_ino:x}"
    for path in (parent, folder):
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise ConfigurationError(
                f"{path} must be a folder of yours with mode 0700, and is not: remove it, "
                "or set NEWSMILL_DATABASE_URL and NEWSMILL_REDIS_URL"
            )
    return folder
