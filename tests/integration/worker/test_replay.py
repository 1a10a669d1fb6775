"""Any document can be replayed from any stage: the same code gives the same rows, which stay visible meanwhile."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from db import ledger
from db.reads.status import status
from ingest.cleaning.clean import clean
from ingest.documents import CleanDocument, ParsedDocument
from ingest.similarity.pair_rule import PAIR_RULE, Link, LinkKind
from newsmill.errors import TerminalError
from newsmill.settings import ServerUrls
from newsmill.vocabulary import Stage
from tests.support.book import exported_rows
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.definition import defined, reached
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services
from worker.stages import batch, deduplicate

FILES = generate(7, 16, copies_share=0.5)


@pytest.fixture
def settled(mill: Services, tmp_path: Path) -> InlineQueue:
    """A mill through which sixteen files of eight stories have gone."""
    write(FILES, tmp_path / "files")
    queue = inline_queue(mill)
    queue.take_in(tmp_path / "files")
    queue.settle()
    return queue


def exported(mill: Services) -> list[dict[str, Any]]:
    return exported_rows(mill.database, everything=True)


def replay(mill: Services, ids: list[int], stage: Stage = Stage.PARSE) -> None:
    with mill.database.transaction() as connection:
        assert ledger.retry(connection, ids, stage) == sorted(ids)


@pytest.mark.parametrize("stage", [Stage.PARSE, Stage.CLEAN, Stage.DEDUPLICATE, Stage.STORE])
def test_replay_from_any_stage_gives_the_same_rows(mill: Services, settled: InlineQueue, stage: Stage) -> None:
    before = exported(mill)
    replay(mill, [row["id"] for row in before], stage)
    settled.settle()
    assert exported(mill) == before
    with mill.database.transaction() as connection:
        assert set(connection.scalars(text("select generation from documents"))) == {1}


def test_old_rows_stay_visible_while_a_replay_is_at_work(mill: Services, settled: InlineQueue) -> None:
    before = exported(mill)
    ids = [row["id"] for row in before]
    replay(mill, ids)
    with mill.database.transaction() as connection:
        settled.put(ledger.admit(connection, mill.limits), {})
    settled.run_to(Stage.STORE)
    assert exported(mill) == before
    with mill.database.transaction() as connection:
        now = status(connection)
    assert (now.documents.total, now.documents.by_state["done"], sum(now.documents.by_outcome.values())) == (16, 16, 16)
    assert now.again == {"parse": 0, "clean": 0, "deduplicate": 0, "store": 16}
    assert (now.files.by_state["done"], now.eta_seconds, now.oldest_unfinished_at) == (now.files.total, None, None)


def test_message_of_the_old_generation_finds_nothing(mill: Services, settled: InlineQueue) -> None:
    before = exported(mill)
    ids = [row["id"] for row in before]
    replay(mill, ids)
    with mill.database.transaction() as connection:
        ledger.admit(connection, mill.limits)
    settled.run((Stage.PARSE, [[id_, 0, None, None, None, []] for id_ in ids]))
    assert not settled.messages
    with mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from work where stage = 'parse'")) == 16


def _copies(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A cluster of at least three."""
    by_cluster: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_cluster.setdefault(row["cluster_id"], []).append(row)
    return max(by_cluster.values(), key=len)


def test_replay_that_fails_for_good_withdraws_the_document_from_its_cluster(
    mill: Services, settled: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = _copies(exported(mill))
    assert len(cluster) >= 3
    (canonical,) = [row["id"] for row in cluster if row["outcome"] == "unique"]

    def unreadable(_: ParsedDocument) -> CleanDocument:
        raise TerminalError("unreadable since yesterday")

    with monkeypatch.context() as patch:
        patch.setattr(batch, "clean", unreadable)
        replay(mill, [canonical])
        settled.settle()
    after = {row["id"]: row for row in exported(mill)}
    failed = after[canonical]
    assert (failed["outcome"], failed["cluster_id"], failed["text"]) == ("failed", None, None)
    assert failed["error"] == f"{failed['file']}: unreadable since yesterday"
    left = [after[row["id"]] for row in cluster if row["id"] != canonical]
    assert [row["outcome"] for row in left].count("unique") == 1
    assert {row["canonical_id"] for row in left} == {row["id"] for row in left if row["outcome"] == "unique"}

    replay(mill, [canonical])
    settled.settle()
    whole = exported(mill)
    assert {row["id"]: row["outcome"] for row in _copies(whole)} == {row["id"]: row["outcome"] for row in cluster}
    with mill.database.transaction() as connection:
        assert connection.scalar(text("select count(*) from failures")) == 1  # kept for ever


def test_replay_with_another_text_moves_the_document_to_where_it_belongs(
    mill: Services, settled: InlineQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = _copies(exported(mill))
    moved = next(row["id"] for row in cluster if row["outcome"] != "unique")
    stranger = next(row for row in exported(mill) if row["cluster_id"] != cluster[0]["cluster_id"])

    def cleaned_otherwise(parsed: ParsedDocument) -> CleanDocument:
        cleaned = clean(parsed)
        return CleanDocument(cleaned.metadata, tuple(stranger["text"].split("\n\n")))

    with monkeypatch.context() as patch:
        patch.setattr(batch, "clean", cleaned_otherwise)
        replay(mill, [moved])
        settled.settle()
    after = {row["id"]: row for row in exported(mill)}
    assert after[moved]["cluster_id"] == after[stranger["id"]]["cluster_id"]
    assert after[moved]["text"] == stranger["text"]

    replay(mill, [moved])
    settled.settle()
    assert {row["id"] for row in _copies(exported(mill))} == {row["id"] for row in cluster}


# Another version of the pair rule

PLACES = ("Ambrose", "Lindeck", "Corvano", "Tessel", "Marbury", "Oldenholm")


def appointment(number: int) -> str:
    """A report of a form: all but the names and the number is word for word the same."""
    place, other = PLACES[number], PLACES[number - 1]
    return (
        f"The town council of {place} has chosen a new head for its library, who comes from {other} and begins in the "
        f"spring. The council had {number + 7} candidates to choose from. The library was built a hundred years ago "
        f"with money that a brewer of {place} had left to the town, and lends books to readers from as far as {other}."
    )


def test_retry_settles_what_an_older_rule_linked(
    mill: Services, urls: ServerUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [GeneratedFile(f"{number}.txt", appointment(number), number, "report") for number in range(len(PLACES))]
    files.append(GeneratedFile("copy.txt", f"{appointment(0)} Readers were told of it by letter.", 0, "copy"))
    write(files, tmp_path / "files")
    queue = inline_queue(mill)
    with monkeypatch.context() as older:
        older.setattr(deduplicate, "compare_texts", lambda _a, _b: Link(LinkKind.NEAR, 1.0))
        queue.take_in(tmp_path / "files")
        queue.settle()
    with mill.database.transaction() as connection:
        connection.execute(text("update texts set pair_rule = 1"))
        connection.execute(text("update links set pair_rule = 1"))
        assert connection.scalar(text("select count(distinct cluster_id) from documents")) == 1
        ids = list(connection.scalars(text("select id from documents order by id")))
    for id_ in ids:  # one by one, so that the old links and the new ones lie beside each other
        with mill.database.transaction() as connection:
            assert ledger.retry(connection, [id_], Stage.DEDUPLICATE) == [id_]
        queue.settle()
        with mill.database.transaction() as connection:
            assert connection.scalar(text("select count(*) from articles")) == len(files)
            assert connection.scalar(text("select count(*) from documents where outcome = 'unique'")) >= 1
    with psycopg.connect(urls.database_url) as connection:
        assert reached(connection).differences(defined(file.text.encode() for file in files)) == []
    with mill.database.transaction() as connection:
        assert connection.scalar(text("select count(distinct cluster_id) from documents")) == len(PLACES)
        assert set(connection.scalars(text("select pair_rule from links"))) == {PAIR_RULE}
