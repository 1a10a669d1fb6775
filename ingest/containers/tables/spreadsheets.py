"""Spreadsheets (XLSX): the rows of each sheet whose header names a column of text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.tables.columns import (
    MAX_COLUMNS,
    ROW_TYPE,
    header_at,
    no_text_column,
    row_bytes,
    row_object,
    text_column,
)
from ingest.kinds import Head
from newsmill.errors import TerminalError

if TYPE_CHECKING:
    from ingest.containers.tables.workbook import Row

__all__ = ["CONTAINER", "SheetRows"]

_PROBED_ROWS: Final = 30
_ROW_BITS: Final = 32

_ZIP: Final = b"PK\x03\x04"
_OFFICE: Final = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_ENDINGS: Final = frozenset({".xlsx", ".xlsm", ".xltx"})


class _Sheet(NamedTuple):
    """A sheet with a text: its name, the names of its columns, which of them is the text, and the header's number."""

    name: str
    columns: tuple[str, ...]
    text: str
    header: int


class SheetRows(Contents):
    """The rows below the header of each sheet that has a text."""

    def __init__(self, stream: BinaryIO) -> None:
        """Opens the file. Raises TerminalError if it cannot be read, unpacks to too much, or no sheet has a text."""
        from ingest.containers.tables.workbook import Workbook  # who only recognises files does without lxml

        super().__init__(stream)
        self._book = Workbook(stream)
        try:
            self._sheets = self._with_text()
        except BaseException:
            self._book.close()
            raise
        self._reading: tuple[str, int, Iterator[Row]] = ("", 0, iter(()))

    def close(self) -> None:
        """Lets go of the workbook."""
        self._reading = ("", 0, iter(()))
        self._book.close()

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the rows that hold something, each under the name SHEET:ROW, as the program numbers rows."""
        ordinal = cursor.ordinal
        first, after = divmod(cursor.position, 1 << _ROW_BITS)
        for number, sheet in enumerate(self._sheets[first:], first):
            above = after if number == first and cursor.position else sheet.header
            for row in self._book.rows(sheet.name):
                if above < row.number < 1 << _ROW_BITS:
                    ordinal += 1
                    behind = (number << _ROW_BITS) + row.number
                    place = f"{sheet.name}:{row.number}"
                    yield Member(ordinal, 0, len(_bytes_of(sheet, row)), behind, ROW_TYPE, name=place)

    def read(self, place: Place) -> bytes:
        """Returns a row as a JSON object. Rows in their order are read in one pass."""
        if not isinstance(place, str):
            raise TypeError(f"a row has a name: {place!r}")
        name, _, number = place.rpartition(":")
        sheet = next((sheet for sheet in self._sheets if sheet.name == name), None)
        known, last, rows = self._reading
        if known != name or last >= int(number):
            rows = self._book.rows(name) if sheet else iter(())
        row = next((row for row in rows if row.number == int(number)), None)
        self._reading = name, int(number), rows
        if sheet is None or row is None:
            raise TerminalError(f"there is no row {place!r} in this spreadsheet")
        return _bytes_of(sheet, row)

    def _with_text(self) -> tuple[_Sheet, ...]:
        found: list[_Sheet] = []
        others: list[str] = []
        for name in self._book.sheets:
            probed = [row for row, _ in zip(self._book.rows(name), range(_PROBED_ROWS), strict=False)]
            names = [_names(row) for row in probed]
            header = header_at(names)
            if header is None:
                others += [one for one in next(iter(names), []) if one]
            else:
                columns = tuple(names[header])
                found.append(_Sheet(name, columns, text_column(columns) or "", probed[header].number))
        if not found:
            raise no_text_column(others)
        return tuple(found)


def _names(row: "Row") -> list[str]:
    width = min(max(row.cells) + 1, MAX_COLUMNS)
    return [str(row.cells.get(column, "")) for column in range(width)]


def _bytes_of(sheet: _Sheet, row: "Row") -> bytes:
    """Returns a row as JSON; cells beyond the header's belong to no column."""
    values: list[Any] = [row.cells.get(column, "") for column in range(len(sheet.columns))]
    return row_bytes(row_object(sheet.columns, values, sheet.text))


def _sniff(head: Head) -> bool:
    """Tells by the names of the parts in the archive; its own name where the beginning shows none of them.

    Texts and presentations hold whole spreadsheets behind their charts: those parts are not theirs.
    """
    if not head.data.startswith(_ZIP) or not head.data.startswith(_OFFICE, 30):
        return False
    return any(name.startswith("xl/") for name in head.zip_names) or head.extension in _ENDINGS


CONTAINER: Final = Container(
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    label="a spreadsheet (XLSX)",
    description="the rows of each sheet that has a column of text, below its header",
    emptiness="its sheets with a column of text have no row below their header",
    extensions=(".xlsx", ".xlsm", ".xltx"),
    content_only=True,
    sniff=_sniff,
    contents=SheetRows,
    verbatim=False,
)
