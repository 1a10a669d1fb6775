"""The keys of all advisory locks, in one place: any fixed numbers do, as long as they differ.

Whoever takes several takes them in the order in which they stand here.
"""

from enum import IntEnum

from sqlalchemy import Connection, text

__all__ = ["LockKey", "lock", "lock_shared", "try_lock"]


class LockKey(IntEnum):
    """What each lock protects."""

    ADMISSION = 7_301_001
    MIGRATION = 7_301_002
    LABELS = 7_301_003
    SWEEP = 7_301_004
    GROUPS = 7_301_005
    BLOBS = 7_301_006


def lock(connection: Connection, key: LockKey) -> None:
    """Waits until nobody else has the lock, and keeps it until the transaction ends."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})


def lock_shared(connection: Connection, key: LockKey) -> None:
    """The same, beside others who share it."""
    connection.execute(text("select pg_advisory_xact_lock_shared(:key)"), {"key": key})


def try_lock(connection: Connection, key: LockKey) -> bool:
    """Takes the lock until the transaction ends if nobody has it; False if somebody does."""
    return bool(connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": key}))
