"""Rows in all tables live through every migration that keeps their table, down and up again."""

import json
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import text

from db import audits, ledger, migrating, pauses, processes
from db.erasure import freezes, marks, tombstones
from db.erasure.tombstones import RefusedFile
from db.migrating import migrate
from db.records import FileStamp
from db.sessions import Database
from db.similarity import boilerplate
from newsmill.vocabulary import Ruling, Stage
from tests.support.book import exported_rows
from tests.support.corpus import generate, write
from tests.support.inline import inline_queue
from tests.support.schemas import all_rows, catalogue, row_counts, shared_rows
from worker.duties.sweeper import Sweeper
from worker.leases.heartbeat import identity
from worker.services import Services


def test_rows_in_all_tables_live_through_every_step_down_and_up_again(mill: Services, tmp_path: Path) -> None:
    fill_all_tables(mill, tmp_path)
    assert [table for table, count in row_counts(mill.database).items() if count == 0] == []
    revisions = known_revisions()
    schemas = {revisions[-1]: catalogue(mill.database)}

    rows = kept_rows(mill.database)
    for revision in reversed(revisions[:-1]):
        migrate(mill.database, revision)
        schemas[revision] = catalogue(mill.database)
        left = kept_rows(mill.database)
        assert [table for table in left if not left[table]] == []
        assert shared_rows(left, rows) == shared_rows(rows, left)
        rows = left
    for revision in revisions[1:]:
        migrate(mill.database, revision)
        assert catalogue(mill.database) == schemas[revision]
        there = kept_rows(mill.database)
        assert shared_rows(there, rows) == shared_rows(rows, there)
        assert shared_rows(there, rows).keys() == rows.keys()


def test_documents_of_before_are_placed_anew_and_stay_visible_until_then(mill: Services, tmp_path: Path) -> None:
    queue = inline_queue(mill)
    write(generate(1, 40), tmp_path)
    queue.take_in(tmp_path)
    queue.settle()
    before = exported_rows(mill.database, everything=True)
    migrate(mill.database, "0002")
    migrate(mill.database)
    with mill.database.transaction() as connection:
        shown = set(connection.scalars(text("select document_id from corpus")))
    assert shown == {row["id"] for row in before if row["outcome"] == "unique"}
    queue.settle()
    assert exported_rows(mill.database, everything=True) == before


def kept_rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows but those of the near-duplicate index and what names it, which 0003 makes anew from the raw bytes."""
    index = ("text_id", "base_text_id", "cluster_id")
    return {
        table: [{name: value for name, value in row.items() if name not in index} for row in rows]
        for table, rows in all_rows(database).items()
        if table not in {"texts", "shingles", "links", "digests", "revisits"}
    }


def test_every_step_up_from_nothing_and_down_to_nothing(mill: Services) -> None:
    revisions = known_revisions()
    migrate(mill.database, "base")
    assert catalogue(mill.database) == []
    schemas = []
    for revision in revisions:
        migrate(mill.database, revision)
        schemas.append(catalogue(mill.database))
    for revision, schema in zip(reversed(revisions), reversed(schemas), strict=True):
        assert catalogue(mill.database) == schema
        migrate(mill.database, before(revisions, revision))
    assert catalogue(mill.database) == []


def known_revisions() -> list[str]:
    """All of them, the first one first."""
    scripts = ScriptDirectory.from_config(migrating.alembic_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def before(revisions: list[str], revision: str) -> str:
    """The revision before this one."""
    place = revisions.index(revision)
    return revisions[place - 1] if place else "base"


def fill_all_tables(mill: Services, folder: Path) -> None:
    """Documents of every fate, others on their way, one in a worker's hands, and who is at work and what is paused."""
    queue = inline_queue(mill)
    write(generate(1, 40), folder / "done")
    (folder / "done" / "broken.txt").write_bytes(bytes(range(256)) * 20)
    story, other = generate(2, 1)[0].text, generate(4, 1)[0].text
    texts = {"A line": story, "Another": story * 2, "Beside it": other, "A digest": story + other}
    lines = [json.dumps({"title": title, "text": one}) for title, one in texts.items()]
    lines.insert(1, "{")
    (folder / "done" / "many.jsonl").write_text("\n".join(lines))
    queue.take_in(folder / "done")
    queue.settle()
    Sweeper(mill).run_once()
    write(generate(3, 4), folder / "waiting")
    queue.take_in(folder / "waiting")
    with mill.database.transaction() as connection:
        id_ = connection.scalar(text("select min(id) from work"))
        assert id_ is not None
        assert ledger.claim(connection, Stage.PARSE, [(id_, 0)], worker="w", task_id="t", lease_seconds=3600)
        ledger.note_intake_error(
            connection, "/inbox/locked.txt", "TransientError", "/inbox/locked.txt: permission denied"
        )
        boilerplate.pin(connection, 7, Ruling.ARTICLE, "He declined to comment.", limit=16)
        connection.execute(text("insert into revisits values (:id)"), {"id": id_})
        connection.execute(text("insert into orphans values (8)"))
        pauses.pause(connection, [Stage.STORE])
        audits.note(connection, "ada", "pause", {"scope": "store"})
        marks.mark(connection, [bytes(32)], refused=True)
        tombstones.leave_out(
            connection, [RefusedFile("/inbox/forgotten.txt", bytes(32), FileStamp(1, 2, 3, 2**64 - 1))]
        )
        freezes.freeze(connection, "a backup", 3600)
        processes.beat(connection, identity("watch"), moved=True)
