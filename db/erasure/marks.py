"""Which blobs may go: marks, and the lock that keeps removal and registration apart.

`worker.duties.blobs` says why that is safe. Who registers files takes the lock shared. Who removes blobs or rows of
`files` takes it alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, Connection, DateTime, LargeBinary, any_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db import locks
from db.erasure.freezes import is_frozen
from db.expressions import CLOCK, array, seconds, unnested
from db.models import File, Tombstone

__all__ = [
    "Doubts",
    "clear_old",
    "digests",
    "has_removable",
    "lock",
    "mark",
    "named",
    "note_removed",
    "register_lock",
    "removable",
]

_KEPT_SECONDS: Final = 7200.0
_LATE_SECONDS: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Doubts:
    """What intake has to look at before it registers blobs that it has written.

    `refused` were forgotten, at that time. `doubtful` may have been removed since they were written. `late`: so much
    time has gone by that nobody can say.
    """

    refused: dict[bytes, datetime]
    doubtful: set[bytes]
    late: bool


def lock(connection: Connection) -> None:
    """Keeps others, until the transaction ends, from removing blobs or rows of `files` and from registering files."""
    locks.lock(connection, locks.LockKey.BLOBS)


_is_asked = Tombstone.sha256 == any_(array("digests", LargeBinary()))
_MARKS = select(Tombstone.sha256, Tombstone.refused, Tombstone.forgotten_at).where(_is_asked)
_at = bindparam("at", type_=DateTime(timezone=True))
# A time that lies ahead is from before the clock was set back: nobody knows how long ago it was.
_IS_LATE = select(or_(CLOCK - _at > seconds("late"), _at > CLOCK))


def register_lock(connection: Connection, digests: Collection[bytes], staged_at: datetime) -> Doubts:
    """Keeps all blobs until the transaction ends; returns which of these, written after `staged_at`, may be gone.

    `staged_at` is what `tombstones.forgotten` returned before they were written.
    """
    locks.lock_shared(connection, locks.LockKey.BLOBS)
    rows = connection.execute(_MARKS, {"digests": list(digests)}).all()
    return Doubts(
        refused={row.sha256: row.forgotten_at for row in rows if row.refused},
        doubtful={row.sha256 for row in rows if not row.refused},
        late=connection.execute(_IS_LATE, {"at": staged_at, "late": _LATE_SECONDS}).scalar_one(),
    )


_marked = unnested("marked", sha256=array("digests", LargeBinary()))
_new = insert(Tombstone).from_select(
    ["sha256", "refused"],
    select(_marked.c.sha256, bindparam("are_refused", type_=Boolean())).order_by(_marked.c.sha256),
)
_MARK = _new.on_conflict_do_update(
    index_elements=[Tombstone.sha256],
    set_={
        Tombstone.removed_at: None,
        Tombstone.forgotten_at: func.now(),
        Tombstone.refused: or_(Tombstone.refused, _new.excluded.refused),
    },
)


def mark(connection: Connection, digests: Collection[bytes], *, refused: bool) -> None:
    """Lets these blobs be removed once no file has them; with `refused` their bytes are not taken again."""
    connection.execute(_MARK, {"digests": sorted(digests), "are_refused": refused})


_NAMED = select(File.sha256).where(File.sha256 == any_(array("digests", LargeBinary())))


def named(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Returns those of the blobs that a file has."""
    return set(connection.scalars(_NAMED, {"digests": list(digests)}))


_DIGESTS = select(File.sha256).where(File.sha256.between(bindparam("low"), bindparam("high")))


def digests(connection: Connection, first_byte: int) -> set[bytes]:
    """Returns the SHA-256 of all files' blobs that begin with this byte."""
    low = bytes([first_byte])
    return set(connection.scalars(_DIGESTS, {"low": low, "high": low + bytes([255] * 31)}))


_HAS_MARKS = select(select(Tombstone.sha256).where(Tombstone.removed_at.is_(None)).exists())


def has_removable(connection: Connection) -> bool:
    """Returns whether there are blobs that may go; a look, without the lock."""
    return bool(connection.scalar(_HAS_MARKS)) and not is_frozen(connection)


# The order is that of the index, or what was removed long ago would be read, too.
_NEXT_MARKS = (
    select(Tombstone.sha256)
    .where(Tombstone.removed_at.is_(None))
    .order_by(Tombstone.removed_at)
    .limit(bindparam("limit"))
)


def removable(connection: Connection, limit: int) -> list[bytes]:
    """Returns which blobs of the next `limit` marks may go now: none while a backup runs. The caller holds the lock.

    A blob that a file has (again) stays, and its mark is done with: the next call looks at others.
    """
    if is_frozen(connection):
        return []
    # Only these are compared with the files: comparing all marks each time made 100,000 of them take 83 ms a page.
    marked = connection.scalars(_NEXT_MARKS, {"limit": limit}).all()
    kept = named(connection, marked)
    note_removed(connection, kept)
    return [sha256 for sha256 in marked if sha256 not in kept]


_NOTE_REMOVED = update(Tombstone).where(_is_asked).values(removed_at=CLOCK)


def note_removed(connection: Connection, digests: Collection[bytes]) -> None:
    """Says that the marks of these blobs are done with: they have no name any more, or keep it."""
    connection.execute(_NOTE_REMOVED, {"digests": list(digests)})


_CLEAR_MARKS = delete(Tombstone).where(~Tombstone.refused, Tombstone.removed_at < CLOCK - seconds("kept"))


def clear_old(connection: Connection) -> None:
    """Removes the marks that nobody needs: of blobs that were removed long ago and are not refused."""
    connection.execute(_CLEAR_MARKS, {"kept": _KEPT_SECONDS})
