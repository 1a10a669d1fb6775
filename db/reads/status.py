"""Where everything stands, counted from the ledger: files and documents by stage, state and outcome, and the pace."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Text, bindparam, func, literal, select, text, true, union_all

from db.expressions import CLOCK, seconds
from db.index_models import Revisit
from db.models import Document, Failure, File, IntakeError, Work
from db.pauses import Paused, paused
from db.reads.containers import Account, accounts, latest
from newsmill.vocabulary import Outcome, Stage

__all__ = ["STATES", "Counts", "IntakeTrouble", "Rates", "Status", "intake_trouble", "status"]

_CONTAINERS = 5

STATES = ("ready", "dispatched", "running", "waiting", "done", "failed")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, in each state and (documents) with each outcome and at each stage if unfinished.

    What has finished counts as it ended, also while it goes through once more.
    """

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
    `containers`: the last five that were taken, the latest first.
    `again`: how many finished documents go through once more, by the stage that is next. `to_revisit` others do so
    soon, as what recurs in them has changed.
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
    again: dict[str, int]
    to_revisit: int
    containers: list[Account]


_OLDEST = (
    select(Document.registered_at)
    .join(Work, Work.id == Document.id)
    .where(Document.outcome.is_(None))
    .order_by(Work.id)
    .limit(1)
)
_trouble = select(
    IntakeError.path, IntakeError.error_class, IntakeError.message, IntakeError.attempts, IntakeError.last_at
)
_LATEST_TROUBLE = _trouble.order_by(IntakeError.last_at.desc()).limit(1000)
_TO_REVISIT = select(func.count()).select_from(Revisit)


def status(connection: Connection) -> Status:
    """Counts all that is in the mill."""
    documents, again = _document_counts(connection)
    rates = _rates(connection)
    left = sum(documents.by_stage.values())
    pace = rates.now or rates.last_minute
    return Status(
        files=_file_counts(connection),
        documents=documents,
        rates=rates,
        oldest_unfinished_at=connection.scalar(_OLDEST),
        eta_seconds=left / pace if left and pace else None,
        intake_errors=[IntakeTrouble(*row) for row in connection.execute(_LATEST_TROUBLE)],
        latest_waits=list(connection.scalars(_LATEST_WAITS)),
        latest_failures=list(connection.scalars(_LATEST_FAILURES)),
        paused=paused(connection),
        again=again,
        to_revisit=connection.execute(_TO_REVISIT).scalar_one(),
        containers=accounts(connection, latest(connection, _CONTAINERS))[::-1],
    )


_n = func.count().label("n")
_FINISHED = select(Document.outcome, _n).where(Document.finished_at.is_not(None)).group_by(Document.outcome)
_state = Work.state.label("state")
_UNFINISHED = (
    select(_state, Work.stage, Document.outcome, _n)
    .join(Document, Document.id == Work.id)
    .group_by(_state, Work.stage, Document.outcome)
)


def _document_counts(connection: Connection) -> tuple[Counts, dict[str, int]]:
    """Counts documents, and those of them that go through once more: their old outcome holds meanwhile."""
    by_outcome = {outcome.value: 0 for outcome in Outcome}
    by_outcome |= {row.outcome: row.n for row in connection.execute(_FINISHED)}
    by_state = dict.fromkeys(STATES, 0)
    by_state["failed"] = by_outcome["failed"]
    by_state["done"] = sum(by_outcome.values()) - by_outcome["failed"]
    by_stage = {stage.value: 0 for stage in Stage if stage is not Stage.UNPACK}
    again = dict(by_stage)
    total = sum(by_outcome.values())
    for row in connection.execute(_UNFINISHED):
        if row.outcome is None:
            by_state[row.state] += row.n
            by_stage[row.stage] += row.n
            total += row.n
        else:
            again[row.stage] += row.n
    return Counts(total, by_state, by_outcome, by_stage), again


_FILES = select(func.count().label("total"), func.count().filter(File.error.is_not(None)).label("failed"))
_file_id = func.coalesce(Document.file_id, Work.id).label("file_id")
_open_files = (
    select(_file_id, func.min(Work.state).label("state"))
    .outerjoin(Document, Document.id == Work.id)
    .where(Document.outcome.is_(None))
    .group_by(_file_id)
    .subquery("open_files")
)
_OPEN_FILES = select(_open_files.c.state, _n).group_by(_open_files.c.state)


def _file_counts(connection: Connection) -> Counts:
    """Counts files. A file is done when all its documents are, and failed when it could not be unpacked."""
    row = connection.execute(_FILES).one()
    by_state = dict.fromkeys(STATES, 0)
    for open_files in connection.execute(_OPEN_FILES):
        by_state[open_files.state] += open_files.n
    by_state["failed"] = row.failed
    by_state["done"] = row.total - sum(by_state.values())
    return Counts(row.total, by_state, {}, {})


_LATELY = select(
    func.count().filter(Document.finished_at > CLOCK - seconds(literal(10.0))).label("ten_seconds"),
    func.count().label("minute"),
).where(Document.finished_at > CLOCK - seconds(literal(60.0)))

# Raw: four looks at one table, each by an index of its own, read as one line of arithmetic.
_SINCE_START = text("""
    select (select count(*) from documents where finished_at is not null)
           / greatest(extract(epoch from (select max(finished_at) from documents)
                              - (select registered_at from documents order by id limit 1)), 0.001)
""")


def _rates(connection: Connection) -> Rates:
    lately = connection.execute(_LATELY).one()
    since_start = connection.scalar(_SINCE_START)
    return Rates(lately.ten_seconds / 10.0, lately.minute / 60.0, float(since_start or 0))


_waiting = (
    select(Work.id, Work.waits)
    .where(Work.next_attempt_at > CLOCK)
    .order_by(Work.waits.desc(), Work.id)
    .limit(20)
    .subquery("waiting")
)
_last_failure = (
    select(Failure.message)
    .where(Failure.item_id == _waiting.c.id)
    .order_by(Failure.id.desc())
    .limit(1)
    .lateral("last_failure")
)
_LATEST_WAITS = (
    select(_last_failure.c.message)
    .select_from(_waiting.join(_last_failure, true()))
    .order_by(_waiting.c.waits.desc(), _waiting.c.id)
)
"""Why some of what waits for another attempt does so, what has waited most often first."""

_failed = union_all(
    select(Document.reason.label("message"), Document.finished_at)
    .where(Document.outcome == Outcome.FAILED)
    .order_by(Document.finished_at.desc())
    .limit(20),
    select(File.error, File.finished_at).where(File.error.is_not(None)).order_by(File.finished_at.desc()).limit(20),
).subquery("failed")
_LATEST_FAILURES = select(_failed.c.message).order_by(_failed.c.finished_at.desc()).limit(20)

_path = bindparam("path", type_=Text())
_TROUBLE_AT = _trouble.where(func.md5(IntakeError.path) == func.md5(_path), IntakeError.path == _path)


def intake_trouble(connection: Connection, path: str) -> IntakeTrouble | None:
    """Returns why the file at this path could not be taken yet, if so."""
    row = connection.execute(_TROUBLE_AT, {"path": path}).one_or_none()
    return None if row is None else IntakeTrouble(*row)
