"""The Celery tasks, one a stage. They are thin: `worker/app.py` has the policy, `worker/stages/runner.py` the work."""

import os
import resource
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from billiard.process import current_process
from celery import Task, signals
from celery.concurrency.asynpool import AsynPool
from celery.worker import state
from celery.worker.request import Request

from db.sessions import Database
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from worker.app import app, queue_name
from worker.leases.keeper import OUT_OF_MEMORY_CODE, LeaseKeeper, lease_loss_of, stuck
from worker.leases.stopwatch import Stopwatch
from worker.services import child_services, prepare_children
from worker.stages.runner import run_stage

__all__ = ["StageRequest", "StageTask", "prepare_worker"]

# A dying child closes the pipe to its parent just before the parent can wait for it. Celery often looks too early then,
# and not again for 5 s. It would notice a crash late, and take it for a hang if the time limit came first.
AsynPool.timers = property(lambda pool: {pool.maintain_pool: 0.5})

_stopwatch = Stopwatch()
_keeper: LeaseKeeper | None = None


def prepare_worker(settings: Settings, urls: ServerUrls) -> None:
    """Prepares this process as the parent of workers. Call it before Celery forks them."""
    global _keeper  # noqa: PLW0603
    prepare_children(settings, urls, _stopwatch)
    database = Database(urls.database_url, name="newsmill worker parent")
    _keeper = LeaseKeeper(
        settings, database, _running_tasks, _stopwatch, taken_tasks=lambda: int(state.all_total_count[0])
    )


def _running_tasks() -> list[str]:
    """Returns the ids of the tasks given to children whose end this parent has not seen, for the keeper's thread."""
    while True:
        try:
            return [request.id for request in state.reserved_requests]
        except RuntimeError:  # the main thread changed the set meanwhile
            continue


def _require_keeper() -> LeaseKeeper:
    if _keeper is None:
        raise RuntimeError("prepare_worker() was not called")
    return _keeper


class StageRequest(Request):  # type: ignore[misc]
    """A task as its parent sees it. It reports how its child died, so that the lease is released at once."""

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Reports a task whose child Celery is about to kill, as it took far too long."""
        super().on_timeout(soft, timeout)
        if not soft:
            _require_keeper().report(self.id, stuck(timeout))

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> None:
        """Reports a task whose child raised or is gone."""
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
        error = getattr(exc_info.exception, "exc", exc_info.exception)
        keeper = _require_keeper()
        if isinstance(error, WorkerLostError | SystemExit | KeyboardInterrupt):
            keeper.report(self.id, lease_loss_of(str(error), keeper.out_of_memory))
        elif not isinstance(error, TimeLimitExceeded):  # which on_timeout reports
            keeper.report_given_up(self.id)


class StageTask(Task):  # type: ignore[misc]
    """Base of the stage tasks."""

    Request = StageRequest


def _register(stage: Stage) -> None:
    @app.task(base=StageTask, bind=True, name=f"newsmill.{stage}")  # type: ignore[untyped-decorator]
    def task(self: Task, values: list[list[Any]]) -> None:
        try:
            run_stage(
                child_services(),
                stage,
                worker=_require_keeper().worker,
                task_id=self.request.id,
                values=values,
                later=self.request.delivery_info.get("routing_key") == queue_name(stage, later=True),
            )
        except MemoryError:
            os._exit(OUT_OF_MEMORY_CODE)  # an exception of this kind would end Celery's parent process as well


for _stage in Stage:
    _register(_stage)


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _start_keeper(**_: Any) -> None:
    _require_keeper().start()


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _note_drain(**_: Any) -> None:
    _require_keeper().drain()


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]
def _stop_keeper(**_: Any) -> None:
    _require_keeper().stop()


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _take_slot(**_: Any) -> None:
    _stopwatch.take_slot(current_process().index)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _limit_memory(**_: Any) -> None:
    """Limits the memory of a worker process, so that an endless document ends in MemoryError and not in a full host."""
    limit = _data_bytes() + child_services().settings.document_memory_bytes
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _data_bytes() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return 0
