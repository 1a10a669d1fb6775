"""A file of several messages of a news wire, each from its SOH on (IPTC 7901, ANPA 1312)."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.kinds import Head

__all__ = ["CONTAINER"]

CHUNK_BYTES: Final = 1024 * 1024

_MESSAGE: Final = re.compile(rb"\x01[\x20-\x7e\x1f][^\x01\x02\x03]{1,400}\x02")
_FIRST: Final = re.compile(rb"[\x00\x16\s]{0,32}\x01")
_SOH: Final = b"\x01"


class _Messages(Contents):
    """The messages from SOH to SOH."""

    def __init__(self, stream: BinaryIO, chunk_bytes: int = CHUNK_BYTES) -> None:
        super().__init__(stream)
        self._chunk_bytes = chunk_bytes

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the messages; what stands before the first is none."""
        ordinal, begin = cursor.ordinal, None
        for start in self._starts(cursor.position):
            if begin is not None:
                ordinal += 1
                yield Member(ordinal, begin, start - begin, start, "text/x-wire")
            begin = start
        if begin is not None:
            end = self._stream.seek(0, 2)
            yield Member(ordinal + 1, begin, end - begin, end, "text/x-wire")

    def read(self, place: Place) -> bytes:
        """Returns the bytes of a message."""
        if isinstance(place, str):
            raise TypeError(f"a message has no name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)

    def _starts(self, position: int) -> Iterator[int]:
        while True:
            self._stream.seek(position)
            chunk = self._stream.read(self._chunk_bytes)
            if not chunk:
                return
            at = chunk.find(_SOH)
            while at >= 0:
                yield position + at
                at = chunk.find(_SOH, at + 1)
            position += len(chunk)


def _sniff(head: Head) -> bool:
    return _FIRST.match(head.data) is not None and len(_MESSAGE.findall(head.data)) > 1


CONTAINER: Final = Container(
    media_type="application/x-wire",
    label="messages of a news wire (IPTC 7901, ANPA 1312)",
    description="each message from its SOH on",
    emptiness="it has no message",
    extensions=(),
    content_only=True,
    sniff=_sniff,
    contents=_Messages,
)
