"""What the stream settles to is what the pure function says of the whole set, whatever came when and what was known."""

import random
from pathlib import Path

import pytest
from sqlalchemy import text

from db import passages
from db.sessions import Database
from ingest.clean import clean
from ingest.files import scan
from ingest.media_types import MediaType
from ingest.parse import parse
from ingest.passages import Ruling, passage_keys
from ingest.settlement import Settlement, Source, settle
from newsmill.settings import Settings
from tests.support.corpus import GeneratedFile, write
from tests.support.inline import InlineQueue, inline_queue
from tests.support.newsroom import newsroom
from tests.support.settled import sha256_of
from worker.intake import accept
from worker.mill import Mill
from worker.sweeper import Sweeper

LIMIT = 4
FILES = newsroom(3, 90)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A low limit, so that few stories are enough, and batches so small that copies meet in every way."""
    return settings.model_copy(update={"recurring_groups": LIMIT, "batch_documents": 7})


@pytest.fixture
def queue(mill: Mill) -> InlineQueue:
    return inline_queue(mill)


Result = tuple[dict[str, str], frozenset[frozenset[str]], dict[str, str], set[int]]
"""By content: texts, clusters, outcomes; and the passages that recur."""


def stored(database: Database) -> Result:
    with database.transaction() as connection:
        rows = connection.execute(
            text("""
            select encode(f.sha256, 'hex') as name, a.text, d.cluster_id, d.outcome
            from documents d join files f on f.id = d.file_id join articles a on a.document_id = d.id
            """)
        ).all()
        recurring = set(connection.scalars(text("select passage from recurring where ruling <> 'article'")))
    return (
        {row.name: row.text for row in rows},
        _partition({row.name: row.cluster_id for row in rows}),
        {row.name: row.outcome for row in rows},
        recurring,
    )


def expected(files: list[GeneratedFile], limit: int = LIMIT, pins: dict[int, Ruling] | None = None) -> Result:
    """The same, by the pure function."""
    sources = [
        Source(number, clean(parse(file.text.encode(), MediaType.TEXT)), bytes.fromhex(sha256_of(file)), 1)
        for number, file in enumerate(files)
    ]
    settlement = settle(sources, limit=limit, pins=pins or {})
    return _named(settlement, files)


def _named(settlement: Settlement, files: list[GeneratedFile]) -> Result:
    names = [sha256_of(file) for file in files]
    return (
        {names[id_]: "\n\n".join(one.paragraphs) for id_, one in settlement.settled.items()},
        _partition({names[id_]: one.placement.cluster_id for id_, one in settlement.settled.items()}),
        {names[id_]: str(one.placement.outcome) for id_, one in settlement.settled.items()},
        set(settlement.recurring),
    )


def _partition(labels: dict[str, int]) -> frozenset[frozenset[str]]:
    members: dict[int, set[str]] = {}
    for name, label in labels.items():
        members.setdefault(label, set()).add(name)
    return frozenset(map(frozenset, members.values()))


def take_in(queue: InlineQueue, folder: Path, files: list[GeneratedFile]) -> None:
    write(files, folder)
    names = {file.name for file in files}
    sighted = [one for one in scan(folder) if Path(one.path).name in names]
    order = {file.name: place for place, file in enumerate(files)}
    accept(queue.mill, sorted(sighted, key=lambda one: order[Path(one.path).name]))


def test_the_set_has_what_the_tests_are_about() -> None:
    texts, clusters, _, recurring = expected(FILES)
    assert len(recurring) >= 12
    assert 40 <= len(clusters) < len(texts)
    assert clusters == _partition({sha256_of(file): file.cluster for file in FILES})


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
    assert stored(queue.mill.database) == expected(FILES)


def test_passage_that_recurs_later_is_taken_out_of_what_is_stored(queue: InlineQueue, tmp_path: Path) -> None:
    few = FILES[:6]
    take_in(queue, tmp_path, few)
    queue.settle()
    assert stored(queue.mill.database) == expected(few)
    take_in(queue, tmp_path, FILES[6:])
    queue.settle()
    texts, *_ = stored(queue.mill.database)
    before, *_ = expected(few)
    assert any(texts[name] != words for name, words in before.items())


def test_another_limit_settles_what_is_stored_anew(queue: InlineQueue, tmp_path: Path, settings: Settings) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    for limit in (12, 3):
        other = inline_queue(mill_with(queue.mill, settings.model_copy(update={"recurring_groups": limit})))
        Sweeper(other.mill).run_once()
        other.settle()
        assert stored(queue.mill.database) == expected(FILES, limit)


def mill_with(mill: Mill, settings: Settings) -> Mill:
    return Mill(settings, mill.database, mill.blobs, mill.dispatcher)


@pytest.mark.parametrize("ruling", [Ruling.ARTICLE, Ruling.BOILERPLATE])
def test_ruling_holds_until_it_is_taken_back(queue: InlineQueue, tmp_path: Path, ruling: Ruling) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    *_, recurring = expected(FILES)
    chosen = min(recurring) if ruling is Ruling.ARTICLE else _passage_of_a_story(FILES, recurring)
    for pinned in (ruling, None):
        with queue.mill.database.transaction() as connection:
            assert passages.pin(connection, chosen, pinned, "a sentence", limit=LIMIT) > 0
        queue.settle()
        assert stored(queue.mill.database) == expected(FILES, pins={} if pinned is None else {chosen: pinned})


def _passage_of_a_story(files: list[GeneratedFile], recurring: set[int]) -> int:
    document = clean(parse(files[0].text.encode(), MediaType.TEXT))
    return next(key for key in passage_keys(document.paragraphs) if key not in recurring)


def test_replay_of_everything_changes_nothing_and_leaves_no_gap(queue: InlineQueue, tmp_path: Path) -> None:
    take_in(queue, tmp_path, FILES)
    queue.settle()
    before = stored(queue.mill.database)
    sizes = set()
    replay_all(queue.mill.database)

    def corpus_is_whole() -> bool:
        with queue.mill.database.transaction() as connection:
            sizes.add(connection.scalar(text("select count(*) from corpus")))
        return False

    Sweeper(queue.mill).run_once()
    queue.run_all(until=corpus_is_whole)
    queue.settle()
    assert stored(queue.mill.database) == before
    assert sizes == {len(before[1])}


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
