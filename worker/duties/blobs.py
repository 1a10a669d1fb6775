"""The blob collector removes blobs that no file uses any more, and no ingest that runs meanwhile can lose one.

The danger: an ingest writes blob X, a collector that saw no file with X removes it, then the ingest registers X. Three
things prevent it, wherever either of them stops, freezes or dies (rows are PostgreSQL's, X is one digest):

1. *Mark.* A collector removes a blob only after a committed row of `forgotten` names it. That row stays for two hours
   after the removal. An ingest has less time between writing a blob and registering it
   (`db.erasure.marks.register_lock`).
2. *Lock.* An ingest registers under a shared advisory lock, in one transaction. If a mark names X, it checks that X is
   in the store, and if X is missing it writes the blob again from the file. It always writes X, whether X was there
   before or not; X only has to be there under the lock. A collector holds the lock exclusively while it looks for files
   with X and moves X away. If the ingest's transaction comes first, the collector sees its row and leaves X. If it
   comes later, the ingest sees the mark, and sees that X is gone.
3. *Quarantine and sweep.* PostgreSQL frees the lock when a session freezes or is cut off. A rename or an S3 request
   that is under way may still happen then, after an ingest has found X and registered it. So the collector does not
   delete X. It sets X aside, under a name that only this attempt knows (a rename in a folder; a copy and a delete on
   S3). Then it takes the lock a second time and looks again at all blobs set aside: it puts back those that a file uses
   by now and drops the others. It may freeze between that second look and the drop. Then it drops a copy under a name
   that no ingest relies on: an ingest that registered X in between found X under its own name, so X was written since.
   If a collector dies, the next one looks at the blobs it set aside. At worst readers miss X for a moment; they get a
   TransientError and try again.

A backup pauses all of this (`db.erasure.freezes`): a collector moves nothing while the backup's row is in force.
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
"""Blobs in one turn of the lock. On S3, four requests a blob, several at a time, stay well below a second."""


class BlobCollector:
    """Removes marked blobs. Any number of collectors may run at once, in any process."""

    def __init__(self, database: Database, blobs: BlobStore, *, page_blobs: int = PAGE_BLOBS) -> None:
        self._database = database
        self._blobs = blobs
        self._page_blobs = page_blobs
        self._unsure = False
        """Whether a transaction that did not commit may have set blobs aside."""

    def run(self) -> int:
        """Removes all blobs that may go; returns their number. Raises TransientError."""
        removed = self.run_once()
        while self._database.run(marks.has_removable):
            removed += self.run_once()
        return removed

    def run_once(self) -> int:
        """Removes the blobs of one page of marks, and finishes removals that other collectors left half done."""
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
        """Puts back or drops the blobs that were set aside, by this collector or by one that died."""
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
    """Returns the blobs that a file uses by now. The caller holds the lock, so no ingest registers one meanwhile."""
    named = marks.named(connection, {blob.sha256 for blob in aside})
    return [blob for blob in aside if blob.sha256 in named]
