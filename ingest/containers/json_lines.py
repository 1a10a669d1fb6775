"""Finds the documents of a JSON Lines file without holding any of them in memory."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from newsmill.errors import TerminalError

__all__ = ["CHUNK_BYTES", "Member", "iter_lines"]

CHUNK_BYTES = 1024 * 1024
"""What is read at a time."""

_BLANK = b" \t\r\v\f"
_WHITE_SPACE = re.compile(rb"[ \t\r\v\f\n]+")
_SPACE, _RETURN = 0x20, 0x0D


class Member(NamedTuple):  # a tuple: a million of them a second are made
    """Where one line stands: its number in the file (from 1), and its bytes without the line break.

    The next line begins at `next_offset_bytes`; `iter_lines` resumes there with the number `ordinal + 1`.
    """

    ordinal: int
    offset_bytes: int
    length_bytes: int
    next_offset_bytes: int


def iter_lines(
    stream: BinaryIO, offset: int = 0, line_number: int = 1, *, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Member]:
    """The lines of `stream` that are not blank, from the line that begins at `offset` and has the number given.

    Holds a chunk at a time however long a line is. Blank lines are counted, not yielded. A UTF-8 byte
    order mark is skipped. Raises TerminalError for UTF-16, whose line breaks are other bytes.
    """
    if offset == 0:
        stream.seek(0)
        offset = _mark_length(stream.read(len(codecs.BOM_UTF8)))
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
                yield Member(line_number, line_start, next_start - 1 - last - line_start, next_start)
            line_number += 1
            position = end + 1
            line_start = chunk_start + position
            blank, last_byte = True, b""
        blank = blank and not chunk[position:].strip(_BLANK)
        last_byte = chunk[-1:] if position < len(chunk) else last_byte
        chunk_start += len(chunk)
        chunk = stream.read(chunk_bytes)
    if not blank:
        yield Member(line_number, line_start, chunk_start - (last_byte == b"\r") - line_start, chunk_start)


def _last_break(chunk: bytes, position: int) -> int:
    """Where the last line break is in the white space at `position`, or -1.

    One by one, the blank lines of a GiB would take six minutes.
    """
    run = _WHITE_SPACE.match(chunk, position)
    return chunk.rfind(b"\n", position, run.end()) if run else -1


def _mark_length(head: bytes) -> int:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TerminalError("JSON Lines must be UTF-8, this is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8")
    return len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
