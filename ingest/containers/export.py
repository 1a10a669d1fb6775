"""Exports of databases as one text file: what its documents have in common, and how their lines are found.

Such a file is text, and each document is a slice of it. Between the slices, or at the end of each, stands a line by
which they are told. A slice is read, and put out, as the bytes that it is.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import BinaryIO, ClassVar, Final, NamedTuple

from ingest.containers.container import START, Contents, Cursor, Member
from ingest.containers.locator import Place, Range
from ingest.containers.redaction import Redacted
from ingest.text.slices import mark_length, utf16_codec
from newsmill.errors import TerminalError

__all__ = ["CHUNK_BYTES", "ExportContents", "Line", "Slice", "count_problem"]

CHUNK_BYTES: Final = 1024 * 1024
"""So much is read at a time; a whole number of UTF-16's units."""

_HEAD_BYTES = 256
_LONGEST_LINE = 4096  # bytes; a longer one is text, whatever stands in it
_PROBED_BYTES = 4096  # so much of a slice says in nearly all cases that it is not blank
_WHOLE_DOWNLOAD = 50  # Nexis gives at most 50, 100, 200 or 500 documents at a time
_FILLER = b"\xff"  # stands for a character that is not Latin-1, and for a line that is too long


class Line(NamedTuple):
    """A line that was looked for: what of it was found, and where it begins and ends in the file, in bytes."""

    match: re.Match[bytes]
    start: int
    end: int


class Slice(NamedTuple):
    """A document: its first byte, the one behind its last, and from where on the next is looked for."""

    start: int
    end: int
    next_position: int


class ExportContents(Contents):
    """The documents of one export. A kind of export says which lines tell them apart, and what a slice is parsed as."""

    media_type: ClassVar[str]
    tombstone: ClassVar[bytes] = b"\n"
    """ASCII that ends a redacted slice: a line break, and what the slice is counted by where that is in it."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Takes the file; it is read in chunks of `chunk_bytes`, an even number."""
        super().__init__(stream)
        self._chunk_bytes = chunk_bytes
        stream.seek(0)
        head = stream.read(_HEAD_BYTES)
        codec = utf16_codec(head)
        self._begin = mark_length(head)
        self._unit = 1 if codec is None else 2
        self._low = 1 if codec == "utf-16-be" else 0

    @abstractmethod
    def slices(self, position: int) -> Iterator[Slice]:
        """Yields the slices of the documents from a place on: the beginning, or where one of them says."""

    def check(self) -> None:
        """Raises TerminalError if the file says that it holds other documents than it does."""
        return

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the documents; one that is blank is counted and left out. What the file lacks is told at its end."""
        ordinal = cursor.ordinal
        for start, end, next_position in self.slices(max(cursor.position, self._begin)):
            ordinal += 1
            if not self._is_blank(start, end):
                yield Member(ordinal, start, end - start, next_position, self.media_type)
        self.check()

    def read(self, place: Place) -> bytes:
        """Returns the bytes of a document."""
        if isinstance(place, str):
            raise TypeError(f"a document of an export has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)

    @classmethod
    def redact(cls, source: BinaryIO, ranges: Iterable[Range]) -> Redacted:
        """Returns the file without these documents, and without the list of titles before the first one.

        Raises TerminalError for a document that is too short to be counted when it is gone.
        """
        contents, ranges = cls(source), list(ranges)
        blank, last = contents.encoded(b" "), contents.encoded(cls.tombstone)
        if any(range_.length_bytes < len(last) for range_ in ranges):
            raise TerminalError("one of these documents is too short to go alone; forget all of the file")
        first = next(contents.slices(contents.begin), None)
        cover = [] if first is None else contents.cover(first)
        source.seek(0)
        return Redacted(source, ranges, blank=blank, last=last, blanked=cover)

    def cover(self, first: Slice) -> list[Range]:  # noqa: ARG002
        """Returns what goes with any document that goes: a list of titles before the first slice."""
        return []

    @property
    def begin(self) -> int:
        """Returns where the text begins, behind a byte order mark."""
        return self._begin

    def encoded(self, text: bytes) -> bytes:
        """Returns ASCII as the file writes it."""
        if self._unit == 1:
            return text
        return b"".join(bytes((0, one)) if self._low else bytes((one, 0)) for one in text)

    def lines(self, pattern: re.Pattern[bytes], position: int) -> Iterator[Line]:
        r"""Yields the lines, from the one that begins at `position` on, in which the pattern finds something.

        The pattern is for Latin-1 text and MULTILINE; it begins with `^` and stays within its line. It sees each line
        of the file, of any encoding, without characters that are not Latin-1, and none of over 4,096 characters. A
        chunk is in memory at a time.
        """
        window_start, window = position, b""
        read_at = position
        while True:
            self._stream.seek(read_at)  # whoever takes the lines may read between them
            chunk = self._stream.read(self._chunk_bytes)
            read_at += len(chunk)
            window += self._narrow(chunk)
            cut = window.rfind(b"\n") + 1 if chunk else len(window)
            for match in pattern.finditer(window, 0, cut):
                yield Line(match, window_start + match.start() * self._unit, window_start + match.end() * self._unit)
            if not chunk:
                return
            window_start += cut * self._unit
            window = window[cut:]
            if len(window) > _LONGEST_LINE:
                window_start += (len(window) - 1) * self._unit
                window = _FILLER

    def text_at(self, start: int, end: int) -> bytes:
        """Returns the beginning of some text as `lines` sees it, 4,096 bytes of the file at the most."""
        self._stream.seek(start)
        return self._narrow(self._stream.read(min(end - start, _PROBED_BYTES)))

    def end_of_file(self) -> int:
        """Returns how long the file is, in bytes."""
        return self._stream.seek(0, 2)

    def _narrow(self, data: bytes) -> bytes:
        """Returns a byte for each character (unit) of the file."""
        if self._unit == 1:
            return data
        low, high = data[self._low :: 2], data[1 - self._low :: 2]
        if not any(high):
            return low
        return bytes(byte if not above else 0xFF for byte, above in zip(low, high, strict=False))

    def _is_blank(self, start: int, end: int) -> bool:
        """Tells whether there is nothing but white space, or a tombstone at its end."""
        end = self._before_tombstone(start, end)
        probe = _PROBED_BYTES
        while start < end:
            self._stream.seek(start)
            data = self._stream.read(min(end - start, probe))
            if not data or self._narrow(data).strip():
                return not data
            start, probe = start + len(data), self._chunk_bytes
        return True

    def _before_tombstone(self, start: int, end: int) -> int:
        """Returns where a slice's tombstone begins, or else its end."""
        last = max(start, end - len(self.tombstone) * self._unit)
        self._stream.seek(last)
        data = self._narrow(self._stream.read(end - last)).rstrip()
        mark = self.tombstone.strip()
        return last + (len(data) - len(mark)) * self._unit if mark and data.endswith(mark) else end


def count_problem(numbers: Iterable[tuple[int, int]]) -> str | None:
    """Returns in words what is missing where documents are "1 of 51", "2 of 51"…; None where they are complete.

    Counts may begin anywhere, as a search of 2,146 documents is downloaded in parts, and several exports may stand one
    behind the other. What ends before its total is a part of a download if it is as long as one: a multiple of 50.
    """
    first = last = total = 0
    for number, of in numbers:
        if last and number != last + 1:
            if number > last and of == total:
                return f"of {total}, there is none from number {last + 1} to {number - 1}"
            if number != 1:
                return f"number {number} of {of} stands behind number {last} of {total}"
            if problem := _end_problem(first, last, total):
                return problem
            first = 0
        first, last, total = first or number, number, of
    return _end_problem(first, last, total)


def _end_problem(first: int, last: int, total: int) -> str | None:
    whole = first > 1 or last >= total or (last - first + 1) % _WHOLE_DOWNLOAD == 0
    return None if whole else f"it states {total} documents and ends after number {last}"
