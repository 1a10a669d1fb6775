"""A Parquet file: its rows, read row group by row group in small batches."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.tables.columns import (
    ROW_TYPE,
    no_text_column,
    require_columns,
    row_bytes,
    row_object,
    text_column,
)
from ingest.kinds import Head, need
from newsmill.errors import TerminalError

__all__ = ["CONTAINER", "ParquetRows"]

_MAGIC: Final = b"PAR1"
_BATCH_ROWS: Final = 64
_BUFFER_BYTES: Final = 1024 * 1024  # a column's pages are read as a stream, not its whole chunk
_MAX_FOOTER_BYTES: Final = 16 * 1024 * 1024
_MAX_ROWS_A_BYTE: Final = 50  # a column of one value takes next to nothing; rows of texts do not
_ROW: Final = "row "
_EXTRA: Final = "parquet"
_LABEL: Final = "Parquet files"


class ParquetRows(Contents):
    """The rows, from 1 on. A row is found by its number; its row group is decoded up to it, and on from there."""

    def __init__(self, stream: BinaryIO) -> None:
        """Opens the file. Raises TerminalError if it cannot be read, or has no column of text."""
        super().__init__(stream)
        parquet = need("pyarrow.parquet", _EXTRA, _LABEL)
        arrow_error: type[Exception] = need("pyarrow", _EXTRA, _LABEL).ArrowException
        self._errors = (arrow_error, OSError, ValueError, KeyError, OverflowError)
        _require_footer(stream)
        self._file: Any = self._asked(
            lambda: parquet.ParquetFile(
                stream,
                buffer_size=_BUFFER_BYTES,
                pre_buffer=False,
                thrift_string_size_limit=_MAX_FOOTER_BYTES,
                thrift_container_size_limit=_MAX_FOOTER_BYTES // 16,
            )
        )
        schema = self._asked(lambda: self._file.schema_arrow)
        self._names: list[str] = list(schema.names)
        require_columns(len(self._names))
        text = text_column([*self._names, *_inner_names(schema)])
        if text is None:
            raise no_text_column(self._names)
        self._text = text
        self._ends = _row_group_ends(self._file.metadata)
        _require_rows(self._ends[-1] if self._ends else 0, stream)
        self._at = 0  # the row that `_following` gives next
        self._following: Iterator[bytes] | None = None

    def close(self) -> None:
        """Lets go of the file, not of the stream."""
        self._following = None

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the rows, each under the name "row N"."""
        for number, data in enumerate(self._rows(cursor.position), cursor.position + 1):
            ordinal = cursor.ordinal + number - cursor.position
            yield Member(ordinal, 0, len(data), number, ROW_TYPE, name=f"{_ROW}{number}")

    def read(self, place: Place) -> bytes:
        """Returns a row as a JSON object. Rows in their order are decoded once."""
        if not isinstance(place, str):
            raise TypeError(f"a row has a name: {place!r}")
        row = int(place.removeprefix(_ROW)) - 1
        following = self._following
        if following is None or row < self._at or self._group_of(row) != self._group_of(self._at):
            self._following = following = self._rows(row)
            self._at = row
        data = next(islice(following, row - self._at, None), None)
        self._at = row + 1
        if data is None:
            raise TerminalError(f"there is no {place} in this Parquet file")
        return data

    def _group_of(self, row: int) -> int:
        return sum(end <= row for end in self._ends)

    def _rows(self, first: int) -> Iterator[bytes]:
        """Yields the rows from this one on, counted from 0."""
        group = self._group_of(first)
        passed = self._ends[group - 1] if group else 0
        batches = self._file.iter_batches(
            batch_size=_BATCH_ROWS, row_groups=list(range(group, len(self._ends))), use_threads=False
        )
        while (batch := self._asked(lambda: next(batches, None))) is not None:
            if passed + batch.num_rows > first:
                for row in self._asked(batch.slice(max(0, first - passed)).to_pylist):
                    yield row_bytes(row_object(self._names, [row[name] for name in self._names], self._text))
            passed += batch.num_rows

    def _asked(self, ask: Any) -> Any:
        try:
            return ask()
        except self._errors as error:
            reason = " ".join(str(error).split())[:200]
            raise TerminalError(f"the Parquet file cannot be read: {reason}") from error


def _inner_names(schema: Any) -> Iterator[str]:
    """Yields the names in columns that are objects, or lists of them."""
    for column in schema:
        inner = column.type
        while hasattr(inner, "value_type"):
            inner = inner.value_type
        yield from (inner.field(number).name for number in range(inner.num_fields))


def _row_group_ends(metadata: Any) -> Sequence[int]:
    """Returns behind which row each row group ends."""
    ends: list[int] = []
    for group in range(metadata.num_row_groups):
        ends.append((ends[-1] if ends else 0) + metadata.row_group(group).num_rows)
    return ends


def _require_footer(stream: BinaryIO) -> None:
    """Raises TerminalError for a file that ends without its footer, or with one larger than any table's."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 8))
    tail = stream.read(8)
    if tail[4:] == b"PARE":
        raise TerminalError("the Parquet file is encrypted; decrypt it first")
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > size - 12:
        raise TerminalError("the Parquet file is cut off: it ends without its footer; copy it again")
    if length > _MAX_FOOTER_BYTES:
        raise TerminalError(f"the footer of the Parquet file has {length:,} bytes, more than that of any table of text")


def _require_rows(rows: int, stream: BinaryIO) -> None:
    size = stream.seek(0, 2)
    if rows > _MAX_ROWS_A_BYTE * size:
        raise TerminalError(f"the Parquet file states {rows:,} rows in {size:,} bytes: they cannot hold texts")


def _sniff(head: Head) -> bool:
    return head.data.startswith((_MAGIC, b"PARE"))


CONTAINER: Final = Container(
    media_type="application/vnd.apache.parquet",
    label="a Parquet file",
    description="a row an article, told by the names of its columns, which may be nested; needs the extra `parquet`",
    emptiness="it has no row",
    extensions=(".parquet",),
    content_only=True,
    sniff=_sniff,
    contents=ParquetRows,
    verbatim=False,
)
