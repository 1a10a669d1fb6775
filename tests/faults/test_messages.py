"""Redis loses, doubles and reorders messages. Work goes on within seconds, and nothing is done twice."""

import json
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Lock
from typing import Any, cast

import psycopg
import pytest
from kombu.transport.virtual import Message
from redis import Redis

from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.conftest import Roles, eventually
from tests.support.corpus import GeneratedFile, generate
from tests.support.settled import assert_whole, nothing_at_work, read, rows_of_everything
from worker.app import app, configure, queue_name
from worker.duties.sweeper import Sweeper
from worker.services import Services, open_services
from worker.stages.runner import run_stage

_SEED = int(os.environ.get("FAULT_SEED", "1"))
_THREADS = 4


@pytest.fixture
def redis(urls: ServerUrls) -> Iterator[Redis]:
    with Redis.from_url(urls.redis_url) as connection:
        yield connection


def waiting(redis: Redis, stage: Stage = Stage.PARSE) -> list[bytes]:
    return cast(list[bytes], redis.lrange(queue_name(stage), 0, -1))


def test_messages_lost_while_all_is_idle_are_sent_again_in_seconds(
    roles: Roles,
    mill: Services,
    ledger: psycopg.Connection[Any],
    redis: Redis,
    drop: Callable[[list[GeneratedFile]], None],
) -> None:
    files = generate(21, 40)
    drop(files)
    assert (read(ledger, "select count(*) from work where dispatched_at is not null"), len(waiting(redis))) == ([40], 1)
    redis.flushall()
    # Each message has its own dispatch time, so an earlier pass may count some of them as lost and not the others.
    lost = "select every(dispatched_at < clock_timestamp() - make_interval(secs => %s)) from work"
    eventually(lambda: read(ledger, lost, mill.settings.dispatch_grace_seconds) == [True])
    assert Sweeper(mill).run_once() == len(files)
    assert len(waiting(redis)) == 1
    roles.start("worker")
    eventually(lambda: nothing_at_work(ledger))
    assert_whole(ledger, mill.settings.home / "blobs", files)
    assert read(ledger, "select error_class, message from failures") == []


def test_a_slow_queue_is_no_lost_queue(
    mill: Services, ledger: psycopg.Connection[Any], redis: Redis, drop: Callable[[list[GeneratedFile]], None]
) -> None:
    drop(generate(22, 10))
    before = waiting(redis)
    hasty = replace(mill, settings=mill.settings.model_copy(update={"dispatch_grace_seconds": 0.1}))
    long_ago = "select every(dispatched_at < clock_timestamp() - interval '0.5 s') from work"
    eventually(lambda: read(ledger, long_ago) == [True])
    assert Sweeper(hasty).run_once() == 0
    assert waiting(redis) == before


class UnfaithfulBroker:
    """Takes raw messages from Redis as a worker does, and delivers them to threads doubled, late and out of order."""

    def __init__(self, redis: Redis, seed: int) -> None:
        self._redis = redis
        self._choice = random.Random(seed)
        self._lock = Lock()
        self.seen: list[tuple[Stage, bytes]] = []

    def take(self) -> list[tuple[Stage, bytes]]:
        """Returns some messages to process now: perhaps one twice, perhaps some that were processed long ago."""
        with self._lock:
            taken: list[tuple[Stage, bytes]] = []
            for stage in self._choice.sample(list(Stage), len(Stage)):
                end = self._choice.choice([self._redis.lpop, self._redis.rpop])
                if (raw := end(queue_name(stage))) is not None:
                    taken.append((stage, cast(bytes, raw)))
            self.seen += taken
            for stage, raw in taken:
                if self._choice.random() < 0.5:
                    self._redis.rpush(queue_name(stage), raw)  # it comes next, perhaps while the first copy is at work
            if self.seen:
                taken += self._choice.choices(self.seen, k=2)
            self._choice.shuffle(taken)
            return [message for message in taken if self._choice.random() < 0.8]


def deliver(services: Services, stage: Stage, raw: bytes) -> None:
    """Processes a raw message as a worker does."""
    with app.connection_for_read() as connection:
        message = Message(json.loads(raw), channel=connection.default_channel, accept={"application/x-msgpack"})
        arguments, _, _ = message.decode()
        run_stage(services, stage, worker="test", task_id=message.headers["id"], values=arguments[0])


@contextmanager
def services_of_threads(settings: Settings, urls: ServerUrls) -> Iterator[list[Services]]:
    opened = [open_services(settings, urls, name=f"test {number}") for number in range(_THREADS)]
    try:
        yield opened
    finally:
        for services in opened:
            services.close()


@pytest.mark.parametrize("seed", range(_SEED, _SEED + 2))
def test_doubled_late_and_disordered_messages_change_nothing(
    seed: int,
    settings: Settings,
    urls: ServerUrls,
    ledger: psycopg.Connection[Any],
    redis: Redis,
    drop: Callable[[list[GeneratedFile]], None],
) -> None:
    files = generate(seed, 60)
    for start in range(0, len(files), 6):
        drop(files[start : start + 6])
    broker = UnfaithfulBroker(redis, seed)
    hasty = settings.model_copy(
        update={
            "dispatch_grace_seconds": 0.05,
            "batch_documents": 5,
            "lease_seconds": 60.0,  # no heartbeat renews them here
        }
    )

    over = Event()

    def work(services: Services) -> None:
        while not over.is_set():
            for stage, raw in broker.take():
                deliver(services, stage, raw)

    with services_of_threads(hasty, urls) as (first, *others), ThreadPoolExecutor(len(others)) as threads:
        workers = [threads.submit(work, other) for other in others]
        sweeper = Sweeper(first)
        try:
            eventually(lambda: any(w.done() for w in workers) or (sweeper.run_once() == 0 and nothing_at_work(ledger)))
        finally:
            over.set()
        for worker in workers:
            worker.result()
        before = rows_of_everything(ledger)
        for stage, raw in random.Random(seed).sample(broker.seen, len(broker.seen)):
            deliver(first, stage, raw)
    assert rows_of_everything(ledger) == before
    assert_whole(ledger, settings.home / "blobs", files)
    assert read(ledger, "select error_class, message from failures") == []


def test_raw_messages_pushed_again_change_nothing(
    roles: Roles, ledger: psycopg.Connection[Any], redis: Redis, drop: Callable[[list[GeneratedFile]], None]
) -> None:
    files = generate(23, 60)
    for start in range(0, len(files), 6):
        drop(files[start : start + 6])
    messages = waiting(redis)
    assert len(messages) == 10
    redis.rpush(queue_name(Stage.PARSE), *messages)
    roles.start("worker")
    roles.start("sweep")
    eventually(lambda: nothing_at_work(ledger))
    configure(roles.settings, roles.settings.redis_url.get_secret_value())  # type: ignore[union-attr]
    assert app.control.ping(timeout=1.0) == []  # nor does anybody who can write there command a worker
    before = rows_of_everything(ledger)
    redis.lpush(queue_name(Stage.PARSE), *messages)
    drop(generate(24, 1))  # it stands behind them in the queue, so they are delivered when it is finished
    eventually(lambda: nothing_at_work(ledger) and not waiting(redis))
    after = rows_of_everything(ledger)
    assert {table: sum((before[table] - after[table]).values()) for table in before} == dict.fromkeys(before, 0)
    assert read(ledger, "select error_class, message from failures") == []
    assert len(read(ledger, "select document_id from articles")) == len(files) + 1
