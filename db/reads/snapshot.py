"""One moment of the database, for a dump and what belongs to it; and what a database holds before it is replaced."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

__all__ = ["document_count", "export_snapshot", "file_count", "running_roles", "stored_blobs"]


def export_snapshot(connection: Connection) -> str:
    """The name under which another session sees the same moment, until this transaction ends.

    The transaction may be idle for as long as it takes: it waits while `pg_dump` works.
    """
    connection.execute(text("select set_config('idle_in_transaction_session_timeout', '0', true)"))
    snapshot: str = connection.execute(text("select pg_export_snapshot()")).scalar_one()
    return snapshot


def stored_blobs(connection: Connection) -> Iterator[tuple[bytes, int]]:
    """The SHA-256 and the size in bytes of every blob that a file has, by SHA-256; streamed."""
    rows = connection.execute(text("select sha256, max(size_bytes) as size_bytes from files group by 1 order by 1"))
    for row in rows:
        yield bytes(row.sha256), row.size_bytes


def file_count(connection: Connection) -> int:
    """How many files there are; reads the table, some seconds at tens of millions of rows."""
    return int(connection.execute(text("select count(*) from files")).scalar_one())


def document_count(connection: Connection) -> int:
    """How many documents there are; likewise."""
    return int(connection.execute(text("select count(*) from documents")).scalar_one())


def running_roles(connection: Connection, seconds: float) -> list[str]:
    """The roles of which a process was seen within so many seconds, by name."""
    seen = text("select distinct role from processes where seen_at > now() - make_interval(secs => :s) order by 1")
    return list(connection.scalars(seen, {"s": seconds}))
