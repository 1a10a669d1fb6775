"""Rows of delimited text (CSV, TSV): their dialect, where they end, and their cells; RFC 4180, and what else is met."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Dialect", "RowEnds", "choose_dialect", "first_rows", "split_row"]

_DELIMITERS: Final = (",", ";", "\t", "|")
_QUOTES: Final = ('"', "'", "")
_ESCAPES: Final = ("", "\\")
_PROBED_ROWS: Final = 60
_PROBED_CHARACTERS: Final = 32 * 1024
_MIN_FILLED: Final = 0.9


class Dialect(NamedTuple):
    """How cells are told apart, which mark stands around those that hold the delimiter, and which one before marks.

    `quote` is "" where there is none, `escape` as well. A mark that is written twice within quotes stands for itself.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""


class _Patterns(NamedTuple):
    row: re.Pattern[bytes]
    cell: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(dialect: Dialect) -> _Patterns:
    """Returns the expression of a row, up to its line break, and that of a cell with the delimiter before it.

    All their repeats are possessive, so neither goes back: a row of a megabyte takes as long as its bytes.
    """
    d, q, e = (re.escape(mark) if mark else "" for mark in dialect)
    escaped = f"|{e}." if e else ""
    plain = f"(?:[^{d}{e}\\r\\n]{escaped})*+"
    if not q:
        return _Patterns(
            re.compile(f"{plain}(?:{d}{plain})*+".encode(), re.DOTALL),
            re.compile(f"(?:\\A|{d})()({plain})", re.DOTALL),
        )
    quoted = f"{q}[^{q}{e}]*+(?:(?:{q}{q}{escaped})[^{q}{e}]*+)*+{q}"
    cell = f"(?:{quoted}{plain}|(?!{q}){plain})"
    return _Patterns(
        re.compile(f"{cell}(?:{d}{cell})*+".encode(), re.DOTALL),
        re.compile(f"(?:\\A|{d})(?:({quoted})({plain})|()({plain}))", re.DOTALL),
    )


def split_row(text: str, dialect: Dialect) -> list[str]:
    """Returns the cells of one row, without the marks around and before them.

    A quote that is left open is a character like others, and the cell ends at the next delimiter.
    """
    cells: list[str] = []
    for match in _patterns(dialect).cell.finditer(text):
        groups = match.groups()
        quoted, rest = groups[0] or "", "".join(filter(None, groups[1:]))
        if quoted:
            quoted = quoted[1:-1].replace(dialect.quote * 2, dialect.quote)
        cells.append(_unescaped(quoted + rest, dialect))
    return cells


def _unescaped(cell: str, dialect: Dialect) -> str:
    if not dialect.escape or dialect.escape not in cell:
        return cell
    return re.sub(re.escape(dialect.escape) + "(.)", r"\1", cell, flags=re.DOTALL)


class RowEnds:
    """Finds the ends of rows in bytes whose ASCII is that of the text.

    `more` gives the bytes that follow, "" at the end of the file: rows are found in chunks, whatever their length. A
    row that has no end within `max_row_bytes`, for a quote is left open, ends at its first line break behind it.
    """

    def __init__(self, dialect: Dialect, more: Callable[[int], bytes], *, chunk_bytes: int, max_row_bytes: int) -> None:
        self._row = _patterns(dialect).row
        self._nothing = f" \t\0{dialect.delimiter}{dialect.quote}".encode()
        self._more = more
        self._chunk_bytes = chunk_bytes
        self._max_row_bytes = max_row_bytes
        self._window = b""
        self._at = 0  # of the row, in the window
        self._ended = False

    def __iter__(self) -> Iterator[tuple[int, int, bool]]:
        """Yields of each row its length, that with its line break, and whether all of its cells are blank."""
        while True:
            length = self._row_length()
            if length is None:
                return
            row = self._window[self._at : self._at + length] if length <= 1024 else b"x"  # noqa: PLR2004
            behind = self._at + length
            line_break = 2 if self._window.startswith(b"\r\n", behind) else int(behind < len(self._window))
            yield length, length + line_break, not row.strip(self._nothing).strip()
            self._at = behind + line_break

    def _row_length(self) -> int | None:
        """Returns how long the row at hand is; None at the end of the file."""
        while True:
            left = len(self._window) - self._at
            if not left and self._ended:
                return None
            match = self._row.match(self._window, self._at)
            end = match.end() if match else self._at  # its first quote is open
            if self._is_end(end):
                return end - self._at
            if self._ended or left > self._max_row_bytes:
                return self._line_end(end) - self._at
            self._read(left)

    def _is_end(self, end: int) -> bool:
        """Tells whether the row ends there for sure: a line break stands there that is not cut in two."""
        following = self._window[end : end + 2]
        if not following:
            return self._ended
        return following[:1] == b"\n" or (following[:1] == b"\r" and (len(following) > 1 or self._ended))

    def _line_end(self, position: int) -> int:
        breaks = [at for at in (self._window.find(b"\n", position), self._window.find(b"\r", position)) if at >= 0]
        return min(breaks, default=len(self._window))

    def _read(self, left: int) -> None:
        """Reads as much again as there is of the row, so that a row is looked at twice at the most."""
        chunk = self._more(max(self._chunk_bytes, left))
        self._ended = not chunk
        self._window = self._window[self._at :] + chunk
        self._at = 0


def first_rows(text: str, dialect: Dialect, *, whole: bool, most: int = _PROBED_ROWS) -> list[list[str]]:
    """Returns the cells of the first rows; the last one only if the text is `whole`."""
    data = text.encode("utf-8", "replace")
    chunks = iter([data, b""])
    ends = RowEnds(dialect, lambda _: next(chunks), chunk_bytes=len(data) or 1, max_row_bytes=len(data) + 1)
    rows: list[list[str]] = []
    position = 0
    for length, with_break, blank in ends:
        if len(rows) == most or (not whole and position + with_break >= len(data)):
            break
        if not blank:
            rows.append(split_row(data[position : position + length].decode("utf-8", "replace"), dialect))
        position += with_break
    return rows


def choose_dialect(
    text: str, *, whole: bool, header_at: Callable[[Sequence[Sequence[str]]], int | None]
) -> tuple[Dialect, list[list[str]], int | None]:
    """Returns the dialect in which the beginning of a table reads best, its first rows, and which of them has names.

    Each is tried: the best has a row of names, most rows below it as wide as that, and the most columns; of equal ones
    the plainest.
    """
    text = text[:_PROBED_CHARACTERS]
    whole = whole and len(text) < _PROBED_CHARACTERS
    tried = [
        (_score(rows, header), -number, dialect, rows, header)
        for number, dialect in enumerate(_likely(text))
        for rows in [first_rows(text, dialect, whole=whole)]
        for header in [header_at(rows)]
    ]
    _, _, dialect, rows, header = max(tried, key=lambda one: one[:2])
    return dialect, rows, header


def _likely(text: str) -> Iterator[Dialect]:
    """Yields the dialects whose marks occur, plain ones first."""
    for escape in _ESCAPES:
        if escape and f"{escape}" not in text:
            continue
        for quote in _QUOTES:
            if quote == "'" and not re.search(r"(?:^|[,;\t|])'", text, re.MULTILINE):
                continue
            for delimiter in _DELIMITERS:
                if delimiter in text or delimiter == _DELIMITERS[0]:
                    yield Dialect(delimiter, quote, escape)


def _score(rows: Sequence[Sequence[str]], header: int | None) -> tuple[bool, float, int, float]:
    """Returns how well rows read: whether they have names, the share as wide as these, how wide, how few marks stay."""
    if not rows:
        return False, 0.0, 0, 0.0
    width = len(rows[header or 0])
    below = rows[(header or 0) + 1 :]
    even = sum(len(row) == width for row in below) / len(below) if below else 1.0
    cells = [cell for row in below for cell in row]
    marked = sum((cell[:1] in {'"', "'"} and cell[-1:] == cell[:1]) or '\\"' in cell for cell in cells)
    return header is not None, round(even, 2), min(width, 50) if even >= _MIN_FILLED else 0, -marked / (len(cells) or 1)
