"""The long-running roles, one a process: watch, worker, sweep. Each drains and ends on SIGTERM or SIGINT."""

import os
import threading
import warnings
from collections.abc import Sequence
from threading import Event
from typing import Any

import structlog

from console.processes.opening import opened_services
from console.processes.readiness import await_parts
from console.servers.embedded import servers
from ingest.inbox.names import names_with
from ingest.inbox.retries import Retries
from ingest.inbox.watch import watch
from newsmill.errors import ConfigurationError
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Role, Stage
from worker.app import QUEUE_ORDER, app, configure, queue_names
from worker.duties.search_index import SearchFlusher
from worker.duties.sweeper import Sweeper
from worker.intake.accept import forget_vanished
from worker.intake.loop import IntakeLoop
from worker.leases.heartbeat import Heartbeat
from worker.services import open_services

__all__ = ["run_sweep", "run_watch", "run_worker"]

log = structlog.get_logger(__name__)

_GROUP_FILES = 200


def run_watch(settings: Settings, stop: Event) -> None:
    """Watches the inbox and takes in what is finished, until told to stop."""
    try:
        settings.inbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{settings.inbox}: the inbox cannot be made: {error.strerror}") from error
    _end_with_any_thread()
    with (
        opened_services(settings, Role.WATCH, stop=stop) as services,
        Heartbeat(services.database, Role.WATCH, seconds=settings.lease_seconds / 3).beating(),
    ):
        log.info("watching", inbox=str(settings.inbox))
        retries = Retries(base_seconds=settings.retry_seconds, max_seconds=settings.retry_max_seconds)
        taking = IntakeLoop(services, stop, retries)
        groups = watch(
            settings.inbox,
            quiet_ms=settings.quiet_ms,
            settle_seconds=settings.settle_seconds,
            rescan_seconds=settings.rescan_seconds,
            group_limit=_GROUP_FILES,
            stop=stop,
            known=taking.known,
            unreadable=taking.unreadable,
            retries=retries,
            polling=settings.polling,
            names=names_with(settings.ignored_names),
        )
        forget_vanished(services, str(settings.inbox))
        for group in groups:
            taking.take(group)


def run_sweep(settings: Settings, stop: Event) -> None:
    """Sweeps until told to stop."""
    _end_with_any_thread()
    with opened_services(settings, Role.SWEEP, stop=stop) as services:
        heartbeat = Heartbeat(services.database, Role.SWEEP, seconds=settings.lease_seconds / 3)
        SearchFlusher(services.database.url).start(stop)
        with heartbeat.beating():
            Sweeper(services).run(stop, passed=heartbeat.moved)


def run_worker(settings: Settings, stop: Event, stages: Sequence[Stage] | None = None) -> None:
    """Works on the stages, all of them unless some are named, in as many processes as the settings say.

    Once Celery is up it handles the signals: the first SIGTERM or SIGINT lets the running batches finish. A signal that
    came before has set `stop`.
    """

    # Loaded before the fork, so that all worker processes share it. The other roles do without.
    from celery import signals
    from celery.platforms import SecurityWarning
    from celery.worker import state

    from ingest.similarity.fingerprint import fingerprint
    from worker.tasks import prepare_worker

    fingerprint("")  # makes its table of character classes, which the processes share, too
    # Celery warns root of pickle, in which no message may be, and of an option that Newsmill does not use.
    warnings.filterwarnings("ignore", category=SecurityWarning)

    def end_if_told_before(**_: Any) -> None:
        if stop.is_set():
            state.should_stop = os.EX_OK

    signals.worker_ready.connect(end_if_told_before)
    _end_with_any_thread()
    with servers(settings, stop=stop) as urls:
        _await_parts(settings, urls, stop)
        configure(settings, urls.redis_url)
        prepare_worker(settings, urls)
        app.worker_main(
            [
                "--quiet",  # no banner: each line is an event
                "worker",
                f"--hostname=newsmill-{os.getpid()}@%h",
                f"--concurrency={settings.workers}",
                f"--queues={','.join(queue_names(stages or QUEUE_ORDER))}",
                "--without-mingle",
                "--without-gossip",
                "--events",
                f"--loglevel={settings.log_level}",
            ]
        )


def _end_with_any_thread() -> None:
    """Ends the process with any of its threads: it would live on and do half of its work. Then it is started again."""

    def end(died: threading.ExceptHookArgs) -> None:
        error = died.exc_value or died.exc_type()
        log.critical("a thread died, and with it this process", thread=getattr(died.thread, "name", ""), exc_info=error)
        os._exit(os.EX_SOFTWARE)

    threading.excepthook = end


def _await_parts(settings: Settings, urls: ServerUrls, stop: Event) -> None:
    services = open_services(settings, urls, name="worker parent")
    try:
        await_parts(services, stop)
    finally:
        services.close()
