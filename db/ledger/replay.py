"""Begins finished documents and failed containers once more."""

from collections.abc import Collection

from sqlalchemy import Connection, SmallInteger, Text, any_, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from db.expressions import array
from db.models import Document, File, Work
from newsmill.vocabulary import Lane, Stage

__all__ = ["retry", "retry_files"]

_NEW_WORK = ["id", "stage", "generation", "size_bytes", "lane"]
_bulk = literal_column(str(int(Lane.BULK)), SmallInteger())

_LOCK_DOCUMENTS = select(Document.id).where(Document.id == any_(array("ids"))).order_by(Document.id).with_for_update()

_renewed = (
    update(Document)
    .where(
        Document.id == any_(array("ids")),
        Document.finished_at.is_not(None),
        ~select(Work.id).where(Work.id == Document.id).exists(),
    )
    .values(generation=Document.generation + 1)
    .returning(Document.id, Document.generation, Document.size_bytes)
    .cte("renewed")
)
_RETRY = (
    insert(Work)
    .from_select(
        _NEW_WORK,
        select(
            _renewed.c.id, bindparam("at_stage", type_=Text()), _renewed.c.generation, _renewed.c.size_bytes, _bulk
        ).order_by(_renewed.c.id),
    )
    .on_conflict_do_nothing(index_elements=[Work.id])
    .returning(Work.id)
)


def retry(connection: Connection, ids: Collection[int], stage: Stage) -> list[int]:
    """Begins a new generation of finished documents at `stage`; returns those it began.

    The old rows stay visible until `store` replaces them. What is being worked on is left alone.
    """
    # Lock first, then look: a statement that waits for a lock still sees `work` as it was before it waited.
    locked = connection.scalars(_LOCK_DOCUMENTS, {"ids": ids}).all()
    return list(connection.scalars(_RETRY, {"ids": locked, "at_stage": stage}))


_reopened = (
    update(File)
    .where(File.id == any_(array("ids")), File.is_container, File.error.is_not(None))
    .values(finished_at=None, error=None)
    .returning(File.id)
    .cte("reopened")
)
_RETRY_FILES = (
    insert(Work)
    .from_select(
        _NEW_WORK,
        select(
            _reopened.c.id, literal_column(f"'{Stage.UNPACK}'"), literal_column("0"), literal_column("0"), _bulk
        ).order_by(_reopened.c.id),
    )
    .on_conflict_do_nothing(index_elements=[Work.id])
    .returning(Work.id)
)


def retry_files(connection: Connection, ids: Collection[int]) -> list[int]:
    """Begins the unpacking of failed containers again, from the last committed page; returns those it began."""
    return list(connection.scalars(_RETRY_FILES, {"ids": ids}))
