"""Takes blobs out of the store that no file has any more, so that no ingest that runs meanwhile can lose one.

The danger: an ingest writes blob X, a remover that saw no file with X removes it, then the ingest registers X. Three
things keep it away, wherever either of them stops, freezes or dies (rows are those of PostgreSQL, X is one digest):

1. *Marks.* A blob is removed only after a committed row of `forgotten` names it. That row stays for two hours after the
   removal, longer than an ingest may take between writing a blob and registering it (`db.erasure.marks.register_lock`).
2. *The lock.* An ingest registers under a shared advisory lock, in one transaction: it looks whether a mark names X; if
   so, whether X is in the store; and writes the blob again, from the file, if not. It does not ask whether X was there
   *before*: it always writes X, and what counts is that X is there under the lock. A remover holds the lock alone while
   it looks for files with X and moves X away. So either the ingest's transaction came first, and the remover sees its
   row and leaves X; or it comes after, sees the mark, and sees that X is gone.
3. *Set aside, look again.* PostgreSQL frees the lock of a session that is frozen or cut off, and a rename or an S3
   request that is already under way may still happen then, after an ingest has found X and registered it. So X is not
   deleted but moved to a name that only this attempt knows (a rename in a folder; a copy and a delete on S3), and
   under a second turn of the lock everything that was set aside is looked at again: what a file has by now is put
   back, only the rest is dropped. A remover that freezes between that second look and the drop, drops a copy under a
   name that no ingest relies on: whoever registered X in between found X under its own name, so somebody has written
   it since. A remover that dies leaves what it set aside to the next one. At worst readers miss X for a moment, which
   is a TransientError that they try again.

A backup holds all of it up (`db.erasure.freezes`): nothing is moved away while its row is in force.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from db.erasure import marks
from db.sessions import Database
from ingest.blobs.store import BlobStore, SetAside

__all__ = ["PAGE_BLOBS", "BlobCollector", "still_needed"]

log = structlog.get_logger(__name__)

PAGE_BLOBS = 50
"""The lock is held for a page: on S3 four requests a blob, some at a time, stay well below a second."""


class BlobCollector:
    """Removes marked blobs; any number of them may run at once, in any process."""

    def __init__(self, database: Database, blobs: BlobStore, *, page_blobs: int = PAGE_BLOBS) -> None:
        self._database = database
        self._blobs = blobs
        self._page_blobs = page_blobs
        self._unsure = False
        """Whether something may have been set aside by a transaction that was not committed."""

    def run(self) -> int:
        """Removes all that may go; returns how many blobs that were. Raises TransientError."""
        removed = self.run_once()
        while self._database.run(marks.has_removable):
            removed += self.run_once()
        return removed

    def run_once(self) -> int:
        """Looks at a page of marks, and removes what may go of it; with it what somebody else left half done."""
        try:
            moved = self._database.run(self._set_aside)
        except BaseException:
            self._unsure = True
            raise
        if moved or self._unsure:
            self.recover()
            self._unsure = False
        return moved

    def recover(self) -> None:
        """Looks again at what was set aside, also by those that died."""
        aside = self._blobs.aside()
        for start in range(0, len(aside), self._page_blobs):
            self._database.run(self._decide, aside[start : start + self._page_blobs])

    def _set_aside(self, connection: Connection) -> int:
        if not marks.has_removable(connection):
            return 0
        marks.lock(connection)
        digests = marks.removable(connection, self._page_blobs)
        if digests:
            self._unsure = True
            self._blobs.set_aside(digests)
            marks.note_removed(connection, digests)
        return len(digests)

    def _decide(self, connection: Connection, aside: Sequence[SetAside]) -> None:
        marks.lock(connection)
        needed = still_needed(connection, aside)
        if needed:
            log.warning("blobs were registered while they were set aside: put back", blobs=len(needed))
            self._blobs.put_back(needed)
        self._blobs.drop([blob for blob in aside if blob not in needed])


def still_needed(connection: Connection, aside: Sequence[SetAside]) -> list[SetAside]:
    """Returns those that a file has by now. The caller holds the lock, or one may be registered meanwhile."""
    named = marks.named(connection, {blob.sha256 for blob in aside})
    return [blob for blob in aside if blob.sha256 in named]
