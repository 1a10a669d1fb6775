"""The Celery application: queues, limits and transport options, each with its reason.

Celery carries hints only. Messages are acknowledged early and may be lost or doubled; the ledger brings work back.
"""

from urllib.parse import parse_qs, urlsplit

from celery import Celery
from kombu.entity import Queue

from newsmill.settings import Settings
from newsmill.vocabulary import Stage

__all__ = ["QUEUE_ORDER", "app", "broker_url", "configure", "queue_name"]

# Later stages first: what is nearly done leaves, and makes room for admission. Before them containers, in tasks that
# are short and few at a time: behind a bulk load, whose queues are never empty, their documents would not begin.
QUEUE_ORDER = (Stage.UNPACK, Stage.STORE, Stage.DEDUPLICATE, Stage.CLEAN, Stage.PARSE)


def queue_name(stage: Stage) -> str:
    """The Redis list, and Celery queue, of a stage."""
    return f"newsmill.{stage}"


app = Celery("newsmill", include=["worker.tasks"])
app.conf.update(
    # Without acknowledgements: the ledger brings work back. And kombu counts a message whose acknowledgement met a cut
    # connection as in hand for ever: with as many as there are processes, a worker lives on and takes nothing.
    task_queues=[Queue(queue_name(stage), routing_key=queue_name(stage), no_ack=True) for stage in QUEUE_ORDER],  # type: ignore[no-untyped-call]
    task_default_queue=queue_name(Stage.PARSE),
    task_create_missing_queues=False,
    task_ignore_result=True,
    task_acks_late=False,
    task_serializer="msgpack",
    accept_content=["msgpack", "json"],
    task_compression="zstd",
    task_publish_retry_policy={"max_retries": 2, "interval_start": 0.05, "interval_step": 0.2, "interval_max": 0.5},
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,  # a message leaves its queue only when a process is free to claim what it names
    worker_max_tasks_per_child=500,
    worker_max_memory_per_child=768 * 1024,  # KiB
    worker_soft_shutdown_timeout=5.0,
    worker_send_task_events=True,  # Flower shows nothing without
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease decides whose the work is, not the broker
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "queue_order_strategy": "priority",
        "socket_connect_timeout": 5,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 5,
    },
)


def broker_url(redis_url: str) -> str:
    """The URL that Celery takes for what redis-py calls `redis_url`; only sockets (`unix://`) differ."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def configure(settings: Settings, redis_url: str) -> Celery:
    """Points the application at a Redis; call it once a process, before anything is published or consumed."""
    app.conf.update(
        broker_url=broker_url(redis_url),
        # A document that hangs is found by the stopwatch. This ends what waits for ever, such as a dead file server.
        task_time_limit=settings.task_seconds,
    )
    return app
