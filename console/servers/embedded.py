"""PostgreSQL and Valkey without installing either: the home folder holds the servers that no setting names.

All commands that use the same home share its servers. The last of them stops both.
"""

import errno
import fcntl
import os
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from console.servers.postgres import PostgresServer
from console.servers.process import EmbeddedServer, State, try_lock
from console.servers.valkey import ValkeyServer
from newsmill.errors import ConfigurationError, TransientError
from newsmill.ownership import require_own_home
from newsmill.paths import open_file
from newsmill.settings import ServerUrls, Settings

__all__ = ["SOCKETS", "embedded_in_use", "ensure_running", "running_servers", "servers", "socket_folder"]

# Neither TMPDIR nor XDG_RUNTIME_DIR: all sessions of a user must find the same sockets, also after a log-out.
SOCKETS = "/tmp/newsmill-{uid}"  # noqa: S108 - its owner and mode are checked
_RANDOM = Path("/tmp/newsmill-")  # noqa: S108 - mkdtemp makes it for its owner only
_GIVEN = "sockets"
_POLL_SECONDS = 0.02
_LOCK_SECONDS = 600.0


def embedded_in_use(settings: Settings) -> bool:
    """Whether at least one of the two servers is an embedded one."""
    return settings.database_url is None or settings.redis_url is None


@contextmanager
def servers(settings: Settings, *, stop: Event | None = None) -> Iterator[ServerUrls]:
    """Keeps both servers answering while the block runs. The last such block of any process stops what was started.

    When `stop` is set while a server starts, the process ends with exit code 0. Raises ConfigurationError if a server
    cannot run here (the message says what to change), TransientError if one does not start or stop in time.
    """
    if embedded_in_use(settings) or settings.blob_url is None:  # else nothing of the home is used
        require_own_home(settings.home)
    if not embedded_in_use(settings):
        yield _urls(settings, {})
        return
    with _holding(settings, stop) as urls:
        yield urls


def ensure_running(settings: Settings, *, stop: Event | None = None) -> ServerUrls:
    """Starts a server that died; to be called now and then inside `servers`.

    The URLs stay the same, Valkey's contents do not. While all is well, a call costs one connection to each embedded
    server (a few milliseconds). Ends and raises as `servers`.
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
    """Returns where the servers are; starts and holds none.

    Raises TransientError if an embedded PostgreSQL does not answer.
    """
    if not embedded_in_use(settings):
        return _urls(settings, {})
    require_own_home(settings.home)
    with _explained(settings.home):
        wanted = _wanted(settings) if settings.home.exists() else []
        away = not wanted or any(isinstance(s, PostgresServer) and s.state() is not State.READY for s in wanted)
    if away:
        raise TransientError(f"no PostgreSQL answers in {settings.home}; `newsmill up` starts everything")
    return _urls(settings, {type(server): server.url for server in wanted})


@contextmanager
def _holding(settings: Settings, stop: Event | None) -> Iterator[ServerUrls]:
    """Holds a shared lock while the block runs, by which the last holder knows that it is the last.

    A holder takes and returns it under the start lock only, so nobody comes while the last one stops the servers. The
    kernel returns it for a holder that is killed. The next holder adopts what still runs then.
    """
    home = settings.home
    with _explained(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own_home(home)
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
            else:  # somebody deleted the home; PostgreSQL notices that itself within a minute
                for server in wanted:
                    server.ask_to_stop()
    finally:
        os.close(holder)


def _is_ours(home: Path, holder: int) -> bool:
    """Whether the home is still the folder in which this process took its lock."""
    try:
        return os.path.samestat((home / "servers.lock").stat(), os.fstat(holder))
    except FileNotFoundError:
        return False


def _leave(home: Path, holder: int) -> None:
    """Stops the servers if nobody else holds them, also one that this holder did not want: whoever did may be dead."""
    try:
        if try_lock(holder):
            sockets = socket_folder(home)
            both = (PostgresServer(home, sockets), ValkeyServer(home, sockets))
            # A second Ctrl-C may end the waiting. It must not leave a server behind that nobody asked to stop.
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
        fcntl.flock(holder, fcntl.LOCK_UN)  # to close it is not enough: a fork made since shares the lock


@contextmanager
def _start_lock(home: Path, stop: Event | None = None) -> Iterator[None]:
    """No other process starts or stops servers of this home meanwhile. When `stop` is set, this process ends."""
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
    """Turns what the file system refuses into a message that names the setting."""
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
    """Makes and returns the folder of this home's sockets, which only its owner can enter.

    Its path is short, because a socket's path may have 107 bytes (103 on macOS). The home's identity names it and not
    the home's path: so a server outlives the renaming of its home, and the server of a deleted home does not get in the
    way of the next. Another user who makes a folder of the expected name first would keep the servers from starting, so
    a random one takes its place then. Raises ConfigurationError if the folder is not the owner's alone.
    """
    identity = home.stat()
    parent = Path(SOCKETS.format(uid=os.geteuid()))
    with suppress(FileExistsError):
        parent.mkdir(mode=0o700)
    if (given := _given_sockets(home)) is not None or parent.lstat().st_uid != os.geteuid():
        return given or _take_sockets(home)
    folder = parent / f"{identity.st_dev:x}-{identity.st_ino:x}"
    with suppress(FileExistsError):
        _require_private(parent).joinpath(folder.name).mkdir(mode=0o700)
    return _require_private(folder)


def _require_private(folder: Path) -> Path:
    if not _is_private(folder):
        raise ConfigurationError(
            f"{folder} must be a folder of yours with mode 0700, and is not: remove it, "
            "or set NEWSMILL_DATABASE_URL and NEWSMILL_REDIS_URL"
        )
    return folder


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _given_sockets(home: Path) -> Path | None:
    """Returns the folder of a random name that this home has; None if it has none, or it is gone with /tmp."""
    try:
        descriptor = open_file(str(home), str(home / _GIVEN), os.O_RDONLY)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as given:
        folder = Path(os.fsdecode(given.read()))
    return folder if _is_private(folder) else None


def _take_sockets(home: Path) -> Path:
    """Makes a folder of a random name and has the home remember it, unless another process was first."""
    made = Path(tempfile.mkdtemp(prefix=_RANDOM.name, dir=_RANDOM.parent))
    draft = home / f"{_GIVEN}.{made.name}"
    with open(open_file(str(home), str(draft), os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as given:
        given.write(os.fsencode(made))
    try:
        with suppress(FileExistsError):
            os.link(draft, home / _GIVEN)  # whole or not at all
        if (given_now := _given_sockets(home)) is None:  # of another life: its folder is gone
            os.replace(draft, home / _GIVEN)
            return made
    finally:
        draft.unlink(missing_ok=True)
    if given_now != made:
        made.rmdir()
    return given_now
