"""Retry every document that has an article, as after an upgrade; and with them, if that is wanted, what failed."""

from dataclasses import dataclass

from sqlalchemy import Connection

from console.services.progress import Activity, Report, unreported
from console.services.retries.generations import PAGE, begin
from console.services.retries.selected import RetriedFailures, begin_failed
from db.reads import dead_letters
from db.reads.dead_letters import Selection
from db.reads.finished import Finished, database_time, finished_count, finished_ids
from db.sessions import Database
from newsmill.errors import UsageError
from newsmill.vocabulary import Outcome, Stage

__all__ = ["Finished", "RetryAllPlan", "check", "plan", "run", "run_failed"]

_STATEMENT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class RetryAllPlan:
    """What begins again at the stage: so many documents with an article, and unless None so many that failed."""

    which: Finished
    selection: Selection
    stage: Stage
    count: int
    failed: int | None


def check(selection: Selection) -> None:
    """Raises UsageError for a selection by reason or stage, which say nothing of articles."""
    if selection.reason is not None or selection.stage is not None:
        raise UsageError("--reason and --stage select among what failed: leave out --all")


def plan(database: Database, selection: Selection, stage: Stage, *, with_failed: bool) -> RetryAllPlan:
    """Counts what was finished until now, of the path and the times that are selected; changes nothing.

    Reads the table of documents, some seconds at tens of millions of rows. Raises UsageError as `check`.
    """
    check(selection)
    return database.run(_plan, selection, stage, with_failed, statement_seconds=_STATEMENT_SECONDS)


def run(database: Database, plan: RetryAllPlan, report: Report = unreported, *, page: int = PAGE) -> int:
    """Begins what the plan counted, once each, a page at a time; returns how many documents that were.

    `report` is told the documents that have begun. What is finished meanwhile is left alone: so whoever is interrupted
    plans anew with the same `until`, and that does the rest.
    """
    activity = Activity(f"beginning at {plan.stage}", report, plan.count)
    after = 0
    while ids := database.run(_next_page, plan.which, after, page, statement_seconds=_STATEMENT_SECONDS):
        after = ids[-1]
        activity.advance(len(begin(database, ids, plan.stage).documents))
    return activity.done


def run_failed(
    database: Database, plan: RetryAllPlan, report: Report = unreported, *, page: int = PAGE
) -> RetriedFailures:
    """Begins what failed and is selected; a step of its own, so that who is interrupted knows in which one."""
    activity = Activity(f"beginning at {plan.stage}", report, plan.failed)
    return begin_failed(database, plan.selection, activity, plan.stage, page)


def _plan(connection: Connection, selection: Selection, stage: Stage, with_failed: bool) -> RetryAllPlan:
    now = database_time(connection)
    until = now if selection.until is None else min(now, selection.until)
    which = Finished(until=until, since=selection.since, path=selection.path)
    failed = dead_letters.groups(connection, selection, Outcome.FAILED, limit=1).count if with_failed else None
    return RetryAllPlan(which, selection, stage, finished_count(connection, which), failed)


def _next_page(connection: Connection, which: Finished, after: int, page: int) -> list[int]:
    return finished_ids(connection, which, after=after, limit=page)
