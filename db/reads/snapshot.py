"""One moment of the database, for a dump and what belongs to it; and what a database holds before it is replaced."""

from collections.abc import Iterator

from sqlalchemy import Connection, Text, func, literal_column, select

from db.expressions import CLOCK, seconds
from db.models import Document, File, Process

__all__ = ["document_count", "export_snapshot", "file_count", "running_roles", "stored_blobs"]

_MAY_BE_IDLE = select(
    func.set_config(
        literal_column("'idle_in_transaction_session_timeout'"), literal_column("'0'"), literal_column("true")
    )
)
_EXPORT = select(func.pg_export_snapshot(type_=Text()))


def export_snapshot(connection: Connection) -> str:
    """Returns the name under which another session sees the same moment, until this transaction ends.

    The transaction may be idle for as long as it takes: it waits while `pg_dump` works.
    """
    connection.execute(_MAY_BE_IDLE)
    return connection.execute(_EXPORT).scalar_one()


_STORED_BLOBS = (
    select(File.sha256, func.max(File.size_bytes).label("size_bytes")).group_by(File.sha256).order_by(File.sha256)
)


def stored_blobs(connection: Connection) -> Iterator[tuple[bytes, int]]:
    """Yields the SHA-256 and the size in bytes of every blob that a file has, by SHA-256; streamed."""
    for row in connection.execute(_STORED_BLOBS):
        yield row.sha256, row.size_bytes


_FILES = select(func.count()).select_from(File)
_DOCUMENTS = select(func.count()).select_from(Document)


def file_count(connection: Connection) -> int:
    """Returns how many files there are; reads the table, some seconds at tens of millions of rows."""
    return connection.execute(_FILES).scalar_one()


def document_count(connection: Connection) -> int:
    """Returns how many documents there are; likewise."""
    return connection.execute(_DOCUMENTS).scalar_one()


_ROLES = select(Process.role).where(Process.seen_at > CLOCK - seconds("seconds")).distinct().order_by(Process.role)


def running_roles(connection: Connection, seconds: float) -> list[str]:
    """Returns the roles of which a process was seen within so many seconds, by name."""
    return list(connection.scalars(_ROLES, {"seconds": seconds}))
