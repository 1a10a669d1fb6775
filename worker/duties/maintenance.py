"""What the stream leaves to settle: documents whose recurring passages have changed, texts that nobody has any more.

The sweeper runs it; each pass does a bounded part of what waits, and any number of them may run at once.
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
    """Brings what is stored to what the whole set of documents makes of it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def run_once(self) -> int:
        """One pass; returns how many documents it sent to `clean` again. Raises TransientError."""
        revisited = self._database.run(_revisit, self._settings.max_in_flight_documents)
        if revisited:
            log.info("what recurs has changed: documents are cleaned again", documents=revisited)
        self.forget_orphans()
        # Nothing but a look at one row while the limit stays the same.
        self._database.run(boilerplate.count_anew, self._settings.recurring_groups, _PASSAGES)
        return revisited

    def forget_orphans(self, until: datetime | None = None) -> None:
        """Takes a page of the texts that nobody has out of the index. Raises TransientError.

        Those that are due (by `until`, if given), or all if nothing is at work that might want them.
        """
        self._database.run(orphans.forget_orphans, until, _ORPHANS, self._settings.recurring_groups)


def _revisit(connection: Connection, backlog: int) -> int:
    """Those that are at work are not begun again: `store` looks once more at what recurs."""
    if ledger.has_backlog(connection, backlog):
        return 0
    ids = boilerplate.take_revisits(connection, _REVISITS)
    return len(ledger.retry(connection, ids, Stage.CLEAN)) if ids else 0
