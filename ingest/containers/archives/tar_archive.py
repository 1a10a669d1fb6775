"""Tar archives: the files in them, which lie there as they are."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from ingest.containers.archives.skips import skip_reason
from ingest.containers.archives.tar_headers import BLOCK_BYTES, TarEntry, is_header, read_headers
from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.spool import Slice
from ingest.kinds import HEAD_BYTES, Head

__all__ = ["CONTAINER"]

_REASONS: Final = {
    "": "damaged blocks",
    "1": "a link",
    "2": "a link",
    "3": "a device or the like",
    "4": "a device or the like",
    "5": "a folder",
    "6": "a device or the like",
    "D": "a folder",
    "M": "a file that goes on from another volume",
    "S": "a sparse file",
    "V": "the name of a volume",
}


class _Files(Contents):
    """The files of an archive. A member's range is its bytes."""

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the files; folders, links, devices, images and the like are skipped, with a reason."""
        ordinal = cursor.ordinal
        for entry in read_headers(self._stream, cursor.position):
            head = b""
            reason = _REASONS.get(entry.type)
            if reason is None:
                head = self._head(entry)
                reason = skip_reason(entry.name, head)
            if reason is not None:
                yield Member.skip(Cursor(0, ordinal), entry.next_position, reason)
                continue
            ordinal += 1
            yield Member(ordinal, entry.start, entry.size_bytes, entry.next_position, None, None, head, entry.name)

    def read(self, place: Place) -> bytes:
        """Returns the bytes of a file."""
        if isinstance(place, str):
            raise TypeError(f"a file of a tar archive is found by its offset, not by its name: {place!r}")
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes)

    def open(self, place: Place) -> BinaryIO:
        """Returns a file as a part of the archive's stream."""
        if isinstance(place, str):
            raise TypeError(f"a file of a tar archive is found by its offset, not by its name: {place!r}")
        return Slice(self._stream, place.offset_bytes, place.length_bytes)

    def _head(self, entry: TarEntry) -> bytes:
        self._stream.seek(entry.start)
        return self._stream.read(min(entry.size_bytes, HEAD_BYTES))


def _sniff(head: Head) -> bool:
    return is_header(head.data[:BLOCK_BYTES])


CONTAINER: Final = Container(
    media_type="application/x-tar",
    label="a tar archive",
    description="the files in it; folders, links, images and the like are counted",
    emptiness="it has no files",
    extensions=(".tar",),
    content_only=True,
    sniff=_sniff,
    contents=_Files,
)
