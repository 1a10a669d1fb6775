"""JSON Lines: a JSON object a line, found without holding a line in memory."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place, Range
from ingest.containers.redaction import Redacted
from ingest.kinds import Head
from ingest.text.decode import unicode_form
from ingest.text.json_text import is_json, is_json_object
from newsmill.errors import TerminalError

__all__ = ["CHUNK_BYTES", "CONTAINER", "iter_lines"]

CHUNK_BYTES: Final = 1024 * 1024
"""So much is read at a time."""

_LINE_TYPE = "application/json"
_TINY_BYTES = 64
_EXTENSIONS = (".jsonl", ".ndjson")
_PROBED_LINES = 10
_FORM_BYTES = 1024

_BLANK = b" \t\r\v\f"
_WHITE_SPACE = re.compile(rb"[ \t\r\v\f\n]+")
_SPACE, _RETURN = 0x20, 0x0D


def iter_lines(
    stream: BinaryIO, offset: int = 0, line_number: int = 1, *, chunk_bytes: int = CHUNK_BYTES, head_bytes: int = 0
) -> Iterator[Member]:
    """Yields the lines of `stream` that are not blank, from the line that begins at `offset` and has the number given.

    A member's ordinal is the number of its line, from 1 on, and its bytes end before the line break; a line of up to
    `head_bytes` is its own head. The next line begins at its `next_position`. Blank lines are counted, not yielded, and
    a UTF-8 byte order mark is skipped. A chunk is in memory at a time, however long a line is. Raises TerminalError for
    UTF-16, whose line breaks are other bytes.
    """
    if offset == 0:
        stream.seek(0)
        offset = _mark_length(stream.read(_FORM_BYTES))
    new = tuple.__new__  # the constructor of a named tuple takes 120 ns more, of the 480 that a line then takes
    stream.seek(offset)
    chunk = stream.read(chunk_bytes)
    line_start, chunk_start = offset, offset
    blank, last_byte = True, b""  # of the part of the current line that lies in earlier chunks
    while chunk:
        position = 0
        while (end := chunk.find(b"\n", position)) >= 0:
            if blank and chunk[position] > _SPACE:  # the ordinary line, decided by one byte
                blank = False
            elif blank and (last_break := _last_break(chunk, position)) >= 0:
                line_number += chunk.count(b"\n", position, last_break + 1)
                position = last_break + 1
                line_start = chunk_start + position
                last_byte = b""
                continue
            if not blank or chunk[position:end].strip(_BLANK):
                last = chunk[end - 1] == _RETURN if end > position else last_byte == b"\r"
                next_start = chunk_start + end + 1
                length = next_start - 1 - last - line_start
                head = chunk[position : position + length] if length <= head_bytes and length <= end - position else b""
                yield new(Member, (line_number, line_start, length, next_start, _LINE_TYPE, None, head, "", None))
            line_number += 1
            position = end + 1
            line_start = chunk_start + position
            blank, last_byte = True, b""
        blank = blank and not chunk[position:].strip(_BLANK)
        last_byte = chunk[-1:] if position < len(chunk) else last_byte
        chunk_start += len(chunk)
        chunk = stream.read(chunk_bytes)
    if not blank:
        length = chunk_start - (last_byte == b"\r") - line_start
        yield new(Member, (line_number, line_start, length, chunk_start, _LINE_TYPE, None, b"", "", None))


def _last_break(chunk: bytes, position: int) -> int:
    """Returns where the last line break is in the white space at `position`, or -1.

    One by one, the blank lines of a GiB would take six minutes.
    """
    run = _WHITE_SPACE.match(chunk, position)
    return chunk.rfind(b"\n", position, run.end()) if run else -1


def _mark_length(head: bytes) -> int:
    codec, length = unicode_form(head)
    if codec not in {None, "utf-8"}:
        raise TerminalError("JSON Lines must be UTF-8, this is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8")
    return length


class _Lines(Contents):
    """The lines of one file."""

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the lines that are not blank."""
        return iter_lines(self._stream, cursor.position, cursor.ordinal + 1, head_bytes=_TINY_BYTES)

    def read(self, place: Place) -> bytes:
        """Returns the bytes of a line without its break."""
        if isinstance(place, str):
            raise TypeError(f"a line has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)


def _sniff(head: Head) -> bool:
    """Tells by the first ten lines whether each is an object of its own.

    One broken line is a broken document among others, no reason to take the file for something else. An array over many
    lines is one document under any name; one on the first line may be a broken document among others.
    """
    text, is_named = head.body, head.extension in _EXTENSIONS
    if not text.startswith(("{", "[")) and not is_named:
        return False
    lines = [line for line in text.split("\n", _PROBED_LINES)[:_PROBED_LINES] if line.strip()]
    objects = list(map(is_json_object, lines))
    if objects[:1] == [True] and len(lines) > 1:
        if lines[1].lstrip().startswith("{"):
            return True
    elif sum(objects) > 1 and text.startswith("{"):
        return True
    of_lines = text.startswith("{") or (bool(lines) and is_json(lines[0]))
    return is_named and of_lines and (any(objects) or len(lines) == 1)


def _redact(source: BinaryIO, ranges: Iterable[Range]) -> Redacted:
    """Blanks these lines; the breaks between those of a run stay, so that the lines behind them keep their numbers."""
    return Redacted(source, ranges, kept=b"\n")


CONTAINER: Final = Container(
    media_type="application/x-ndjson",
    label="a JSON Lines file",
    description="a JSON object a line",
    emptiness="every line is blank",
    extensions=_EXTENSIONS,
    content_only=True,
    sniff=_sniff,
    contents=_Lines,
    redact=_redact,
    joins=True,
)
