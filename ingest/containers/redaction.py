"""A container without some of its documents: the same bytes, with spaces in their place.

That serves containers in which a member of nothing but spaces is none.
"""

import io
from collections.abc import Iterable
from typing import BinaryIO

from ingest.containers.locator import Range

__all__ = ["Redacted"]


class Redacted(io.RawIOBase):
    """Reads `source`, with spaces for the bytes of each range.

    Offsets and line numbers of all that is left stay as they were, as blank lines are no documents. `blank` is the
    space in the file's encoding; all ranges are whole numbers of it. `last` ends each range that has room for it.
    `blanked` are more ranges, which it does not end. Bytes that are among `kept` stay in all of them.
    """

    def __init__(
        self,
        source: BinaryIO,
        ranges: Iterable[Range],
        *,
        blank: bytes = b" ",
        last: bytes = b"",
        blanked: Iterable[Range] = (),
        kept: bytes = b"",
    ) -> None:
        self._source = source
        self._ranges = sorted([*((range_, last) for range_ in ranges), *((range_, b"") for range_ in blanked)])
        self._blank = blank
        self._kept = bytes(byte if byte in kept else blank[0] for byte in range(256)) if kept else None
        self._position = 0
        self._next = 0

    def readable(self) -> bool:
        """Tells that it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Returns the next bytes, at most `size`."""
        chunk = self._source.read(size)
        begin, end = self._position, self._position + len(chunk)
        self._position = end
        if self._next == len(self._ranges) or self._ranges[self._next][0].offset_bytes >= end:
            return chunk
        blanked = bytearray(chunk)
        while self._next < len(self._ranges) and self._ranges[self._next][0].offset_bytes < end:
            (offset, length, _), last = self._ranges[self._next]
            first, behind = max(offset, begin), min(offset + length, end)
            if first < behind and self._kept:
                blanked[first - begin : behind - begin] = blanked[first - begin : behind - begin].translate(self._kept)
            elif first < behind:  # of two ranges, one may lie in the other
                blanked[first - begin : behind - begin] = self._filling(first - offset, behind - offset, length, last)
            if offset + length > end:
                break
            self._next += 1
        return bytes(blanked)

    def _filling(self, first: int, behind: int, length: int, last: bytes) -> bytes:
        """Returns the bytes of a redacted range of this length, from the first one on."""
        unit = len(self._blank)
        filling = (self._blank * ((behind - first) // unit + 2))[first % unit :][: behind - first]
        mark = length - len(last)  # where `last` begins
        if not last or mark < 0 or behind <= mark:
            return filling
        return filling[: max(0, mark - first)] + last[max(0, first - mark) : behind - mark]
