"""What PostgreSQL says of itself."""

from sqlalchemy import Connection, text

__all__ = ["server_major", "server_version"]


def server_version(connection: Connection) -> str:
    """As it words it, such as "18.6 (Debian 18.6-1)"."""
    return str(connection.scalar(text("show server_version")))


def server_major(connection: Connection) -> int:
    """The major version, by which its client programs are chosen."""
    return int(connection.execute(text("select current_setting('server_version_num')")).scalar_one()) // 10_000
