"""A table as delimited text (CSV, TSV): a row is a range of the file, and read as an object with the header's names."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place, Range
from ingest.containers.redaction import Redacted
from ingest.containers.tables.columns import (
    ROW_TYPE,
    header_at,
    known_columns,
    no_text_column,
    require_columns,
    row_bytes,
    row_object,
    text_column,
)
from ingest.kinds import HEAD_BYTES, Head
from ingest.text.charset_guess import guess_codec
from ingest.text.decode import decode
from ingest.text.delimited import Dialect, RowEnds, choose_dialect, split_row
from ingest.text.slices import mark_length, utf16_codec

__all__ = ["CONTAINER", "DelimitedRows"]

CHUNK_BYTES: Final = 1024 * 1024
"""So much is read at a time; a whole number of UTF-16's units."""

_MAX_ROW_BYTES: Final = 16 * 1024 * 1024
_TINY_BYTES: Final = 64
_WIDE: Final = 0xFF  # stands for a character of UTF-16 that is not Latin-1
_MIN_ROWS: Final = 2
_MIN_KNOWN: Final = 2  # columns with names of ours, where the file's name does not say that it is a table
_MAX_HEADER_CHARACTERS: Final = 2000


class DelimitedRows(Contents):
    """The rows below the header. Their numbers are those of the records in the file, and the header has one, too."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES, max_row_bytes: int = _MAX_ROW_BYTES) -> None:
        """Takes the file; it is read in chunks of `chunk_bytes`, an even number."""
        super().__init__(stream)
        self._chunk_bytes = chunk_bytes
        self._max_row_bytes = max_row_bytes
        stream.seek(0)
        head = stream.read(HEAD_BYTES)
        self._begin = mark_length(head)
        codec = utf16_codec(head)
        self._unit = 1 if codec is None else 2
        self._low = 1 if codec == "utf-16-be" else 0
        self._codec = codec or _codec_of(head)
        text = self._text(head[self._begin :])
        dialect, rows, header = choose_dialect(text, whole=len(head) < HEAD_BYTES, header_at=header_at)
        self._dialect: Dialect = dialect
        if header is None:
            raise no_text_column(rows[0] if rows else [])
        self._names = rows[header]
        require_columns(len(self._names))
        self._header = header
        self._text_column = text_column(self._names) or ""
        self._one_text = text_column([name for name in self._names if name != self._text_column]) is None

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the rows that are not blank; a blank one is counted and left out."""
        position, ordinal = cursor.position or self._begin, cursor.ordinal
        above = 0 if cursor.position else self._header + 1
        for length, with_break, blank in self._rows(position):
            ordinal += 1
            if not blank and above:
                above -= 1
            elif not blank:
                head = self._tiny(position, length) if length <= _TINY_BYTES else b""
                behind = position + with_break
                yield Member(ordinal, position, length, behind, ROW_TYPE, head=head)
            position += with_break

    def read(self, place: Place) -> bytes:
        """Returns a row as a JSON object; of several rows one behind the other (`Container.joins`) an object a line."""
        if isinstance(place, str):
            raise TypeError(f"a row has no name: {place!r}")
        offset, end = place.offset_bytes, place.offset_bytes + place.length_bytes
        objects: list[bytes] = []
        for length, with_break, blank in self._rows(offset, end):
            if not blank:
                objects.append(self._object(offset, length))
            offset += with_break
        return b"\n".join(objects)

    def _tiny(self, offset: int, length: int) -> bytes:
        """Returns the row as JSON; of one whose only text is blank no more than that: many are alike then."""
        self._stream.seek(offset)
        cells = split_row(self._text(self._stream.read(length)), self._dialect)
        at = self._names.index(self._text_column)
        if self._one_text and len(cells) <= len(self._names) and not "".join(cells[at : at + 1]).strip():
            return row_bytes({self._text_column: ""})
        return row_bytes(row_object(self._names, cells, self._text_column))

    def _object(self, offset: int, length: int) -> bytes:
        """Returns the one row there as JSON."""
        self._stream.seek(offset)
        cells = split_row(self._text(self._stream.read(length)), self._dialect)
        require_columns(len(cells))
        return row_bytes(row_object(self._names, cells, self._text_column))

    @classmethod
    def redact(cls, source: BinaryIO, ranges: Iterable[Range]) -> Redacted:
        """Returns the file with these rows blank; the others keep their places and numbers."""
        source.seek(0)
        codec = utf16_codec(source.read(HEAD_BYTES))
        source.seek(0)
        return Redacted(source, ranges, blank=" ".encode(codec or "utf-8"))

    def _rows(self, position: int, end: int | None = None) -> Iterator[tuple[int, int, bool]]:
        """Yields the rows from a place on as `RowEnds` does, their lengths in bytes of the file."""

        def more(size: int) -> bytes:
            nonlocal position
            self._stream.seek(position)
            chunk = self._stream.read(size if end is None else min(size, end - position))
            position += len(chunk)
            return self._narrow(chunk)

        for length, with_break, blank in RowEnds(
            self._dialect, more, chunk_bytes=self._chunk_bytes, max_row_bytes=self._max_row_bytes
        ):
            yield length * self._unit, with_break * self._unit, blank

    def _narrow(self, data: bytes) -> bytes:
        """Returns a byte for each character (unit) of the file."""
        if self._unit == 1:
            return data
        low, high = data[self._low :: 2], data[1 - self._low :: 2]
        if not any(high):
            return low
        return bytes(_WIDE if above else byte for byte, above in zip(low, high, strict=False))

    def _text(self, data: bytes) -> str:
        """Returns bytes of the file as text; a row of another encoding than the first ones is read as what it is."""
        if self._unit == 2:  # noqa: PLR2004
            return data.decode(self._codec or "utf-16-le", "replace").replace("\0", "")
        try:
            return data.decode("utf-8").replace("\0", "")
        except UnicodeDecodeError:
            return data.decode(self._codec, "replace").replace("\0", "") if self._codec else decode(data)


def _codec_of(head: bytes) -> str | None:
    """Returns the codec of a file that begins so; None for UTF-8, and for ASCII behind which anything may come."""
    try:
        head[: head.rfind(b"\n") + 1 or len(head)].decode("utf-8")
    except UnicodeDecodeError:
        return guess_codec(head)
    return None


def _sniff(head: Head) -> bool:
    """Tells by a line of names that has one of a text, and rows as wide below it."""
    text = head.body
    first = text[:_MAX_HEADER_CHARACTERS].partition("\n")[0]
    if not any(mark in first for mark in ",;\t|"):
        return False
    cells = re.split(r"[,;\t|]", first)
    if text_column([cell.strip(" \"'\r") for cell in cells]) is None or len(cells) < _MIN_KNOWN:
        return False
    _, rows, header = choose_dialect(text, whole=head.is_whole, header_at=header_at)
    if header is None or len(rows) - header < _MIN_ROWS:
        return False
    width = len(rows[header])
    return known_columns(rows[header]) >= _MIN_KNOWN and all(len(row) == width for row in rows[header + 1 :])


CONTAINER: Final = Container(
    media_type="text/csv",
    label="a table (CSV or TSV)",
    description="a row an article: the column of the text and those of metadata are told by their names",
    emptiness="it has no row below its header",
    extensions=(".csv", ".tsv", ".tab"),
    sniff=_sniff,
    contents=DelimitedRows,
    redact=DelimitedRows.redact,
    verbatim=False,
    joins=True,
)
