"""What every request needs: the database, the settings, the accounts, and what is looked up once for all viewers."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Request

from console.services.overview import Overview
from console.web.security.users import Accounts
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["Cached", "Console", "ConsoleDependency"]

T = TypeVar("T")

_SHARE = 20.0


class Cached(Generic[T]):
    """A value that is looked up at most once in so many seconds, however many ask.

    One that takes long is kept for twenty times as long as it took.
    """

    def __init__(self, look: Callable[[], T], *, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._look = look
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._found: tuple[float, T] | None = None

    def get(self) -> T:
        """Returns the value; while one thread looks it up, the others wait for that."""
        with self._lock:
            began = self._clock()
            if self._found is None or began >= self._found[0]:
                value = self._look()
                now = self._clock()
                self._found = (now + max(self._seconds, _SHARE * (now - began)), value)
            return self._found[1]


@dataclass(frozen=True, slots=True)
class Console:
    """One for the process, in the application's state."""

    database: Database
    settings: Settings
    accounts: Accounts
    overview: Cached[Overview]


def _console(request: Request) -> Console:
    console: Console = request.app.state.console
    return console


ConsoleDependency = Annotated[Console, Depends(_console)]
