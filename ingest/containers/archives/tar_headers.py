"""The headers of tar archives: POSIX ustar and pax, GNU's long names, and the old form without a magic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NamedTuple

from newsmill.errors import TerminalError

__all__ = ["BLOCK_BYTES", "TarEntry", "is_header", "read_headers"]

BLOCK_BYTES: Final = 512

_NAME, _SIZE, _CHECKSUM, _TYPE = slice(0, 100), slice(124, 136), slice(148, 156), slice(156, 157)
_MAGIC, _MAGIC_END, _PREFIX = slice(257, 262), slice(262, 263), slice(345, 500)
_ZEROS = bytes(BLOCK_BYTES)
_MAX_EXTENDED_BYTES = 1024 * 1024  # of a pax header or a long name
_LONG_NAME, _LONG_LINK = b"L", b"K"
_PAX, _SUN_PAX, _PAX_GLOBAL = b"x", b"X", b"g"
_EXTENDED = frozenset({_LONG_NAME, _LONG_LINK, _PAX, _SUN_PAX, _PAX_GLOBAL})
_WITHOUT_BYTES = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_MAX_DIGITS = 20
_NO_ASCII = 0x80
_SCAN_BYTES = 256 * 1024


class TarEntry(NamedTuple):
    """A file of the archive: its type, its name and where its bytes lie.

    `type` is that of the header, `S` for GNU's sparse files; "" is for blocks that are none of a header and are
    skipped, from `start` to `next_position`.
    """

    type: str
    name: str
    start: int
    size_bytes: int
    next_position: int


def is_header(block: bytes) -> bool:
    """Tells by its checksum whether a block is a header."""
    if len(block) < BLOCK_BYTES or not any(block[_NAME]):
        return False
    stated = _number(block[_CHECKSUM])
    if stated is None:
        return False
    spaced = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop : BLOCK_BYTES]
    signed = sum(spaced) - 256 * sum(byte >= _NO_ASCII for byte in spaced)  # as old tars add them
    return stated in {sum(spaced), signed}


def read_headers(stream: BinaryIO, position: int = 0) -> Iterator[TarEntry]:
    """Yields what the headers from `position` on describe, in constant memory; blocks of zeros are passed over.

    Where a block is no header, it goes on at the next one that is. Raises TerminalError where the archive ends within a
    file, with the file's name and offset.
    """
    end = stream.seek(0, 2)
    said = _Said()
    while position + BLOCK_BYTES <= end:
        stream.seek(position)
        block = stream.read(BLOCK_BYTES)
        if block == _ZEROS:
            position = _behind_zeros(stream, position, end)
        elif not is_header(block):
            resumed = _next_header(stream, position + BLOCK_BYTES, end)
            yield TarEntry("", "", position, resumed - position, resumed)
            position, said = resumed, _Said()
        elif block[_TYPE] in _EXTENDED:
            position = _read_extended(stream, position, block, said)
        else:
            entry = _entry(block, position, said)
            if entry.start + entry.size_bytes > end:
                raise TerminalError(
                    f"the tar archive ends within {entry.name!r} at byte {position:,}:"
                    f" {end - entry.start:,} of its {entry.size_bytes:,} bytes are there"
                )
            position, said = entry.next_position, _Said()
            yield entry


@dataclass
class _Said:
    """What extended headers say of the file behind them."""

    name: str | None = None
    size_bytes: int | None = None
    is_sparse: bool = False


def _read_extended(stream: BinaryIO, position: int, block: bytes, said: _Said) -> int:
    """Notes what an extended header says; returns where the next header is."""
    length, start = _number(block[_SIZE]) or 0, position + BLOCK_BYTES
    if length <= _MAX_EXTENDED_BYTES:
        data = stream.read(length)
        if block[_TYPE] == _LONG_NAME:
            said.name = _text(data.rstrip(b"\0"))
        elif block[_TYPE] in {_PAX, _SUN_PAX}:
            _read_pax(data, said)
    return start + _padded(length)


def _entry(block: bytes, position: int, said: _Said) -> TarEntry:
    type_, start = block[_TYPE], position + BLOCK_BYTES
    length = (_number(block[_SIZE]) or 0) if said.size_bytes is None else said.size_bytes
    if type_ in _WITHOUT_BYTES:
        length = 0
    name = _header_name(block) if said.name is None else said.name
    kind = "S" if said.is_sparse else (type_.decode("latin-1") if type_ != b"\0" else "0")
    if kind == "0" and name.endswith("/"):
        kind = "5"  # as old tars mark folders
    return TarEntry(kind, name, start, length, start + _padded(length))


def _padded(length: int) -> int:
    return (length + BLOCK_BYTES - 1) // BLOCK_BYTES * BLOCK_BYTES


def _number(field: bytes) -> int | None:
    """Returns octal digits as a number, or GNU's form for large ones: big-endian behind a byte of 0x80."""
    if field[0] >= _NO_ASCII:
        return int.from_bytes(field[1:], "big") if field[0] == _NO_ASCII else None
    digits = field.strip(b" \0")
    if not digits:
        return 0
    try:
        return int(digits, 8) if digits.isdigit() else None
    except ValueError:
        return None


def _header_name(block: bytes) -> str:
    name = block[_NAME].partition(b"\0")[0]
    prefix = block[_PREFIX].partition(b"\0")[0] if block[_MAGIC] == b"ustar" and block[_MAGIC_END] == b"\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(name: bytes) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("latin-1")


def _read_pax(data: bytes, said: _Said) -> None:
    """Notes the name and the size that a pax header gives, and whether the file is sparse."""
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + _MAX_DIGITS].partition(b" ")
        if not space or not digits.isdigit() or not int(digits):
            return
        record = data[at + len(digits) + 1 : at + int(digits)].removesuffix(b"\n")
        key, _, value = record.partition(b"=")
        if key == b"path":
            said.name = _text(value)
        elif key == b"size" and value.isdigit() and len(value) < _MAX_DIGITS:
            said.size_bytes = int(value)
        elif key.startswith(b"GNU.sparse."):
            said.is_sparse = True
        at += int(digits)


def _behind_zeros(stream: BinaryIO, position: int, end: int) -> int:
    """Returns where the first block begins that is not all zeros: another archive may be appended."""
    while position < end:
        stream.seek(position)
        data = stream.read(_SCAN_BYTES)
        if not data:
            return end
        zeros = len(data) - len(data.lstrip(b"\0"))
        if zeros < len(data):
            return position + zeros // BLOCK_BYTES * BLOCK_BYTES
        position += len(data)
    return end


def _next_header(stream: BinaryIO, position: int, end: int) -> int:
    """Returns where the next block is that is a header of ustar, or the end."""
    while position < end:
        stream.seek(position)
        data = stream.read(_SCAN_BYTES)
        for at in range(0, len(data) - BLOCK_BYTES + 1, BLOCK_BYTES):
            if data[at + _MAGIC.start : at + _MAGIC.stop] == b"ustar" and is_header(data[at : at + BLOCK_BYTES]):
                return position + at
        position += max(BLOCK_BYTES, len(data))
    return end
