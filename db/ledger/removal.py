"""Takes rows of documents and files out, and gives a container another blob.

`db.erasure.deletion` says what goes, in which order and under which locks.
"""

from collections.abc import Collection

from sqlalchemy import Connection, any_, bindparam, delete, func, select, update

from db.expressions import array
from db.models import Document, Failure, File, IntakeError, Sighting, Work

__all__ = [
    "change_blob",
    "lock_documents",
    "lock_files",
    "remove_documents",
    "remove_files",
    "remove_work",
]

_ids = array("ids")
_REMOVE_WORK = delete(Work).where(Work.id == any_(_ids)).returning(func.coalesce(Work.lease_token, 0))


def remove_work(connection: Connection, ids: Collection[int]) -> list[int]:
    """Takes items from whoever is at them, so that nobody can write for them after the commit.

    Returns the tokens of the leases that held some, and 0 for each item that was nobody's.
    """
    return list(connection.scalars(_REMOVE_WORK, {"ids": ids}))


_LOCK_DOCUMENTS = select(Document.id).where(Document.id == any_(_ids)).order_by(Document.id).with_for_update()


def lock_documents(connection: Connection, ids: Collection[int]) -> None:
    """Keeps others from beginning these documents once more (`retry`) until the transaction ends."""
    connection.execute(_LOCK_DOCUMENTS, {"ids": ids})


_REMOVE_FAILURES = delete(Failure).where(Failure.item_id == any_(_ids))
_REMOVE_DOCUMENTS = delete(Document).where(Document.id == any_(_ids))


def remove_documents(connection: Connection, ids: Collection[int]) -> None:
    """Removes documents that are in no cluster any more, with their failures."""
    for statement in (_REMOVE_FAILURES, _REMOVE_DOCUMENTS):
        connection.execute(statement, {"ids": ids})


_LOCK_FILES = select(File.id).where(File.id == any_(_ids)).order_by(File.id).with_for_update()


def lock_files(connection: Connection, ids: Collection[int]) -> None:
    """Keeps others from registering and removing documents of these files until the transaction ends."""
    connection.execute(_LOCK_FILES, {"ids": ids})


_REMOVE_ERRORS = delete(IntakeError).where(
    Sighting.file_id == any_(_ids), func.md5(IntakeError.path) == func.md5(Sighting.path)
)
_REMOVE_SIGHTINGS = delete(Sighting).where(Sighting.file_id == any_(_ids))
_REMOVE_FILES = delete(File).where(File.id == any_(_ids)).returning(File.sha256)


def remove_files(connection: Connection, ids: Collection[int]) -> set[bytes]:
    """Removes files that have no documents, with their sightings, failures and intake errors; returns their hashes."""
    for statement in (_REMOVE_ERRORS, _REMOVE_SIGHTINGS, _REMOVE_FAILURES):
        connection.execute(statement, {"ids": ids})
    return set(connection.scalars(_REMOVE_FILES, {"ids": ids}))


_CHANGE_BLOB = update(File).where(File.id == bindparam("file_id")).values(sha256=bindparam("new"))


def change_blob(connection: Connection, file_id: int, sha256: bytes) -> None:
    """Gives a file other bytes of the same length."""
    connection.execute(_CHANGE_BLOB, {"file_id": file_id, "new": sha256})
