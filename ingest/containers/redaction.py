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

    Offsets and line numbers of all that is left stay as they were, as blank lines are no documents.
    """

    def __init__(self, source: BinaryIO, ranges: Iterable[Range]) -> None:
        self._source = source
        self._ranges = sorted(ranges)
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
        if self._next == len(self._ranges) or self._ranges[self._next][0] >= end:
            return chunk
        blanked = bytearray(chunk)
        while self._next < len(self._ranges) and self._ranges[self._next][0] < end:
            offset, length = self._ranges[self._next]
            first, last = max(offset, begin) - begin, min(offset + length, end) - begin
            if first < last:  # of two ranges, one may lie in the other
                blanked[first:last] = b" " * (last - first)
            if offset + length > end:
                break
            self._next += 1
        return bytes(blanked)
