"""SQLite databases: rows of tables with a text, and nothing of what the file defines is run."""

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest

from ingest.containers.container import Cursor
from ingest.containers.tables.sqlite_rows import SqliteRows
from ingest.formats.detect import detect
from newsmill.errors import TerminalError


def database(path: Path, *statements: str) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


def rows(stream: BinaryIO) -> dict[str, dict[str, object]]:
    with SqliteRows(stream) as contents:
        return {str(member.place): json.loads(contents.read(member.place)) for member in contents.members()}


NEWS = (
    "create table news (id integer primary key, title text, body text, seen blob)",
    "insert into news values (-7, 'Old bridge closes', 'It is shut.', x'ff00'), (9, 'Trams', 'Free from May.', null)",
)


@pytest.fixture(params=["a file", "a copy"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BinaryIO]:
    data = database(
        tmp_path / "a.db",
        *NEWS,
        "create table tags (name text)",
        "insert into tags values ('x')",
        "create table keyless (url text primary key, text text) without rowid",
        "insert into keyless values ('https://amber.example/b', 'Two.'), ('https://amber.example/a', 'One.')",
        'create table "odd "" name" (rowid text, "text" text)',
        "insert into \"odd \"\" name\" values ('r', 'Odd.')",
    )
    with (tmp_path / "a.db").open("rb") if request.param == "a file" else io.BytesIO(data) as stream:
        yield stream


EXPECTED = {
    "keyless:1": {"url": "https://amber.example/a", "text": "One."},
    "keyless:2": {"url": "https://amber.example/b", "text": "Two."},
    "news:-7": {"id": -7, "title": "Old bridge closes", "body": "It is shut."},
    "news:9": {"id": 9, "title": "Trams", "body": "Free from May."},
    'odd " name:1': {"rowid": "r", "text": "Odd."},
}


def test_rows_of_tables_with_a_text_are_objects(opened: BinaryIO) -> None:
    assert rows(opened) == EXPECTED
    assert detect(b"SQLite format 3\0" + b"\0" * 100, "a.db") == "application/vnd.sqlite3"


def test_rows_are_found_from_any_one_on(opened: BinaryIO) -> None:
    with SqliteRows(opened) as contents:
        members = list(contents.members())
        for number, member in enumerate(members, 1):
            assert list(contents.members(Cursor(member.next_position, member.ordinal))) == members[number:]


def test_views_virtual_tables_triggers_and_generated_columns_are_left_alone(tmp_path: Path) -> None:
    data = database(
        tmp_path / "a.db",
        *NEWS,
        "create view text as with recursive n(i) as (select 1 union all select i + 1 from n) select i as text from n",
        "create virtual table found using fts5(title, text)",
        "create table made (title text, text text as (hex(zeroblob(50000000))), body text)",
        "insert into made (title, body) values ('A', 'Made.')",
        "create trigger t after insert on news begin delete from news; end",
    )
    assert {place for place in rows(io.BytesIO(data)) if not place.startswith("found_")} == {
        "made:1",
        "news:-7",
        "news:9",
    }
    assert rows(io.BytesIO(data))["made:1"] == {"title": "A", "body": "Made."}


def test_a_view_that_calls_itself_a_table_is_not_run(tmp_path: Path) -> None:
    data = database(
        tmp_path / "a.db",
        *NEWS,
        "create view v as select load_extension('/tmp/x.so') as text",
        "pragma writable_schema = on",
        "update sqlite_master set type = 'table' where name = 'v'",
    )
    try:
        found = set(rows(io.BytesIO(data)))
    except TerminalError as error:
        assert "cannot be read" in str(error)  # noqa: PT017 - SQLite may refuse such a schema
    else:
        assert found == {"news:-7", "news:9"}


@pytest.mark.parametrize("cut", [100, 4096, 5000])
def test_a_database_cut_off_or_damaged_says_so(cut: int, tmp_path: Path) -> None:
    data = database(tmp_path / "a.db", *NEWS, *["insert into news (title, body) values ('A', hex(zeroblob(3000)))"] * 9)
    with pytest.raises(TerminalError, match=r"^the SQLite database cannot be"):
        rows(io.BytesIO(data[:cut]))
    with pytest.raises(TerminalError, match=r"^the SQLite database cannot be"):
        rows(io.BytesIO(data[:cut] + b"\xa5" * (len(data) - cut)))


def test_no_table_with_a_text_says_what_there_is(tmp_path: Path) -> None:
    data = database(tmp_path / "a.db", "create table prices (name text, price real)")
    with pytest.raises(TerminalError, match=r'no text column \(there is "name", "price"\)'):
        rows(io.BytesIO(data))
