"""Files that are compressed as a whole, each a container of the one file in it: gzip, bzip2, xz and Zstandard."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, Final, NamedTuple

from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.decoders import Decoder, Source, bunzip2, decoded, gunzip, unxz, unzstd
from ingest.containers.locator import Place
from ingest.containers.spool import MAX_SPOOLED_BYTES, bounded, spooled
from ingest.kinds import HEAD_BYTES, Head
from newsmill.errors import TerminalError

__all__ = ["BZIP2", "GZIP", "XZ", "ZSTANDARD"]

_GZIP_NAME_BYTES = 1024
_SKIPPABLE = tuple(bytes((0x50 + n, 0x2A, 0x4D, 0x18)) for n in range(16))  # RFC 8878, 3.1.2: frames of other data


class _Kind(NamedTuple):
    """A way to compress: what to call it, the bytes that each stream begins with, and the endings of names."""

    label: str
    make: Callable[[], Decoder]
    magic: tuple[bytes, ...]
    endings: dict[str, str]


_GZIP = _Kind("the gzip file", gunzip, (b"\x1f\x8b",), {".gz": "", ".gzip": "", ".tgz": ".tar"})
_BZIP2 = _Kind("the bzip2 file", bunzip2, (b"BZh",), {".bz2": "", ".tbz2": ".tar", ".tbz": ".tar"})
_XZ = _Kind("the xz file", unxz, (b"\xfd7zXZ\x00",), {".xz": "", ".txz": ".tar"})
_ZSTANDARD = _Kind(
    "the Zstandard file", unzstd, (b"\x28\xb5\x2f\xfd", *_SKIPPABLE), {".zst": "", ".zstd": "", ".tzst": ".tar"}
)


class _OneFile(Contents):
    """The file that is compressed. It is the only member, and its place is all of the container."""

    def __init__(self, stream: BinaryIO, kind: _Kind) -> None:
        super().__init__(stream)
        self._kind = kind
        self._size = stream.seek(0, 2)

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the file, with so much of its beginning as can be decompressed."""
        if cursor.position:
            return
        head = b""
        try:
            for chunk in self._decoded():
                head += chunk
                if len(head) >= HEAD_BYTES:
                    break
        except TerminalError:
            if not head:
                raise
        yield Member(1, 0, self._size, self._size, None, None, head[:HEAD_BYTES], self._inner_name())

    def size_bytes(self, member: Member) -> int:
        """Returns how long the file is; of one that is damaged or too long, how long it is at least."""
        size = 0
        try:
            for chunk in self._bounded(self.limit_bytes):
                size += len(chunk)
        except TerminalError:
            return max(size, member.length_bytes)
        return size

    def read(self, place: Place) -> bytes:  # noqa: ARG002 - there is one
        """Returns the file. Raises TerminalError if it is damaged, cut off, or longer than `limit_bytes`."""
        return b"".join(self._bounded(self.limit_bytes))

    def open(self, place: Place) -> BinaryIO:  # noqa: ARG002
        """Returns the file as a stream; where it is damaged, it ends with the reason."""
        return spooled(self._bounded(MAX_SPOOLED_BYTES))  # type: ignore[return-value]

    def _bounded(self, most_bytes: int) -> Iterator[bytes]:
        return bounded(self._decoded(), self._size, most_bytes, self._kind.label)

    def _decoded(self) -> Iterator[bytes]:
        source = Source(self._stream, 0, self._size, self._kind.label)
        return decoded(source, self._kind.make, self._kind.magic)

    def _inner_name(self) -> str:
        """Returns the container's name without the ending, or that which gzip noted."""
        lower = self.file_name.lower()
        for ending, instead in self._kind.endings.items():
            if lower.endswith(ending) and len(lower) > len(ending):
                return self.file_name[: -len(ending)] + instead
        return self.file_name or self._noted_name()

    def _noted_name(self) -> str:
        """Returns the name in the header of a gzip file (RFC 1952, 2.3), without folders."""
        if self._kind is not _GZIP:
            return ""
        self._stream.seek(0)
        head = self._stream.read(_GZIP_NAME_BYTES)
        start = 10
        if len(head) < start or not head[3] & 8:
            return ""
        if head[3] & 4:
            start += 2 + int.from_bytes(head[10:12], "little")
        name, end, _ = head[start:].partition(b"\0")
        return name.decode("latin-1").replace("\\", "/").rpartition("/")[2] if end else ""


def _sniff(magic: tuple[bytes, ...], head: Head) -> bool:
    return head.data.startswith(magic)


def _container(kind: _Kind, media_type: str, label: str) -> Container:
    return Container(
        media_type=media_type,
        label=label,
        description="the file in it, or the documents of that",
        emptiness="it is empty",
        extensions=tuple(kind.endings),
        content_only=True,
        sniff=partial(_sniff, kind.magic),
        contents=partial(_OneFile, kind=kind),
        verbatim=False,
        transparent=True,
    )


GZIP: Final = _container(_GZIP, "application/gzip", "a gzip file")
BZIP2: Final = _container(_BZIP2, "application/x-bzip2", "a bzip2 file")
XZ: Final = _container(_XZ, "application/x-xz", "an xz file")
ZSTANDARD: Final = _container(_ZSTANDARD, "application/zstd", "a Zstandard file")
