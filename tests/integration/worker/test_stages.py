"""The stages on real servers, run in this process: one effect, whatever is doubled, lost, too large or raises."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import ledger
from db.sessions import DatabaseUnavailableError
from db.similarity import index
from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, FactSource, ParsedDocument
from ingest.formats.parse import parse
from newsmill.errors import TransientError
from newsmill.settings import ServerUrls
from newsmill.vocabulary import Stage
from tests.support.book import LOSS, exported_rows
from tests.support.corpus import generate, write
from tests.support.inline import InlineQueue, inline_queue
from tests.support.metadata import facts
from worker.dispatch import Dispatcher
from worker.services import Services
from worker.stages import batch, deduplicate, runner


@pytest.fixture
def queue(mill: Services, tmp_path: Path) -> InlineQueue:
    """A mill that has taken in twelve files, of which some are copies; their first message waits."""
    write(generate(4, 12), tmp_path / "files")
    queue = inline_queue(mill)
    queue.take_in(tmp_path / "files")
    return queue


@pytest.fixture
def single(mill: Services, tmp_path: Path) -> InlineQueue:
    """A mill that has taken in one file."""
    write(generate(4, 1), tmp_path / "files")
    queue = inline_queue(mill)
    queue.take_in(tmp_path / "files")
    return queue


def rows(mill: Services, query: str) -> list[tuple[Any, ...]]:
    with mill.database.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def exported(mill: Services) -> list[dict[str, Any]]:
    return exported_rows(mill.database, everything=True)


def outcomes(mill: Services) -> dict[str, int]:
    return dict(rows(mill, "select outcome, count(*) from documents group by 1 order by 1"))


def test_document_goes_through_every_stage_and_leaves_nothing_in_the_ledger(
    mill: Services, single: InlineQueue
) -> None:
    seen = []
    while single.messages:
        stage, values = single.run_one()
        seen.append((stage, len(values)))
    assert seen == [(Stage.PARSE, 1), (Stage.CLEAN, 1), (Stage.DEDUPLICATE, 1), (Stage.STORE, 1)]
    assert rows(mill, "select (select count(*) from work), (select count(*) from leases)") == [(0, 0)]
    ((journey,),) = rows(mill, "select journey from documents")
    assert [stage for stage, _, _ in journey] == ["parse", "clean", "deduplicate", "store"]
    assert all(milliseconds > 0 for _, _, milliseconds in journey)
    assert [began for _, began, _ in journey] == sorted(began for _, began, _ in journey)
    (article,) = exported(mill)
    (story,) = generate(4, 1)
    assert (article["outcome"], article["title"]) == ("unique", story.text.split("\n")[0])
    assert article["text"].split("\n\n")[-1] == story.text.rstrip().split("\n")[-1]


def test_doubled_messages_have_one_effect(mill: Services, queue: InlineQueue) -> None:
    sent = []
    while queue.messages:
        sent.append(queue.run_one())
        queue.run(sent[-1])
    settled = exported(mill)
    for message in sent:
        queue.run(message)
    assert not queue.messages
    assert exported(mill) == settled
    assert len(settled) == 12
    assert rows(mill, "select count(*) from failures") == [(0,)]
    assert rows(mill, "select count(*) from leases") == [(0,)]


def test_results_that_do_not_ride_in_messages_are_recomputed(mill: Services, queue: InlineQueue) -> None:
    small = Services(mill.settings.model_copy(update={"payload_bytes": 1}), mill.database, mill.blobs, mill.dispatcher)
    queue.mill = small
    while queue.messages:
        stage, values = queue.run_one()
        assert [packed for _, _, packed, *_ in values] == [None] * 12, stage
    without = exported(mill)
    with mill.database.transaction() as connection:
        ledger.retry(connection, [row["id"] for row in without], Stage.PARSE)
    queue.mill = mill
    queue.settle()
    assert exported(mill) == without


def test_document_that_raises_harms_no_other_and_fails_after_its_attempts(
    mill: Services, queue: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    doomed = generate(4, 12)[5]

    def parse_or_raise(data: bytes, media_type: str) -> ParsedDocument:
        if data == doomed.text.encode():
            raise KeyError("a bug of ours")
        return parse(data, media_type)

    monkeypatch.setattr(batch, "parse", parse_or_raise)
    queue.run_all()
    assert rows(mill, "select strikes, alone from work") == [(1, True)]
    assert sum(outcomes(mill).values()) - outcomes(mill)[None] == 11  # type: ignore[index]
    queue.settle()
    assert outcomes(mill)["failed"] == 1
    ((reason,),) = rows(mill, "select reason from documents where outcome = 'failed'")
    assert reason.endswith(f"/files/{doomed.name}: KeyError: 'a bug of ours' (3 attempts)")
    assert rows(mill, "select error_class, count(*) from failures group by 1") == [("KeyError", 3)]


def test_batch_that_fails_as_a_whole_is_tried_one_by_one_and_counts_against_nobody(
    mill: Services, queue: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:

    publish = index.publish

    def publish_one(connection: Any, published: Any) -> Any:
        if len(published) > 1:
            raise ValueError("only one at a time")
        return publish(connection, published)

    monkeypatch.setattr(index, "publish", publish_one)
    queue.run_all()
    assert set(rows(mill, "select alone, strikes, losses from work")) == {(True, 0, 0)}
    queue.settle()
    assert "failed" not in outcomes(mill)
    assert sum(outcomes(mill).values()) == 12


def test_batch_of_one_that_fails_as_a_whole_fails_for_good_in_the_end(
    mill: Services, single: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(connection: Any, published: Any) -> Any:
        raise ValueError("never")

    monkeypatch.setattr(index, "publish", publish)
    single.settle()
    assert outcomes(mill) == {"failed": 1}
    ((reason,),) = rows(mill, "select reason from documents")
    assert reason.endswith("000000.txt: ValueError: never (3 attempts)")


def test_transient_error_waits_and_is_no_strike(mill: Services, single: InlineQueue, tmp_path: Path) -> None:
    (blob,) = [path for path in (tmp_path / "home" / "blobs").rglob("*") if path.is_file()]
    blob.rename(tmp_path / "away")
    for waits in (1, 2):
        single.run_all()
        assert rows(mill, "select stage, waits, strikes, alone from work") == [("parse", waits, 0, False)]
        with mill.database.transaction() as connection:
            connection.execute(text("update work set next_attempt_at = now()"))
            single.mill.dispatcher.publish(ledger.take_ready(connection, 10), {})
    (tmp_path / "away").rename(blob)
    single.settle()
    assert outcomes(mill) == {"unique": 1}
    messages = [message for (message,) in rows(mill, "select message from failures")]
    assert len(messages) == 2
    assert all("/files/000000.txt: blob " in message and "restore" in message for message in messages)


@pytest.mark.parametrize("stage", [Stage.PARSE, Stage.CLEAN, Stage.DEDUPLICATE, Stage.STORE])
def test_worker_that_loses_its_lease_at_work_writes_nothing(
    mill: Services, queue: InlineQueue, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    queue.run_to(stage)
    work_before = rows(mill, "select id, stage from work order by id")
    apply = batch.apply

    def stopped_past_its_lease(mill: Services, held: Any, *rest: Any) -> Any:
        out = apply(mill, held, *rest)
        with mill.database.transaction() as connection:
            ledger.lose_leases(connection, [held.token], LOSS, max_strikes=3, max_losses=9, wait_seconds=0)
        return out

    with monkeypatch.context() as patch:
        for module in (runner, deduplicate):
            patch.setattr(module, "apply", stopped_past_its_lease)
        queue.run_one()
    assert not queue.messages
    assert rows(mill, "select id, stage from work order by id") == work_before
    assert rows(mill, "select count(*) from documents where finished_at is not null") == [(0,)]
    assert rows(mill, "select count(*) from articles") == [(0,)]
    queue.settle()
    assert sum(outcomes(mill).values()) == 12
    assert None not in outcomes(mill)


def test_database_that_stays_away_leaves_the_work_to_the_end_of_the_lease(
    mill: Services, single: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def transaction(*_: Any, **__: Any) -> Any:
        raise DatabaseUnavailableError("PostgreSQL: connection refused")

    apply = batch.apply

    def and_then_it_is_away(*arguments: Any) -> Any:
        out = apply(*arguments)
        monkeypatch.setattr(mill.database, "transaction", transaction)
        monkeypatch.setattr("db.sessions.monotonic", iter([0.0, 100.0, 200.0, 300.0]).__next__)
        return out

    monkeypatch.setattr(runner, "apply", and_then_it_is_away)
    with pytest.raises(DatabaseUnavailableError):
        single.run_one()
    monkeypatch.undo()
    assert rows(mill, "select stage, lease_token is null, strikes from work") == [("parse", False, 0)]


def test_text_that_another_version_of_the_code_makes_is_deduplicated_before_it_is_stored(
    mill: Services, single: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    single.run_to(Stage.STORE)
    stage, (values,) = single.messages.popleft()
    single.messages.append((stage, [[*values[:2], None, None, *values[4:]]]))
    other = CleanDocument(
        facts(FactSource.FIELD, title="Another"), ("Another version of the code cleans it to other words.",)
    )
    monkeypatch.setattr(batch, "clean", lambda _: other)
    stages_met = []
    while single.messages:
        stages_met.append(single.run_one()[0])
    assert stages_met == [Stage.STORE, Stage.DEDUPLICATE, Stage.STORE]
    (article,) = exported(mill)
    assert (article["title"], article["text"], article["similarity"]) == ("Another", other.text, 1.0)


def test_message_for_a_stage_that_is_over_changes_nothing(mill: Services, single: InlineQueue) -> None:
    single.run_all()
    settled = exported(mill)
    for stage in Stage:
        single.run((stage, [[settled[0]["id"], 0, None, None, None, []], [10**9, 0, None, None, None, []]]))
    assert not single.messages
    assert exported(mill) == settled


def test_transient_error_of_a_pure_function_keeps_the_results_of_its_neighbours(
    mill: Services, queue: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def clean_or_raise(parsed: ParsedDocument) -> CleanDocument:
        calls.append(parsed)
        if len(calls) == 3:
            raise TransientError("not now")
        return clean(parsed)

    monkeypatch.setattr(batch, "clean", clean_or_raise)
    queue.run_all()
    assert rows(mill, "select stage, waits from work") == [("clean", 1)]
    queue.settle()
    assert len(calls) == 12 + 1
    assert sum(outcomes(mill).values()) == 12


def test_batch_limits_of_the_settings_are_kept(mill: Services, queue: InlineQueue, urls: ServerUrls) -> None:
    queue.messages.clear()
    settings = mill.settings.model_copy(update={"batch_documents": 5})
    dispatcher = Dispatcher(settings, mill.database, urls.redis_url)
    dispatcher.publish_batch = queue.put  # type: ignore[method-assign]
    with mill.database.transaction() as connection:
        connection.execute(text("update work set dispatched_at = null"))
        dispatches = ledger.take_ready(connection, 100)
    dispatcher.publish([replace(dispatches[0], alone=True), *dispatches[1:]], {})
    assert [len(values) for _, values in queue.messages] == [5, 5, 1, 1]  # suspects go behind all other work
