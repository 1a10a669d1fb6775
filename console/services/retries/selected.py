"""Retry what failed, or of that what is selected by its reason, path, stage or time."""

from dataclasses import dataclass

from sqlalchemy import Connection

from console.services.progress import Activity, Report, unreported
from console.services.retries.generations import PAGE, begin
from db.reads import dead_letters
from db.reads.dead_letters import Groups, Selection
from db.sessions import Database
from newsmill.errors import ConfigurationError
from newsmill.vocabulary import Outcome, Stage

__all__ = ["RetriedFailures", "RetryPlan", "begin_failed", "plan", "run"]

_NAMED = 10
_STATEMENT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """What `run` begins at the stage: `failed`, by reason (None: not counted), and what only intake can try again."""

    selection: Selection
    stage: Stage
    failed: Groups | None
    not_taken: Groups

    @property
    def is_empty(self) -> bool:
        """Whether nothing that was selected has failed, as far as that was counted."""
        return self.failed is not None and not self.failed.count


@dataclass(frozen=True, slots=True)
class RetriedFailures:
    """How many documents began again, and how many containers are unpacked on."""

    documents: int
    files: int

    def __bool__(self) -> bool:
        return bool(self.documents or self.files)


def plan(database: Database, selection: Selection, stage: Stage, *, counted: bool = True) -> RetryPlan:
    """Finds what failed and is selected; changes nothing.

    Counting reads all dead letters: 12 to 20 s for a million of them. Who asks nobody may leave it out. Raises
    ConfigurationError where a filter selects nothing at all.
    """
    found = database.run(_plan, selection, stage, counted, statement_seconds=_STATEMENT_SECONDS)
    if found.is_empty:
        _require_found(found)
    return found


def run(database: Database, plan: RetryPlan, report: Report = unreported, *, page: int = PAGE) -> RetriedFailures:
    """Begins what failed and is selected, a page at a time; interrupted, the same call does the rest.

    Raises ConfigurationError where a filter selects nothing at all.
    """
    if plan.is_empty:
        return RetriedFailures(0, 0)
    total = None if plan.failed is None else plan.failed.count
    done = begin_failed(
        database, plan.selection, Activity(f"beginning at {plan.stage}", report, total), plan.stage, page
    )
    if not done:
        _require_found(plan)
    return done


def begin_failed(
    database: Database, selection: Selection, activity: Activity, stage: Stage, page: int
) -> RetriedFailures:
    """Begins all that failed and is selected at the stage, and is content with nothing."""
    documents = files = 0
    with database.stream() as connection:
        for ids in dead_letters.failed_ids(connection, selection, page=page):
            begun = begin(database, ids, stage)
            documents, files = documents + len(begun.documents), files + len(begun.files)
            activity.advance(len(ids))
    return RetriedFailures(documents, files)


def _plan(connection: Connection, selection: Selection, stage: Stage, counted: bool) -> RetryPlan:
    return RetryPlan(
        selection=selection,
        stage=stage,
        failed=dead_letters.groups(connection, selection, Outcome.FAILED, limit=_NAMED) if counted else None,
        not_taken=dead_letters.untaken_groups(connection, selection, limit=1),
    )


def _require_found(plan: RetryPlan) -> None:
    """A filter that selects nothing is a typo as a rule, and no success."""
    if plan.selection != Selection() and not plan.not_taken.count:
        raise ConfigurationError("nothing that has failed matches; `newsmill failed` tells what there is")
