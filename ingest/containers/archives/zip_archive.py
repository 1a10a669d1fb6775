"""ZIP archives: the files in them, each read from its own header on, in the order of the directory."""

import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO, ClassVar, Final, NamedTuple

from ingest.containers.archives.skips import skip_reason
from ingest.containers.archives.zip_directory import (
    LOCAL_HEADER,
    LOCAL_MAGIC,
    Entry,
    read_directory,
    read_entries,
)
from ingest.containers.container import START, Container, Contents, Cursor, Member
from ingest.containers.decoders import PIECE_BYTES, Decoder, Source, bunzip2, decoded, inflate, unxz, unzstd
from ingest.containers.locator import Place, Range
from ingest.containers.spool import MAX_SPOOLED_BYTES, Slice, bounded, spooled
from ingest.kinds import HEAD_BYTES, OCTET_STREAM, Head
from newsmill.errors import TerminalError

__all__ = ["CONTAINER", "ZipContents"]

_STORED, _LZMA = 0, 14
_DECODERS: dict[int, Callable[[], Decoder]] = {8: inflate, 12: bunzip2, 93: unzstd, 95: unxz}  # APPNOTE 4.4.5
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 97: "WavPack", 98: "PPMd"}
_ENCRYPTED, _DESCRIBED = 1 << 0, 1 << 3
_AES_METHOD = 99
_LZMA_HEADER = 9
_LZMA_MAX_CONTEXT = 4  # lc + lp, in liblzma
_LZMA_DICTIONARY_BYTES = 64 * 1024 * 1024
_DESCRIPTOR_MAGIC = b"PK\x07\x08"
_KIND_BITS, _LINK, _FOLDER, _REGULAR = 0o170000, 0o120000, 0o040000, 0o100000
_CHUNK_BYTES = 1024 * 1024
_MAX_TOTAL_RATIO = 250
_UNSUSPECTED_BYTES = 256 * 1024 * 1024


class _LocalHeader(NamedTuple):
    """What a file's own header says of it."""

    flags: int
    method: int
    crc32: int
    packed_bytes: int


class _Packed(NamedTuple):
    """A file's packed bytes: what messages call it, the method, where they lie, and the CRC-32 if it is known."""

    label: str
    method: int
    start: int
    length: int
    crc32: int | None


class ZipContents(Contents):
    """The files of an archive. A member's range begins with its header and ends with its packed bytes."""

    label: ClassVar[str] = "the ZIP archive"

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self._directory = read_directory(stream)
        self._archive_bytes = stream.seek(0, 2)
        self._archive_crc32: int | None = None
        self._last_size = 0

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the files in the directory's order. Folders, links, images and the like are skipped, with a reason."""
        if not cursor.position:
            self._require_possible()
        ordinal = cursor.ordinal
        for entry in read_entries(self._stream, self._directory, cursor.position):
            reason = _entry_skip(entry) or self.skip(entry)
            if reason is None:
                member = self._member(ordinal + 1, entry)
                reason = skip_reason(entry.name, member.head)
                if reason is None:
                    ordinal += 1
                    self._last_size = entry.size_bytes
                    yield member
                    continue
            yield Member.skip(Cursor(0, ordinal), entry.next_position, reason)

    def skip(self, entry: Entry) -> str | None:  # noqa: ARG002
        """Returns why a file of the archive is no document, before it is looked at; None if it may be one."""
        return None

    def size_bytes(self, member: Member) -> int:
        """Returns the size that the directory states."""
        return max(member.length_bytes, self._last_size)

    def read(self, place: Place) -> bytes:
        """Returns a file. Raises TerminalError, with its name and offset, where it is encrypted, damaged or a bomb."""
        packed = self._packed(_range(place))
        data = b"".join(self._checked(packed, self.limit_bytes))
        if len(data) == self._archive_bytes and packed.crc32 == self._own_crc32():
            raise TerminalError(f"{packed.label} is that archive itself")
        return data

    def open(self, place: Place) -> BinaryIO:
        """Returns a file as a stream: where it is not packed, a part of the archive's own."""
        packed = self._packed(_range(place))
        if packed.method == _STORED:
            return Slice(self._stream, packed.start, packed.length)
        return spooled(self._checked(packed, MAX_SPOOLED_BYTES))  # type: ignore[return-value]

    def _require_possible(self) -> None:
        """Raises TerminalError for an archive that cannot be one: files that share bytes, or expand beyond measure."""
        packed = size = count = 0
        for entry in read_entries(self._stream, self._directory):
            packed += entry.packed_bytes
            size += entry.size_bytes
            count += 1
        if packed > self._archive_bytes:
            raise TerminalError(
                f"{self.label} is a decompression bomb: its {count:,} files take {packed:,} bytes of the"
                f" {self._archive_bytes:,} that it has, so they share them"
            )
        if size > _UNSUSPECTED_BYTES and size > _MAX_TOTAL_RATIO * self._archive_bytes:
            raise TerminalError(
                f"{self.label} is a decompression bomb: its {self._archive_bytes:,} bytes become {size:,}"
            )

    def _member(self, ordinal: int, entry: Entry) -> Member:
        """Returns the file as a member; one that cannot be read has no head, and says so when it is read."""
        offset, length = entry.header_offset, LOCAL_HEADER.size + entry.packed_bytes
        media_type: str | None = OCTET_STREAM
        head = b""
        try:
            found = self._local_header(offset, entry.name)
            length = found[0] + entry.packed_bytes - offset
            head = self._head(self._packed(Range(offset, length, entry.name), found))
            is_itself = entry.size_bytes == self._archive_bytes and entry.crc32 == self._own_crc32()
            media_type = OCTET_STREAM if is_itself else None
        except TerminalError:
            head = b""
        return Member(ordinal, offset, length, entry.next_position, media_type, None, head, entry.name)

    def _head(self, packed: _Packed) -> bytes:
        """Returns the first bytes of a file, and what there is of them where it is damaged behind those."""
        head = b""
        try:
            for chunk in self._unpacked(packed):
                head += chunk
                if len(head) >= HEAD_BYTES:
                    break
        except TerminalError:
            if not head:
                raise
        return head[:HEAD_BYTES]

    def _own_crc32(self) -> int:
        if self._archive_crc32 is None:
            crc32 = 0
            self._stream.seek(0)
            while chunk := self._stream.read(_CHUNK_BYTES):
                crc32 = zlib.crc32(chunk, crc32)
            self._archive_crc32 = crc32
        return self._archive_crc32

    def _local_header(self, offset: int, name: str) -> tuple[int, _LocalHeader]:
        """Returns where a file's packed bytes begin, and its header."""
        self._stream.seek(offset)
        header = self._stream.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MAGIC):
            raise TerminalError(f"{name!r} in {self.label} is damaged: at byte {offset:,} there is no header of a file")
        _, _, flags, method, _, _, crc32, packed, _, name_length, extra_length = LOCAL_HEADER.unpack(header)
        return offset + LOCAL_HEADER.size + name_length + extra_length, _LocalHeader(flags, method, crc32, packed)

    def _packed(self, range_: Range, found: tuple[int, _LocalHeader] | None = None) -> _Packed:
        """Returns what there is to unpack. Raises TerminalError, with its name and offset, where it cannot be."""
        offset, end, name = range_.offset_bytes, range_.offset_bytes + range_.length_bytes, range_.name
        start, (flags, method, crc32, packed) = found or self._local_header(offset, name)
        label = f"{name!r} at byte {offset:,} of {self.label}"
        if flags & _ENCRYPTED or method == _AES_METHOD:
            raise TerminalError(f"{label} is encrypted; unpack it with its password and drop the file")
        if method not in {_STORED, _LZMA, *_DECODERS}:
            raise TerminalError(
                f"{label} is packed by {_METHODS.get(method, 'a method of its own')} ({method}), which is not read;"
                " unpack it and drop the file"
            )
        if flags & _DESCRIBED:
            return _Packed(label, method, start, end - start, self._described_crc32(end))
        return _Packed(label, method, start, end - start, crc32 if crc32 or packed else None)

    def _described_crc32(self, end: int) -> int:
        """Returns the CRC-32 that stands behind the packed bytes, with a signature or without (APPNOTE 4.3.9.3)."""
        self._stream.seek(end)
        descriptor = self._stream.read(8)
        return int.from_bytes(descriptor[4:8] if descriptor.startswith(_DESCRIPTOR_MAGIC) else descriptor[:4], "little")

    def _checked(self, packed: _Packed, most_bytes: int) -> Iterator[bytes]:
        """Yields a file, and raises TerminalError at its end if its checksum is another."""
        crc32 = 0
        for chunk in bounded(self._unpacked(packed), packed.length, most_bytes, packed.label):
            crc32 = zlib.crc32(chunk, crc32)
            yield chunk
        if packed.crc32 not in {crc32, None}:
            raise TerminalError(
                f"{packed.label} is damaged: its CRC-32 is {crc32:08x}, and should be {packed.crc32:08x}"
            )

    def _unpacked(self, packed: _Packed) -> Iterator[bytes]:
        label, method, start, length, _ = packed
        if method == _STORED:
            return self._pieces(start, length, label)
        make = _DECODERS.get(method)
        if make is None:
            make = self._lzma(start, label)
            start, length = start + _LZMA_HEADER, length - _LZMA_HEADER
        return decoded(Source(self._stream, start, length, label), make)

    def _pieces(self, start: int, length: int, label: str) -> Iterator[bytes]:
        while length > 0:
            self._stream.seek(start)
            piece = self._stream.read(min(length, PIECE_BYTES))
            if not piece:
                raise TerminalError(f"{label} ends early, at byte {start:,}")
            yield piece
            start, length = start + len(piece), length - len(piece)

    def _lzma(self, start: int, label: str) -> Callable[[], Decoder]:
        """Returns the maker of a decoder for the properties that stand before LZMA in an archive (APPNOTE 5.8.8)."""
        self._stream.seek(start)
        header = self._stream.read(_LZMA_HEADER)
        if len(header) < _LZMA_HEADER or header[2:4] != b"\x05\x00" or header[4] >= 9 * 5 * 5:
            raise TerminalError(f"{label} is damaged: it has no properties of LZMA")
        (dictionary,) = struct.unpack_from("<I", header, 5)
        if dictionary > _LZMA_DICTIONARY_BYTES:
            raise TerminalError(f"{label} needs {dictionary:,} bytes of memory to unpack; unpack it and drop the file")
        lc, lp, pb = header[4] % 9, header[4] // 9 % 5, header[4] // 45
        if lc + lp > _LZMA_MAX_CONTEXT:
            raise TerminalError(f"{label} is damaged: there are no such properties of LZMA")
        options = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": lc, "lp": lp, "pb": pb}
        return partial(lzma.LZMADecompressor, lzma.FORMAT_RAW, filters=[options])


def _range(place: Place) -> Range:
    if isinstance(place, str):
        raise TypeError(f"a file of a ZIP archive is found by its offset, not by its name: {place!r}")
    return place


def _entry_skip(entry: Entry) -> str | None:
    if entry.name.endswith(("/", "\\")) and not entry.size_bytes:
        return "a folder"
    kind = entry.unix_mode & _KIND_BITS
    if kind == _LINK:
        return "a link"
    if kind == _FOLDER:
        return "a folder"
    return "a device or the like" if kind not in {0, _REGULAR} else None


def _sniff(head: Head) -> bool:
    return head.data.startswith((LOCAL_MAGIC, b"PK\x05\x06"))


CONTAINER: Final = Container(
    media_type="application/zip",
    label="a ZIP archive",
    description="the files in it; folders, links, images and the like are counted",
    emptiness="it has no files",
    extensions=(".zip",),
    content_only=True,
    sniff=_sniff,
    contents=ZipContents,
    verbatim=False,
)
