"""The ledger after a restore: nobody holds anything of it, and nothing of it is in Redis."""

from sqlalchemy import Connection, delete, text, update

from db.models import Lease, Work

__all__ = ["release_all"]

_END_LEASES = delete(Lease)
_RELEASE = update(Work).values(lease_token=None, dispatched_at=None)
_ANALYZE = text("analyze")  # no query, so raw


def release_all(connection: Connection) -> None:
    """Takes every lease and every dispatch back, and renews PostgreSQL's statistics.

    Call it on a database that was just restored, before any role begins: its leases and messages were another life's.
    """
    for statement in (_END_LEASES, _RELEASE, _ANALYZE):
        connection.execute(statement)
