"""A container for tests: parcels that lie one behind the other, each with a name and any bytes, parcels too.

`PARCELS`, then for each of them a line with its name and length, and its bytes.
"""

from collections.abc import Iterator
from typing import Final

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.formats.registry import REGISTRY, Registry
from ingest.kinds import HEAD_BYTES
from newsmill.errors import TerminalError

__all__ = ["PARCELS", "REGISTRY_WITH_PARCELS", "packed"]

_MAGIC = b"PARCELS\n"


def packed(*parcels: tuple[str, bytes]) -> bytes:
    """The bytes of a container with these."""
    return _MAGIC + b"".join(f"{name} {len(data)}\n".encode() + data for name, data in parcels)


class _Parcels(Contents):
    """Parcels, found by their names."""

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        position, ordinal = cursor
        position = position or len(_MAGIC)
        while head := self._header(position):
            name, start, length = head
            ordinal, position = ordinal + 1, start + length
            self._stream.seek(start)
            yield Member(ordinal, 0, length, position, None, name, self._stream.read(min(length, HEAD_BYTES)))

    def read(self, place: Place) -> bytes:
        for member in self.members():
            if member.name == place:
                self._stream.seek(member.next_position - member.length_bytes)
                return self._stream.read(member.length_bytes)
        raise TerminalError(f"there is no parcel {place}")

    def _header(self, position: int) -> tuple[str, int, int] | None:
        self._stream.seek(position)
        line = self._stream.readline()
        name, _, length = line.decode().rstrip("\n").partition(" ")
        if line and not length.isdigit():
            raise TerminalError("a parcel is damaged")
        return (name, position + len(line), int(length)) if line else None


PARCELS: Final = Container(
    media_type="application/x-parcels",
    label="a file of parcels",
    description="any files",
    emptiness="there is no parcel",
    extensions=(".parcels",),
    sniff=lambda head: head.data.startswith(_MAGIC),
    contents=_Parcels,
)
REGISTRY_WITH_PARCELS: Final = Registry((PARCELS, *REGISTRY.kinds), REGISTRY.fallback)
