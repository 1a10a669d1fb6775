"""The sweeper dispatches work again after a lease expires, a message gets lost or a wait ends (promises 1 and 3).

A transaction-level advisory lock allows one pass at a time in the whole system. Passes are short and bounded, and spare
sweepers may run in any number. Housekeeping follows each pass, and no work waits for a housekeeping duty that fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from time import monotonic

import structlog
from sqlalchemy import Connection

from db import ledger, processes
from db.erasure import freezes, marks
from db.locks import LockKey, try_lock
from db.records import Dispatch
from db.sessions import DatabaseUnavailableError, StatementGivenUpError
from newsmill.errors import TransientError
from newsmill.vocabulary import Stage
from worker.duties.blobs import BlobCollector
from worker.duties.maintenance import Maintenance
from worker.leases.keeper import LOST, give_up_leases
from worker.services import Services

__all__ = ["READY_LIMIT", "Sweeper"]

log = structlog.get_logger(__name__)

READY_LIMIT = 1000
"""The most ready rows that one pass dispatches."""

_TIDY_SECONDS = 3600.0
_FORGET_SECONDS = 86_400.0
_RECOVER_SECONDS = 60.0
_EMBARGO_SECONDS = 30.0
# A failed duty runs again after a wait that doubles: the failure may take a minute, in which nothing is dispatched.
_AGAIN_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 600.0


@dataclass(slots=True)
class _Duty:
    """A housekeeping duty. It runs at most once in `every_seconds`; `due` is the clock's time of the next run."""

    name: str
    run: Callable[[], object]
    every_seconds: float = 0.0
    due: float = 0.0
    failures: int = 0


class Sweeper:
    """Runs passes until told to stop."""

    def __init__(
        self, services: Services, *, ready_limit: int = READY_LIMIT, clock: Callable[[], float] = monotonic
    ) -> None:
        self._services = services
        self._ready_limit = ready_limit
        self._clock = clock
        self._patient_until = 0.0
        collector = BlobCollector(services.database, services.blobs)
        self._duties = (
            _Duty("what has to be settled anew", Maintenance(services.database, services.settings).run_once),
            # A backup that ran, or a command that was killed, left these blobs marked.
            _Duty("blobs that may go", collector.run_once),
            _Duty("blobs that were set aside", collector.recover, every_seconds=_RECOVER_SECONDS),
            _Duty("embargoes that are over", self._end_embargoes, every_seconds=_EMBARGO_SECONDS),
            # Killed processes leave their half-made copies behind.
            _Duty("copies half made in the blob store", self._sweep_temporaries, every_seconds=_TIDY_SECONDS),
            _Duty("heartbeats and marks of long ago", self._clear_rows, every_seconds=_TIDY_SECONDS),
        )

    def run(self, stop: Event, passed: Callable[[], None] = lambda: None) -> None:
        """Runs a pass every `sweep_seconds` and calls `passed` after each. Logs an outage and goes on."""
        while not stop.is_set():
            try:
                self.run_once()
                passed()
            except TransientError as error:
                log.warning("sweeper: waiting", reason=str(error))
                # In the outage no worker could renew its leases. Each gets the time to, before it loses its work.
                self._patient_until = self._clock() + self._services.settings.lease_seconds
            stop.wait(self._services.settings.sweep_seconds)

    def run_once(self) -> int:
        """Runs one pass; returns how many items it dispatched. Raises TransientError when a server is away.

        A housekeeping duty that fails is logged, and the pass itself succeeds.
        """
        if self._clock() >= self._patient_until:
            with self._services.database.transaction() as connection:
                self._take_future_as_now(connection)
                lost = ledger.expired_leases(connection)
                give_up_leases(connection, self._services.settings, lost, LOST)
            if lost:
                log.warning("leases of vanished workers released", leases=len(lost))
        dispatched = self._dispatch()
        self._keep_house()
        return dispatched

    def _take_future_as_now(self, connection: Connection) -> None:
        settings = self._services.settings
        moved = ledger.take_future_as_now(
            connection, lease_seconds=settings.lease_seconds, longest_wait_seconds=self._longest_wait_seconds
        )
        if moved:
            log.warning("the clock was set back: times that lay ahead are taken as now", rows=moved)

    @property
    def _longest_wait_seconds(self) -> float:
        """The longest that anything may wait for its next attempt; twice ours, as another process may wait longer."""
        return 2 * self._services.settings.retry_max_seconds

    def _dispatch(self) -> int:
        # Read first: messages published after this cannot count as lost.
        dispatcher = self._services.dispatcher
        watermarks = {False: dispatcher.watermarks(), True: dispatcher.later_watermarks()}
        return dispatcher.send(self._take, watermarks)

    def _take(
        self, connection: Connection, watermarks: Mapping[bool, Mapping[Stage, datetime | None]]
    ) -> list[Dispatch]:
        """Returns the dispatches to publish; none while another sweeper runs its pass."""
        if not try_lock(connection, LockKey.SWEEP):
            return []
        grace_seconds = self._services.settings.dispatch_grace_seconds
        for later, of_stages in watermarks.items():
            for stage, watermark in of_stages.items():
                lost = ledger.lose_dispatches(connection, stage, watermark, grace_seconds, later=later)
                if lost:
                    log.warning("messages lost; sending again", stage=stage.value, items=lost)
        return ledger.take_ready(connection, self._ready_limit) + ledger.admit(connection, self._services.limits)

    def _keep_house(self) -> None:
        """Runs the duties that are due. A failed duty ends the pass, so that dispatching comes before the others."""
        for duty in self._duties:
            if self._clock() < duty.due:
                continue
            try:
                duty.run()
            except TransientError as error:
                if isinstance(error, DatabaseUnavailableError) and not isinstance(error, StatementGivenUpError):
                    raise  # the database is away, so no worker can renew a lease either
                wait_seconds = min(_AGAIN_SECONDS * 2**duty.failures, _LONGEST_WAIT_SECONDS)
                duty.due, duty.failures = self._clock() + wait_seconds, min(duty.failures + 1, 10)
                log.warning("sweeper: a duty waits", duty=duty.name, wait_seconds=wait_seconds, reason=str(error))
                return
            duty.due, duty.failures = self._clock() + duty.every_seconds, 0

    def _end_embargoes(self) -> None:
        begun = self._services.database.run(ledger.end_embargoes, READY_LIMIT)
        if begun:
            log.info("embargoes are over: documents begin again", documents=len(begun))

    def _sweep_temporaries(self) -> None:
        removed = self._services.blobs.sweep_temporaries()
        if removed:
            log.info("stale temporary blobs removed", blobs=removed)

    def _clear_rows(self) -> None:
        with self._services.database.transaction() as connection:
            marks.clear_old(connection)
            freezes.clear_expired(connection)
            processes.forget_processes(connection, _FORGET_SECONDS)
            ledger.end_long_waits(connection, self._longest_wait_seconds)
