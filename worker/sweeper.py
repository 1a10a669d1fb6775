"""The sweeper brings back what got lost: expired leases, messages that left Redis, waits that are over (promises 1, 3).

One pass at a time in the whole system (a transaction-level advisory lock); each is short and bounded, and any number
of sweepers may run for the sake of a spare.
"""

from collections.abc import Callable
from threading import Event
from time import monotonic

import structlog
from sqlalchemy import text

from db import ledger, liveness, removals
from db.records import Dispatch
from db.sessions import DatabaseUnavailableError
from newsmill.errors import TransientError
from worker.leases import LOST, give_up_leases
from worker.maintenance import Maintenance
from worker.mill import Mill
from worker.removing import Remover

__all__ = ["Sweeper"]

log = structlog.get_logger(__name__)

_SWEEP_LOCK = 7_301_004
_READY_LIMIT = 1000
_TIDY_SECONDS = 3600.0
_FORGET_SECONDS = 86_400.0
_REMOVE_AGAIN_SECONDS = 60.0
_RECOVER_SECONDS = 60.0


class Sweeper:
    """Runs passes until told to stop."""

    def __init__(self, mill: Mill) -> None:
        self._mill = mill
        self._maintenance = Maintenance(mill.database, mill.settings)
        self._remover = Remover(mill.database, mill.blobs)
        self._remove_due = self._recover_due = 0.0
        self._patient_until = 0.0
        self._tidy_due = 0.0

    def run(self, stop: Event, passed: Callable[[], None] = lambda: None) -> None:
        """Passes `sweep_seconds` apart, each told to `passed`; an outage is logged and outlived."""
        while not stop.is_set():
            try:
                self.run_once()
                passed()
            except TransientError as error:
                log.warning("sweeper: waiting", reason=str(error))
                # Workers could not renew their leases meanwhile: let them, before their work is given to others.
                self._patient_until = monotonic() + self._mill.settings.lease_seconds
            stop.wait(self._mill.settings.sweep_seconds)

    def run_once(self) -> int:
        """One pass; returns how many items it dispatched. Raises TransientError when a server is away."""
        if monotonic() >= self._patient_until:
            lost = give_up_leases(self._mill.database, self._mill.settings, ledger.expired_leases, LOST)
            if lost:
                log.warning("leases of vanished workers released", leases=lost)
        self._tidy()
        self._maintenance.run_once()
        self._remove_blobs()
        # Read before anything is dispatched below: a queue cannot have lost what is published after this.
        watermarks = self._mill.dispatcher.watermarks()

        def dispatch() -> list[Dispatch]:
            with self._mill.database.transaction() as connection:
                if not connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": _SWEEP_LOCK}):
                    return []
                for stage, watermark in watermarks.items():
                    lost = ledger.lose_dispatches(
                        connection, stage, watermark, self._mill.settings.dispatch_grace_seconds
                    )
                    if lost:
                        log.warning("messages lost; sending again", stage=stage.value, items=lost)
                return ledger.take_ready(connection, _READY_LIMIT) + ledger.admit(connection, self._mill.limits)

        return self._mill.dispatcher.send(dispatch)

    def _remove_blobs(self) -> None:
        """What was forgotten while a backup ran, or by a command that was killed; the blob store may be away."""
        if monotonic() >= self._remove_due:
            try:
                self._remover.run_once()
                if monotonic() >= self._recover_due:
                    self._recover_due = monotonic() + _RECOVER_SECONDS
                    self._remover.recover()
            except DatabaseUnavailableError:
                raise
            except TransientError as error:
                self._remove_due = monotonic() + _REMOVE_AGAIN_SECONDS
                log.warning("forgotten blobs cannot be removed yet", reason=str(error))

    def _tidy(self) -> None:
        """What was left by those that were killed: copies half made in the blob store, heartbeats of long ago."""
        if monotonic() >= self._tidy_due:
            self._tidy_due = monotonic() + _TIDY_SECONDS
            removed = self._mill.blobs.sweep_temporaries()
            if removed:
                log.info("stale temporary blobs removed", blobs=removed)
            with self._mill.database.transaction() as connection:
                removals.clear_old(connection)
                liveness.forget_processes(connection, _FORGET_SECONDS)
