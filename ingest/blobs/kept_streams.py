"""What was decompressed for containers within containers, kept for whoever reads from it next in this process.

A batch of documents out of a `.tar.gz` would decompress all of it anew, and each second of unpacking as well.
"""

import os
from collections import OrderedDict
from typing import BinaryIO, Final

from ingest.containers.locator import Locator
from ingest.containers.spool import MAX_SPOOLED_BYTES, Spool

__all__ = ["KEPT", "KeptStreams", "Way"]

_MAX_STREAMS = 8


Way = tuple[bytes, Locator]
"""Which bytes were decompressed: the hash of a blob, and where they lie in it."""


class KeptStreams:
    """Spools that nobody reads just now, the ones used last. They take `max_bytes` of disk and memory at the most."""

    def __init__(self, max_bytes: int = MAX_SPOOLED_BYTES, max_streams: int = _MAX_STREAMS) -> None:
        self._max_bytes = max_bytes
        self._max_streams = max_streams
        self._spools: OrderedDict[Way, Spool] = OrderedDict()

    def take(self, way: Way) -> BinaryIO | None:
        """Returns the stream, at its beginning, the caller's alone until it gives it back; None if there is none."""
        spool = self._spools.pop(way, None)
        if spool is not None:
            spool.seek(0)
        return spool  # type: ignore[return-value]

    def give_back(self, way: Way | None, stream: BinaryIO) -> None:
        """Keeps what was decompressed, and closes any other stream, and what there is no more room for."""
        if way is None or not isinstance(stream, Spool) or stream.closed or way in self._spools:
            stream.close()
            return
        self._spools[way] = stream
        while len(self._spools) > self._max_streams or self.size_bytes > self._max_bytes:
            self._spools.popitem(last=False)[1].close()

    @property
    def size_bytes(self) -> int:
        """Returns how long all that is kept is."""
        return sum(spool.size_bytes for spool in self._spools.values())

    def forget(self) -> None:
        """Closes all of them."""
        while self._spools:
            self._spools.popitem()[1].close()


KEPT: Final = KeptStreams()
"""Those of this process."""

# A child has the files of its parent open, with the same places in them: reading would move both.
os.register_at_fork(after_in_child=KEPT.forget)
