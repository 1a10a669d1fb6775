"""Flushes the pending list of the search index, so that `store` never has to.

PostgreSQL puts new entries of a GIN index into a pending list. The statement that fills the list moves all entries into
the index, and a batch of `store` waits seconds for that. A flush every two seconds keeps the list from filling up.
"""

from threading import Event, Thread

import structlog
from sqlalchemy.exc import DBAPIError

from db import articles
from db.sessions import Database

__all__ = ["SearchFlusher"]

log = structlog.get_logger(__name__)

_FLUSH_SECONDS = 600.0  # with the wait for the lock of another flush
_NOT_THE_OWNER = "42501"


class SearchFlusher:
    """A thread of the sweeper's process with its own connection: a flush may take long, and nothing waits for it."""

    def __init__(self, url: str, *, pause_seconds: float = 2.0) -> None:
        self._pause_seconds = pause_seconds
        self._database = Database(url, name="newsmill search index")

    def start(self, stop: Event) -> None:
        """Starts the thread. It ends with its process, even in a flush, or when `stop` is set."""
        Thread(target=self.run, args=(stop,), name="search-flusher", daemon=True).start()

    def run(self, stop: Event) -> None:
        """Flushes every `pause_seconds` until `stop` is set. Logs a failure, and goes on if another try can help."""
        while not stop.wait(self._pause_seconds):
            try:
                self.run_once()
            except Exception as error:
                # Any exception: without this flush `store` flushes, later. That is no reason to end the process.
                if stop.is_set():
                    break
                reason = str(error).partition("\n")[0]  # the other lines show the statement
                if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _NOT_THE_OWNER:
                    log.warning("the search index is left to `store`, which may wait for it at times", reason=reason)
                    break
                log.warning("the search index could not be flushed", reason=reason)
        self._database.close()

    def run_once(self) -> int:
        """Flushes the pending list; returns its length in pages. Raises TransientError."""
        with self._database.transaction(statement_seconds=_FLUSH_SECONDS, lock_seconds=_FLUSH_SECONDS) as connection:
            return articles.flush_search_index(connection)
