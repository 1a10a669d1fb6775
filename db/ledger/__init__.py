"""Every statement that changes the ledger, each with what it guarantees (promises 1 and 2).

A document is registered once, is in exactly one state, and whoever writes for it holds its lease: each statement that
moves an item on names the lease's token and touches only rows that still hold it. Times are PostgreSQL's clock alone.

An admitted row of `work` is leased (`lease_token`), dispatched (`dispatched_at`: a message for it should be in Redis),
waiting (`next_attempt_at` lies ahead) or else ready. Rows in another lane wait for admission.
"""

from db.ledger.admission import admit, has_backlog
from db.ledger.clock_jumps import end_long_waits, take_future_as_now
from db.ledger.dispatch import lose_dispatches, take_ready, undispatch
from db.ledger.embargoes import end_embargoes
from db.ledger.intake import (
    Registration,
    clear_intake_error,
    finish_unpacking,
    note_intake_error,
    register_files,
    register_page,
)
from db.ledger.leases import (
    claim,
    end_lease,
    end_leases_of,
    expired_leases,
    has_leases,
    leases_in_force,
    leases_of,
    lock_lease,
    lose_leases,
    release_leases,
    renew_leases,
    step_back,
)
from db.ledger.outcomes import advance, complete, defer, fail, hand_back, note_failures, take_work
from db.ledger.removal import (
    change_blob,
    lock_documents,
    lock_files,
    remove_documents,
    remove_files,
    remove_work,
)
from db.ledger.replay import retry, retry_files

__all__ = [
    "Registration",
    "admit",
    "advance",
    "change_blob",
    "claim",
    "clear_intake_error",
    "complete",
    "defer",
    "end_embargoes",
    "end_lease",
    "end_leases_of",
    "end_long_waits",
    "expired_leases",
    "fail",
    "finish_unpacking",
    "hand_back",
    "has_backlog",
    "has_leases",
    "leases_in_force",
    "leases_of",
    "lock_documents",
    "lock_files",
    "lock_lease",
    "lose_dispatches",
    "lose_leases",
    "note_failures",
    "note_intake_error",
    "register_files",
    "register_page",
    "release_leases",
    "remove_documents",
    "remove_files",
    "remove_work",
    "renew_leases",
    "retry",
    "retry_files",
    "step_back",
    "take_future_as_now",
    "take_ready",
    "take_work",
    "undispatch",
]
