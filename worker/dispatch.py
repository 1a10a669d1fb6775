"""Publishes messages for the rows that the ledger marks as dispatched, after that commit (promises 1, 3 and 7).

Redis may lose any message. The watermark of a queue is the dispatch time of its oldest message. The sweeper compares
the ledger with it and finds the lost messages; see `db.ledger.lose_dispatches`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import TypeVarTuple

import structlog
from kombu.exceptions import OperationalError
from kombu.messaging import Producer
from redis import AuthenticationError, Redis, RedisError
from sqlalchemy import Connection

from db import ledger
from db.records import Dispatch
from db.sessions import Database, DatabaseUnavailableError
from newsmill.errors import ConfigurationError, TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from worker.app import app, queue_name
from worker.payload import Item, encode_item

__all__ = ["BrokerUnavailableError", "Dispatcher", "dispatch_time", "in_batches", "require_kept_messages"]

log = structlog.get_logger(__name__)

Ts = TypeVarTuple("Ts")


class BrokerUnavailableError(TransientError):
    """Redis is away or full. The ledger keeps the items that could not be published."""


def require_kept_messages(redis: Redis) -> None:
    """Checks that Redis accepts the login and evicts no messages when its memory is full.

    Raises ConfigurationError if it does not, and BrokerUnavailableError if Redis does not answer.
    """
    try:
        memory = redis.info("memory")
    except AuthenticationError as error:
        raise ConfigurationError(f"Redis refused the login: {error}; check NEWSMILL_REDIS_URL") from error
    except RedisError as error:
        raise BrokerUnavailableError(f"Redis does not answer: {error}; check NEWSMILL_REDIS_URL") from error
    policy = memory.get("maxmemory_policy", "noeviction")
    if memory.get("maxmemory") and policy != "noeviction":
        raise ConfigurationError(
            f"Redis throws keys away when its memory is full (maxmemory-policy {policy}), and with them messages: set"
            " maxmemory-policy noeviction there"
        )


class Dispatcher:
    """Publishes batches to the stage queues and reads the lengths and watermarks of the queues."""

    def __init__(self, settings: Settings, database: Database, redis_url: str) -> None:
        self._settings = settings
        self._database = database
        self._producer: Producer | None = None
        try:
            self._redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=5)
        except ValueError:  # its message may hold the password
            raise ConfigurationError("NEWSMILL_REDIS_URL: must be redis://…, rediss://… or unix://…") from None

    def close(self) -> None:
        """Closes this process's connections to Redis."""
        self._redis.close()
        self._forget_producer()

    def send(
        self,
        function: Callable[[Connection, *Ts], Sequence[Dispatch]],
        *args: *Ts,
        items: Mapping[int, Item] | None = None,
    ) -> int:
        """Runs a function that dispatches (by `Database.run`), publishes its dispatches and returns their number."""
        dispatches = self._database.run(function, *args)
        self.publish(dispatches, items or {})
        return len(dispatches)

    def publish(self, dispatches: Sequence[Dispatch], items: Mapping[int, Item]) -> None:
        """Publishes dispatched items in batches. An item that `items` lacks goes out without a result.

        Never raises. Items that Redis does not take become ready again in the ledger, where the sweeper finds them.
        """
        unsent: list[Dispatch] = []
        reason: Exception | None = None
        limits = self._settings
        for batch in in_batches(dispatches, max_documents=limits.batch_documents, max_bytes=limits.batch_bytes):
            if reason is not None:  # after one refusal, the other batches would each wait for a timeout
                unsent += batch
                continue
            try:
                self.publish_batch(batch, items)
            except Exception as error:
                # Any exception: kombu raises AttributeError, for one, when a connection is cut while it reconnects.
                unsent += batch
                reason = error
        if reason is not None and not isinstance(reason, OperationalError | RedisError):
            log.warning("the connection to Redis is made anew", exc_info=reason)
            self._forget_producer()
        if reason is not None:
            self._take_back(unsent, reason)

    def watermarks(self) -> dict[Stage, datetime | None]:
        """Returns the dispatch time of the oldest message in each stage's queue, or None for an empty queue.

        Raises BrokerUnavailableError.
        """
        return self._watermarks(later=False)

    def later_watermarks(self) -> dict[Stage, datetime | None]:
        """Returns the same of the queues of what goes behind all other work."""
        return self._watermarks(later=True)

    def _watermarks(self, *, later: bool) -> dict[Stage, datetime | None]:
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for stage in Stage:
                    pipeline.lindex(queue_name(stage, later=later), -1)
                oldest = pipeline.execute()
        except RedisError as error:
            raise BrokerUnavailableError(f"Redis: {error}") from error
        return {stage: dispatch_time(message) for stage, message in zip(Stage, oldest, strict=True)}

    def queue_lengths(self) -> dict[Stage, int]:
        """Returns the number of messages in each stage's queues. Raises BrokerUnavailableError."""
        try:
            return {
                stage: sum(int(self._redis.llen(queue_name(stage, later=later))) for later in (False, True))
                for stage in Stage
            }
        except RedisError as error:
            raise BrokerUnavailableError(f"Redis: {error}") from error

    def require_kept_messages(self) -> None:
        """Calls `require_kept_messages` for the Redis of this process."""
        require_kept_messages(self._redis)

    def eviction_policy(self) -> str:
        """Returns Redis's `maxmemory-policy`; only noeviction keeps messages. Raises BrokerUnavailableError."""
        try:
            info = self._redis.info("memory")
        except RedisError as error:
            raise BrokerUnavailableError(f"Redis: {error}") from error
        return str(info.get("maxmemory_policy", "unknown"))

    def publish_batch(self, batch: Sequence[Dispatch], items: Mapping[int, Item]) -> None:
        """Publishes one message. Raises any exception that kombu raises, and not only kombu's own errors."""
        first = batch[0]
        if self._producer is None:
            self._producer = app.amqp.Producer(app.connection_for_write())
        app.send_task(
            f"newsmill.{first.stage}",
            producer=self._producer,
            args=[
                [encode_item(items.get(d.id) or Item(d.id, d.generation), self._settings.payload_bytes) for d in batch]
            ],
            queue=queue_name(first.stage, later=first.is_later),
            headers={"dispatched_at": min(d.dispatched_at for d in batch).isoformat()},
            argsrepr=f"{len(batch)} items from {first.id}",  # by default, Celery sends the batch once more as text
        )

    def _forget_producer(self) -> None:
        """Drops the producer, so that the next message goes over a new connection."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):  # it may be in any state
                producer.connection.release()

    def _take_back(self, unsent: Sequence[Dispatch], reason: Exception) -> None:
        log.warning(
            "redis did not take messages; the sweeper will send them again", items=len(unsent), reason=str(reason)
        )
        try:
            with self._database.transaction() as connection:
                ledger.undispatch(connection, [d.id for d in unsent])
        except DatabaseUnavailableError as error:
            # The items stay dispatched, and the sweeper finds them by their queue's watermark.
            log.warning("the ledger could not be told", reason=str(error))


def in_batches(dispatches: Iterable[Dispatch], *, max_documents: int, max_bytes: int) -> Iterator[list[Dispatch]]:
    """Splits dispatches into batches of one stage and one of its queues, within these limits.

    Three kinds go alone: documents larger than `max_bytes`, suspects (each may kill its worker) and containers.
    """
    by_queue = sorted(dispatches, key=lambda d: (list(Stage).index(d.stage), d.is_later, d.id))
    for (stage, _), group in groupby(by_queue, key=lambda d: (d.stage, d.is_later)):
        batch: list[Dispatch] = []
        size_bytes = 0
        for dispatch in group:
            if dispatch.alone or stage is Stage.UNPACK:
                yield [dispatch]
                continue
            if batch and (len(batch) >= max_documents or size_bytes + dispatch.size_bytes > max_bytes):
                yield batch
                batch, size_bytes = [], 0
            batch.append(dispatch)
            size_bytes += dispatch.size_bytes
        if batch:
            yield batch


def dispatch_time(message: bytes | None) -> datetime | None:
    """Reads the dispatch time of a message; returns None for no message and for another program's message."""
    if message is None:
        return None
    try:
        return datetime.fromisoformat(json.loads(message)["headers"]["dispatched_at"])
    except (ValueError, KeyError, TypeError):
        return None  # another program's message says nothing about ours
