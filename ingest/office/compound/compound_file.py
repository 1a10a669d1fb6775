"""Compound files ([MS-CFB]): the streams of old office documents, found by chains of sectors without circles."""

from collections.abc import Iterator
from struct import error, unpack_from
from typing import Final

from newsmill.errors import TerminalError

__all__ = ["MAGIC", "CompoundFile"]

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_HEADER_BYTES = 512
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are no sectors
_ENTRY_BYTES = 128
_STREAM, _ROOT = 2, 5
_MIN_SHIFT, _MAX_SHIFT = 7, 16


class CompoundFile:
    """The streams of one file by name. Raises TerminalError where its chains are broken."""

    def __init__(self, data: bytes, label: str) -> None:
        """Reads the directory. `label` is what messages call the file."""
        self._data = data
        self._label = label
        try:
            shift, mini_shift = unpack_from("<HH", data, 30)
            (directory,) = unpack_from("<I", data, 48)
            self._cutoff, mini_fat, _, difat, _ = unpack_from("<IIIII", data, 56)
            if not _MIN_SHIFT <= shift <= _MAX_SHIFT or not mini_shift < shift:
                raise self._damage("its sectors have no size that can be")
            self._size, self._mini_size = 1 << shift, 1 << mini_shift
            self._fat = self._table(self._fat_sectors(difat))
            entries = b"".join(self._sectors(directory))
            self._streams = {name: (start, size) for name, kind, start, size in _entries(entries) if kind == _STREAM}
            root = next(((start, size) for _, kind, start, size in _entries(entries) if kind == _ROOT), (0, 0))
            self._mini_fat = self._table(self._chain(mini_fat, self._fat))
        except error as cause:
            raise self._damage("it is cut off") from cause
        self._mini = b"".join(self._sectors(root[0]))[: root[1]] if root[1] else b""

    def _damage(self, why: str) -> TerminalError:
        return TerminalError(f"{self._label} is cut off or damaged: {why}")

    def read(self, name: str) -> bytes | None:
        """Returns a stream; None if there is none of this name."""
        found = self._streams.get(name)
        if found is None:
            return None
        start, size = found
        if size >= self._cutoff:
            return b"".join(self._sectors(start, -(-size // self._size)))[:size]
        chain = self._chain(start, self._mini_fat, -(-size // self._mini_size))
        return b"".join(self._mini[at * self._mini_size : (at + 1) * self._mini_size] for at in chain)[:size]

    def _sector(self, number: int) -> bytes:
        begin = (number + 1) * self._size
        return self._data[begin : begin + self._size]

    def _sectors(self, start: int, limit: int | None = None) -> Iterator[bytes]:
        return map(self._sector, self._chain(start, self._fat, limit))

    def _chain(self, start: int, table: tuple[int, ...], limit: int | None = None) -> Iterator[int]:
        """Yields the numbers of a chain of sectors."""
        number, count = start, 0
        while number < _LAST_SECTOR and (limit is None or count < limit):
            if number >= len(table) or count > len(table):
                raise self._damage("its chains of sectors lead nowhere, or in a circle")
            yield number
            number, count = table[number], count + 1

    def _fat_sectors(self, difat: int) -> Iterator[int]:
        """Yields the sectors of the table: the first 109 stand in the header, the others in a chain of their own."""
        found = list(unpack_from("<109I", self._data, 76))
        per_sector = self._size // 4 - 1
        while difat < _LAST_SECTOR and len(found) * self._size <= len(self._data) + 109 * self._size:
            *more, difat = unpack_from(f"<{per_sector + 1}I", self._sector(difat))
            found += more
        sectors = [one for one in found if one < _LAST_SECTOR]
        if len(sectors) * self._size > len(self._data):
            raise self._damage("its table of sectors is larger than the file")
        yield from sectors

    def _table(self, sectors: Iterator[int]) -> tuple[int, ...]:
        data = b"".join(map(self._sector, sectors))
        return unpack_from(f"<{len(data) // 4}I", data) if data else ()


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Yields name, kind, first sector and size of what is in a directory."""
    for at in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        name_bytes, kind = unpack_from("<HB", directory, at + 64)
        start, size = unpack_from("<II", directory, at + 116)
        name = directory[at : at + max(0, min(name_bytes, 64) - 2)].decode("utf-16-le", "replace")
        yield name, kind, start, size
