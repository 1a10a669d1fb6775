"""Whether work moves: the heartbeats of running roles, and the rule that tells a stall from a slow queue.

Health means progress, not presence: a process may live, hold its connections and do nothing for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Double,
    SQLColumnExpression,
    bindparam,
    case,
    cast,
    delete,
    extract,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db.expressions import CLOCK, seconds
from db.models import IntakeError, Lease, Process, Work
from db.pauses import not_paused
from newsmill.settings import Settings
from newsmill.vocabulary import INTAKE_STOPPED, Lane, Role

__all__ = [
    "Identity",
    "ProcessState",
    "View",
    "beat",
    "depart",
    "forget_processes",
    "fresh_seconds",
    "has_worker",
    "is_fresh",
    "longest_task_seconds",
    "look",
    "problems",
]

_NEEDED = {"worker": "worker", "sweep": "sweeper"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A running role; no other process, dead or alive, has its name."""

    name: str
    role: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class ProcessState:
    """A role as its heartbeat describes it; ages are in seconds on the database's clock.

    `moved_at` is when it last got something done: a worker took or finished a task, a sweeper completed a pass. None:
    not yet. `task_seconds` is the age of the youngest lease that it holds, None if it holds none.
    """

    name: str
    role: str
    host: str
    pid: int
    seen_at: datetime
    moved_at: datetime | None
    seen_seconds: float
    moved_seconds: float
    task_seconds: float | None


@dataclass(frozen=True, slots=True)
class View:
    """What the rule is about. Nothing that is paused counts.

    `unfinished`: there is work that waits neither for a pause nor for its next attempt. `dispatched`: items that any
    worker may take now; `due` of them for longer than `stall_seconds`, the first for `due_seconds`. `ready`: items that
    the sweeper should send. `overdue`: leases older than any limit allows, the first by `overdue_seconds`. `returning`:
    items that have come back from their stage again and again. `intake_stopped`: why nothing is taken in, "" if files
    are.
    """

    processes: tuple[ProcessState, ...]
    unfinished: bool
    dispatched: int
    due: int
    due_seconds: float
    ready: int
    overdue: int
    overdue_seconds: float
    intake_stopped: str = ""
    returning: int = 0


_new = insert(Process).values(
    name=bindparam("name"), role=bindparam("role"), host=bindparam("host"), pid=bindparam("pid")
)
_BEAT = _new.on_conflict_do_update(
    index_elements=[Process.name],
    set_={
        Process.seen_at: CLOCK,
        Process.moved_at: case((bindparam("moved", type_=Boolean()), CLOCK), else_=Process.moved_at),
    },
)


def beat(connection: Connection, process: Identity, *, moved: bool) -> None:
    """Says that the process is there and, with `moved`, that it got something done since the last heartbeat.

    Each process writes its own row, which no index but the key covers: the updates are HOT, and nobody waits for them.
    """
    connection.execute(
        _BEAT, {"name": process.name, "role": process.role, "host": process.host, "pid": process.pid, "moved": moved}
    )


_DEPART = delete(Process).where(Process.name == bindparam("name"))


def depart(connection: Connection, name: str) -> None:
    """Takes the process off the list; leases that it still holds expire now, for the sweeper to release.

    The process itself says so at its orderly end, or a parent that has seen it die: nobody else knows for certain.
    """
    from db import ledger  # late: a health probe, which only looks, starts sooner without it

    connection.execute(_DEPART, {"name": name})
    ledger.end_leases_of(connection, name)


_FORGET = delete(Process).where(Process.seen_at < CLOCK - seconds("seconds"))


def forget_processes(connection: Connection, seconds: float) -> int:
    """Takes off the list who has not been seen for so many seconds; returns how many these are."""
    return connection.execute(_FORGET, {"seconds": seconds}).rowcount


def _age(moment: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None]) -> ColumnElement[float]:
    """Returns how many seconds ago it was."""
    return cast(extract("epoch", CLOCK - moment), Double())


_RETURNS: Final = 8
"""With the waits in between these are two minutes and more: an outage of a server is over or known by then."""

_in_flight = (
    select(Work.state.label("state"), _age(Work.dispatched_at).label("age"), Work.waits.label("waits"))
    .where(Work.lane == Lane.ADMITTED, not_paused(Work.stage))
    .subquery("in_flight")
)
_dispatched = _in_flight.c.state == "dispatched"
_later = aliased(
    Work,
    select(Work.stage, Work.next_attempt_at)
    .where(Work.lane > Lane.ADMITTED)
    .order_by(Work.lane, Work.id)
    .limit(1000)
    .subquery("later"),
)
_limit: BindParameter[float] = bindparam("limit", type_=Double())
_LOOK = select(
    func.count().filter(_dispatched).label("dispatched"),
    func.count().filter(_dispatched, _in_flight.c.age > bindparam("stall", type_=Double())).label("due"),
    func.coalesce(func.max(_in_flight.c.age).filter(_dispatched), 0).label("due_seconds"),
    func.count().filter(_in_flight.c.state == "ready").label("ready"),
    func.count().filter(_in_flight.c.waits >= _RETURNS).label("returning"),
    or_(
        func.coalesce(func.bool_or(_in_flight.c.state != "waiting"), false()),
        select(_later.stage).where(not_paused(_later.stage), _later.is_due).exists(),
    ).label("unfinished"),
    select(func.count()).where(_age(Lease.claimed_at) > _limit).scalar_subquery().label("overdue"),
    select(func.coalesce(_age(func.min(Lease.claimed_at)), 0) - _limit).scalar_subquery().label("overdue_seconds"),
    func.coalesce(
        select(func.min(IntakeError.message)).where(IntakeError.error_class == INTAKE_STOPPED).scalar_subquery(), ""
    ).label("intake_stopped"),
).select_from(_in_flight)


def look(connection: Connection, settings: Settings) -> View:
    """Reads what is in flight, which admission bounds, and the processes."""
    limits = {"stall": settings.stall_seconds, "limit": longest_task_seconds(settings)}
    work = connection.execute(_LOOK, limits).one()
    return View(
        processes=tuple(ProcessState(*row) for row in connection.execute(_PROCESSES)),
        unfinished=work.unfinished,
        dispatched=work.dispatched,
        due=work.due,
        due_seconds=work.due_seconds,
        ready=work.ready,
        overdue=work.overdue,
        overdue_seconds=work.overdue_seconds,
        intake_stopped=work.intake_stopped,
        returning=work.returning,
    )


_PROCESSES = select(
    Process.name,
    Process.role,
    Process.host,
    Process.pid,
    Process.seen_at,
    case((Process.moved_at > Process.started_at, Process.moved_at)).label("moved_at"),
    _age(Process.seen_at).label("seen_seconds"),
    _age(Process.moved_at).label("moved_seconds"),
    select(_age(func.max(Lease.claimed_at)))
    .where(Lease.worker == Process.name, Lease.expires_at > CLOCK)
    .scalar_subquery()
    .label("task_seconds"),
).order_by(Process.role.desc(), Process.started_at, Process.name)


def problems(view: View, settings: Settings) -> list[str]:
    """Returns what is wrong, a line each; none while work moves, rests, is paused or is not there."""
    found = []
    stall = f"{settings.stall_seconds:g} s"
    present = {role: [p for p in view.processes if p.role == role and is_fresh(p, settings)] for role in _NEEDED}
    if view.unfinished:
        for role, processes in present.items():
            if not processes:
                found.append(f"there is work and no {_NEEDED[role]}: start `newsmill {role}`, or `newsmill up`")
    if view.due and present["worker"] and not any(_is_moving(p, settings) for p in present["worker"]):
        found.append(
            f"stalled: {view.due:,} items have been due for up to {view.due_seconds:.0f} s, and no worker has taken or"
            f" finished anything for {stall}; see that Redis answers, then start the workers again"
        )
    if view.ready and present["sweep"] and not any(_is_moving(p, settings) for p in present["sweep"]):
        found.append(
            f"stalled: {view.ready:,} items are to be sent, and no sweeper has completed a pass for {stall}; see that"
            " Redis answers, then start the sweeper again"
        )
    if view.intake_stopped:
        found.append(f"nothing is taken in: {view.intake_stopped}")
    if view.overdue:
        found.append(
            f"{view.overdue:,} tasks run longer than any limit allows, one by {view.overdue_seconds:.0f} s; start the"
            " workers again"
        )
    if view.returning:
        found.append(
            f"{view.returning:,} items have come back {_RETURNS} times and more, and get no further: `newsmill status`"
            " says at which stage, the workers' log says why"
        )
    return found


def is_fresh(process: ProcessState, settings: Settings) -> bool:
    """Returns whether the heartbeat is young enough to say that the process is there."""
    return process.seen_seconds <= fresh_seconds(settings)


def fresh_seconds(settings: Settings) -> float:
    """Returns how old a heartbeat may be, in seconds; one comes thrice a lease."""
    return max(settings.stall_seconds, settings.lease_seconds)


_HAS_WORKER = select(
    select(Process.name).where(Process.role == Role.WORKER, Process.seen_at > CLOCK - seconds("seconds")).exists()
)


def has_worker(connection: Connection, settings: Settings) -> bool:
    """Returns whether any worker has shown a heartbeat that is young enough."""
    return bool(connection.scalar(_HAS_WORKER, {"seconds": fresh_seconds(settings)}))


def longest_task_seconds(settings: Settings) -> float:
    """Returns after how many seconds a limit has ended any task, if somebody is there to see to it."""
    return settings.task_seconds + settings.stall_seconds


def _is_moving(process: ProcessState, settings: Settings) -> bool:
    """Returns whether it got something done lately, or is at something for no longer than it may be."""
    if process.task_seconds is not None and process.task_seconds <= longest_task_seconds(settings):
        return True
    return process.moved_at is not None and process.moved_seconds <= settings.stall_seconds
