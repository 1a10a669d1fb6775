"""A worker's parent renews the leases of its children by one heartbeat, and reports a child's end (promises 1 and 5).

The parent renews, and not the child: a document may keep the interpreter's lock, and its lease must live until the time
limit names the cause, a hang. Renewals come before reports, and reports wait only briefly for the locks of others.
"""

import os
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Lock, Thread
from time import monotonic

import structlog
from sqlalchemy import Connection

from db import ledger, processes
from db.reads import lookups
from db.records import LeaseLoss
from db.sessions import Database
from db.similarity import clusters
from newsmill.errors import TransientError
from newsmill.settings import Settings
from worker.leases.heartbeat import identity
from worker.leases.retry import MAX_LOSSES, backoff_seconds
from worker.leases.stopwatch import Stopwatch

__all__ = ["OUT_OF_MEMORY_CODE", "LeaseKeeper", "give_up_leases", "hang", "lease_loss_of", "stuck"]

log = structlog.get_logger(__name__)


OUT_OF_MEMORY_CODE = 76
"""The exit code of a worker process that ran out of memory and could not go on."""


def hang(seconds: float) -> LeaseLoss:
    """Returns the loss of a lease by a document that computes for longer than it may."""
    return LeaseLoss("Hang", f"hang: no end after {seconds:g} s", counts=True)


def stuck(seconds: float) -> LeaseLoss:
    """Returns the loss of a lease by a task that waits too long for something other than a document."""
    return LeaseLoss("Stuck", f"the task was stuck: no end after {seconds:g} s", counts=False)


def lease_loss_of(message: str, out_of_memory: Callable[[], bool]) -> LeaseLoss:
    """Returns the loss of a lease by the end of a child process.

    `message` is billiard's, such as "signal 11 (SIGSEGV)" or "exitcode 1". SIGKILL comes from the kernel when memory
    runs out, or else from a person. Only the former counts against the document.
    """
    signal = re.search(r"signal (\d+)(?: \((\w+)\))?", message)
    if signal is None:
        code = re.search(r"exitcode (-?\d+)", message)
        if code is not None and int(code[1]) == OUT_OF_MEMORY_CODE:
            return LeaseLoss("OutOfMemory", "memory: the process had none left", counts=True)
        return LeaseLoss(
            "Crash", f"crash: the process ended with exit code {code[1] if code else 'unknown'}", counts=True
        )
    number, name = int(signal[1]), signal[2] or f"signal {signal[1]}"
    if number == 9:  # noqa: PLR2004 - SIGKILL
        if out_of_memory():
            return LeaseLoss("OutOfMemory", "memory: the kernel killed the process as memory ran out", counts=True)
        return LeaseLoss("WorkerKilled", "the worker process was killed from outside", counts=False)
    if number == 15:  # noqa: PLR2004 - SIGTERM
        return LeaseLoss("WorkerKilled", "the worker process was told to stop", counts=False)
    return LeaseLoss("Crash", f"crash: the process died of {name}", counts=True)


_AGAIN_SECONDS = 0.5
_SILENT_SECONDS = 30.0

LOST = LeaseLoss("WorkerLost", "the worker vanished: no heartbeat", counts=False)


def give_up_leases(
    connection: Connection,
    settings: Settings,
    tokens: Sequence[int],
    loss: LeaseLoss,
    culprit: Callable[[int], int | None] | None = None,
) -> None:
    """Releases these leases. The caller has found and locked them in the same transaction.

    `culprit` returns the document that was computed under a lease, or None. Without it nobody knows.
    """
    if not tokens:
        return
    culprits = None if culprit is None else {token: culprit(token) for token in tokens}
    if culprits is not None:
        _tell(connection, loss, culprits.values())
    displaced = ledger.lose_leases(
        connection,
        tokens,
        loss,
        culprits=culprits,
        max_strikes=settings.max_attempts,
        max_losses=MAX_LOSSES,
        wait_seconds=backoff_seconds(settings, 0),
    )
    clusters.withdraw(connection, displaced)


def _tell(connection: Connection, loss: LeaseLoss, culprits: Collection[int | None]) -> None:
    """Logs the loss of each lease with the document that was computed under it, if any."""
    ids = [id_ for id_ in culprits if id_ is not None]
    origins, stages = lookups.origins(connection, ids), lookups.stages_of(connection, ids)
    for id_ in culprits:
        known = {} if id_ is None else {"document": id_, "file": origins.get(id_), "stage": stages.get(id_)}
        log.warning(loss.message, error=loss.error_class, **known)


@dataclass(slots=True, eq=False)
class _Report:
    """Leases that no task uses any more and none ended. `loss` is None if the process lives on."""

    find: Callable[[Connection], list[int]]
    loss: LeaseLoss | None
    due: float = 0.0


class LeaseKeeper:
    """A thread in a worker's parent process that renews leases, reports lost ones and kills hung children."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        running_tasks: Callable[[], list[str]],
        stopwatch: Stopwatch,
        *,
        taken_tasks: Callable[[], int] = lambda: 0,
        leave: Callable[[], None] = lambda: os._exit(os.EX_OK),
        idle_seconds: float = 5.0,
    ) -> None:
        self._identity = identity("worker")
        self.worker = self._identity.name
        self._running_tasks = running_tasks
        self._taken_tasks = taken_tasks
        self._tasks_at_last_beat: tuple[int, set[str]] = (0, set())
        self._stopwatch = stopwatch
        self._settings = settings
        self._pause_seconds = settings.lease_seconds / 3
        self._database = database
        self._reports: Queue[_Report] = Queue()
        self._stop = Event()
        self._leave = leave
        self._idle_seconds = idle_seconds
        self._idle_since: float | None = None  # set while the worker drains
        self._oom_kills = _oom_kills()
        self._silent_until: dict[str, float] = {}
        # The thread takes it to talk to the database: a fork in between would copy locks that nobody releases.
        self._busy = Lock()
        os.register_at_fork(
            before=self._busy.acquire, after_in_parent=self._busy.release, after_in_child=self._busy.release
        )
        self._thread = Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        """Starts the thread. Heartbeats are a third of a lease apart."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread after it has written all reports."""
        self._stop.set()
        self._thread.join(timeout=5)

    def drain(self) -> None:
        """Says that the worker takes no more tasks, and ends after its present ones."""
        self._idle_since = self._idle_since or monotonic()

    def report(self, task_id: str, loss: LeaseLoss) -> None:
        """Says that the child of this task is gone. Its lease is released at once."""
        self._reports.put(_Report(partial(ledger.leases_of, worker=self.worker, task_id=task_id), loss))

    def report_given_up(self, task_id: str) -> None:
        """Says that this task could not commit, as the database stayed away. Its lease is released at once."""
        self._reports.put(_Report(partial(ledger.leases_of, worker=self.worker, task_id=task_id), None))

    def out_of_memory(self) -> bool:
        """Returns whether the kernel killed a process for memory since the last call."""
        before, self._oom_kills = self._oom_kills, _oom_kills()
        return self._oom_kills > before

    def _run(self) -> None:
        renew_at = monotonic()
        waiting: list[_Report] = []
        while not (self._stop.is_set() and self._reports.empty() and not waiting):
            due = min([renew_at, *(report.due for report in waiting)])
            with suppress(Empty):
                longest = 0.05 if self._stop.is_set() else 0.5
                waiting.append(self._reports.get(timeout=max(0.0, min(due - monotonic(), longest))))
            self._kill_hung()
            # Renewal comes first, and again before the next report: no live lease may wait for a lost one.
            if monotonic() >= renew_at:
                renewed = self._went_through(self._renew, "the leases are renewed late")
                renew_at = monotonic() + (self._pause_seconds if renewed else min(self._pause_seconds, _AGAIN_SECONDS))
            report = min(waiting, key=lambda report: report.due, default=None)
            if report is not None and report.due <= monotonic():
                if self._went_through(partial(self._release, report), "a lost lease is released later"):
                    waiting.remove(report)
                else:
                    report.due = monotonic() + _AGAIN_SECONDS
            elif self._idle_since is not None:
                self._went_through(partial(self._leave_if_idle, self._idle_since), "drained, and not left yet")
        with suppress(TransientError), self._busy, self._database.transaction() as connection:
            processes.depart(connection, self.worker)

    def _went_through(self, call: Callable[[], None], otherwise: str) -> bool:
        """Calls, and returns whether the database did it. If not, logs `otherwise` and the reason."""
        try:
            with self._busy:
                call()
        except TransientError as error:
            # Each of many lost leases is tried twice a second: the same line would be written thousands of times.
            now = monotonic()
            if now >= self._silent_until.get(otherwise, now):
                self._silent_until[otherwise] = now + _SILENT_SECONDS
                log.warning(f"heartbeat: {otherwise}", reason=str(error))
            return False
        return True

    def _kill_hung(self) -> None:
        limit_seconds = self._settings.document_seconds
        for pid, token in self._stopwatch.kill_overdue(limit_seconds):
            log.warning(
                "a document hangs; its worker process is killed",
                document=self._stopwatch.culprit(token),
                killed=pid,
                seconds=limit_seconds,
            )
            self._reports.put(_Report(partial(ledger.lock_lease, token=token), hang(limit_seconds)))

    def _renew(self) -> None:
        running = self._running_tasks()
        tasks = (self._taken_tasks(), set(running))
        with self._database.transaction() as connection:
            ledger.renew_leases(connection, self.worker, running, self._settings.lease_seconds)
            processes.beat(connection, self._identity, moved=tasks != self._tasks_at_last_beat)
        self._tasks_at_last_beat = tasks

    def _leave_if_idle(self, since: float) -> None:
        """Ends a drained process if Celery does not: some of its drains took 30 s with nothing left to do."""
        with self._database.transaction() as connection:
            if ledger.has_leases(connection, self.worker):
                self._idle_since = monotonic()
                return
            if monotonic() < since + self._idle_seconds:
                return
            processes.depart(connection, self.worker)
        log.warning("drained, and yet not ended: leaving", seconds=self._idle_seconds)
        self._leave()

    def _release(self, report: _Report) -> None:
        # The next renewal waits for this transaction, so it waits only briefly for the locks of others.
        with self._database.transaction(
            statement_seconds=self._pause_seconds, lock_seconds=self._pause_seconds / 4
        ) as connection:
            tokens = report.find(connection)
            if report.loss is None:
                ledger.release_leases(
                    connection,
                    tokens,
                    base_seconds=self._settings.retry_seconds,
                    max_seconds=self._settings.retry_max_seconds,
                )
            else:
                give_up_leases(connection, self._settings, tokens, report.loss, culprit=self._stopwatch.culprit)


def _oom_kills() -> int:
    try:
        for line in Path("/proc/vmstat").read_text(encoding="ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
