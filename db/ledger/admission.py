"""Lets work into flight, up to a number of documents and a sum of bytes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Row, any_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import aliased

from db.expressions import CLOCK, array, array_of
from db.ledger.dispatch import DISPATCHED, dispatches
from db.locks import LockKey, lock
from db.models import Work
from db.pauses import not_paused
from db.records import AdmissionLimits, Dispatch
from newsmill.vocabulary import Lane, Stage

__all__ = ["admit", "has_backlog"]

# Unpacking goes first (`worker.app.QUEUE_ORDER`): a folder of dumps must not keep every process from all the rest.
_MAX_CONTAINERS: Final = 4

# So many rows of a paused stage admission passes over: a million of them cost half a second each time (measured).
_LOOK_AHEAD: Final = 100_000

_largest = bindparam("largest_bytes", type_=BigInteger())

_IN_FLIGHT = select(
    func.count().label("documents"),
    func.coalesce(func.sum(case((Work.size_bytes <= _largest, Work.size_bytes))), 0).label("size_bytes"),
    func.count().filter(Work.stage == Stage.UNPACK, Work.is_due).label("containers"),
).where(Work.lane == Lane.ADMITTED)

_next = aliased(
    Work,
    select(Work.id, Work.stage, Work.next_attempt_at)
    .where(Work.lane == bindparam("lane"))
    .order_by(Work.id)
    .limit(_LOOK_AHEAD)
    .subquery("next"),
)
_WAITING = (
    select(Work.id, Work.stage, case((Work.size_bytes <= _largest, Work.size_bytes), else_=0).label("size_bytes"))
    .where(
        Work.id
        == any_(
            array_of(
                select(_next.id)
                .where(
                    not_paused(_next.stage),
                    _next.is_due,
                    or_(bindparam("containers") < _MAX_CONTAINERS, _next.stage != Stage.UNPACK),
                )
                .order_by(_next.id)
                .limit(bindparam("room"))
            )
        )
    )
    .order_by(Work.id)
    .with_for_update(skip_locked=True)
)

_ADMIT = (
    update(Work)
    .where(Work.id == any_(array("ids")))
    .values(lane=Lane.ADMITTED, dispatched_at=CLOCK, next_attempt_at=None)
    .returning(*DISPATCHED)
)


@dataclass(slots=True)
class _Flight:
    """What is in flight, and the ids of what is chosen to join it. What is too large to be read counts no bytes."""

    documents: int
    size_bytes: int
    containers: int
    chosen: list[int] = field(default_factory=list)

    def take(self, waiting: Iterable[Row[Any]], limit_bytes: float) -> bool:
        """Chooses rows in their order while the bytes have room; returns whether a row has none."""
        for row in waiting:
            if row.stage == Stage.UNPACK:
                if self.containers >= _MAX_CONTAINERS:
                    continue
                self.containers += 1
            if self.documents and self.size_bytes + row.size_bytes > limit_bytes:
                return True
            self.documents += 1
            self.size_bytes += row.size_bytes
            self.chosen.append(row.id)
        return False


def admit(connection: Connection, limits: AdmissionLimits) -> list[Dispatch]:
    """Admits waiting rows up to the limits, oldest first, and dispatches them; none of a stage that is paused.

    Bulk rows leave `fresh_share` of both limits free, and only a few containers are in flight. An advisory lock lets
    one caller admit at a time, so the limits hold. A document larger than the byte limit is admitted when nothing else
    is in flight; while a fresh one waits for that, bulk rows wait behind it.
    """
    lock(connection, LockKey.ADMISSION)
    used = connection.execute(_IN_FLIGHT, {"largest_bytes": limits.largest_bytes}).one()
    flight = _Flight(used.documents, int(used.size_bytes), used.containers)
    for lane, share in ((Lane.FRESH, 1.0), (Lane.BULK, 1.0 - limits.fresh_share)):
        room = int(limits.documents * share) - flight.documents
        if room <= 0:
            continue
        waiting = connection.execute(
            _WAITING,
            {"lane": lane, "room": room, "containers": flight.containers, "largest_bytes": limits.largest_bytes},
        )
        if flight.take(waiting, limits.size_bytes * share):
            break  # bulk rows would fill what a large fresh one waits for
    if not flight.chosen:
        return []
    return dispatches(connection.execute(_ADMIT, {"ids": flight.chosen}))


_HAS_BACKLOG = select(
    select(Work.id)
    .where(Work.lane == Lane.BULK, Work.next_attempt_at.is_(None))
    .offset(bindparam("documents"))
    .exists()
)


def has_backlog(connection: Connection, documents: int) -> bool:
    """Returns whether more bulk rows than so many wait for admission, so that others would only lengthen the queue."""
    return bool(connection.scalar(_HAS_BACKLOG, {"documents": documents}))
