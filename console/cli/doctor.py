"""`newsmill doctor`: is everything there that the mill needs, and does work move."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from sqlalchemy import text

from console.cli.pause import pause_text
from console.cli.printing import print_json
from console.processes.opening import require_mill
from console.servers.embedded import embedded_in_use, servers
from db import pauses, processes
from db.migrating import require_current
from db.reads.status import status
from newsmill.errors import NewsmillError
from newsmill.settings import Settings
from worker.services import Services, open_services

__all__ = ["run_doctor"]

_NAMED_PROCESSES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `ok` is None for what is worth knowing and not wrong."""

    name: str
    ok: bool | None
    message: str


def run_doctor(settings: Settings, *, as_json: bool, out: Console) -> int:
    """Prints the findings; the exit code is 1 if one of them is bad."""
    require_mill(settings)
    with servers(settings) as urls:
        services = open_services(settings, urls, name="doctor")
        findings = list(_findings(settings, services))
        services.close()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = {True: "ok  ", False: "BAD ", None: "note"}[finding.ok]
            out.print(f"{mark}  {finding.name:<11} {finding.message}", markup=False, soft_wrap=True)
    return 1 if any(finding.ok is False for finding in findings) else 0


def _findings(settings: Settings, services: Services) -> Iterator[Finding]:
    kind = "embedded" if embedded_in_use(settings) else "as configured"
    readable = True  # the ledger
    checks: list[tuple[str, Callable[[Services], str]]] = [
        ("postgresql", _postgresql),
        ("migrations", _migrations),
        ("redis", _redis),
        ("dispatch", _dispatch),
    ]
    for name, check in checks:
        if name == "dispatch" and not readable:
            continue
        try:
            yield Finding(name, True, f"{check(services)}{f' ({kind})' if name in ('postgresql', 'redis') else ''}")
        except NewsmillError as error:
            yield Finding(name, False, str(error))
            readable = readable and name == "redis"
    if readable:
        yield from _paused(services)
    yield _disk(services)
    if readable:
        yield from _progress(services)


def _postgresql(services: Services) -> str:
    with services.database.transaction() as connection:
        return f"PostgreSQL {connection.scalar(text('show server_version'))}"


def _migrations(services: Services) -> str:
    require_current(services.database)
    return "current"


def _redis(services: Services) -> str:
    services.dispatcher.require_kept_messages()
    waiting = sum(services.dispatcher.queue_lengths().values())
    return f"{waiting:,} messages waiting, eviction policy {services.dispatcher.eviction_policy()}"


def _dispatch(services: Services) -> str:
    with services.database.transaction() as connection:
        states = status(connection).documents.by_state
    return ", ".join(f"{states[state]:,} {state}" for state in ("ready", "dispatched", "running", "waiting", "failed"))


def _paused(services: Services) -> Iterator[Finding]:
    """What somebody holds back, and how to let it go on; nothing where the database is gone meanwhile."""
    try:
        with services.database.transaction() as connection:
            held_back = pauses.paused(connection)
    except NewsmillError:
        return
    for held in held_back:
        yield Finding("paused", None, pause_text(held))


def _disk(services: Services) -> Finding:
    free = services.blobs.free_bytes()
    if free is None:
        return Finding("disk", None, f"free space of {services.blobs.location} is not known")
    message = f"{free / 1024**3:,.1f} GiB free for blobs at {services.blobs.location}"
    if free < services.settings.min_free_bytes:
        message += "; intake stops below NEWSMILL_MIN_FREE_BYTES: make room there"
    return Finding("disk", free >= services.settings.min_free_bytes, message)


def _progress(services: Services) -> Iterator[Finding]:
    """Whether work moves, by the rule of `newsmill health`, and who is at it."""
    try:
        with services.database.transaction() as connection:
            view = processes.look(connection, services.settings)
    except NewsmillError:
        return
    problems = processes.problems(view, services.settings)
    for problem in problems:
        yield Finding("progress", False, problem)
    if not problems:
        oldest = f"{view.dispatched:,} items dispatched, the first {view.due_seconds:.0f} s ago"
        yield Finding("progress", True, oldest if view.dispatched else "nothing is due")
    for role in ("worker", "sweep", "watch"):
        alive = [p for p in view.processes if p.role == role and processes.is_fresh(p, services.settings)]
        seen = ", ".join(f"{p.host}:{p.pid} seen {p.seen_seconds:.0f} s ago" for p in alive[:_NAMED_PROCESSES])
        more = f" and {len(alive) - _NAMED_PROCESSES} more" if len(alive) > _NAMED_PROCESSES else ""
        yield Finding(role, True if alive else None, seen + more or "none is running: `newsmill up` starts one")
        if role == "watch" and any(p.host == socket.gethostname() for p in alive):
            yield _inbox(services.settings)


def _inbox(settings: Settings) -> Finding:
    """Whether the watcher of this host still sees its inbox: of a share that is gone nothing else tells.

    It may have been given another by --inbox, so a folder that nobody has named here and that is not there is a note.
    """
    try:
        os.scandir(settings.inbox).close()
    except OSError as error:
        said = f"{settings.inbox} cannot be read: {error.strerror or error}; see that it is mounted and may be read"
        return Finding("inbox", False if "inbox" in settings.model_fields_set else None, said)
    return Finding("inbox", True, f"{settings.inbox} can be read")
