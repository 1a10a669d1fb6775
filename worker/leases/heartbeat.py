"""A thread keeps a role's row in `processes` fresh: the role is there, and last made progress at this time."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from uuid import uuid4

import structlog

from db import processes
from db.processes import Identity
from db.sessions import Database
from newsmill.errors import TransientError

__all__ = ["TOKEN_VARIABLE", "Heartbeat", "identity", "process_name"]

log = structlog.get_logger(__name__)

TOKEN_VARIABLE = "NEWSMILL_PROCESS_TOKEN"  # noqa: S105 - it is a part of a name
"""The supervisor sets it to the last part of a role's name, and so knows the name of a process that it saw die.

Host and pid alone do not suffice: containers may share a host's name and have the same pids.
"""


def process_name(pid: int, token: str) -> str:
    """Returns the name of a process in `processes` and `leases`."""
    return f"{socket.gethostname()}:{pid}:{token}"


def identity(role: str) -> Identity:
    """Returns the identity of this process. Call it once: without a supervisor, each call draws another name."""
    token = os.environ.get(TOKEN_VARIABLE) or uuid4().hex[:6]
    return Identity(process_name(os.getpid(), token), role, socket.gethostname(), os.getpid())


class Heartbeat:
    """The heartbeat of roles without leases. A worker's `LeaseKeeper` sends its own."""

    def __init__(self, database: Database, role: str, *, seconds: float) -> None:
        self._database = database
        self._identity = identity(role)
        self._seconds = seconds
        self._stop = Event()
        self._moved = Event()

    def moved(self) -> None:
        """Says that the role made progress. The next heartbeat writes it."""
        self._moved.set()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Sends a heartbeat at once and every `seconds` while the block runs. Its end removes the row."""
        thread = Thread(target=self._run, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=5)

    def run_once(self) -> None:
        """Sends one heartbeat. Raises TransientError when the database is away; then the next writes the progress."""
        moved = self._moved.is_set()
        self._moved.clear()
        try:
            with self._database.transaction() as connection:
                processes.beat(connection, self._identity, moved=moved)
        except TransientError:
            if moved:
                self._moved.set()
            raise

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.run_once()
            except TransientError as error:
                log.warning("heartbeat: the database is away", reason=str(error))
            self._stop.wait(self._seconds)
        with suppress(TransientError), self._database.transaction() as connection:
            processes.depart(connection, self._identity.name)
