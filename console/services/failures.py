"""Failures: what failed for good, was rejected or could not be taken, by reason or one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from db.pauses import INTAKE
from db.reads import dead_letters
from db.reads.dead_letters import DeadLetter, Group, Groups, Selection
from db.sessions import Database
from ingest.inbox.names import path_text
from newsmill.errors import UsageError
from newsmill.vocabulary import Outcome, Stage

__all__ = ["DeadLetter", "FailureReasons", "Group", "Groups", "Selection", "by_reason", "each", "selected"]

_GROUPS = 100
_STATEMENT_SECONDS = 600.0  # a million dead letters took 12 to 20 s


@dataclass(frozen=True, slots=True)
class FailureReasons:
    """By reason: failed documents and containers, rejected documents, and paths that intake could not take."""

    failed: Groups
    rejected: Groups
    not_taken: Groups


def selected(*, stage: str | None = None, reason: str | None = None, path: str | None = None) -> Selection:
    """What these words select; see `Selection`. Raises UsageError for a word that selects nothing whatever there is."""
    known = [INTAKE, *(one.value for one in Stage)]
    if stage is not None and stage not in known:
        raise UsageError(f"--stage {stage}: there are {', '.join(known)}")
    for name, value in (("--reason", reason), ("--path", path)):
        if value is not None and not value.strip():
            raise UsageError(f"{name} is empty")
    return Selection(
        stage=stage,
        reason=None if reason is None else path_text(reason),
        path=None if path is None else path_text(path),
    )


def by_reason(database: Database, selection: Selection) -> FailureReasons:
    """What is selected, by reason, the most frequent first; up to 100 reasons of each kind, all of them counted."""
    return database.run(_by_reason, selection, statement_seconds=_STATEMENT_SECONDS)


def each(database: Database, selection: Selection) -> Iterator[DeadLetter]:
    """Each that is selected: the failed, then the rejected, then what was not taken, the oldest first; streamed.

    All are of one moment. The transaction ends with the iterator.
    """
    with database.stream() as connection:
        yield from dead_letters.letters(connection, selection, Outcome.FAILED)
        yield from dead_letters.letters(connection, selection, Outcome.REJECTED)
        yield from dead_letters.untaken(connection, selection)


def _by_reason(connection: Connection, selection: Selection) -> FailureReasons:
    return FailureReasons(
        failed=dead_letters.groups(connection, selection, Outcome.FAILED, limit=_GROUPS),
        rejected=dead_letters.groups(connection, selection, Outcome.REJECTED, limit=_GROUPS),
        not_taken=dead_letters.untaken_groups(connection, selection, limit=_GROUPS),
    )
