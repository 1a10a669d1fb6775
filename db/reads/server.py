"""What PostgreSQL says of itself."""

from sqlalchemy import Connection, func, literal_column, select

__all__ = ["database_bytes", "server_major", "server_version"]

_VERSION = select(func.current_setting(literal_column("'server_version'")))
_NUMBER = select(func.current_setting(literal_column("'server_version_num'")))


def server_version(connection: Connection) -> str:
    """Returns the version as PostgreSQL words it, such as "18.6 (Debian 18.6-1)"."""
    return str(connection.scalar(_VERSION))


def server_major(connection: Connection) -> int:
    """Returns the major version, by which its client programs are chosen."""
    return int(connection.execute(_NUMBER).scalar_one()) // 10_000


_DATABASE_BYTES = select(func.pg_database_size(func.current_database()))


def database_bytes(connection: Connection) -> int:
    """Returns how large the database is on its disk; some milliseconds."""
    return int(connection.execute(_DATABASE_BYTES).scalar_one())
