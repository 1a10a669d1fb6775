"""What the stream leaves to settle: documents whose recurring passages have changed, texts that nobody has any more.

The sweeper runs it; each pass does a bounded part of what waits, and any number of them may run at once.
"""

from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, text

from db import ledger
from db.sessions import Database
from db.similarity import boilerplate, groups, index
from db.types import bigints
from newsmill.settings import Settings
from newsmill.vocabulary import Lane, Stage

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
        revisited = self._database.retrying(self._revisit)
        if revisited:
            log.info("what recurs has changed: documents are cleaned again", documents=revisited)
        self.forget_orphans()
        self._database.retrying(self._count_anew)
        return revisited

    def forget_orphans(self, until: datetime | None = None) -> None:
        """Takes a page of the texts that nobody has out of the index. Raises TransientError.

        Those that are due (by `until`, if given), or all if nothing is at work that might want them.
        """
        self._database.retrying(partial(self._forget_orphans, until))

    def _revisit(self) -> int:
        """Those that are at work are not begun again: `store` looks once more at what recurs."""
        with self._database.transaction() as connection:
            if _bulk_waits(connection, self._settings.max_in_flight_documents):
                return 0
            ids = connection.scalars(
                text("""
                delete from revisits where document_id = any(array(
                    select document_id from revisits order by document_id limit :limit for update skip locked))
                returning document_id
                """),
                {"limit": _REVISITS},
            ).all()
            return len(ledger.retry(connection, ids, Stage.CLEAN)) if ids else 0

    def _count_anew(self) -> None:
        """Does a page of what another limit asks for, which is nothing but a look at one row where it is the same."""
        with self._database.transaction() as connection:
            boilerplate.count_anew(connection, limit=self._settings.recurring_groups, page=_PASSAGES)

    def _forget_orphans(self, until: datetime | None) -> None:
        with self._database.transaction() as connection:
            ids = connection.scalars(
                text("""
                delete from orphans where text_id = any(array(
                    select text_id from orphans
                    where due <= coalesce(:until, clock_timestamp())
                       or not exists (select from work where lane = :admitted and stage in (:deduplicate, :store))
                    order by text_id limit :limit for update skip locked))
                returning text_id
                """),
                {
                    "until": until,
                    "admitted": int(Lane.ADMITTED),
                    "deduplicate": Stage.DEDUPLICATE,
                    "store": Stage.STORE,
                    "limit": _ORPHANS,
                },
            ).all()
            if not ids:
                return
            boilerplate.lock(connection)
            # Whoever stores a document locks its texts before it looks whether they are there: it has done so, and is
            # seen here, or finds them gone and publishes them anew.
            locked = connection.scalars(
                text("select id from texts where id = any(cast(:ids as bigint[])) order by id for update"),
                {"ids": bigints(ids)},
            ).all()
            unused = connection.scalars(
                text("""
                select id from unnest(cast(:ids as bigint[])) as t (id)
                where not exists (select from documents d where d.text_id = t.id)
                  and not exists (select from documents d where d.base_text_id = t.id)
                """),
                {"ids": bigints(locked)},
            ).all()
            if unused:
                groups.leave(connection, unused, limit=self._settings.recurring_groups)
                index.remove(connection, unused)


def _bulk_waits(connection: Connection, documents: int) -> bool:
    """Whether so much waits for admission that more would only lengthen the queue."""
    return bool(
        connection.scalar(
            text("select exists (select from work where lane = :lane and next_attempt_at is null offset :documents)"),
            {"lane": int(Lane.BULK), "documents": documents},
        )
    )
