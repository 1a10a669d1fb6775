"""Flushes what `store` has left in the pending list of the search index, so that no `store` has to.

PostgreSQL puts new entries of a GIN index into a list; whoever fills it up moves all of them into the index, within his
own statement: seconds, for which a batch of `store` then waits. Flushed every other second the list is never full.
"""

from threading import Event, Thread

import structlog
from sqlalchemy.exc import DBAPIError

from db import articles
from db.sessions import Database

__all__ = ["SearchFlusher"]

log = structlog.get_logger(__name__)

_FLUSH_SECONDS = 600.0  # the lock of who flushes already included
_NOT_THE_OWNER = "42501"


class SearchFlusher:
    """A thread of the sweeper's process with a connection of its own: nobody waits for a flush, which may take long."""

    def __init__(self, url: str, *, pause_seconds: float = 2.0) -> None:
        self._pause_seconds = pause_seconds
        self._database = Database(url, name="newsmill search index")

    def start(self, stop: Event) -> None:
        """Begins to flush. The thread ends with its process, whatever it is at, or once it is told to stop."""
        Thread(target=self.run, args=(stop,), name="search-flusher", daemon=True).start()

    def run(self, stop: Event) -> None:
        """Flushes every `pause_seconds` until told to stop; what fails is logged, and tried again if that can help."""
        while not stop.wait(self._pause_seconds):
            try:
                self.run_once()
            except Exception as error:
                # Whatever it is: an index that is flushed late, by `store`, is no reason for the process to end.
                if stop.is_set():
                    break
                reason = str(error).partition("\n")[0]  # the others are the statement's
                if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _NOT_THE_OWNER:
                    log.warning("the search index is left to `store`, which may wait for it at times", reason=reason)
                    break
                log.warning("the search index could not be flushed", reason=reason)
        self._database.close()

    def run_once(self) -> int:
        """Flushes what is there by now; returns how many pages of the list that were. Raises TransientError."""
        with self._database.transaction(statement_seconds=_FLUSH_SECONDS, lock_seconds=_FLUSH_SECONDS) as connection:
            return articles.flush_search_index(connection)
