"""WARC and ARC files that are not compressed: one record behind the other."""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final, NamedTuple

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.web.grammar import ARC, MARK_BYTES, RECORD_TYPE, WARC, Grammar
from ingest.containers.web.judgement import skip_reason
from ingest.kinds import Head
from ingest.text.captures.web_records import MAX_HEAD_BYTES, RecordHead
from newsmill.errors import TerminalError

__all__ = ["ARC_FILE", "WARC_FILE", "PlainRecords"]

_READ_BYTES = 16 * 1024  # holds both heads of nearly all records
_SCAN_BYTES = 256 * 1024
_OVERLAP_BYTES = 8 * 1024  # the first line of a record lies within one of two windows
_MAX_FALSE_MARKS = 10_000  # of these, each costs a look at 64 KiB
_BREAKS = b"\r\n"
_MAX_BREAKS = 8


class _Extent(NamedTuple):
    """Where a record ends and the next begins; `problem` says what is wrong behind it, if no more records are."""

    end: int
    next_start: int
    is_astray: bool = False
    problem: str | None = None


class PlainRecords(Contents):
    """The records of one file. A member is the whole record, from its first line on."""

    def __init__(self, stream: BinaryIO, grammar: Grammar) -> None:
        super().__init__(stream)
        self._grammar = grammar
        self._size = stream.seek(0, 2)
        self._false_marks = 0

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the records of pages; the others are skipped, with a reason.

        A record whose length is not true ends where the next one begins. Raises TerminalError at the end of a file that
        ends within a record, or behind which there is something else. The next position of that record is beyond the
        end by its own offset: who goes on there is told the same.
        """
        ordinal, start = cursor.ordinal, cursor.position
        if start > self._size:
            raise self._problem_of(start - self._size - 1)
        start = self._behind_breaks(start)
        while start < self._size:
            data = self._at(start, _READ_BYTES)
            head = self._grammar.parse(data) or self._grammar.parse(self._at(start, MAX_HEAD_BYTES))
            if head is None:
                following = self._find(start)
                if following is None:
                    raise TerminalError(f"from byte {start:,} on {self._grammar.label} has no record")
                yield Member.skip(Cursor(0, ordinal), following, "damaged bytes")
                start = following
                continue
            extent = self._extent(start, head)
            reason = skip_reason(head, data[head.block_offset :])
            if reason is None:
                ordinal += 1
                yield Member(ordinal, start, extent.end - start, extent.next_start, RECORD_TYPE, None, b"", head.url)
            else:
                yield Member.skip(Cursor(0, ordinal), extent.next_start, reason)
            if extent.problem is not None:
                raise TerminalError(extent.problem)
            start = extent.next_start

    def _problem_of(self, start: int) -> TerminalError:
        head = self._grammar.parse(self._at(start, MAX_HEAD_BYTES))
        problem = self._extent(start, head).problem if head else None
        return TerminalError(problem or f"from byte {start:,} on {self._grammar.label} has no record")

    def read(self, place: Place) -> bytes:
        """Returns the bytes of a record."""
        if isinstance(place, str):
            raise TypeError(f"a record has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)

    def _at(self, start: int, length: int) -> bytes:
        self._stream.seek(start)
        return self._stream.read(length)

    def _behind_breaks(self, position: int) -> int:
        data = self._at(position, _MAX_BREAKS)
        return position + len(data) - len(data.lstrip(_BREAKS))

    def _extent(self, start: int, head: RecordHead) -> _Extent:
        """Returns where a record really ends: what it says is true if another begins there, or the file ends."""
        block = start + head.block_offset
        end = block + head.block_bytes
        if end <= self._size:
            data = self._at(end, MARK_BYTES)
            breaks = len(data) - len(data.lstrip(_BREAKS))
            following = end + breaks
            if following >= self._size or self._begins(following, data[breaks:]):
                return _Extent(end, following)
            if breaks > 1:  # the length is true, and what follows is no record
                return _Extent(end, following)
        found = self._find(block)
        if found is not None:
            return _Extent(self._without_breaks(block, found), found)
        problem = f"{self._grammar.label} ends within the record at byte {start:,}"
        if end <= self._size:
            problem = f"the record at byte {start:,} of {self._grammar.label} is longer than it says"
        return _Extent(self._size, self._size + 1 + start, problem=problem)

    def _begins(self, position: int, data: bytes) -> bool:
        return self._grammar.begins(data) or (
            self._grammar is ARC and self._grammar.begins(self._at(position, _READ_BYTES))
        )

    def _without_breaks(self, begin: int, end: int) -> int:
        first = max(begin, end - _MAX_BREAKS)
        data = self._at(first, end - first)
        return first + len(data.rstrip(_BREAKS))

    def _find(self, position: int) -> int | None:
        """Returns where the next record begins, behind a line break from `position` on; None if none does."""
        window = _READ_BYTES  # grows: in a hostile file, each of many small records leads to a search
        while position < self._size:
            data = self._at(position, window)
            at = self._grammar.find(data, 0)
            while at >= 0:
                if self._grammar.parse(self._at(position + at, MAX_HEAD_BYTES)) is not None:
                    return position + at
                self._false_marks += 1
                if self._false_marks > _MAX_FALSE_MARKS:
                    return None
                at = self._grammar.find(data, at)
            if position + len(data) >= self._size:
                return None
            position += len(data) - _OVERLAP_BYTES
            window = min(2 * window, _SCAN_BYTES)
        return None


def _sniff(grammar: Grammar, head: Head) -> bool:
    return grammar.begins(head.data) and (grammar is WARC or head.data.startswith(b"filedesc:"))


def _container(grammar: Grammar, label: str, extension: str) -> Container:
    return Container(
        media_type=grammar.media_type,
        label=label,
        description="the answers 200 with a page, and texts that were made of pages; all other records are counted",
        emptiness="it has no records",
        extensions=(extension,),
        content_only=True,
        sniff=partial(_sniff, grammar),
        contents=partial(PlainRecords, grammar=grammar),
    )


WARC_FILE: Final = _container(WARC, "a web archive (WARC)", ".warc")
ARC_FILE: Final = _container(ARC, "a web archive (ARC)", ".arc")
