"""Services and workers for the time of one command, beside whatever runs on the same home."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import IO

from console.processes.liveness import is_alive
from console.processes.opening import opened_services
from console.processes.supervisor import running_roles
from console.servers.process import try_lock
from db import processes
from newsmill.errors import ConfigurationError
from newsmill.ownership import require_own_home
from newsmill.paths import open_file
from newsmill.settings import Settings
from newsmill.terminal_text import visible
from newsmill.vocabulary import Role
from worker.services import Services

__all__ = ["opened_with_workers"]

_TAIL_BYTES = 4096
_LOOK_SECONDS = 2.0


@contextmanager
def opened_with_workers(
    settings: Settings, name: str, *, working: bool
) -> Iterator[tuple[Services, Callable[[], None]]]:
    """Opens all services on a schema that is current; with `working`, somebody works on the stages meanwhile.

    That is the workers that are there, and if there are none, workers of the command's own, which log to `workers.log`
    in the home folder. Whoever waits for the work calls what is given with the services now and then: it starts workers
    where the others are gone, and raises ConfigurationError with the reason where its own die again and again.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_own_home(settings.home)
    with ExitStack() as stack:
        log = stack.enter_context(_opened_log(settings.home / "workers.log"))
        supervisor = stack.enter_context(running_roles(settings, [Role.WORKER, Role.SWEEP], output=log))
        services = stack.enter_context(opened_services(settings, name))
        own, look_at = False, 0.0

        def require_workers() -> None:
            nonlocal own, look_at
            if own and (failing := supervisor.failing):
                raise ConfigurationError(f"{failing}; {log.name} says: {_last_words(settings)}")
            if working and not own and monotonic() >= look_at:
                look_at = monotonic() + _LOOK_SECONDS
                if not _has_workers(services):
                    stack.enter_context(supervisor.in_background())
                    own = True

        require_workers()
        yield services, require_workers


def _has_workers(services: Services) -> bool:
    """Whether a worker has shown a heartbeat lately; of one on this host also whether its process is left."""
    view = services.database.run(processes.look, services.settings)
    fresh = [one for one in view.processes if one.role == Role.WORKER and processes.is_fresh(one, services.settings)]
    return any(one.host != socket.gethostname() or is_alive(one.pid) for one in fresh)


def _last_words(settings: Settings) -> str:
    """The last line of the workers' log."""
    descriptor = open_file(str(settings.home), str(settings.home / "workers.log"), os.O_RDONLY)
    with open(descriptor, "rb") as log:
        log.seek(max(0, os.fstat(descriptor).st_size - _TAIL_BYTES))
        lines = log.read().decode(errors="replace").splitlines()
    return visible(next((line for line in reversed(lines) if line.strip()), "nothing"))


@contextmanager
def _opened_log(path: Path) -> Iterator[IO[bytes]]:
    """The first command begins the log anew, one beside it appends. Its owner alone reads it: it tells of documents."""
    with open(path, "ab", opener=lambda name, flags: open_file(str(path.parent), name, flags)) as log:
        os.fchmod(log.fileno(), 0o600)
        with suppress(OSError):  # a file system without locks
            if try_lock(log.fileno()):
                log.truncate(0)
            fcntl.flock(log, fcntl.LOCK_SH)
        yield log
