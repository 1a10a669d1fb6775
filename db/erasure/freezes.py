"""Backup freezes: while one is in force no blob is removed."""

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from db import locks
from db.expressions import CLOCK, seconds
from db.models import BackupFreeze

__all__ = ["clear_expired", "freeze", "is_frozen", "thaw"]

_new = insert(BackupFreeze).values(name=bindparam("name"), expires_at=CLOCK + seconds("seconds"))
_FREEZE = _new.on_conflict_do_update(
    index_elements=[BackupFreeze.name], set_={BackupFreeze.expires_at: _new.excluded.expires_at}
)


def freeze(connection: Connection, name: str, seconds: float) -> None:
    """From the commit on no blob is removed for so long, or until `thaw`; calling it again renews it."""
    locks.lock(connection, locks.LockKey.BLOBS)
    connection.execute(_FREEZE, {"name": name, "seconds": seconds})


_THAW = delete(BackupFreeze).where(BackupFreeze.name == bindparam("name"))


def thaw(connection: Connection, name: str) -> None:
    """Blobs may go again."""
    connection.execute(_THAW, {"name": name})


_IS_FROZEN = select(select(BackupFreeze.name).where(BackupFreeze.expires_at > CLOCK).exists())


def is_frozen(connection: Connection) -> bool:
    """Whether a backup runs."""
    return bool(connection.scalar(_IS_FROZEN))


_CLEAR_EXPIRED = delete(BackupFreeze).where(BackupFreeze.expires_at < CLOCK)


def clear_expired(connection: Connection) -> None:
    """Drops what backups that died have left."""
    connection.execute(_CLEAR_EXPIRED)
