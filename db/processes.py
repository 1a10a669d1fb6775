"""Whether work moves: the heartbeats of running roles, and the rule that tells a stall from a slow queue.

Health means progress, not presence: a process may live, hold its connections and do nothing for ever.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db import ledger
from newsmill.settings import Settings

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
    the sweeper should send. `overdue`: leases older than any limit allows, the first by `overdue_seconds`.
    """

    processes: tuple[ProcessState, ...]
    unfinished: bool
    dispatched: int
    due: int
    due_seconds: float
    ready: int
    overdue: int
    overdue_seconds: float


def beat(connection: Connection, process: Identity, *, moved: bool) -> None:
    """The heartbeat: says that the process is there and, with `moved`, that it got something done since the last one.

    Each process writes its own row, which no index but the key covers: the updates are HOT, and nobody waits for them.
    """
    connection.execute(
        text("""
        insert into processes (name, role, host, pid) values (:name, :role, :host, :pid)
        on conflict (name) do update
        set seen_at = clock_timestamp(),
            moved_at = case when :moved then clock_timestamp() else processes.moved_at end
        """),
        {"name": process.name, "role": process.role, "host": process.host, "pid": process.pid, "moved": moved},
    )


def depart(connection: Connection, name: str) -> None:
    """Takes the process's name off the list; leases that it still holds expire now, for the sweeper to release.

    For its own orderly end, and for a parent that has seen it die: nobody else knows for certain that it is gone.
    """
    connection.execute(text("delete from processes where name = :name"), {"name": name})
    ledger.end_leases_of(connection, name)


def forget_processes(connection: Connection, seconds: float) -> int:
    """Takes off the list what has not been seen for so long; returns how many there were."""
    return connection.execute(
        text("delete from processes where seen_at < clock_timestamp() - make_interval(secs => :seconds)"),
        {"seconds": seconds},
    ).rowcount


def look(connection: Connection, settings: Settings) -> View:
    """Two short reads: of what is in flight, which admission bounds, and of the processes."""
    work = connection.execute(
        text("""
        select count(*) filter (where dispatched) as dispatched,
               count(*) filter (where dispatched and age > :stall) as due,
               coalesce(max(age) filter (where dispatched), 0) as due_seconds,
               count(*) filter (where ready) as ready,
               coalesce(bool_or(leased or dispatched or ready), false)
                   or exists (select from (select stage, next_attempt_at from work where lane > 0
                                           order by lane, id limit 1000) as later
                              where stage not in (select scope from holds)
                                and (next_attempt_at is null or next_attempt_at <= clock_timestamp())) as unfinished,
               (select count(*) from leases
                where claimed_at < clock_timestamp() - make_interval(secs => :limit)) as overdue,
               (select coalesce(extract(epoch from clock_timestamp() - min(claimed_at)), 0) - :limit
                from leases) as overdue_seconds
        from (
            select lease_token is not null as leased,
                   lease_token is null and dispatched_at is not null as dispatched,
                   lease_token is null and dispatched_at is null
                       and (next_attempt_at is null or next_attempt_at <= clock_timestamp()) as ready,
                   cast(extract(epoch from clock_timestamp() - dispatched_at) as double precision) as age
            from work where lane = 0 and stage not in (select scope from holds)
        ) as in_flight
        """),
        {"stall": settings.stall_seconds, "limit": longest_task_seconds(settings)},
    ).one()
    return View(
        processes=_processes(connection),
        unfinished=work.unfinished,
        dispatched=work.dispatched,
        due=work.due,
        due_seconds=float(work.due_seconds),
        ready=work.ready,
        overdue=work.overdue,
        overdue_seconds=float(work.overdue_seconds),
    )


def _processes(connection: Connection) -> tuple[ProcessState, ...]:
    rows = connection.execute(
        text("""
        select name, role, host, pid, seen_at, case when moved_at > started_at then moved_at end as moved_at,
               cast(extract(epoch from clock_timestamp() - seen_at) as double precision) as seen_seconds,
               cast(extract(epoch from clock_timestamp() - moved_at) as double precision) as moved_seconds,
               (select cast(extract(epoch from clock_timestamp() - max(claimed_at)) as double precision) from leases
                where worker = name and expires_at > clock_timestamp()) as task_seconds
        from processes order by role desc, started_at, name
        """)
    )
    return tuple(ProcessState(*row) for row in rows)


def problems(view: View, settings: Settings) -> list[str]:
    """What is wrong, a line each; none while work moves, rests, is paused or is not there."""
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
    if view.overdue:
        found.append(
            f"{view.overdue:,} tasks run longer than any limit allows, one by {view.overdue_seconds:.0f} s; start the"
            " workers again"
        )
    return found


def is_fresh(process: ProcessState, settings: Settings) -> bool:
    """Whether the heartbeat is young enough to say that the process is there."""
    return process.seen_seconds <= fresh_seconds(settings)


def fresh_seconds(settings: Settings) -> float:
    """How old a heartbeat may be: it comes thrice a lease."""
    return max(settings.stall_seconds, settings.lease_seconds)


def has_worker(connection: Connection, settings: Settings) -> bool:
    """Whether any worker has shown a heartbeat that is young enough."""
    seen = text("""
        select exists (select from processes where role = 'worker'
                       and seen_at > clock_timestamp() - make_interval(secs => :seconds))
    """)
    return bool(connection.scalar(seen, {"seconds": fresh_seconds(settings)}))


def longest_task_seconds(settings: Settings) -> float:
    """Time after which a task has been ended by its limit, if there is anybody to see to it."""
    return settings.task_seconds + settings.stall_seconds


def _is_moving(process: ProcessState, settings: Settings) -> bool:
    """It got something done lately, or it is at something for no longer than it may be."""
    if process.task_seconds is not None and process.task_seconds <= longest_task_seconds(settings):
        return True
    return process.moved_at is not None and process.moved_seconds <= settings.stall_seconds
