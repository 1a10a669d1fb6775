"""Documents that are ZIP archives inside (Office, OpenDocument, EPUB): what is in them, and their parts.

Nothing is unpacked to disk. A part is read up to a limit whatever the archive says of its size, and what is packed a
thousand times over is no document.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from struct import Struct
from typing import Final, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from newsmill.errors import TerminalError

__all__ = ["Entry", "Package", "entries_at_head", "is_zip"]

_MAGIC: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_LOCAL_HEADER = Struct("<4sHHHHHLLLHH")  # APPNOTE 4.3.7
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1

_MAX_ENTRIES = 20_000
_MAX_PART_BYTES: Final = 64 * 1024 * 1024
_MAX_TOTAL_BYTES: Final = 128 * 1024 * 1024
_MAX_RATIO = 400  # XML of office programs is packed 5 to 60 times over, tables of one number 150 times
_RATIO_FROM_BYTES = 4 * 1024 * 1024
_PROBED_BYTES = 64 * 1024


class Entry(NamedTuple):
    """A file at the head of an archive: its name, and the beginning of what it holds, as far as the head has it."""

    name: str
    beginning: bytes


def is_zip(head: bytes) -> bool:
    """Tells whether a file begins as a ZIP archive with something in it."""
    return head.startswith(_MAGIC)


def entries_at_head(head: bytes) -> Iterator[Entry]:
    """Yields the files whose local headers lie in the head of an archive; an archive within it has no part in them."""
    at = head.find(_MAGIC)
    while at >= 0:
        start = at + _LOCAL_HEADER.size
        if start > len(head):
            return
        _, _, _, method, _, _, _, packed, _, name_length, extra_length = _LOCAL_HEADER.unpack_from(head, at)
        name = head[start : start + name_length].decode("utf-8", "replace")
        start += name_length + extra_length
        end = start + packed if packed else len(head)
        yield Entry(name, _beginning(head[start : min(end, start + _PROBED_BYTES)], method))
        at = head.find(_MAGIC, end if packed else start)


def _beginning(data: bytes, method: int) -> bytes:
    if method == _STORED:
        return data
    if method != _DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, _PROBED_BYTES)
    except zlib.error:
        return b""


class Package:
    """The parts of one document. `label` is what the messages call it: "the Word document"."""

    def __init__(self, data: bytes, label: str) -> None:
        """Raises TerminalError if it is no whole archive."""
        self._label = label
        self._total = 0
        entries = data.count(_CENTRAL)
        if entries > _MAX_ENTRIES:
            raise TerminalError(f"{label} has {entries:,} files inside, many times those of a document")
        try:
            self._archive = ZipFile(BytesIO(data))
        except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise TerminalError(f"{label} is cut off or damaged: it has no list of its parts ({error})") from error
        self._infos: dict[str, ZipInfo] = {}
        for info in self._archive.infolist():
            self._infos.setdefault(info.filename.removeprefix("/"), info)

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of all parts."""
        return tuple(self._infos)

    def read(self, name: str) -> bytes:
        """Returns a part. Raises TerminalError if it is missing, encrypted, damaged, or too large."""
        info = self._infos.get(name)
        if info is None:
            raise TerminalError(f"{self._label} has no part {name}: it is damaged, or of another kind")
        if info.flag_bits & _ENCRYPTED:
            raise TerminalError(f"{self._label} is protected by a password; save it without one")
        limit = min(_MAX_PART_BYTES, _MAX_TOTAL_BYTES - self._total)
        if info.compress_size:
            limit = min(limit, max(_RATIO_FROM_BYTES, _MAX_RATIO * info.compress_size))
        try:
            with self._archive.open(info) as part:
                data = part.read(limit + 1)
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            raise TerminalError(f"{self._label} is damaged: its part {name} cannot be read ({error})") from error
        if len(data) > limit:
            raise TerminalError(
                f"{self._label} unpacks to more than {limit // 1024 // 1024:,} MiB at its part {name}: a bomb, or no"
                " document"
            )
        self._total += len(data)
        return data

    def read_if_there(self, name: str) -> bytes | None:
        """Returns a part, or None if there is none of this name."""
        return self.read(name) if name in self._infos else None
