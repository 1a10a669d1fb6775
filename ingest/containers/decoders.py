"""Decompressors, all driven in one way: some bytes in, some bytes out, in bounded memory."""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol

from newsmill.errors import TerminalError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = [
    "ERRORS",
    "PIECE_BYTES",
    "CutOffError",
    "Decoder",
    "Inflater",
    "Source",
    "bunzip2",
    "decoded",
    "gunzip",
    "inflate",
    "unxz",
    "unzstd",
]

PIECE_BYTES: Final = 256 * 1024
"""So much comes out at a time."""

ERRORS: Final = (zlib.error, OSError, lzma.LZMAError, zstd.ZstdError, EOFError, ValueError)
"""What decompressors raise for damaged bytes; bz2 raises OSError."""

_READ_BYTES = 64 * 1024
_LONGEST_MAGIC = 6
_XZ_MEMORY_BYTES = 192 * 1024 * 1024  # xz -9 takes 65 MiB; what takes more is `--lzma2=dict=…`
_ZSTD_WINDOW_LOG = 27  # 128 MiB, as far as `zstd` itself goes without --long


class CutOffError(TerminalError):
    """The packed bytes end before the stream does. What came before is as it was."""


class Decoder(Protocol):
    """Decompresses one stream, as the classes of `bz2` and `lzma` do."""

    @property
    def eof(self) -> bool:
        """Tells whether the stream has ended."""

    @property
    def needs_input(self) -> bool:
        """Tells whether nothing more comes out without more bytes."""

    @property
    def unused_data(self) -> bytes:
        """Returns what was given and lies behind the end of the stream."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Returns at most `max_length` of what the bytes become; the rest comes at the next call."""


class Inflater:
    """`zlib` as a Decoder; `window_bits` says which header there is."""

    def __init__(self, window_bits: int) -> None:
        self._inflate = zlib.decompressobj(window_bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Tells whether the stream has ended."""
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        """Returns what lies behind the end of the stream."""
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Returns at most `max_length` bytes."""
        tail = self._inflate.unconsumed_tail
        limit = max(0, max_length)
        out = self._inflate.decompress(tail + data if tail else data, limit)
        self.needs_input = not self._inflate.unconsumed_tail and (not limit or len(out) < limit)
        return out


def gunzip() -> Decoder:
    """Returns a decoder of a gzip member."""
    return Inflater(16 + zlib.MAX_WBITS)


def inflate() -> Decoder:
    """Returns a decoder of Deflate without a header."""
    return Inflater(-zlib.MAX_WBITS)


def bunzip2() -> Decoder:
    """Returns a decoder of a bzip2 stream."""
    return bz2.BZ2Decompressor()


def unxz() -> Decoder:
    """Returns a decoder of an xz stream."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)


def unzstd() -> Decoder:
    """Returns a decoder of a Zstandard frame."""
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})


class Source:
    """The packed bytes of a range of a stream, for one decoder after the other; `label` is what messages call it."""

    def __init__(self, stream: BinaryIO, offset_bytes: int, length_bytes: int, label: str) -> None:
        self._stream = stream
        self._begin = self._position = offset_bytes
        self._end = offset_bytes + length_bytes
        self._label = label
        self._ahead = b""

    @property
    def taken_bytes(self) -> int:
        """Returns how much of the range the decoders took."""
        return self._position - len(self._ahead) - self._begin

    def decode(self, decoder: Decoder) -> Iterator[bytes]:
        """Yields what the next stream decompresses to. Raises TerminalError, with the offset, where it is damaged."""
        data, self._ahead = self._ahead, b""
        while not decoder.eof:
            if not data and decoder.needs_input and not (data := self._read()):
                raise CutOffError(f"{self._label} ends early, behind byte {self.taken_bytes:,}")
            try:
                out = decoder.decompress(data, PIECE_BYTES)
            except ERRORS as error:
                said = " ".join(str(error).split())[:100] or type(error).__name__
                raise TerminalError(f"{self._label} is damaged near byte {self.taken_bytes:,} ({said})") from error
            data = b""
            if decoder.eof:
                self._ahead = decoder.unused_data
            if out:
                yield out

    def next_begins(self, magic: tuple[bytes, ...]) -> bool:
        """Tells whether another stream follows. Raises TerminalError where something else does; zeros are padding."""
        while not self._ahead.lstrip(b"\0"):
            self._ahead = self._read()
            if not self._ahead:
                return False
        self._ahead = self._ahead.lstrip(b"\0")
        if len(self._ahead) < _LONGEST_MAGIC:
            self._ahead += self._read()
        if not self._ahead.startswith(magic):
            raise TerminalError(f"{self._label} is damaged: from byte {self.taken_bytes:,} on it is something else")
        return True

    def _read(self) -> bytes:
        self._stream.seek(self._position)  # whoever takes the pieces may read between them
        data = self._stream.read(min(_READ_BYTES, self._end - self._position))
        self._position += len(data)
        return data


def decoded(source: Source, make: Callable[[], Decoder], begins: tuple[bytes, ...] = ()) -> Iterator[bytes]:
    """Yields what the source decompresses to: streams one behind the other, each of which begins with one of these.

    Without `begins`, it is one stream. Raises TerminalError, with the offset in the range, where the bytes are damaged,
    end early, or are none of such a stream.
    """
    yield from source.decode(make())
    while begins and source.next_begins(begins):
        yield from source.decode(make())
