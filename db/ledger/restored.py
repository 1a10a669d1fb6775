"""The ledger after a restore: nobody holds anything of it, and nothing of it is in Redis."""

from sqlalchemy import Connection, text

__all__ = ["release_all"]


def release_all(connection: Connection) -> None:
    """Takes every lease and every dispatch back, as whoever held or sent it is of another life; renews statistics.

    To be called on a database that was just restored, before any role begins.
    """
    connection.execute(text("delete from leases"))
    connection.execute(text("update work set lease_token = null, dispatched_at = null"))
    connection.execute(text("analyze"))
