"""An SQLite database: the rows of its tables that have a column of text. Nothing that the file defines is executed."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.tables.columns import (
    MAX_COLUMNS,
    ROW_TYPE,
    no_text_column,
    row_bytes,
    row_object,
    text_column,
)
from ingest.kinds import Head
from newsmill.errors import TerminalError

__all__ = ["CONTAINER", "SqliteRows"]

T = TypeVar("T")

_MAGIC: Final = b"SQLite format 3\0"
_COPY_BYTES: Final = 1024 * 1024
_MAX_VALUE_BYTES: Final = 64 * 1024 * 1024
_STEPS_AT_ONCE: Final = 1_000_000
_MAX_TURNS: Final = 2_000  # of so many steps of SQLite's machine in a call: about a minute

# A place in a database: the number of its table, and the row's key in it, which may be below zero.
_KEY_BITS: Final = 48
_KEY_OFFSET: Final = 1 << (_KEY_BITS - 1)

_ALLOWED: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
_PRAGMAS: Final = frozenset({"table_list", "table_xinfo"})
_KEYS: Final = ("rowid", "_rowid_", "oid")  # what a table calls its key, unless a column has that name


class _Table(NamedTuple):
    """A table with a text: its columns, which of them is the text, and how its key is called: "" where it has none."""

    name: str
    columns: tuple[str, ...]
    text: str
    key: str

    @property
    def behind(self) -> str:
        """Returns the statement for the keys and rows behind one key; without keys, behind so many rows."""
        columns = ", ".join(map(_quoted, self.columns))
        if self.key:
            return f"select {self.key}, {columns} from {_quoted(self.name)} where {self.key} > ? order by {self.key}"  # noqa: S608
        return f"select null, {columns} from {_quoted(self.name)} limit -1 offset ?"  # noqa: S608 - names are quoted


class SqliteRows(Contents):
    """The rows of all tables with a text, by the tables' names and the rows' keys.

    SQLite wants a file: it opens the stream's own where that is one, else a copy that goes with `close`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Opens the database. Raises TerminalError if it cannot be read, or no table has a text."""
        super().__init__(stream)
        self._turns = 0
        self._database, self._copy = _opened(stream)
        try:
            self._database.set_authorizer(_allow)
            self._database.set_progress_handler(self._turn, _STEPS_AT_ONCE)
            self._tables = self._asked(self._tables_with_text)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the database, and removes the copy."""
        self._database.close()
        if self._copy is not None:
            self._copy.close()

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the rows, each under the name TABLE:KEY."""
        ordinal = cursor.ordinal
        first, after = divmod(cursor.position, 1 << _KEY_BITS)
        for number, table in enumerate(self._tables[first:], first):
            resumed = cursor.position and number == first
            for key, values in self._rows(table, after - _KEY_OFFSET if resumed else None):
                ordinal += 1
                length = len(row_bytes(row_object(table.columns, values, table.text)))
                behind = (number << _KEY_BITS) + key + _KEY_OFFSET
                yield Member(ordinal, 0, length, behind, ROW_TYPE, name=f"{table.name}:{key}")

    def read(self, place: Place) -> bytes:
        """Returns a row as a JSON object."""
        if not isinstance(place, str):
            raise TypeError(f"a row has a name: {place!r}")
        name, _, key = place.rpartition(":")
        table = next((table for table in self._tables if table.name == name), None)
        row = None if table is None else next(self._rows(table, int(key) - 1), None)
        if table is None or row is None or row[0] != int(key):
            raise TerminalError(f"there is no row {place!r} in this database")
        return row_bytes(row_object(table.columns, row[1], table.text))

    def _rows(self, table: _Table, last: int | None) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yields the keys and rows of a table behind this key; where there are none, rows are counted from 1."""
        if last is None:
            last = -_KEY_OFFSET - 1 if table.key else 0
        with closing(self._database.cursor()) as rows:
            self._asked(lambda: rows.execute(table.behind, (last,)))
            while (row := self._asked(rows.fetchone)) is not None:
                last = row[0] if table.key else last + 1
                if last >= _KEY_OFFSET:
                    raise TerminalError(f"the table {table.name!r} has a row with the id {last}, beyond 48 bits")
                yield last, row[1:]

    def _tables_with_text(self) -> list[_Table]:
        """Returns them. Views and virtual tables are none, as reading them runs what the file says."""
        listed = self._database.execute("pragma table_list").fetchall()
        ordinary = sorted((name, bool(keyless)) for schema, name, kind, _, keyless, *_ in listed
                          if schema == "main" and kind == "table" and not name.startswith("sqlite_"))  # fmt: skip
        tables: list[_Table] = []
        others: list[str] = []
        for name, keyless in ordinary:
            described = self._database.execute(f"pragma table_xinfo({_quoted(name)})").fetchall()
            columns = tuple(column for _, column, *_, generated in described if not generated)[:MAX_COLUMNS]
            taken = {column.lower() for column in columns}
            key = "" if keyless else next((key for key in _KEYS if key not in taken), "")
            text = text_column(columns)
            if text is None:
                others += columns
            else:
                tables.append(_Table(name, columns, text, key))
        if not tables:
            raise no_text_column(others)
        return tables

    def _asked(self, ask: Callable[[], T]) -> T:
        self._turns = 0
        try:
            return ask()
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise TerminalError(f"the SQLite database cannot be read: {error}") from error

    def _turn(self) -> int:
        """Counts the steps of a call; one that takes too many is ended."""
        self._turns += 1
        return int(self._turns > _MAX_TURNS)


def _opened(stream: BinaryIO) -> tuple[sqlite3.Connection, Any]:
    """Opens a stream's database, and returns it with the copy that it is in, if it is one."""
    try:
        return _connected(f"/dev/fd/{stream.fileno()}"), None
    except (io.UnsupportedOperation, sqlite3.Error):
        pass
    copy = NamedTemporaryFile(prefix="newsmill-", suffix=".db")  # noqa: SIM115 - `close` closes it
    try:
        stream.seek(0)
        while chunk := stream.read(_COPY_BYTES):
            copy.write(chunk)
        copy.flush()
        return _connected(copy.name), copy
    except sqlite3.Error as error:
        copy.close()
        raise TerminalError(f"the SQLite database cannot be opened: {error}") from error
    except BaseException:
        copy.close()
        raise


def _connected(path: str) -> sqlite3.Connection:
    """Opens a database that nobody changes: no lock, no journal, no schema that is trusted, no extension."""
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        database.text_factory = lambda data: data.decode("utf-8", "replace")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("trusted_schema = off", "query_only = on", "cell_size_check = on", "mmap_size = 0"):
            database.execute(f"pragma {pragma}")
    except BaseException:
        database.close()
        raise
    return database


def _allow(action: int, name: str | None, *_: object) -> int:
    """Lets SQLite read columns and describe tables. Functions, recursion, and what changes anything are refused."""
    allowed = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and name in _PRAGMAS)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sniff(head: Head) -> bool:
    return head.data.startswith(_MAGIC)


CONTAINER: Final = Container(
    media_type="application/vnd.sqlite3",
    label="an SQLite database",
    description="the rows of each table that has a column of text; views and virtual tables are left alone",
    emptiness="its tables with a column of text have no row",
    extensions=(".sqlite", ".sqlite3", ".db"),
    content_only=True,
    sniff=_sniff,
    contents=SqliteRows,
    verbatim=False,
)
