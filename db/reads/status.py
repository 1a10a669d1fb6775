"""Where everything stands, counted from the ledger: files and documents by stage, state and outcome, and the pace."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db.pauses import Paused, paused
from newsmill.vocabulary import Stage

__all__ = ["STATES", "WORK_STATE", "Counts", "IntakeTrouble", "Rates", "Status", "intake_trouble", "status"]

STATES = ("ready", "dispatched", "running", "waiting", "done", "failed")

# The state of a row of work, admitted or not; the order of the tests is that of db.ledger.
WORK_STATE = """
    case when w.lease_token is not null then 'running' when w.dispatched_at is not null then 'dispatched'
         when w.next_attempt_at > clock_timestamp() then 'waiting' else 'ready' end
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, in each state and (documents) with each outcome and at each stage if unfinished."""

    total: int
    by_state: dict[str, int]
    by_outcome: dict[str, int]
    by_stage: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rates:
    """Documents finished a second: over the last ten seconds, the last minute, and since the first was registered."""

    now: float
    last_minute: float
    since_start: float


@dataclass(frozen=True, slots=True)
class IntakeTrouble:
    """A file that was seen and could not be taken yet."""

    path: str
    error_class: str
    message: str
    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `newsmill status` shows; `eta_seconds` is None when nothing moves or nothing is left.

    `latest_waits`: the reasons of some that wait for another attempt, `latest_failures` of those that failed last.
    `to_revisit` finished documents go through `clean` again soon, as what recurs in them has changed.
    """

    files: Counts
    documents: Counts
    rates: Rates
    oldest_unfinished_at: datetime | None
    eta_seconds: float | None
    intake_errors: list[IntakeTrouble]
    latest_waits: list[str]
    latest_failures: list[str]
    paused: list[Paused]
    to_revisit: int


def status(connection: Connection) -> Status:
    """One consistent picture (a single transaction's worth) of all that is in the mill."""
    documents = _document_counts(connection)
    rates = _rates(connection)
    left = sum(documents.by_stage.values())
    pace = rates.now or rates.last_minute
    oldest = connection.scalar(
        text("select d.registered_at from work w join documents d on d.id = w.id order by w.id limit 1")
    )
    failures = connection.execute(
        text("select path, error_class, message, attempts, last_at from intake_errors order by last_at desc limit 1000")
    )
    return Status(
        files=_file_counts(connection),
        documents=documents,
        rates=rates,
        oldest_unfinished_at=oldest,
        eta_seconds=left / pace if left and pace else None,
        intake_errors=[IntakeTrouble(*row) for row in failures],
        latest_waits=_latest_waits(connection),
        latest_failures=_latest_failures(connection),
        paused=paused(connection),
        to_revisit=connection.scalar(text("select count(*) from revisits")) or 0,
    )


def _document_counts(connection: Connection) -> Counts:
    finished = connection.execute(
        text("select outcome, count(*) as n from documents where finished_at is not null group by 1")
    )
    by_outcome = dict.fromkeys(("unique", "near_duplicate", "exact_duplicate", "rejected", "failed"), 0)
    by_outcome |= {row.outcome: row.n for row in finished}
    by_state = dict.fromkeys(STATES, 0)
    by_state["failed"] = by_outcome["failed"]
    by_state["done"] = sum(by_outcome.values()) - by_outcome["failed"]
    by_stage = {stage.value: 0 for stage in Stage if stage is not Stage.UNPACK}
    total = sum(by_outcome.values())
    rows = connection.execute(
        text(f"""
        select {WORK_STATE} as state, w.stage, d.outcome, count(*) as n
        from work w join documents d on d.id = w.id group by 1, 2, 3
        """)  # noqa: S608 - a constant
    )
    for row in rows:
        by_state[row.state] += row.n
        by_stage[row.stage] += row.n
        if row.outcome is None:
            total += row.n
        else:  # replayed: its old outcome stays visible, but it is at work now
            by_state["failed" if row.outcome == "failed" else "done"] -= row.n
    return Counts(total, by_state, by_outcome, by_stage)


def _file_counts(connection: Connection) -> Counts:
    """A file is as far as its documents: done when all of them are, failed when it could not be unpacked."""
    row = connection.execute(
        text("""
        select count(*) as total, count(*) filter (where error is not null) as failed from files
        """)
    ).one()
    by_state = dict.fromkeys(STATES, 0)
    unfinished = connection.execute(
        text(f"""
        select state, count(*) as n from (
            select coalesce(d.file_id, w.id) as file_id, min({WORK_STATE}) as state
            from work w left join documents d on d.id = w.id group by 1
        ) as open_files group by 1
        """)  # noqa: S608 - a constant
    )
    for open_files in unfinished:
        by_state[open_files.state] += open_files.n
    by_state["failed"] = row.failed
    by_state["done"] = row.total - sum(by_state.values())
    return Counts(row.total, by_state, {}, {})


def _rates(connection: Connection) -> Rates:
    row = connection.execute(
        text("""
        select count(*) filter (where finished_at > clock_timestamp() - interval '10 seconds') / 10.0 as now,
               count(*) / 60.0 as last_minute
        from documents where finished_at > clock_timestamp() - interval '60 seconds'
        """)
    ).one()
    whole = connection.execute(
        text("""
        select (select max(id) from documents) as any_id,
               (select count(*) from documents where finished_at is not null)
               / greatest(extract(epoch from (select max(finished_at) from documents)
                                  - (select registered_at from documents order by id limit 1)), 0.001) as since_start
        """)
    ).one()
    return Rates(float(row.now), float(row.last_minute), float(whole.since_start or 0))


def _latest_waits(connection: Connection) -> list[str]:
    """Why some of what waits for another attempt does so, what has waited most often first."""
    return list(
        connection.scalars(
            text("""
            select f.message from (
                select id, waits from work where next_attempt_at > clock_timestamp() order by waits desc, id limit 20
            ) w cross join lateral (select message from failures where item_id = w.id order by id desc limit 1) f
            order by w.waits desc, w.id
            """)
        )
    )


def _latest_failures(connection: Connection) -> list[str]:
    return list(
        connection.scalars(
            text("""
            (select reason as message, finished_at from documents where outcome = 'failed'
             order by finished_at desc limit 20)
            union all
            (select error, finished_at from files where error is not null order by finished_at desc limit 20)
            order by finished_at desc limit 20
            """)
        )
    )


def intake_trouble(connection: Connection, path: str) -> IntakeTrouble | None:
    """Why the file at this path could not be taken yet, if so."""
    row = connection.execute(
        text("""
        select path, error_class, message, attempts, last_at from intake_errors
        where md5(path) = md5(:path) and path = :path
        """),
        {"path": path},
    ).one_or_none()
    return None if row is None else IntakeTrouble(*row)
