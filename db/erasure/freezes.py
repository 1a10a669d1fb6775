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
    """Keeps all blobs from the commit on, for so many seconds or until `thaw`; another call renews it."""
    locks.lock(connection, locks.LockKey.BLOBS)
    connection.execute(_FREEZE, {"name": name, "seconds": seconds})


_THAW = delete(BackupFreeze).where(BackupFreeze.name == bindparam("name"))


def thaw(connection: Connection, name: str) -> None:
    """Ends a freeze: blobs may go again."""
    connection.execute(_THAW, {"name": name})


_IS_FROZEN = select(select(BackupFreeze.name).where(BackupFreeze.expires_at > CLOCK).exists())


def is_frozen(connection: Connection) -> bool:
    """Returns whether a freeze is in force."""
    return bool(connection.scalar(_IS_FROZEN))


_CLEAR_EXPIRED = delete(BackupFreeze).where(BackupFreeze.expires_at < CLOCK)


def clear_expired(connection: Connection) -> None:
    """Removes the freezes of backups that died."""
    connection.execute(_CLEAR_EXPIRED)
