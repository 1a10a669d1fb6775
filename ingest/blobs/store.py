"""The blob store: raw bytes under their SHA-256, in a folder (`file://`) or where fsspec reaches (`s3://` …)."""

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, cast
from urllib.parse import unquote_to_bytes, urlsplit
from uuid import uuid4

from ingest.blobs.backend import FULL, Backend
from ingest.blobs.folder import FolderBackend
from ingest.blobs.object_store import FsspecBackend
from newsmill.errors import NewsmillError, TerminalError, TransientError

__all__ = ["BlobRange", "BlobStore", "DamagedBlobError", "SetAside", "StagedBlob", "StoredBlob"]

_HEAD_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024
_GAP_BYTES = 16 * 1024  # to read such a gap is cheaper than another request
_SPAN_BYTES = 8 * 1024 * 1024  # ranges are joined up to this length; it bounds the memory besides the answers
_ZEROS = bytes(_CHUNK_BYTES)
_STALE_SECONDS = 3600.0
_ASIDE = "removed"
_HEX_DIGITS = frozenset("0123456789abcdef")


class DamagedBlobError(TransientError):
    """The bytes of a blob are not what its name says. What is to be made of it waits until they are brought back."""


@dataclass(frozen=True, slots=True)
class StagedBlob:
    """Bytes that are copied and not committed yet.

    `sha256` has 32 bytes, `head` is their first 64 KiB and `temporary` the path where they wait.
    """

    sha256: bytes
    size_bytes: int
    head: bytes = field(repr=False)
    temporary: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class BlobRange:
    """A part of a blob: `length_bytes` from `offset_bytes` on, or all the rest for None."""

    sha256: bytes
    offset_bytes: int = 0
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob as the store lists it. `written_at` is in seconds since 1970."""

    sha256: bytes
    size_bytes: int
    written_at: float


@dataclass(frozen=True, slots=True)
class SetAside:
    """A blob that was moved out of the readers' way, and its key now."""

    sha256: bytes
    key: str


class BlobStore:
    """Raw bytes, each blob under its SHA-256. What goes wrong with the store is a TransientError that says so.

    Many processes and threads may use one store. It connects and makes nothing before its first use.
    """

    def __init__(self, url: str) -> None:
        """Takes the store at an fsspec URL or a folder's path. Raises ConfigurationError for an unknown kind."""
        self.location, self._backend = _open_backend(url)

    def require_reachable(self, *, writable: bool) -> None:
        """Raises TransientError if the store does not answer or, with `writable`, takes no new file."""
        with self._explained():
            self._backend.require_reachable(writable=writable)

    def stage(self, source: BinaryIO, max_bytes: int | None = None) -> StagedBlob:
        """Copies `source` to a temporary name. It reads once, in bounded memory. Only `commit` makes the copy durable.

        Raises TerminalError if `source` has more than `max_bytes` bytes, TransientError if the store cannot take it,
        and whatever reading `source` raises.
        """
        with self._explained():
            descriptor, temporary = self._backend.make_temporary()
        digest, size, head = hashlib.sha256(), 0, b""
        try:
            while chunk := source.read(_CHUNK_BYTES):
                size += len(chunk)
                if max_bytes is not None and size > max_bytes:
                    raise TerminalError(f"it has more than {max_bytes} bytes")
                digest.update(chunk)
                if len(head) < _HEAD_BYTES:
                    head += chunk[: _HEAD_BYTES - len(head)]
                with self._explained():
                    _write_all(descriptor, chunk)
            with self._explained():
                os.ftruncate(descriptor, size)  # a hole at the end
        except BaseException:
            os.close(descriptor)
            with suppress(OSError):
                os.unlink(temporary)
            raise
        os.close(descriptor)
        return StagedBlob(digest.digest(), size, head, temporary)

    def commit(self, staged: Sequence[StagedBlob]) -> None:
        """Makes a group durable under its final names. It overwrites, for only a committed row vouches for a blob.

        When it returns, the blobs survive a power cut. No final name ever shows incomplete bytes. Raises
        TransientError; then some blobs may be there and some not: discard the group and stage it again.
        """
        with self._explained():
            self._backend.commit([(blob.temporary, _key(blob.sha256)) for blob in staged])

    def discard(self, staged: Sequence[StagedBlob]) -> None:
        """Removes the temporary copies of blobs that will not be committed; one that is gone is no error."""
        for blob in staged:
            with suppress(OSError):
                os.unlink(blob.temporary)

    def read(self, sha256: bytes, offset_bytes: int = 0, length_bytes: int | None = None) -> bytes:
        """Returns a blob or a part of it. Raises TransientError, also for a blob that is missing or too short."""
        answer = self.read_many([BlobRange(sha256, offset_bytes, length_bytes)])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_many(self, requests: Sequence[BlobRange]) -> list[bytes | Exception]:
        """Returns for each request its bytes, or the TransientError that kept them from being read.

        A blob is opened once, and ranges close to each other are read at once.
        """
        answers: list[bytes | Exception] = [b""] * len(requests)
        of_blob: dict[bytes, list[int]] = {}
        for index, request in enumerate(requests):
            of_blob.setdefault(request.sha256, []).append(index)

        def answer(indices: list[int]) -> None:
            sha256 = requests[indices[0]].sha256
            try:
                with self._explained(sha256):
                    for index, data in self._read_ranges(sha256, [(requests[i], i) for i in indices]):
                        answers[index] = data
            except TransientError as error:
                for index in indices:
                    answers[index] = error

        self._backend.for_each(answer, list(of_blob.values()))
        return answers

    def open(self, sha256: bytes) -> BinaryIO:
        """Opens a blob as a stream, which the caller closes. Raises TransientError, also for a blob that is missing.

        `read` and `seek` of the stream do as well, for a store may go away in the middle.
        """
        with self._explained(sha256):
            stream = self._backend.open(_key(sha256))
        return cast(BinaryIO, _Stream(stream, partial(self._explained, sha256)))

    def require_intact(self, sha256: bytes) -> None:
        """Reads all of a blob. Raises DamagedBlobError if its bytes are others by now, TransientError as `open`."""
        digest = hashlib.sha256()
        with self.open(sha256) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        if digest.digest() != sha256:
            raise DamagedBlobError(
                f"blob {sha256.hex()} in {self.location} is damaged: look at its disk, and restore the blob or drop its"
                " file into the inbox anew"
            )

    def exists(self, sha256: bytes) -> bool:
        """Tells whether there is such a blob. Raises TransientError if the store cannot tell."""
        with self._explained():
            return self._backend.exists(_key(sha256))

    def listed(self, first_byte: int) -> list[StoredBlob]:
        """Returns the blobs whose SHA-256 begins with this byte, a 256th of all. Other files there are left out."""
        with self._explained():
            entries = list(self._backend.entries(f"{first_byte:02x}"))
        return [
            StoredBlob(bytes.fromhex(entry.name), entry.size_bytes, entry.written_at)
            for entry in entries
            if _is_name(entry.name)
        ]

    def set_aside(self, digests: Sequence[bytes]) -> None:
        """Moves these blobs to names of their own, out of the readers' way; `worker.duties.blobs` says what follows."""
        with self._explained():
            self._backend.move([(_key(d), f"{_ASIDE}/{d.hex()}.{uuid4().hex}") for d in digests])

    def aside(self) -> list[SetAside]:
        """Returns the blobs that any process set aside and nobody put back or dropped."""
        with self._explained():
            names = [entry.name for entry in self._backend.entries(_ASIDE)]
        return [SetAside(bytes.fromhex(name[:64]), f"{_ASIDE}/{name}") for name in names if _is_name(name[:64])]

    def put_back(self, blobs: Sequence[SetAside]) -> None:
        """Gives blobs that were set aside their names again."""
        with self._explained():
            self._backend.move([(blob.key, _key(blob.sha256)) for blob in blobs])

    def drop(self, blobs: Sequence[SetAside]) -> None:
        """Removes blobs that were set aside for good."""
        with self._explained():
            self._backend.remove([blob.key for blob in blobs])

    def remove(self, digests: Sequence[bytes]) -> None:
        """Removes these blobs at once, from a store that no other process uses, such as a backup's."""
        with self._explained():
            self._backend.remove([_key(digest) for digest in digests])

    def free_bytes(self) -> int | None:
        """Returns the space that is left for blobs; None where there is no such number."""
        with self._explained():
            return self._backend.free_bytes()

    def sweep_temporaries(self, now_seconds: float | None = None) -> int:
        """Removes the temporary copies that dead processes left over an hour ago. Returns how many there were."""
        oldest = (time.time() if now_seconds is None else now_seconds) - _STALE_SECONDS
        removed = 0
        with self._explained():
            for path in self._backend.temporaries():
                with suppress(FileNotFoundError):
                    if os.lstat(path).st_mtime < oldest:
                        os.unlink(path)
                        removed += 1
        return removed

    def _read_ranges(
        self, sha256: bytes, wanted: list[tuple[BlobRange, int]]
    ) -> Iterator[tuple[int, bytes | Exception]]:
        spans = list(_joined(wanted))
        read = self._backend.read(_key(sha256), [(span.start, span.length) for span in spans])
        for span, data in zip(spans, read, strict=True):
            for part, index in span.members:
                begin = part.offset_bytes - span.start
                end = None if part.length_bytes is None else begin + part.length_bytes
                if begin > len(data) or (end is not None and end > len(data)):
                    yield (
                        index,
                        TransientError(f"blob {sha256.hex()} in {self.location} is shorter than it was: restore it"),
                    )
                else:
                    yield index, data[begin:end]

    @contextmanager
    def _explained(self, sha256: bytes | None = None) -> Iterator[None]:
        try:
            yield
        except NewsmillError:
            raise
        except FileNotFoundError as error:
            if sha256 is None:
                raise TransientError(f"blob store {self.location}: {error}") from error
            raise TransientError(
                f"blob {sha256.hex()} is not in the blob store {self.location}: mount or restore the store, "
                "or bring its file back: newsmill ingest FILE"
            ) from error
        except OSError as error:
            if error.errno in FULL:
                raise TransientError(f"blob store {self.location} is full: free some space") from error
            raise TransientError(
                f"blob store {self.location}: {error.strerror or str(error) or repr(error)}"
            ) from error
        except self._backend.errors as error:
            raise TransientError(f"blob store {self.location}: {type(error).__name__}: {error}") from error


class _Stream(io.RawIOBase):
    """A stream whose errors are those of its store."""

    def __init__(self, source: BinaryIO, explained: Callable[[], AbstractContextManager[None]]) -> None:
        self._source = source
        self._explained = explained

    def readable(self) -> bool:
        """Returns True."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Returns the next bytes, at most `size`."""
        with self._explained():
            return self._source.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Moves to `offset` and returns the new place."""
        with self._explained():
            return self._source.seek(offset, whence)

    def fileno(self) -> int:
        """Returns the descriptor of the store's own file. Raises UnsupportedOperation where it has none."""
        try:
            return self._source.fileno()
        except AttributeError as error:
            raise io.UnsupportedOperation("fileno") from error

    def close(self) -> None:
        """Closes the stream and its source."""
        self._source.close()
        super().close()


@dataclass(slots=True)
class _Span:
    start: int
    length: int | None
    members: list[tuple[BlobRange, int]]


def _joined(wanted: list[tuple[BlobRange, int]]) -> Iterator[_Span]:
    """Yields the ranges of one blob by offset, close ones joined. A range that runs to the end is alone."""
    span: _Span | None = None
    for part, index in sorted(wanted, key=lambda item: item[0].offset_bytes):
        if part.offset_bytes < 0 or (part.length_bytes or 0) < 0:
            raise ValueError(f"not a range of a blob: {part}")
        if span is not None and span.length is not None and part.length_bytes is not None:
            length = max(span.length, part.offset_bytes + part.length_bytes - span.start)
            if part.offset_bytes - span.start - span.length <= _GAP_BYTES and length <= max(_SPAN_BYTES, span.length):
                span.length = length
                span.members.append((part, index))
                continue
        if span is not None:
            yield span
        span = _Span(part.offset_bytes, part.length_bytes, [(part, index)])
    if span is not None:
        yield span


def _is_name(name: str) -> bool:
    return len(name) == 64 and _HEX_DIGITS.issuperset(name)  # noqa: PLR2004 - digits of a SHA-256


def _key(sha256: bytes) -> str:
    # There are 256 folders. With two levels nearly each of the first 65,536 blobs would make a folder and sync it.
    name = sha256.hex()
    return f"{name[:2]}/{name}"


def _write_all(descriptor: int, chunk: bytes) -> None:
    """Writes the chunk. For zeros alone it leaves a hole, so that sparse files of any size cost no space."""
    if chunk == _ZEROS[: len(chunk)]:
        os.lseek(descriptor, len(chunk), os.SEEK_CUR)
        return
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _open_backend(url: str) -> tuple[str, Backend]:
    """Returns the name of the store at `url`, without a password, and its backend."""
    parts = urlsplit(url)
    if not parts.scheme:
        folder = os.path.abspath(url)
        return folder, FolderBackend(folder)
    if parts.scheme == "file":
        folder = os.path.abspath(os.fsdecode(unquote_to_bytes(parts.path)))
        return folder, FolderBackend(folder)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl(), FsspecBackend(url)
