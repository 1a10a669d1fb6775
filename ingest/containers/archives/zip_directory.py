"""The directory at the end of a ZIP archive, read once from front to back (PKWARE APPNOTE 6.3.10)."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from newsmill.errors import TerminalError

__all__ = ["LOCAL_HEADER", "LOCAL_MAGIC", "Directory", "Entry", "extra_fields", "read_directory", "read_entries"]

LOCAL_MAGIC: Final = b"PK\x03\x04"
LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
"""4.3.7: signature, version, flags, method, time, date, CRC-32, packed and unpacked size, lengths of name and extra."""

_ENTRY = struct.Struct("<4s6H3I5H2I")  # 4.3.12
_ENTRY_MAGIC = b"PK\x01\x02"
_END = struct.Struct("<4s4H2IH")  # 4.3.16
_END_MAGIC = b"PK\x05\x06"
_LOCATOR = struct.Struct("<4sIQI")  # 4.3.15
_LOCATOR_MAGIC = b"PK\x06\x07"
_END64 = struct.Struct("<4sQ2H2I4Q")  # 4.3.14
_END64_MAGIC = b"PK\x06\x06"
_LONGEST_COMMENT = 0xFFFF

_UTF8_FLAG = 1 << 11
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_FIELD = 1
_UNICODE_PATH_FIELD = 0x7075
_UNICODE_PATH_HEADER = 5  # a version, and the CRC-32 of the other name
_WINDOW_BYTES = 256 * 1024
_MAX_ENTRIES = 10_000_000
_UNIX, _MACOS = 3, 19


class Directory(NamedTuple):
    """Where the directory is, how many entries it states, and what is to be added to each offset in it."""

    start: int
    end: int
    entries: int
    shift: int


class Entry(NamedTuple):
    """One file in the archive. `next_position` is where the entry behind it is; `unix_mode` is 0 where unknown."""

    name: str
    flags: int
    method: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    header_offset: int
    unix_mode: int
    next_position: int


def read_directory(stream: BinaryIO) -> Directory:
    """Returns where the directory is. Raises TerminalError if there is none, as where the archive is cut off."""
    size = stream.seek(0, 2)
    tail_start = max(0, size - _END.size - _LONGEST_COMMENT)
    stream.seek(tail_start)
    tail = stream.read(size - tail_start)
    at = tail.rfind(_END_MAGIC)
    while at >= 0 and len(tail) - at < _END.size:
        at = tail.rfind(_END_MAGIC, 0, at)
    if at < 0:
        raise TerminalError(f"the ZIP archive has no directory at its end (byte {size:,}): it is cut off")
    _, disk, _, _, entries, length, offset, _ = _END.unpack_from(tail, at)
    end = tail_start + at
    if _FULL_16 in {disk, entries} or _FULL_32 in {length, offset}:
        end, entries, length, offset = _read_end64(stream, end) or (end, entries, length, offset)
    if entries > _MAX_ENTRIES:
        raise TerminalError(f"the ZIP archive states {entries:,} files, and at most {_MAX_ENTRIES:,} are read")
    start = end - length
    if start < 0 or start < offset:
        raise TerminalError(f"the directory of the ZIP archive is damaged: it would begin at byte {offset:,}")
    return Directory(start, end, entries, start - offset)


def _read_end64(stream: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """Returns the same of a ZIP64 archive; None where there is no such record in front of the end."""
    if end < _LOCATOR.size:
        return None
    stream.seek(end - _LOCATOR.size)
    magic, _, offset, _ = _LOCATOR.unpack(stream.read(_LOCATOR.size))
    if magic != _LOCATOR_MAGIC:
        return None
    for at in (offset, end - _LOCATOR.size - _END64.size):  # where something stands before the archive, the second
        if not 0 <= at <= end - _END64.size:
            continue
        stream.seek(at)
        record = _END64.unpack(stream.read(_END64.size))
        if record[0] == _END64_MAGIC:
            *_, entries, length, directory = record
            return at, entries, length, directory
    return None


def read_entries(stream: BinaryIO, directory: Directory, position: int = 0) -> Iterator[Entry]:
    """Yields the entries from the one at `position` on, or all; a window of the directory is in memory at a time.

    Raises TerminalError where the directory is damaged.
    """
    position = position or directory.start
    window, window_start = b"", position
    while position < directory.end:
        at = position - window_start
        fields = _ENTRY.unpack_from(window, at) if len(window) - at >= _ENTRY.size else None
        if fields is None or len(window) - at < _ENTRY.size + sum(fields[10:13]):
            stream.seek(position)
            window, window_start, at = stream.read(min(_WINDOW_BYTES, directory.end - position)), position, 0
            if len(window) < _ENTRY.size:
                raise _damaged(position)
            fields = _ENTRY.unpack_from(window)
            if len(window) < _ENTRY.size + sum(fields[10:13]):
                raise _damaged(position)
        if fields[0] != _ENTRY_MAGIC:
            raise _damaged(position)
        entry = _entry(fields, window, at, position, directory.shift)
        yield entry
        position = entry.next_position


def _damaged(position: int) -> TerminalError:
    return TerminalError(f"the directory of the ZIP archive is damaged at byte {position:,}")


def _entry(fields: tuple[int, ...], window: bytes, at: int, position: int, shift: int) -> Entry:
    (_, made_by, _, flags, method, _, _, crc32, packed, size, name_length, extra_length, comment_length, _, _, mode,
     offset) = fields  # fmt: skip
    start = at + _ENTRY.size
    raw = window[start : start + name_length]
    extra = extra_fields(window[start + name_length : start + name_length + extra_length])
    if _FULL_32 in {packed, size, offset}:
        wide = extra.get(_ZIP64_FIELD, b"")
        size, packed, offset = _widened((size, packed, offset), wide)
    return Entry(
        _name(raw, flags, extra.get(_UNICODE_PATH_FIELD, b"")),
        flags,
        method,
        crc32,
        packed,
        size,
        offset + shift,
        mode >> 16 if made_by >> 8 in {_UNIX, _MACOS} else 0,
        position + _ENTRY.size + name_length + extra_length + comment_length,
    )


def _widened(values: tuple[int, int, int], wide: bytes) -> tuple[int, ...]:
    """Returns the values with those that the ZIP64 field has, in its order (4.5.3)."""
    found, at = [], 0
    for value in values:
        if value == _FULL_32 and len(wide) >= at + 8:
            found.append(int.from_bytes(wide[at : at + 8], "little"))
            at += 8
        else:
            found.append(value)
    return tuple(found)


def extra_fields(data: bytes) -> dict[int, bytes]:
    """Returns the extra fields of a header by their ids (4.5.1)."""
    fields, at = {}, 0
    while at + 4 <= len(data):
        id_, length = struct.unpack_from("<2H", data, at)
        fields[id_] = data[at + 4 : at + 4 + length]
        at += 4 + length
    return fields


def _name(raw: bytes, flags: int, unicode_path: bytes) -> str:
    """Returns the name: as UTF-8 where that is said or can be, else in the code page of DOS."""
    raw = unicode_path[_UNICODE_PATH_HEADER:] or raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace") if flags & _UTF8_FLAG else raw.decode("cp437")
