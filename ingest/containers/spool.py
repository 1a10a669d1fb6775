"""Streams that a container makes for containers within it: a slice of its own bytes, or what it has decompressed."""

import io
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile, gettempdir
from typing import BinaryIO, Final, cast

from newsmill.errors import TerminalError, TransientError

__all__ = ["MAX_SPOOLED_BYTES", "Slice", "Spool", "bounded", "spooled"]

MAX_SPOOLED_BYTES: Final = 4 * 1024 * 1024 * 1024
"""So much is decompressed into a temporary file."""

_IN_MEMORY_BYTES = 1024 * 1024
_SLICE_BUFFER_BYTES = 64 * 1024

# Deflate packs zeros 1,032 to one. Feeds and tables of real newsrooms pack up to 30 to one, logs up to 100.
_MAX_RATIO = 250
_UNSUSPECTED_BYTES = 32 * 1024 * 1024


def bounded(chunks: Iterator[bytes], packed_bytes: int, most_bytes: int, label: str) -> Iterator[bytes]:
    """Yields the chunks that `packed_bytes` decompress to. Raises TerminalError, with the figure, where that is a bomb.

    That is more than `most_bytes`, or over 32 MiB of which 250 come from each byte. `label` says what it is.
    """
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most_bytes:
            raise TerminalError(
                f"{label} holds more than {most_bytes:,} bytes; unpack it and drop what is in it as files of their own"
            )
        if size > _UNSUSPECTED_BYTES and size > _MAX_RATIO * packed_bytes:
            raise TerminalError(
                f"{label} is a decompression bomb: its {packed_bytes:,} bytes become {size:,} and more,"
                f" {_MAX_RATIO} times as many"
            )
        yield chunk


class Spool(io.RawIOBase):
    """What was decompressed, in memory while it is small and then in a file without a name.

    With a `damage`, it is what came before that: who reads on to its end gets the reason as TerminalError.
    """

    def __init__(self, file: BinaryIO, size_bytes: int, damage: str | None = None) -> None:
        self._file = file
        self._damage = damage
        self.size_bytes = size_bytes

    def readable(self) -> bool:
        """Tells that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tells that it can seek."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Returns the next bytes. Raises TerminalError at the end of what is damaged."""
        data = self._file.read(-1 if size is None else size)
        if self._damage is not None and (size is None or size < 0 or (not data and size)):
            raise TerminalError(self._damage)
        return data

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Reads into a buffer, and raises as `read` does."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Returns the next line, and raises as `read` does."""
        line = self._file.readline(-1 if size is None else size)
        if self._damage is not None and not line and size:
            raise TerminalError(self._damage)
        return line

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves to a place."""
        self._file.seek(offset, whence)
        return self._file.tell()

    def tell(self) -> int:
        """Returns the place."""
        return self._file.tell()

    def close(self) -> None:
        """Lets go of the bytes."""
        self._file.close()
        super().close()


def spooled(chunks: Iterator[bytes]) -> Spool:
    """Returns the chunks as a stream. Where they end in a TerminalError, that is behind the last of them.

    Raises TransientError where there is no room for them.
    """
    file = cast(BinaryIO, SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))  # noqa: SIM115 - the spool closes it
    damage: str | None = None
    size = 0
    try:
        try:
            for chunk in chunks:
                _write(file, chunk)
                size += len(chunk)
        except TerminalError as error:
            damage = str(error)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Spool(file, size, damage)


def _write(file: BinaryIO, chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise TransientError(
            f"there is no room in {gettempdir()} for what is unpacked: {error}; free some, or set TMPDIR"
        ) from error


class _Slice(io.RawIOBase):
    """Some of the bytes of a stream, which may be moved by others between two reads."""

    def __init__(self, stream: BinaryIO, offset_bytes: int, length_bytes: int) -> None:
        self._stream = stream
        self._begin = offset_bytes
        self._length = length_bytes
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._length - self._position)
        if wanted <= 0:
            return 0
        self._stream.seek(self._begin + self._position)
        data = self._stream.read(wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position


class Slice(io.BufferedReader):
    """The range of a stream as a stream of its own; closing it leaves that stream open."""

    def __init__(self, stream: BinaryIO, offset_bytes: int, length_bytes: int) -> None:
        super().__init__(_Slice(stream, offset_bytes, length_bytes), _SLICE_BUFFER_BYTES)
