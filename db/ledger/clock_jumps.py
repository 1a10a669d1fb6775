"""A clock that was set back leaves times in the future: they are taken as now, or nothing would happen until then.

All times are PostgreSQL's clock, so none of them can lie ahead of it but by such a jump (an NTP step, a virtual machine
that was resumed, a host that failed over to another with a slower clock).
"""

from sqlalchemy import ColumnElement, Connection, any_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from db.expressions import CLOCK, array_of, seconds
from db.models import BackupFreeze, Lease, Process, Work
from newsmill.vocabulary import Lane

__all__ = ["end_long_waits", "take_future_as_now"]

_TOLERANCE = seconds("tolerance_seconds")
_TOLERANCE_SECONDS = 5.0
_LONGEST_FREEZE_SECONDS = 3600.0


def _in_order(key: InstrumentedAttribute[int], *of: ColumnElement[bool]) -> ColumnElement[bool]:
    """Returns the condition for rows of these conditions, locked in the order of their keys.

    Those that somebody has are left out: the next pass finds them.
    """
    rows = select(key).where(*of).order_by(key).with_for_update(skip_locked=True).correlate(None)
    return key == any_(array_of(rows))


_DISPATCHED_AHEAD = (
    update(Work)
    .where(_in_order(Work.id, Work.lane == Lane.ADMITTED, Work.dispatched_at > CLOCK + _TOLERANCE))
    .values(dispatched_at=CLOCK)
)
_waits_too_long = Work.next_attempt_at > CLOCK + seconds("longest_wait_seconds")
_WAITING_AHEAD = (
    update(Work).where(_in_order(Work.id, Work.lane == Lane.ADMITTED, _waits_too_long)).values(next_attempt_at=CLOCK)
)
_ALL_WAITING_AHEAD = update(Work).where(_in_order(Work.id, _waits_too_long)).values(next_attempt_at=CLOCK)
_LEASED_AHEAD = (
    update(Lease)
    .where(_in_order(Lease.token, Lease.claimed_at > CLOCK + _TOLERANCE))
    .values(claimed_at=CLOCK, expires_at=CLOCK + seconds("lease_seconds"))
)
_SEEN_AHEAD = (
    update(Process)
    .where(or_(Process.seen_at > CLOCK + _TOLERANCE, Process.moved_at > CLOCK + _TOLERANCE))
    .values(seen_at=CLOCK, moved_at=CLOCK)
)
_FROZEN_AHEAD = (
    update(BackupFreeze)
    .where(BackupFreeze.expires_at > CLOCK + seconds("longest_freeze_seconds"))
    .values(expires_at=CLOCK + _TOLERANCE)
)


def take_future_as_now(connection: Connection, *, lease_seconds: float, longest_wait_seconds: float) -> int:
    """Takes times that lie ahead as now: of dispatches, leases, heartbeats and freezes, and of what waits in flight.

    A lease that was claimed in the future holds for `lease_seconds` from now on; a living worker renews it.
    `longest_wait_seconds` is the longest that anything may wait for its next attempt. Returns how many rows these were.
    """
    parameters = {
        "tolerance_seconds": _TOLERANCE_SECONDS,
        "lease_seconds": lease_seconds,
        "longest_wait_seconds": longest_wait_seconds,
        "longest_freeze_seconds": _LONGEST_FREEZE_SECONDS,
    }
    statements = (_DISPATCHED_AHEAD, _WAITING_AHEAD, _LEASED_AHEAD, _SEEN_AHEAD, _FROZEN_AHEAD)
    return sum(connection.execute(statement, parameters).rowcount for statement in statements)


def end_long_waits(connection: Connection, longest_wait_seconds: float) -> int:
    """Ends waits that last longer than any may, also of what waits for admission; reads all of `work`."""
    return connection.execute(_ALL_WAITING_AHEAD, {"longest_wait_seconds": longest_wait_seconds}).rowcount
