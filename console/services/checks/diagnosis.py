"""Doctor: is everything there that the mill needs, and does work move."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from console.processes.opening import inbox_of_up
from console.servers.embedded import embedded_in_use
from db import pauses, processes
from db.pauses import Paused
from db.reads.server import server_version
from db.reads.status import status
from db.revisions import require_current
from newsmill.errors import NewsmillError
from newsmill.settings import Settings
from newsmill.vocabulary import Role
from worker.services import Services, require_database_room

__all__ = ["Finding", "findings", "hard_links"]

_NAMED_PROCESSES = 5
_HARD_LINKS = Path("/proc/sys/fs/protected_hardlinks")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `ok` is None for what is worth knowing and not wrong.

    `paused`: what is held back, for whoever writes times in another way than `message` does (ISO 8601).
    """

    name: str
    ok: bool | None
    message: str
    paused: Paused | None = None


def findings(services: Services) -> Iterator[Finding]:
    """Looks at one thing after the other; what does not answer is a finding."""
    kind = "embedded" if embedded_in_use(services.settings) else "as configured"
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
    yield from hard_links()
    if readable:
        yield from _database_room(services)
        yield from _progress(services)


def _postgresql(services: Services) -> str:
    return f"PostgreSQL {services.database.run(server_version, retry_seconds=0)}"


def _migrations(services: Services) -> str:
    require_current(services.database)
    return "current"


def _redis(services: Services) -> str:
    services.dispatcher.require_kept_messages()
    waiting = sum(services.dispatcher.queue_lengths().values())
    return f"{waiting:,} messages waiting, eviction policy {services.dispatcher.eviction_policy()}"


def _dispatch(services: Services) -> str:
    now = services.database.run(status, retry_seconds=0)
    states, again = now.documents.by_state, sum(now.again.values())
    told = ", ".join(f"{states[state]:,} {state}" for state in ("ready", "dispatched", "running", "waiting", "failed"))
    return told + (f", {again:,} once more" if again else "")


def _paused(services: Services) -> Iterator[Finding]:
    """What somebody holds back; nothing where the database is gone meanwhile."""
    try:
        paused = services.database.run(pauses.paused, retry_seconds=0)
    except NewsmillError:
        return
    for one in paused:
        yield Finding("paused", None, f"{one.scope} since {one.since.isoformat()}", one)


def _disk(services: Services) -> Finding:
    free = services.blobs.free_bytes()
    if free is None:
        return Finding("disk", None, f"free space of {services.blobs.location} is not known")
    message = f"{free / 1024**3:,.1f} GiB free for blobs at {services.blobs.location}"
    if free < services.settings.min_free_bytes:
        message += "; intake stops below NEWSMILL_MIN_FREE_BYTES: make room there"
    return Finding("disk", free >= services.settings.min_free_bytes, message)


def hard_links(setting: Path = _HARD_LINKS) -> Iterator[Finding]:
    """Says that the kernel lets anybody link into the inbox what he may not read, and the mill may; else nothing."""
    with suppress(OSError, ValueError):
        if int(setting.read_text()) == 0:
            yield Finding(
                "hard links",
                None,
                "who drops files may link those of others into the inbox: set the sysctl fs.protected_hardlinks to 1",
            )


def _database_room(services: Services) -> Iterator[Finding]:
    """Whether the database has room for what comes; nothing where nobody can know it from here."""
    if services.settings.database_url is not None and not services.settings.max_database_bytes:
        return
    try:
        require_database_room(services)
    except NewsmillError as error:
        yield Finding("database", False, str(error))
    else:
        yield Finding("database", True, "has room for more")


def _progress(services: Services) -> Iterator[Finding]:
    """Whether work moves, by the rule of `newsmill health`, and who is at it."""
    try:
        view = services.database.run(processes.look, services.settings, retry_seconds=0)
    except NewsmillError:
        return
    problems = processes.problems(view, services.settings)
    for problem in problems:
        yield Finding("progress", False, problem)
    if not problems:
        oldest = f"{view.dispatched:,} items dispatched, the first {view.due_seconds:.0f} s ago"
        yield Finding("progress", True, oldest if view.dispatched else "nothing is due")
    for role in (Role.WORKER, Role.SWEEP, Role.WATCH):
        alive = [p for p in view.processes if p.role == role and processes.is_fresh(p, services.settings)]
        seen = ", ".join(f"{p.host}:{p.pid} seen {p.seen_seconds:.0f} s ago" for p in alive[:_NAMED_PROCESSES])
        more = f" and {len(alive) - _NAMED_PROCESSES} more" if len(alive) > _NAMED_PROCESSES else ""
        yield Finding(role, True if alive else None, seen + more or "none is running: `newsmill up` starts one")
        if role is Role.WATCH and any(p.host == socket.gethostname() for p in alive):
            yield _inbox(services.settings)


def _inbox(settings: Settings) -> Finding:
    """Whether the watcher of this host still sees its inbox: of a share that is gone nothing else tells.

    `newsmill up` says which it watches. A watcher of its own may have been given another by --inbox, so a folder that
    nobody has named here and that is not there is a note.
    """
    told = inbox_of_up(settings.home)
    inbox = told or settings.inbox
    try:
        os.scandir(inbox).close()
    except OSError as error:
        said = f"{inbox} cannot be read: {error.strerror or error}; see that it is mounted and may be read"
        return Finding("inbox", False if told or "inbox" in settings.model_fields_set else None, said)
    return Finding("inbox", True, f"{inbox} can be read")
