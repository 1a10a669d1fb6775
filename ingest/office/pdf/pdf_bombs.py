"""Streams of a PDF that unpack to more than any page has: PDFium builds objects of all of it, of 16 times its size."""

import re
import zlib
from typing import Final

from newsmill.errors import TerminalError

__all__ = ["refuse_bombs"]

_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_DICTIONARY_BYTES = 600
_MAX_UNPACKED: Final = 16 * 1024 * 1024
_MAX_STREAMS = 100_000
_CHUNK_BYTES = 64 * 1024
# What is no page's content: pictures, fonts, files.
_OTHER: Final = (b"/Image", b"/Length1", b"FontType0C", b"/Type1C", b"/OpenType", b"/EmbeddedFile")


def refuse_bombs(data: bytes) -> None:
    """Raises TerminalError if a page's content, packed by deflate as nearly all are, unpacks to more than 16 MiB."""
    for number, match in enumerate(_STREAM.finditer(data)):
        if number >= _MAX_STREAMS:
            return
        around = data[max(0, match.start() - _DICTIONARY_BYTES) : match.start()]
        dictionary = around[around.rfind(b"obj") + 3 :]
        if b"/Fl" not in dictionary or any(mark in dictionary for mark in _OTHER):
            continue
        if _unpacks_beyond(data, match.end()):
            raise TerminalError(
                f"the PDF has a page that unpacks to more than {_MAX_UNPACKED // 1024 // 1024} MiB: a bomb, or no text"
            )


def _unpacks_beyond(data: bytes, start: int) -> bool:
    """Tells whether a stream unpacks to more than that. Its end is where the packed data say so."""
    unpacker = zlib.decompressobj()
    unpacked, position = 0, start
    try:
        while not unpacker.eof and (unpacker.unconsumed_tail or position < len(data)):
            piece = unpacker.unconsumed_tail
            if not piece:
                piece = data[position : position + _CHUNK_BYTES]
                position += len(piece)
            unpacked += len(unpacker.decompress(piece, _MAX_UNPACKED + 1 - unpacked))
            if unpacked > _MAX_UNPACKED:
                return True
    except zlib.error:
        return False
    return False
