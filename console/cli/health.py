"""`newsmill health`: the probe for containers and monitoring. It asks the ledger once, soon has an answer, and starts
nothing."""

import socket
from dataclasses import asdict, dataclass, field
from threading import Thread

from rich.console import Console
from sqlalchemy.exc import ProgrammingError

from console.cli.printing import print_json
from console.servers.embedded import running_servers
from db import processes
from db.processes import View
from db.sessions import Database
from newsmill.errors import NewsmillError
from newsmill.settings import Settings

__all__ = ["ROLES", "run_health"]

ROLES = ("worker", "sweep", "watch")
_LIMIT_SECONDS = 5.0


@dataclass(slots=True)
class _Answer:
    """What a look at the ledger found; `view` is None where it could not be had."""

    view: View | None = None
    problems: list[str] = field(default_factory=list)


def run_health(settings: Settings, *, role: str | None, as_json: bool, out: Console) -> int:
    """Prints one line; the exit code is 1 if work does not move or, with `role`, if no such process of this host lives.

    An answer that has not come after five seconds is one, too.
    """
    answer = _Answer(problems=[f"the database has not answered within {_LIMIT_SECONDS:g} s"])

    def ask() -> None:
        nonlocal answer
        answer = _look(settings, role)

    # A database that hangs would hold up this thread: nobody waits for it, not even the end of the process.
    asking = Thread(target=ask, name="health", daemon=True)
    asking.start()
    asking.join(_LIMIT_SECONDS)
    found = answer
    if as_json:
        view = asdict(found.view) if found.view else {}
        print_json({"healthy": not found.problems, "problems": found.problems, **view})
    else:
        line = "; ".join(found.problems) or _summary(found.view, role)
        out.print(f"{'unhealthy' if found.problems else 'healthy'}: {line}", markup=False, soft_wrap=True)
    return 1 if found.problems else 0


def _look(settings: Settings, role: str | None) -> _Answer:
    try:
        database = Database(running_servers(settings).database_url, name="newsmill health")
        with database.transaction(statement_seconds=_LIMIT_SECONDS) as connection:
            view = processes.look(connection, settings)
    except NewsmillError as error:
        return _Answer(problems=[str(error)])
    except ProgrammingError:
        return _Answer(problems=["the database has not this version's tables; run `newsmill migrate`"])
    if role is None:
        return _Answer(view, processes.problems(view, settings))
    here = [p for p in view.processes if p.role == role and p.host == socket.gethostname()]
    if any(processes.is_fresh(process, settings) for process in here):
        return _Answer(view)
    last = min((process.seen_seconds for process in here), default=None)
    seen = "has not been seen" if last is None else f"was last seen {last:.0f} s ago"
    return _Answer(view, [f"a {role} of this host {seen}; start `newsmill {role}`"])


def _summary(view: View | None, role: str | None) -> str:
    if view is None:
        return ""
    counts = [f"{sum(p.role == name for p in view.processes)} {name}" for name in ([role] if role else ROLES)]
    work = f"{view.dispatched:,} items dispatched" if view.unfinished else "nothing to do"
    return f"{', '.join(counts)}; {work}"
