"""Health: the probe for containers and monitoring. It asks the ledger once, soon has an answer, and starts nothing."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from sqlalchemy.exc import ProgrammingError

from db import processes
from db.processes import View
from db.sessions import Database
from newsmill.errors import NewsmillError, UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Role

__all__ = ["LIMIT_SECONDS", "ROLES", "Health", "View", "named_role", "probe"]

LIMIT_SECONDS = 5.0
ROLES = (Role.WORKER, Role.SWEEP, Role.WATCH, Role.SERVE)


@dataclass(frozen=True, slots=True)
class Health:
    """What a look at the ledger found: nothing is wrong where no problem is named.

    `view` is None where the ledger could not be read.
    """

    view: View | None = None
    problems: tuple[str, ...] = ()


def named_role(name: str | None) -> Role | None:
    """The role of this name. Raises UsageError for any other word."""
    if name is not None and name not in ROLES:
        raise UsageError(f"{name!r} is no role; there are {', '.join(ROLES)}")
    return None if name is None else Role(name)


def probe(
    connect: Callable[[], Database],
    settings: Settings,
    role: Role | None = None,
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> Health:
    """Whether work moves or, with a role, whether such a process of this host lives.

    `connect` gives the database and may raise NewsmillError, which is an answer, too; so is that none has come within
    the limit. A database that hangs holds up a thread for which nobody waits, not even the end of the process.
    """
    answers: list[Health] = []
    asking = Thread(target=lambda: answers.append(_look(connect, settings, role)), name="health", daemon=True)
    asking.start()
    asking.join(limit_seconds)
    return answers[0] if answers else Health(None, (f"the database has not answered within {limit_seconds:g} s",))


def _look(connect: Callable[[], Database], settings: Settings, role: Role | None) -> Health:
    try:
        view = connect().run(processes.look, settings, statement_seconds=LIMIT_SECONDS, retry_seconds=0)
    except NewsmillError as error:
        return Health(None, (str(error),))
    except ProgrammingError:
        return Health(None, ("the database has not this version's tables; run `newsmill migrate`",))
    if role is None:
        return Health(view, tuple(processes.problems(view, settings)))
    here = [p for p in view.processes if p.role == role and p.host == socket.gethostname()]
    if any(processes.is_fresh(process, settings) for process in here):
        return Health(view)
    last = min((process.seen_seconds for process in here), default=None)
    seen = "has not been seen" if last is None else f"was last seen {last:.0f} s ago"
    return Health(view, (f"a {role} of this host {seen}; start `newsmill {role}`",))
