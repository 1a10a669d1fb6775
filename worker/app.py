"""The Celery application: queues, limits and transport options, each with its reason.

Celery only carries hints. Messages have no acknowledgements and may be lost or doubled; the ledger brings work back.
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from celery import Celery
from kombu.entity import Queue

from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from worker.compression import limit_messages

__all__ = ["QUEUE_ORDER", "app", "broker_url", "configure", "queue_name", "queue_names"]

# Later stages come first: nearly finished documents leave and make room for admission. Containers come before all, as
# few and short tasks: the queues of a bulk load are never empty, and behind them no container would begin.
QUEUE_ORDER = (Stage.UNPACK, Stage.STORE, Stage.DEDUPLICATE, Stage.CLEAN, Stage.PARSE)


_MESSAGE_BYTES = 1 << 20


def queue_name(stage: Stage, *, later: bool = False) -> str:
    """Returns the name of a stage's Celery queue, which is also its Redis list; of what is `later`, the other one."""
    return f"newsmill.{stage}.later" if later else f"newsmill.{stage}"


def queue_names(stages: Sequence[Stage] = QUEUE_ORDER) -> list[str]:
    """Returns the queues of these stages, first served first. What goes behind all other work is last, in any stage."""
    return [queue_name(stage, later=later) for later in (False, True) for stage in stages]


app = Celery("newsmill", include=["worker.tasks"])
app.conf.update(
    # No acknowledgements, as the ledger brings work back. If a connection is cut during one, kombu counts its message
    # as in hand for ever. After as many such messages as it has processes, a worker lives on and takes nothing.
    task_queues=[Queue(name, routing_key=name, no_ack=True) for name in queue_names()],  # type: ignore[no-untyped-call]
    task_default_queue=queue_name(Stage.PARSE),
    task_create_missing_queues=False,
    task_ignore_result=True,
    task_acks_late=False,
    task_serializer="msgpack",
    accept_content=["msgpack", "json"],
    task_compression="zstd",
    task_publish_retry_policy={"max_retries": 2, "interval_start": 0.05, "interval_step": 0.2, "interval_max": 0.5},
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,  # a message leaves its queue only when a process is free to claim its items
    worker_max_tasks_per_child=500,
    worker_max_memory_per_child=768 * 1024,  # KiB
    worker_soft_shutdown_timeout=5.0,
    worker_send_task_events=True,  # without them Flower shows nothing
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,  # whoever writes to Redis could stop workers, or have them start thousands
    worker_cancel_long_running_tasks_on_connection_loss=False,  # the lease says whose the work is, and not the broker
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
    """Returns Celery's form of redis-py's `redis_url`. Only the URLs of sockets (`unix://`) differ."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def configure(settings: Settings, redis_url: str) -> Celery:
    """Points the application at a Redis. Call it once a process, before it publishes or consumes messages."""
    # Results that ride in a message, with what names them; no message of ours comes near.
    limit_messages(_MESSAGE_BYTES + 2 * settings.batch_documents * settings.payload_bytes)
    app.conf.update(
        broker_url=broker_url(redis_url),
        # The stopwatch finds documents that hang. This limit ends tasks that wait for ever, say for a dead file server.
        task_time_limit=settings.task_seconds,
    )
    return app
