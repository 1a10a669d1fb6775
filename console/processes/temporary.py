"""A mill for the time of one command: of this home, beside whatever runs on it."""

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
    """A whole mill on a schema that is current; with `working`, somebody works on it for as long as the block runs.

    That are the workers of a running mill if one answers, else its own; those log to `workers.log` in the home folder.
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
    """Begun anew by the first command; one beside it appends. What documents say of themselves is for their owner."""
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as log:
        with suppress(OSError):  # a file system without locks
            if try_lock(log.fileno()):
                log.truncate(0)
            fcntl.flock(log, fcntl.LOCK_SH)
        yield log
