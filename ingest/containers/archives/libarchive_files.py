"""7z and RAR archives, which libarchive unpacks: all their files at once, into a tar archive that is read from then on.

In both, files are packed together, so that none can be read without those before it.
"""

import tarfile
from collections.abc import Iterator
from ctypes import POINTER, c_void_p, cast, create_string_buffer, memmove
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, NamedTuple

from ingest.containers.archives.tar_headers import BLOCK_BYTES
from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.locator import Place
from ingest.containers.spool import MAX_SPOOLED_BYTES, bounded, spooled
from ingest.kinds import Head, need
from newsmill.errors import TerminalError

__all__ = ["RAR", "SEVEN_ZIP"]

_TAR = "application/x-tar"
_BUFFER_BYTES = 64 * 1024
_PIECE_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 1024 * 1024
_FATAL = -30
_MAX_FILES = 1_000_000
_RAR_4, _RAR_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


class _Kind(NamedTuple):
    """`formats` are libarchive's names for it, by the bytes that such a file begins with."""

    label: str
    formats: dict[bytes, str]
    endings: tuple[str, ...]


_SEVEN_ZIP = _Kind("the 7z archive", {b"7z\xbc\xaf\x27\x1c": "7zip"}, (".7z",))
_RAR = _Kind("the RAR archive", {_RAR_4: "rar", _RAR_5: "rar5"}, (".rar",))


class _Repacked(Contents):
    """All files of the archive, as the one member that is a tar archive."""

    def __init__(self, stream: BinaryIO, kind: _Kind) -> None:
        super().__init__(stream)
        self._kind = kind
        self._size = stream.seek(0, 2)

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the tar archive."""
        if not cursor.position:
            name = self.file_name
            ending = next((one for one in self._kind.endings if name.lower().endswith(one)), "")
            yield Member(1, 0, self._size, self._size, _TAR, None, b"", name[: len(name) - len(ending)] + ".tar")

    def read(self, place: Place) -> bytes:
        """Returns the tar archive."""
        with self.open(place) as stream:
            return stream.read()

    def open(self, place: Place) -> BinaryIO:  # noqa: ARG002 - there is one
        """Returns the tar archive as a stream. Behind the files that could be read, it tells which could not."""
        chunks = bounded(self._repacked(), self._size, MAX_SPOOLED_BYTES, self._kind.label)
        return spooled(chunks)  # type: ignore[return-value]

    def _repacked(self) -> Iterator[bytes]:
        label = self._kind.label
        library = _library()
        self._stream.seek(0)
        head = self._stream.read(len(_RAR_5))
        form = next((form for magic, form in self._kind.formats.items() if head.startswith(magic)), None)
        if form is None:
            raise TerminalError(f"{self._kind.label} does not begin as one")
        reader = _Reader(self._stream)
        unread: list[str] = []
        try:
            with library.custom_reader(reader.read, form, "none", seek_func=reader.seek) as archive:
                for count, entry in enumerate(archive, 1):
                    if count > _MAX_FILES:
                        raise TerminalError(f"{label} holds more than {_MAX_FILES:,} files")
                    try:
                        yield from _tarred(entry, label)
                    except library.ArchiveError as error:
                        unread.append(f"{entry.pathname!r} in {label} cannot be read: {_said(error)}")
        except library.ArchiveError as error:
            unread.append(f"{label} cannot be read to its end: {_said(error)}")
        if reader.problem is not None:
            raise reader.problem
        if unread:
            others = f" (and {len(unread) - 1:,} more)" if len(unread) > 1 else ""
            raise TerminalError(f"{unread[0]}{others}; unpack it and drop its files")


class _Reader:
    """Gives libarchive the bytes of a stream. What the stream raises is kept, as ctypes would swallow it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = create_string_buffer(_BUFFER_BYTES)
        self.problem: Exception | None = None
        stream.seek(0)

    def read(self, _archive: Any, _data: Any, target: Any) -> int:
        """Puts the next bytes where libarchive finds them, and returns how many."""
        try:
            data = self._stream.read(_BUFFER_BYTES)
        except Exception as error:
            self.problem = error
            return _FATAL
        memmove(self._buffer, data, len(data))
        cast(target, POINTER(c_void_p))[0] = cast(self._buffer, c_void_p)
        return len(data)

    def seek(self, _archive: Any, _data: Any, offset: int, whence: int) -> int:
        """Moves in the stream, and returns the place."""
        try:
            return self._stream.seek(offset, whence)
        except Exception as error:
            self.problem = error
            return _FATAL


def _tarred(entry: Any, label: str) -> Iterator[bytes]:
    """Yields a file as a tar archive has it. It is read to its end first: one that is damaged does not get there."""
    info = tarfile.TarInfo((entry.pathname or "").replace("\0", ""))
    if entry.isdir or entry.issym or entry.islnk or entry.isdev:
        info.type = tarfile.DIRTYPE if entry.isdir else tarfile.SYMTYPE if not entry.isdev else tarfile.CHRTYPE
        yield info.tobuf(tarfile.PAX_FORMAT)
        return
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        for block in entry.get_blocks():
            info.size += file.write(block)
            if info.size > MAX_SPOOLED_BYTES:
                raise TerminalError(
                    f"{label} holds more than {MAX_SPOOLED_BYTES:,} bytes; unpack it and drop its files"
                )
        file.seek(0)
        yield info.tobuf(tarfile.PAX_FORMAT)
        while piece := file.read(_PIECE_BYTES):
            yield piece
    yield bytes(-info.size % BLOCK_BYTES)


def _library() -> Any:
    """Returns libarchive's bindings. Raises TerminalError where they or the library are not there."""
    try:
        return need("libarchive", "archives", "7z and RAR archives")
    except (OSError, AttributeError, TypeError) as error:
        raise TerminalError(
            "7z and RAR archives are read where the library libarchive is installed (apt install libarchive13),"
            " then newsmill retry"
        ) from error


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _sniff(kind: _Kind, head: Head) -> bool:
    return head.data.startswith(tuple(kind.formats))


def _container(kind: _Kind, media_type: str, label: str) -> Container:
    return Container(
        media_type=media_type,
        label=label,
        description="the files in it, with the extra `archives` and the library libarchive",
        emptiness="it has no files",
        extensions=kind.endings,
        content_only=True,
        sniff=partial(_sniff, kind),
        contents=partial(_Repacked, kind=kind),
        verbatim=False,
        transparent=True,
    )


SEVEN_ZIP: Final = _container(_SEVEN_ZIP, "application/x-7z-compressed", "a 7z archive")
RAR: Final = _container(_RAR, "application/vnd.rar", "a RAR archive")
