"""The keys of all advisory locks, in one place. Any fixed numbers do, as long as they differ."""

from enum import IntEnum

from sqlalchemy import BigInteger, Connection, bindparam, func, select

__all__ = ["LockKey", "lock", "lock_shared", "try_lock"]


class LockKey(IntEnum):
    """What each lock protects."""

    ADMISSION = 7_301_001
    MIGRATION = 7_301_002
    LABELS = 7_301_003
    SWEEP = 7_301_004
    GROUPS = 7_301_005
    BLOBS = 7_301_006
    LATER = 7_301_016


_key = bindparam("key", type_=BigInteger())
_LOCK = select(func.pg_advisory_xact_lock(_key))
_LOCK_SHARED = select(func.pg_advisory_xact_lock_shared(_key))
_TRY_LOCK = select(func.pg_try_advisory_xact_lock(_key))


def lock(connection: Connection, key: LockKey) -> None:
    """Waits until nobody else has the lock, and keeps it until the transaction ends."""
    connection.execute(_LOCK, {"key": key})


def lock_shared(connection: Connection, key: LockKey) -> None:
    """Does the same, beside others who share it."""
    connection.execute(_LOCK_SHARED, {"key": key})


def try_lock(connection: Connection, key: LockKey) -> bool:
    """Takes the lock until the transaction ends, if nobody has it; returns whether it did."""
    return bool(connection.scalar(_TRY_LOCK, {"key": key}))
