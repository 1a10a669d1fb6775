"""Services and workers for the time of one command, beside whatever runs on the same home."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from console.processes.opening import opened_services
from console.processes.supervisor import running_roles
from console.servers.process import try_lock
from newsmill.settings import Settings
from newsmill.vocabulary import Role
from worker.app import app
from worker.services import Services

__all__ = ["opened_with_workers"]


@contextmanager
def opened_with_workers(settings: Settings, name: str, *, working: bool) -> Iterator[Services]:
    """Opens all services on a schema that is current; with `working`, somebody works on the stages meanwhile.

    That is the workers that answer, and if none does, workers of the command's own, which log to `workers.log` in the
    home folder.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        log = stack.enter_context(_opened_log(settings.home / "workers.log"))
        supervisor = stack.enter_context(running_roles(settings, [Role.WORKER, Role.SWEEP], output=log))
        services = stack.enter_context(opened_services(settings, name))
        if working and not app.control.ping(timeout=1.0, limit=1):
            stack.enter_context(supervisor.in_background())
        yield services


@contextmanager
def _opened_log(path: Path) -> Iterator[IO[bytes]]:
    """The first command begins the log anew, one beside it appends. Its owner alone reads it: it tells of documents."""
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as log:
        with suppress(OSError):  # a file system without locks
            if try_lock(log.fileno()):
                log.truncate(0)
            fcntl.flock(log, fcntl.LOCK_SH)
        yield log
