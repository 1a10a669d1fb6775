"""What the stream settles to is what the pure function says of the whole set, whatever came when and what was known."""

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy import text

from db import ledger
from db.records import Completion
from db.sessions import Database
from db.similarity import boilerplate, index
from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.inbox.scan import scan
from ingest.similarity.passages import passage_keys, passage_texts, without_recurring
from newsmill.settings import Settings
from newsmill.vocabulary import Ruling, Stage
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.definition import Definition, defined, reached
from tests.support.inline import InlineQueue, inline_queue
from tests.support.newsroom import newsroom
from tests.support.settled import planted_clusters
from worker.duties.maintenance import Maintenance
from worker.duties.sweeper import Sweeper
from worker.intake.accept import accept
from worker.services import Services
from worker.stages import deduplicate, runner

LIMIT = 4
FILES = newsroom(3, 90)
SHARED = "Whoever has read so far may want to hear of the society that prints these pages in the old harbour."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A low limit, so that few stories are enough, and batches so small that copies meet in every way."""
    return settings.model_copy(update={"recurring_groups": LIMIT, "batch_documents": 7})


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


def stored(mill: Services) -> Definition:
    with psycopg.connect(mill.database.url) as connection:
        return reached(connection)


def expected(files: list[GeneratedFile], limit: int = LIMIT, pins: Mapping[int, Ruling] | None = None) -> Definition:
    return defined((file.text.encode() for file in files), limit=limit, pins=pins)


def assert_settled(mill: Services, definition: Definition) -> None:
    assert stored(mill).differences(definition) == []
    assert unowned(mill) == 0


def take_in(queue: InlineQueue, folder: Path, files: list[GeneratedFile]) -> None:
    write(files, folder)
    names = {file.name for file in files}
    seen_file = [one for one in scan(folder) if Path(one.path).name in names]
    order = {file.name: place for place, file in enumerate(files)}
    accept(queue.mill, sorted(seen_file, key=lambda one: order[Path(one.path).name]))


def test_the_set_has_what_the_tests_are_about() -> None:
    definition = expected(FILES)
    assert len(definition.recurring) >= 12
    assert 40 <= len(definition.clusters) < len(definition.texts)
    assert definition.clusters == planted_clusters(FILES)


@pytest.mark.parametrize("order", range(4))
def test_every_order_settles_to_the_definition(queue: InlineQueue, tmp_path: Path, order: int) -> None:
    random_ = random.Random(order)
    files = random_.sample(FILES, len(FILES))
    while files:
        size = random_.choice([1, 5, 30])
        take_in(queue, tmp_path, files[:size])
        files = files[size:]
        if random_.random() < 0.5:
            queue.settle()
    queue.settle()
    assert_settled(queue.mill, expected(FILES))


def test_passage_that_recurs_later_is_taken_out_of_what_is_stored(queue: InlineQueue, tmp_path: Path) -> None:
    few = FILES[:6]
    take_in(queue, tmp_path, few)
    queue.settle()
    assert_settled(queue.mill, expected(few))
    take_in(queue, tmp_path, FILES[6:])
    queue.settle()
    texts = stored(queue.mill).texts
    assert any(texts[name] != words for name, words in expected(few).texts.items())


def test_another_limit_settles_what_is_stored_anew(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    for limit in (12, 3):
        with queue.mill.database.transaction() as connection:
            boilerplate.set_limit(connection, limit)
        Sweeper(queue.mill).run_once()
        queue.settle()
        assert_settled(queue.mill, expected(FILES, limit))


def test_processes_that_are_set_up_with_another_limit_leave_that_of_the_database(
    queue: InlineQueue, tmp_path: Path, settings: Settings
) -> None:
    take_in(queue, tmp_path, FILES[:30])
    queue.settle()
    others = [
        inline_queue(mill_with(queue.mill, settings.model_copy(update={"recurring_groups": limit}))).mill
        for limit in (3, 12)
    ]
    sweepers = [Sweeper(mill) for mill in others]
    counts = []
    for _ in range(3):
        for sweeper in sweepers:
            sweeper.run_once()
            counts.append(revisits(queue.mill))
    assert counts == [0] * 6
    assert_settled(queue.mill, expected(FILES[:30]))
    other = inline_queue(others[0])
    take_in(other, tmp_path, FILES[30:])
    other.settle()
    assert_settled(queue.mill, expected(FILES))


def revisits(mill: Services) -> int:
    with mill.database.transaction() as connection:
        return connection.scalar(text("select (select count(*) from revisits) + (select count(*) from work)")) or 0


def mill_with(mill: Services, settings: Settings) -> Services:
    return Services(settings, mill.database, mill.blobs, mill.dispatcher)


@pytest.mark.parametrize("ruling", [Ruling.ARTICLE, Ruling.BOILERPLATE])
def test_ruling_holds_until_it_is_taken_back(queue: InlineQueue, tmp_path: Path, ruling: Ruling) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    recurring = expected(FILES).recurring
    chosen = min(recurring) if ruling is Ruling.ARTICLE else _passage_of_a_story(FILES, recurring)
    for pinned in (ruling, None):
        with queue.mill.database.transaction() as connection:
            assert boilerplate.pin(connection, chosen, pinned, "a sentence", limit=LIMIT) > 0
        queue.settle()
        assert_settled(queue.mill, expected(FILES, pins={} if pinned is None else {chosen: pinned}))


def _passage_of_a_story(files: list[GeneratedFile], recurring: frozenset[int]) -> int:
    document = clean(parse(files[0].text.encode(), "text/plain"))
    return next(key for key in passage_keys(document.paragraphs) if key not in recurring)


def test_text_of_which_what_recurs_is_another_by_the_time_it_is_stored_stays_nowhere(
    queue: InlineQueue, tmp_path: Path
) -> None:
    """A passage is not pinned any more when the document comes to `store`; the text with it is complete, by a copy."""
    one = FILES[0]
    take_in(queue, tmp_path, [one])
    queue.settle()
    chosen = _passage_of_a_story(FILES, frozenset())
    pin(queue, chosen, Ruling.BOILERPLATE)
    take_in(queue, tmp_path, [replace(one, name="copy.txt", text=one.text + "\n\n")])
    queue.run_to(Stage.STORE)
    assert unowned(queue.mill) == 1
    pin(queue, chosen, None)
    queue.settle()
    assert unowned(queue.mill) == 0


def test_what_a_document_published_before_it_failed_for_good_counts_for_nothing(
    queue: InlineQueue, tmp_path: Path
) -> None:
    """A sentence that it shares with as many others as may hold one is no more than theirs."""
    files = [
        replace(file, name=f"{number}.txt", text=f"{file.text}\n\n{SHARED}")
        for number, file in enumerate(generate(11, LIMIT + 1, copies_share=0.0))
    ]
    take_in(queue, tmp_path, files[:1])
    queue.run_to(Stage.DEDUPLICATE)
    queue.die_in(index, "link")
    assert unowned(queue.mill) == 1
    take_in(queue, tmp_path, files[1:])
    queue.settle()
    assert_settled(queue.mill, expected(files[1:]))


def test_what_recurs_changes_while_a_document_is_being_stored(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = _passage_of_a_story(FILES, frozenset())
    take_in(queue, tmp_path, FILES[:1])
    queue.run_to(Stage.STORE)

    def pinned_meanwhile(*arguments: Any) -> Any:
        assert queue.mill.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # holding no lock
        result = without_recurring(*arguments)
        pin(queue, chosen, Ruling.BOILERPLATE)
        return result

    monkeypatch.setattr(runner, "without_recurring", pinned_meanwhile)
    assert [queue.run_one()[0] for _ in range(3)] == [Stage.STORE, Stage.DEDUPLICATE, Stage.STORE]
    queue.settle()
    assert_settled(queue.mill, expected(FILES[:1], pins={chosen: Ruling.BOILERPLATE}))


def test_text_waits_for_its_document_and_for_none_for_ever(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES[:1])
    queue.run_to(Stage.STORE)
    maintenance = Maintenance(queue.mill.database, queue.mill.settings)
    maintenance.forget_orphans()
    assert unowned(queue.mill) == 1
    with queue.mill.database.transaction() as connection:
        connection.execute(text("update orphans set due = clock_timestamp()"))
    maintenance.forget_orphans()
    assert unowned(queue.mill) == 0
    assert [queue.run_one()[0] for _ in range(3)] == [Stage.STORE, Stage.DEDUPLICATE, Stage.STORE]
    queue.settle()
    assert_settled(queue.mill, expected(FILES[:1]))


def test_text_that_its_last_document_gives_up_while_maintenance_looks_goes_next_time(mill: Services) -> None:
    with mill.database.transaction() as connection:
        for statement in (
            "insert into texts (id, hash, body, sketch)"
            " select id, '', '', decode(repeat('00', 16), 'hex') from generate_series(1, 2) as id",
            "insert into files (id, sha256, media_type, size_bytes, is_container) values (3, 's', 'text', 1, false)",
            "insert into documents (id, file_id, ordinal, size_bytes, finished_at, outcome, text_id, base_text_id)"
            " values (4, 3, 1, 1, now(), 'unique', 1, 1)",
            "insert into orphans values (1)",  # a copy of it has given it up already
        ):
            connection.execute(text(statement))
    maintenance = Maintenance(mill.database, mill.settings)
    with mill.database.transaction() as connection:
        ledger.complete(connection, [Completion(4, 2, 2, "unique", 4, [])])
        maintenance.forget_orphans()
    assert unowned(mill) == 1
    maintenance.forget_orphans()
    assert unowned(mill) == 0


def test_document_of_which_much_is_learned_is_read_once_for_it(
    queue: InlineQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = stories(0, 12)
    files = [
        GeneratedFile(f"{number}.txt", f"{stories(number, 15)}\n{common}\n{stories(-number, 15)}", number, "long")
        for number in range(1, LIMIT + 2)
    ]
    readings = Mock(wraps=passage_texts)
    monkeypatch.setattr(deduplicate, "passage_texts", readings)
    take_in(queue, tmp_path, files)
    queue.settle()
    assert len(stored(queue.mill).recurring) > 200
    read = [tuple(call.args[0]) for call in readings.call_args_list]
    assert 0 < len(read) == len(set(read))


def stories(seed: int, count: int) -> str:
    return "\n".join(file.text for file in generate(seed, count, copies_share=0.0))


def pin(queue: InlineQueue, passage: int, ruling: Ruling | None) -> None:
    with queue.mill.database.transaction() as connection:
        boilerplate.pin(connection, passage, ruling, "a sentence", limit=LIMIT)


def unowned(mill: Services) -> int:
    with mill.database.transaction() as connection:
        return connection.execute(
            text("""
            select count(*) from texts t
            where not exists (select from documents d where t.id in (d.text_id, d.base_text_id))
            """)
        ).scalar_one()


def test_replay_of_everything_changes_nothing_and_leaves_no_gap(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    before = stored(queue.mill)
    sizes = set()
    replay_all(queue.mill.database)

    def corpus_is_whole() -> bool:
        with queue.mill.database.transaction() as connection:
            sizes.add(connection.scalar(text("select count(*) from corpus")))
        return False

    sweeper = Sweeper(queue.mill)
    sweeper.run_once()  # begins them again
    assert sweeper.run_once() > 0  # and sends them
    queue.run_all(until=corpus_is_whole)
    queue.settle()
    assert stored(queue.mill) == before
    assert sizes == {len(before.clusters)}


def replay_all(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("insert into revisits select id from documents"))


def test_texts_that_nobody_has_are_forgotten(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    with queue.mill.database.transaction() as connection:
        unused = connection.scalar(
            text("""
            select count(*) from texts t where not exists (
                select from documents d where t.id in (d.text_id, d.base_text_id))
            """)
        )
        dangling = connection.scalar(
            text("select count(*) from shingles s where not exists (select from texts t where t.id = s.text_id)")
        )
    assert (unused, dangling) == (0, 0)
