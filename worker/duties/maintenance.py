"""Cleans documents again when their recurring passages change, and removes texts that no document uses any more.

The sweeper runs it. Each pass does a bounded part of the work, and any number of passes may run at once.
"""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from db import ledger
from db.sessions import Database
from db.similarity import boilerplate, orphans
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

__all__ = ["Maintenance"]

log = structlog.get_logger(__name__)

_REVISITS = 1000
_ORPHANS = 200
_PASSAGES = 1000


class Maintenance:
    """Brings stored articles and texts in line with the present set of documents."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._told_limit = False

    def run_once(self) -> int:
        """Runs one pass; returns how many documents it sends to `clean` again. Raises TransientError."""
        revisited = self._database.run(_revisit, self._settings.max_in_flight_documents)
        if revisited:
            log.info("what recurs has changed: documents are cleaned again", documents=revisited)
        self.forget_orphans()
        # While the limit stays the same, this reads one row and does nothing else.
        self._database.run(boilerplate.count_anew, self._settings.recurring_groups, _PASSAGES)
        self._tell_of_another_limit()
        return revisited

    def forget_orphans(self, until: datetime | None = None) -> None:
        """Removes a page of texts that no document uses from the index. Raises TransientError.

        A text is due at its own time, or at `until` if that is given. If no document at work could use them, all texts
        are due.
        """
        self._database.run(orphans.forget_orphans, until, _ORPHANS, self._settings.recurring_groups)

    def _tell_of_another_limit(self) -> None:
        """Says once that the setting is not what counts, if somebody has set it."""
        if self._told_limit or "recurring_groups" not in self._settings.model_fields_set:
            return
        self._told_limit = True
        in_force = self._database.run(boilerplate.limit_in_force, self._settings.recurring_groups)
        if in_force != self._settings.recurring_groups:
            log.warning(
                "NEWSMILL_RECURRING_GROUPS is not what counts: the database holds the limit; to change it:"
                f" newsmill passages limit {self._settings.recurring_groups}",
                in_force=in_force,
                setting=self._settings.recurring_groups,
            )


def _revisit(connection: Connection, backlog: int) -> int:
    """Sends documents to `clean` again, but none that is at work: `store` checks its recurring passages anyway."""
    if ledger.has_backlog(connection, backlog):
        return 0
    ids = boilerplate.take_revisits(connection, _REVISITS)
    return len(ledger.retry(connection, ids, Stage.CLEAN)) if ids else 0
