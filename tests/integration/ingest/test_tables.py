"""Tables and arrays, from the inbox to their articles and out again as tables."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xlsxwriter
from rich.console import Console
from sqlalchemy import text

from console.cli.export import run_export
from console.cli.forget import run_forget
from db import ledger
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from tests.support.inline import InlineQueue, inline_queue
from worker.services import Services

NAMES = ["id", "title", "text", "section"]
ROWS = [
    [
        "a1",
        "Old bridge closes",
        "The council of Amberford voted on Tuesday to close the old bridge to lorries.",
        "Local",
    ],
    ["a2", "", "", ""],
    ["a3", "Ferries are sold", "Two ferries of the Wend line were sold on Monday to a buyer in Tarnby.", "Trade"],
]


@pytest.fixture
def queue(mill: Services) -> InlineQueue:
    return inline_queue(mill)


def write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([NAMES, *ROWS])


def write_json(path: Path) -> None:
    path.write_text(json.dumps({"status": "ok", "articles": [dict(zip(NAMES, row, strict=True)) for row in ROWS]}))


def write_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table news (id text, title text, text text, section text)")
        database.executemany("insert into news values (?, ?, ?, ?)", ROWS)
        database.commit()


def write_xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([NAMES, *ROWS]):
            sheet.write_row(number, 0, row)


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.csv", write_csv), ("a.json", write_json), ("a.db", write_sqlite), ("a.xlsx", write_xlsx)],
)
def test_rows_are_articles_and_come_out_as_a_table(
    name: str, write: Callable[[Path], None], queue: InlineQueue, settings: Settings, tmp_path: Path
) -> None:
    settings.inbox.mkdir(parents=True, exist_ok=True)
    write(settings.inbox / name)
    queue.take_in(settings.inbox)
    queue.settle()
    assert stored(queue) == EXPECTED
    with queue.mill.database.transaction() as connection:
        ids = list(connection.scalars(text("select id from documents")))
        assert ledger.retry(connection, ids, Stage.PARSE) == sorted(ids)
        (found,) = connection.scalars(text('select title from articles where extra @> \'{"id": "a3"}\''))
    assert found == "Ferries are sold"
    queue.settle()
    assert stored(queue) == EXPECTED
    output = tmp_path / "out.parquet"
    assert run_export(settings, format_="parquet", output=output) == 2
    table = pq.read_table(output).select(["title", "section", "extra", "text"]).to_pylist()
    assert [tuple(row.values()) for row in table] == [
        (row[1], row[3], json.dumps({"id": row[0]}), row[2]) for row in (ROWS[0], ROWS[2])
    ]


EXPECTED = [("unique", "Old bridge closes"), ("failed", None), ("unique", "Ferries are sold")]


def stored(queue: InlineQueue) -> list[tuple[str, str | None]]:
    with queue.mill.database.transaction() as connection:
        rows = connection.execute(
            text("select outcome, title from documents d left join articles a on a.document_id = d.id order by ordinal")
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("name", "write"), [("a.csv", write_csv), ("a.json", write_json)])
def test_one_row_is_forgotten_and_the_others_can_be_read_again(
    name: str, write: Callable[[Path], None], queue: InlineQueue, settings: Settings
) -> None:
    settings.inbox.mkdir(parents=True, exist_ok=True)
    write(settings.inbox / name)
    queue.take_in(settings.inbox)
    queue.settle()
    with queue.mill.database.transaction() as connection:
        gone, *others = connection.scalars(text("select id from documents order by ordinal"))
    code = run_forget(
        settings, [str(gone)], url=None, allow_again=False, dry_run=False, ask=lambda _: True,
        out=Console(file=io.StringIO()), err=Console(file=io.StringIO()),
    )  # fmt: skip
    assert code == 0
    with queue.mill.database.transaction() as connection:
        assert ledger.retry(connection, others, Stage.PARSE) == others
        sha256 = connection.scalars(text("select sha256 from files")).one()
    queue.settle()
    assert stored(queue) == EXPECTED[1:]
    with queue.mill.blobs.open(sha256) as stream:
        assert b"bridge" not in stream.read()
