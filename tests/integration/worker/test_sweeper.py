"""The sweeper's single pass, and what it reads from a real queue."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from kombu.exceptions import OperationalError
from redis import Redis
from sqlalchemy import text

from db import ledger
from db.locks import LockKey
from db.records import Dispatch
from db.sessions import DatabaseUnavailableError
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from newsmill.vocabulary import Stage
from tests.conftest import eventually
from tests.support.corpus import generate, write
from worker.app import queue_name
from worker.dispatch import BrokerUnavailableError, Dispatcher
from worker.duties.blobs import BlobCollector
from worker.duties.maintenance import Maintenance
from worker.duties.sweeper import Sweeper
from worker.intake.accept import accept
from worker.services import Services


@pytest.fixture
def redis(urls: ServerUrls) -> Iterator[Redis]:
    client = Redis.from_url(urls.redis_url)
    yield client
    client.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"batch_documents": 5})


@pytest.fixture
def sent(mill: Services, redis: Redis, tmp_path: Path) -> list[Dispatch]:
    """Twelve documents whose messages, of five at the most, wait in the real queue."""
    write(generate(6, 12), tmp_path / "files")
    accept(mill, list(scan(tmp_path / "files")))
    with mill.database.transaction() as connection:
        rows = connection.execute(text("select id, generation, size_bytes, dispatched_at from work order by id"))
        return [Dispatch(r.id, Stage.PARSE, r.generation, r.size_bytes, False, r.dispatched_at) for r in rows]


def states(mill: Services) -> set[tuple[Any, ...]]:
    with mill.database.transaction() as connection:
        rows = connection.execute(
            text("select dispatched_at is not null, lease_token is not null, alone, losses from work")
        )
        return {tuple(row) for row in rows}


def run(mill: Services, statement: str) -> None:
    with mill.database.transaction() as connection:
        connection.execute(text(statement))


def test_watermark_is_the_dispatch_time_of_the_oldest_message(
    mill: Services, sent: list[Dispatch], redis: Redis
) -> None:
    nothing: dict[Stage, Any] = dict.fromkeys(Stage)
    assert mill.dispatcher.watermarks() == nothing | {Stage.PARSE: sent[0].dispatched_at}
    assert mill.dispatcher.queue_lengths() == dict.fromkeys(Stage, 0) | {Stage.PARSE: 3}
    later = sent[0].dispatched_at.replace(year=2090)
    mill.dispatcher.publish([replace(sent[0], dispatched_at=later)], {})
    assert mill.dispatcher.watermarks()[Stage.PARSE] == sent[0].dispatched_at
    for _ in range(3):
        redis.rpop(queue_name(Stage.PARSE))
    assert mill.dispatcher.watermarks()[Stage.PARSE] == later


def test_message_holds_its_items_once(mill: Services, sent: list[Dispatch], redis: Redis) -> None:
    """Celery would add the whole batch as text, for people who look at events."""
    message = redis.lindex(queue_name(Stage.PARSE), -1)
    assert isinstance(message, bytes)
    assert len(message) < 2000


def test_eviction_policy_keeps_messages(mill: Services) -> None:
    assert mill.dispatcher.eviction_policy() == "noeviction"


def test_slow_queue_is_left_alone(mill: Services, sent: list[Dispatch]) -> None:
    assert Sweeper(mill).run_once() == 0
    assert states(mill) == {(True, False, False, 0)}
    assert mill.dispatcher.queue_lengths()[Stage.PARSE] == 3


def test_flushed_queue_is_sent_again_once_the_grace_is_over(mill: Services, sent: list[Dispatch], redis: Redis) -> None:
    redis.flushall()
    assert Sweeper(mill).run_once() == 0
    run(mill, "update work set dispatched_at = dispatched_at - interval '4 seconds'")
    assert Sweeper(mill).run_once() == 12
    assert mill.dispatcher.queue_lengths()[Stage.PARSE] == 3
    assert Sweeper(mill).run_once() == 0


def test_expired_lease_is_released_and_its_batch_sent_one_by_one(mill: Services, sent: list[Dispatch]) -> None:
    names = [(dispatch.id, 0) for dispatch in sent]
    with mill.database.transaction() as connection:
        ledger.claim(connection, Stage.PARSE, names, worker="dead", task_id="t", lease_seconds=60)
    assert Sweeper(mill).run_once() == 0
    assert states(mill) == {(True, True, False, 0)}
    run(mill, "update leases set expires_at = now()")
    assert Sweeper(mill).run_once() == 12
    assert states(mill) == {(True, False, True, 0)}
    assert mill.dispatcher.queue_lengths()[Stage.PARSE] == 3 + 12


def test_what_waits_is_sent_when_its_time_has_come(mill: Services, sent: list[Dispatch]) -> None:
    run(mill, "update work set dispatched_at = null, next_attempt_at = now() + interval '1 minute'")
    run(mill, f"update work set next_attempt_at = now() - interval '1 second' where id = {sent[7].id}")
    assert Sweeper(mill).run_once() == 1


def test_bounded_pass_leaves_the_rest_to_the_next(mill: Services, sent: list[Dispatch]) -> None:
    run(mill, "update work set dispatched_at = null")
    assert [Sweeper(mill, ready_limit=8).run_once() for _ in range(3)] == [8, 4, 0]


def test_what_waits_for_admission_is_admitted(mill: Services, sent: list[Dispatch]) -> None:
    run(mill, "update work set lane = 2, dispatched_at = null")
    assert Sweeper(mill).run_once() == 12


def test_one_sweeper_at_a_time(mill: Services, sent: list[Dispatch]) -> None:
    run(mill, "update work set dispatched_at = null")
    with mill.database.transaction() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LockKey.SWEEP})
        assert Sweeper(mill).run_once() == 0
    assert Sweeper(mill).run_once() == 12


def _refused(*_: object) -> None:
    raise BrokerUnavailableError("Redis: connection refused")


def test_outage_of_redis_is_outlived_and_leases_get_a_respite(
    mill: Services, sent: list[Dispatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [(sent[0].id, 0)]
    run(mill, f"update work set dispatched_at = null where id <> {sent[0].id}")
    with mill.database.transaction() as connection:
        ledger.claim(connection, Stage.PARSE, names, worker="could not renew", task_id="t", lease_seconds=60)
    stop, passes = Event(), []
    sweeper = Sweeper(mill)

    def two_passes(_: float) -> bool:
        passes.append(states(mill))
        if len(passes) == 1:  # after the pass that failed
            monkeypatch.undo()
            run(mill, "update leases set expires_at = now()")
        else:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(Dispatcher, "watermarks", _refused)
    stop.wait = two_passes  # type: ignore[method-assign, assignment]
    sweeper.run(stop)
    assert passes == [
        {(True, True, False, 0), (False, False, False, 0)},
        {(True, True, False, 0), (True, False, False, 0)},  # dispatched again, and the lease still held
    ]


def test_housekeeping_that_fails_holds_nothing_up(
    mill: Services, sent: list[Dispatch], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is tried again later each time, and what else is to be done has its turn meanwhile."""
    run(mill, "update work set dispatched_at = null")
    clock, stop = [1000.0], Event()
    tried: list[float] = []
    removed: list[float] = []
    passes: list[set[tuple[Any, ...]]] = []

    def too_slow(_: Maintenance) -> None:
        tried.append(clock[0])
        with mill.database.transaction(statement_seconds=0.01) as connection:
            connection.execute(text("select pg_sleep(600)"))

    def next_second(_: float) -> bool:
        clock[0] += 1
        if clock[0] == 1035:
            stop.set()
        return stop.is_set()

    monkeypatch.setattr(Maintenance, "run_once", too_slow)
    monkeypatch.setattr(BlobCollector, "run_once", lambda _: removed.append(clock[0]))
    stop.wait = next_second  # type: ignore[method-assign, assignment]
    Sweeper(mill, clock=lambda: clock[0]).run(stop, passed=lambda: passes.append(states(mill)))
    assert passes == [{(True, False, False, 0)}] * 35
    assert tried == [1000, 1010, 1030]
    assert removed == [second for second in range(1000, 1035) if second not in tried]
    assert [json.loads(record.getMessage()) for record in caplog.records] == [
        {
            "event": "sweeper: a duty waits",
            "duty": "what has to be settled anew",
            "wait_seconds": seconds,
            "reason": "PostgreSQL: canceling statement due to statement timeout",
            "level": "warning",
        }
        for seconds in (10, 20, 40)
    ]


def test_database_that_goes_away_while_housekeeping_is_done_is_an_outage(
    mill: Services, sent: list[Dispatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_: Maintenance) -> None:
        with mill.database.transaction() as connection:
            connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    run(mill, "update work set dispatched_at = null")
    monkeypatch.setattr(Maintenance, "run_once", cut_off)
    with pytest.raises(DatabaseUnavailableError):
        Sweeper(mill).run_once()
    assert states(mill) == {(True, False, False, 0)}


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("OOM command not allowed when used memory > 'maxmemory'"),
        # kombu, whose connection was cut while it made it anew
        AttributeError("'NoneType' object has no attribute 'client'"),
    ],
)
def test_redis_that_refuses_messages_leaves_them_ready(
    mill: Services, sent: list[Dispatch], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    run(mill, "update work set dispatched_at = null")
    with monkeypatch.context() as patch:
        patch.setattr(Dispatcher, "publish_batch", refuse)
        assert Sweeper(mill).run_once() == 12
    assert states(mill) == {(False, False, False, 0)}
    assert Sweeper(mill).run_once() == 12
    assert states(mill) == {(True, False, False, 0)}


def test_clock_that_is_set_back_with_all_messages_lost_holds_nothing_up(
    mill: Services, sent: list[Dispatch], redis: Redis
) -> None:
    """What an hour's jump leaves behind: dispatches, a dead worker's lease and waits of an hour in the future."""
    with mill.database.transaction() as connection:
        names = [(one.id, one.generation) for one in sent[:3]]
        ledger.claim(connection, Stage.PARSE, names, worker="gone", task_id="t", lease_seconds=0.0)
    run(mill, "update leases set claimed_at = now() + interval '1 hour', expires_at = now() + interval '1 hour'")
    run(mill, "update work set dispatched_at = now() + interval '1 hour'")
    run(mill, f"update work set dispatched_at = null, next_attempt_at = now() + '1 hour' where id = {sent[11].id}")
    redis.flushall()
    hasty = mill.settings.model_copy(update={"lease_seconds": 0.1, "dispatch_grace_seconds": 0.1})
    sweeper = Sweeper(replace(mill, settings=hasty))
    dispatched = 0

    def all_sent() -> bool:
        nonlocal dispatched
        dispatched += sweeper.run_once()
        redis.flushall()  # as if workers took what is sent
        return dispatched >= len(sent)

    eventually(all_sent, seconds=10)
    with mill.database.transaction() as connection:
        ahead = (
            "select count(*) from work where dispatched_at > clock_timestamp() or next_attempt_at > clock_timestamp()"
        )
        assert connection.scalar(text(ahead)) == 0
