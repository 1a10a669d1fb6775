"""`newsmill doctor`: is everything there that the mill needs, and does work move."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from sqlalchemy import text

from console.embedded import embedded_in_use, servers
from console.printing import print_json
from db.migrating import require_current
from db.status import status
from newsmill.errors import NewsmillError
from newsmill.settings import Settings
from worker.app import app
from worker.mill import Mill, open_mill

__all__ = ["run_doctor"]

_LOW_DISK_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `ok` is None for what is worth knowing and not wrong."""

    name: str
    ok: bool | None
    message: str


def run_doctor(settings: Settings, *, as_json: bool, out: Console) -> int:
    """Prints the findings; the exit code is 1 if one of them is bad."""
    with servers(settings) as urls:
        mill = open_mill(settings, urls, name="doctor")
        findings = list(_findings(settings, mill))
        mill.close()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = {True: "ok  ", False: "BAD ", None: "note"}[finding.ok]
            out.print(f"{mark}  {finding.name:<11} {finding.message}", markup=False, soft_wrap=True)
    return 1 if any(finding.ok is False for finding in findings) else 0


def _findings(settings: Settings, mill: Mill) -> Iterator[Finding]:
    kind = "embedded" if embedded_in_use(settings) else "as configured"
    checks: list[tuple[str, Callable[[Mill], str]]] = [
        ("postgresql", _postgresql),
        ("migrations", _migrations),
        ("redis", _redis),
        ("dispatch", _dispatch),
    ]
    for name, check in checks:
        try:
            yield Finding(name, True, f"{check(mill)}{f' ({kind})' if name in ('postgresql', 'redis') else ''}")
        except NewsmillError as error:
            yield Finding(name, False, str(error))
    yield _disk(mill)
    yield _workers()


def _postgresql(mill: Mill) -> str:
    with mill.database.transaction() as connection:
        return f"PostgreSQL {connection.scalar(text('show server_version'))}"


def _migrations(mill: Mill) -> str:
    require_current(mill.database)
    return "current"


def _redis(mill: Mill) -> str:
    waiting = sum(mill.dispatcher.queue_lengths().values())
    return f"{waiting:,} messages waiting, eviction policy {mill.dispatcher.eviction_policy()}"


def _dispatch(mill: Mill) -> str:
    with mill.database.transaction() as connection:
        states = status(connection).documents.by_state
    return ", ".join(f"{states[state]:,} {state}" for state in ("ready", "dispatched", "running", "waiting", "failed"))


def _disk(mill: Mill) -> Finding:
    free = mill.blobs.free_bytes()
    if free is None:
        return Finding("disk", None, f"free space of {mill.blobs.location} is not known")
    message = f"{free / 1024**3:,.1f} GiB free for blobs at {mill.blobs.location}"
    return Finding("disk", free > _LOW_DISK_BYTES, message)


def _workers() -> Finding:
    answers = app.control.ping(timeout=1.0)
    if not answers:
        return Finding("workers", None, "none is running: `newsmill up` starts some")
    return Finding("workers", True, f"{len(answers)} answering")
