"""WARC and ARC files of which each record is compressed by itself, as crawlers write them."""

import zlib
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, Final, NamedTuple

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.decoders import CutOffError, Source, decoded, gunzip
from ingest.containers.locator import Place, Range
from ingest.containers.spool import MAX_SPOOLED_BYTES, bounded, spooled
from ingest.containers.web.grammar import ARC, RECORD_TYPE, WARC, Grammar
from ingest.containers.web.judgement import skip_reason
from ingest.kinds import HEAD_BYTES, Head
from ingest.text.captures.web_records import RecordHead
from newsmill.errors import TerminalError

__all__ = ["PACKED_ARC", "PACKED_WARC", "PackedRecords"]

_MAGIC = b"\x1f\x8b\x08"
_SNIFFED_BYTES = 4096
_PROBED_BYTES = 512
_TAIL_BYTES = 64
_WINDOW_BYTES = 256 * 1024
_BREAKS = b"\r\n"
_MAX_FALSE_MARKS = 10_000


class _Piece(NamedTuple):
    """A gzip member: where it ends, the beginning of what is in it and how long that is, and what is wrong with it.

    `behind` is the beginning of what stands in it behind the first record. Where that is another record, all the rest
    of the file is taken as one stream of records, and the gzip member is not read to its end.
    """

    end: int
    begin: bytes
    size_bytes: int
    head: RecordHead | None
    behind: bytes = b""
    problem: TerminalError | None = None


class PackedRecords(Contents):
    """The records of one file. A member is the gzip member that holds it; one that holds several is a file of them."""

    def __init__(self, stream: BinaryIO, grammar: Grammar) -> None:
        super().__init__(stream)
        self._grammar = grammar
        self._size = stream.seek(0, 2)
        self._last_size = 0
        self._false_marks = 0

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the records of pages; the others are skipped, with a reason.

        A damaged one is a member that cannot be read; it ends where the next gzip member begins. Raises TerminalError
        at the end of a file that is cut off, behind what there is of its last record. That record's next position says
        so as well, or the file would be whole for who goes on there: it is beyond the end by the record's own offset.
        """
        ordinal, start = cursor.ordinal, cursor.position
        if start > self._size:
            raise self._cut_off(start - self._size - 1)
        while start < self._size:
            if not self._is_packed(start):
                start = self._next_start(start + 1)
                yield Member.skip(Cursor(0, ordinal), start, "damaged bytes")
                continue
            piece = self._piece(start)
            is_cut_off = isinstance(piece.problem, CutOffError)
            next_start = self._size + 1 + start if is_cut_off else piece.end
            reason = self._reason(piece)
            if reason is None:
                ordinal += 1
                self._last_size = piece.size_bytes
                yield self._member(ordinal, start, piece, next_start)
            else:
                yield Member.skip(Cursor(0, ordinal), next_start, reason)
            if is_cut_off:
                raise self._cut_off(start)
            start = next_start

    def _cut_off(self, start: int) -> TerminalError:
        return TerminalError(f"{self._grammar.label} ends within the record at byte {start:,}")

    def size_bytes(self, member: Member) -> int:
        """Returns how long the record is that was yielded last."""
        return max(member.length_bytes, self._last_size)

    def read(self, place: Place) -> bytes:
        """Returns a record, also the part of one where the file is cut off. Raises TerminalError for a damaged one."""
        range_ = _range(place)
        chunks: list[bytes] = []
        try:
            for chunk in self._unpacked(range_, self.limit_bytes):
                chunks.append(chunk)  # noqa: PERF402 - what came before an error is kept
        except CutOffError:
            if not chunks or range_.offset_bytes + range_.length_bytes < self._size:
                raise
        return b"".join(chunks)

    def open(self, place: Place) -> BinaryIO:
        """Returns the records of a gzip member that holds several, as a stream."""
        return spooled(self._unpacked(_range(place), MAX_SPOOLED_BYTES))  # type: ignore[return-value]

    def _unpacked(self, range_: Range, most_bytes: int) -> Iterator[bytes]:
        label = self._label(range_.offset_bytes)
        source = Source(self._stream, range_.offset_bytes, range_.length_bytes, label)
        return bounded(decoded(source, gunzip, (_MAGIC,)), range_.length_bytes, most_bytes, label)

    def _label(self, start: int) -> str:
        return f"the record at byte {start:,} of {self._grammar.label}"

    def _reason(self, piece: _Piece) -> str | None:
        """Returns why what is in a gzip member is no page."""
        if piece.head is None:
            return None if piece.begin.strip() or piece.problem else "nothing, compressed"
        if self._is_several(piece):
            return None
        return skip_reason(piece.head, piece.begin[piece.head.block_offset :])

    def _is_several(self, piece: _Piece) -> bool:
        """Tells whether a gzip member holds several records, or may do so, as the first one's length is not true."""
        if piece.head is None:
            return False
        is_short = piece.size_bytes < piece.head.block_offset + piece.head.block_bytes
        return (is_short and piece.problem is None) or self._grammar.begins(piece.behind)

    def _member(self, ordinal: int, start: int, piece: _Piece, next_start: int) -> Member:
        length = piece.end - start
        if self._is_several(piece):
            return Member(ordinal, start, length, next_start, self._grammar.media_type, None, piece.begin)
        url = piece.head.url if piece.head else ""
        return Member(ordinal, start, length, next_start, RECORD_TYPE, None, b"", url)

    def _piece(self, start: int) -> _Piece:
        """Reads a gzip member to its end, and keeps the beginning of what is in it."""
        source = Source(self._stream, start, self._size - start, self._label(start))
        begin = behind = b""
        size = 0
        head: RecordHead | None = None
        try:
            for chunk in bounded(source.decode(gunzip()), self._size - start, MAX_SPOOLED_BYTES, self._label(start)):
                if len(begin) < HEAD_BYTES:
                    begin += chunk[: HEAD_BYTES - len(begin)]
                    head = head or self._grammar.parse(begin)
                if head and len(behind) < _TAIL_BYTES:
                    behind = self._behind(head, behind, chunk, size)
                    if self._grammar.begins(behind):
                        return _Piece(self._size, begin, size, head, behind)
                size += len(chunk)
        except CutOffError as error:
            return _Piece(self._size, begin, size, head, behind, error)
        except TerminalError as error:
            return _Piece(self._next_start(start + 1), begin, size, head, behind, error)
        return _Piece(start + source.taken_bytes, begin, size, head, behind)

    def _behind(self, head: RecordHead, behind: bytes, chunk: bytes, chunk_start: int) -> bytes:
        """Returns what stands behind the record, with what a chunk has of it."""
        first = max(0, head.block_offset + head.block_bytes - chunk_start)
        more = behind + chunk[first : first + _WINDOW_BYTES]
        return more.lstrip(_BREAKS)[: _TAIL_BYTES if self._grammar is WARC else HEAD_BYTES]

    def _next_start(self, position: int) -> int:
        """Returns where the next gzip member begins that holds a record, or the end of the file."""
        while position < self._size:
            self._stream.seek(position)
            data = self._stream.read(_WINDOW_BYTES)
            at = data.find(_MAGIC)
            while at >= 0:
                if self._false_marks >= _MAX_FALSE_MARKS:
                    return self._size
                if self._begins_at(position + at):
                    return position + at
                self._false_marks += 1
                at = data.find(_MAGIC, at + 1)
            position += max(1, len(data) - len(_MAGIC) + 1)
        return self._size

    def _is_packed(self, position: int) -> bool:
        self._stream.seek(position)
        return self._stream.read(len(_MAGIC)) == _MAGIC

    def _begins_at(self, position: int) -> bool:
        self._stream.seek(position)
        return self._grammar.begins(_first_bytes(self._stream.read(_SNIFFED_BYTES)))


def _range(place: Place) -> Range:
    if isinstance(place, str):
        raise TypeError(f"a record has no name: {place!r}")
    return place


def _first_bytes(data: bytes) -> bytes:
    """Returns the first bytes of what is compressed."""
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, _SNIFFED_BYTES)
    except zlib.error:
        return b""


def _sniff(grammar: Grammar, head: Head) -> bool:
    """Tells by the beginning of what is in the first gzip member."""
    if not head.data.startswith(_MAGIC):
        return False
    first = _first_bytes(head.data[:_SNIFFED_BYTES])
    return grammar.begins(first) and (grammar is WARC or first.startswith(b"filedesc:"))


def _container(grammar: Grammar, media_type: str, label: str, extension: str) -> Container:
    return Container(
        media_type=media_type,
        label=label,
        description="the same, of records that are compressed one by one",
        emptiness="it has no records",
        extensions=(extension,),
        content_only=True,
        sniff=partial(_sniff, grammar),
        contents=partial(PackedRecords, grammar=grammar),
        verbatim=False,
    )


PACKED_WARC: Final = _container(WARC, "application/warc+gzip", "a compressed web archive (WARC)", ".warc.gz")
PACKED_ARC: Final = _container(ARC, "application/x-arc+gzip", "a compressed web archive (ARC)", ".arc.gz")
