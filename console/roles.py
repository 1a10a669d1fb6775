"""The long-running roles, one a process: watch, worker, sweep. Each drains and ends on SIGTERM or SIGINT."""

import os
from threading import Event, Timer
from typing import Any

import structlog

from console.embedded import servers
from console.opening import opened_mill
from db.migrating import require_current
from db.sessions import Database
from ingest.files import VanishedError
from ingest.watching import watch
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import ServerUrls, Settings
from worker.app import QUEUE_ORDER, app, configure, queue_name
from worker.intake import accept, known
from worker.sweeper import Sweeper

__all__ = ["run_sweep", "run_watch", "run_worker"]

log = structlog.get_logger(__name__)

_GROUP_FILES = 200
_RETRY_SECONDS = 30.0


def run_watch(settings: Settings, stop: Event) -> None:
    """Watches the inbox and takes in what is finished, until told to stop."""
    try:
        settings.inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{settings.inbox}: the inbox cannot be made: {error.strerror}") from error
    with opened_mill(settings, "watch") as mill:
        log.info("watching", inbox=str(settings.inbox))
        rescan = Event()
        groups = watch(
            settings.inbox,
            quiet_ms=settings.quiet_ms,
            settle_seconds=settings.settle_seconds,
            rescan_seconds=settings.rescan_seconds,
            group_limit=_GROUP_FILES,
            stop=stop,
            known=lambda seen: known(mill, seen),
            rescan=rescan,
        )
        for group in groups:
            while not stop.is_set():
                try:
                    accepted = accept(mill, group)
                except TransientError as error:
                    log.warning("intake waits", reason=str(error), files=len(group))
                    stop.wait(1.0)
                    continue
                # What vanished tells us itself when it is back; anything else has to be looked at again.
                if any(not isinstance(error, VanishedError) for error in accepted.errors.values()):
                    timer = Timer(_RETRY_SECONDS, rescan.set)
                    timer.daemon = True
                    timer.start()
                break


def run_sweep(settings: Settings, stop: Event) -> None:
    """Sweeps until told to stop."""
    with opened_mill(settings, "sweep") as mill:
        Sweeper(mill).run(stop)


def run_worker(settings: Settings, stop: Event, queues: list[str] | None = None) -> None:
    """Works on the stage queues, all of them unless some are named, in as many processes as the settings say.

    Celery handles the signals, once it is up: the first SIGTERM or SIGINT lets the running batches finish. `stop` is
    set by one that came before.
    """

    # Loaded before the fork, and so shared by all worker processes; the other roles do without.
    from celery import signals
    from celery.worker import state

    from ingest.fingerprint import fingerprint
    from worker.tasks import prepare_worker

    fingerprint("")  # makes its table of character classes

    def end_if_told_before(**_: Any) -> None:
        if stop.is_set():
            state.should_stop = os.EX_OK

    signals.worker_ready.connect(end_if_told_before)
    with servers(settings) as urls:
        _require_schema(urls)
        configure(settings, urls.redis_url)
        prepare_worker(settings, urls)
        app.worker_main(
            [
                "worker",
                f"--hostname=newsmill-{os.getpid()}@%h",
                f"--concurrency={settings.workers}",
                f"--queues={','.join(queues or [queue_name(stage) for stage in QUEUE_ORDER])}",
                "--without-mingle",
                "--without-gossip",
                "--events",
                f"--loglevel={settings.log_level}",
            ]
        )


def _require_schema(urls: ServerUrls) -> None:
    database = Database(urls.database_url)
    try:
        require_current(database)
    finally:
        database.close()
