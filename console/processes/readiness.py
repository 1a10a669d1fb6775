"""What must answer before a role or a migration begins. It waits for what may come, and says at once what cannot."""

import os
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

import structlog

from db.revisions import require_current
from db.sessions import Database
from newsmill.errors import TransientError
from worker.services import Services

__all__ = ["await_answer", "await_database", "await_parts", "await_server"]

log = structlog.get_logger(__name__)

T = TypeVar("T")

_POLL_SECONDS = 1.0
_TELL_SECONDS = 10.0
_STARTING_SECONDS = 30.0


def await_parts(services: Services, stop: Event, *, takes_files: bool = False) -> None:
    """Waits until PostgreSQL, Redis and the blob store answer; ends the process with exit code 0 when `stop` is set.

    With `takes_files` the blob store has to take files, too. Raises ConfigurationError for what no waiting mends: a
    refused login, another schema, a Redis that evicts.
    """
    await_answer("PostgreSQL", lambda: require_current(services.database), stop)
    await_answer("Redis", services.dispatcher.require_kept_messages, stop)
    await_answer("the blob store", lambda: services.blobs.require_reachable(writable=takes_files), stop)


def _log(line: str) -> None:
    log.warning(line)


def await_database(database: Database, *, tell: Callable[[str], None] = _log, stop: Event | None = None) -> None:
    """Waits for a PostgreSQL that is starting, as `await_server`."""

    def ask() -> None:
        with database.transaction():
            pass

    await_server("PostgreSQL", ask, stop, tell=tell)


def await_server(
    name: str, ask: Callable[[], object], stop: Event | None, *, tell: Callable[[str], None] = _log
) -> None:
    """Waits until the server answers or `stop` is set; where there is no `stop`, for half a minute at the most.

    Then it raises the server's TransientError.
    """
    await_answer(name, ask, stop or Event(), seconds=None if stop else _STARTING_SECONDS, tell=tell)


def await_answer(
    name: str,
    call: Callable[[], T],
    stop: Event,
    *,
    seconds: float | None = None,
    tell: Callable[[str], None] = _log,
) -> T:
    """Returns `call()` as soon as that raises no TransientError; tells the message of one every ten seconds.

    After `seconds` it raises the error. When `stop` is set, the process ends with exit code 0.
    """
    began, told = monotonic(), float("-inf")
    while True:
        try:
            return call()
        except TransientError as error:
            now = monotonic()
            if seconds is not None and now > began + seconds:
                raise
            if now >= told + _TELL_SECONDS:
                tell(f"waiting for {name} since {now - began:.0f} s: {error}")
                told = now
        if stop.wait(_POLL_SECONDS):
            raise SystemExit(os.EX_OK)
