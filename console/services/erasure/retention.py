"""Prune: what was taken in before a time goes for good, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from console.services.progress import Activity, Report, unreported
from db.erasure import deletion
from db.erasure.deletion import Old
from db.sessions import Database
from ingest.blobs.store import BlobStore
from newsmill.errors import UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Outcome
from worker.duties.erasure import PAGE_DOCUMENTS, Erasure

__all__ = ["Old", "PrunePlan", "Pruned", "named_outcome", "plan", "run"]

_STATEMENT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What `run` takes out: so many documents by outcome, the most frequent first, and perhaps files without any.

    With `allow_again` the same bytes may be taken again.
    """

    old: Old
    by_outcome: Mapping[str, int]
    has_empty_files: bool
    allow_again: bool

    @property
    def documents(self) -> int:
        """How many documents go."""
        return sum(self.by_outcome.values())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.documents and not self.has_empty_files


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many documents went; `blobs_wait`: a backup runs, and bytes go once it has ended."""

    documents: int
    blobs_wait: bool


def named_outcome(name: str | None) -> Outcome | None:
    """The outcome of this name. Raises UsageError for any other word."""
    outcomes = [outcome.value for outcome in Outcome]
    if name is not None and name not in outcomes:
        raise UsageError(f"{name!r} is no outcome; there are {', '.join(outcomes)}")
    return None if name is None else Outcome(name)


def plan(database: Database, old: Old, *, allow_again: bool = False) -> PrunePlan:
    """Counts what is so old and changes nothing; some seconds at tens of millions of documents."""
    return database.run(_plan, old, allow_again, statement_seconds=_STATEMENT_SECONDS)


def run(
    database: Database,
    blobs: BlobStore,
    settings: Settings,
    plan: PrunePlan,
    report: Report = unreported,
    *,
    page_documents: int = PAGE_DOCUMENTS,
) -> Pruned:
    """Takes out all that is as old as was planned; interrupted, the same call does the rest.

    `report` is told the documents that are gone for good. Raises TransientError if a worker that still has some of it
    in hand does not come to an end.
    """
    erasure = Erasure(database, blobs, settings, refused=not plan.allow_again, page_documents=page_documents)
    activity = Activity("pruning", report, plan.documents)
    erasure.prune(plan.old, activity.advance)
    settled = erasure.settle(activity.rename)
    return Pruned(activity.done, not settled)


def _plan(connection: Connection, old: Old, allow_again: bool) -> PrunePlan:
    counts = deletion.old_counts(connection, old)
    return PrunePlan(old, counts, not sum(counts.values()) and _has_empty_files(connection, old), allow_again)


def _has_empty_files(connection: Connection, old: Old) -> bool:
    """Whether there are such files without a document, as of containers that could not be unpacked."""
    if old.outcome not in (None, Outcome.FAILED):
        return False
    return bool(deletion.empty_files(connection, old.before, after=0, limit=1))
