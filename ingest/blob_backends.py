"""Where blobs lie: in a folder of this machine, or behind an fsspec file system."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar, cast
from uuid import uuid4

from ingest.filesystems import is_local_disk, sync_disk
from newsmill.errors import ConfigurationError

__all__ = ["FULL", "Backend", "Entry", "FolderBackend", "FsspecBackend"]

T = TypeVar("T")
_SYNC_DISK_FROM = 2  # so many files or more are cheaper to sync with the whole disk, see sync_disk
_THREADS = 8
_SCRATCH_PREFIX = "newsmill-blob-"
_STREAM_BLOCK_BYTES = 4 * 1024 * 1024  # s3fs would hold 50 MiB for each container that is unpacked
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers of a full disk."""
# s3fs tries five times, and for each botocore five times more: a store that is away would hold a worker for minutes.
# The mill tries again by itself. What FSSPEC_S3 says goes first.
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 15, "retries": {"total_max_attempts": 1}}}
}
# botocore sends bytes only after the server has said 100 Continue, and aiohttp waits for that without a limit: a store
# that hangs would hold the watcher for ever.
_UPLOAD_SECONDS = 30.0
_UPLOAD_BYTES_PER_SECOND = 1024 * 1024  # a slower way to the store is none


class Entry(NamedTuple):
    """A file in a folder of the store: its name, its size in bytes, and when it was written, in seconds since 1970."""

    name: str
    size_bytes: int
    written_at: float


class Backend(Protocol):
    """What the store needs of a place; keys are relative paths, ranges are (offset, length) in bytes."""

    errors: tuple[type[Exception], ...]
    """What it raises besides OSError when the place cannot be reached."""

    def require_reachable(self, *, writable: bool) -> None:
        """Raise as the other methods do if the place does not answer or, asked for `writable`, takes no new file.

        A full disk is no reason: whoever takes files in says so, and of which.
        """

    def make_temporary(self) -> tuple[int, str]:
        """A new empty file on this machine, open for writing: its descriptor and path."""

    def temporaries(self) -> Iterable[str]:
        """The paths of all temporary files, also those of other processes."""

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """Make (temporary path, key) durable under their keys; the temporary files are gone afterwards."""

    def read(self, key: str, ranges: Sequence[tuple[int, int | None]]) -> Iterator[bytes]:
        """The bytes of each range, cut off where the blob ends."""

    def open(self, key: str) -> BinaryIO:
        """The blob as a stream."""

    def exists(self, key: str) -> bool:
        """Whether there is such a blob."""

    def entries(self, folder: str) -> Iterator[Entry]:
        """What lies in a folder of the store; nothing if there is no such folder."""

    def move(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Give what lies under (key, other key) that other key; a key that is not there is passed over."""

    def remove(self, keys: Sequence[str]) -> None:
        """Remove what lies under these keys; one that is not there is passed over."""

    def free_bytes(self) -> int | None:
        """The space left, if that is known."""

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """Call the function with each item, at the same time where waiting for the place is what takes long."""


class FolderBackend:
    """A folder: `ab/abcd…` below it, temporary files in `tmp/`. Folders are made when needed, for the owner only."""

    errors: tuple[type[Exception], ...] = ()

    def __init__(self, root: str) -> None:
        self._root = root
        self._scratch = os.path.join(root, "tmp")

    def require_reachable(self, *, writable: bool) -> None:
        """See Backend."""
        if writable:
            try:
                descriptor, temporary = self.make_temporary()
            except OSError as error:
                if error.errno in FULL:
                    return
                raise
            os.close(descriptor)
            os.unlink(temporary)

    def make_temporary(self) -> tuple[int, str]:
        """See Backend."""
        try:
            return tempfile.mkstemp(dir=self._scratch)
        except FileNotFoundError:
            _sync_each(_make_folders(self._scratch))
            return tempfile.mkstemp(dir=self._scratch)

    def temporaries(self) -> Iterator[str]:
        """See Backend."""
        with suppress(FileNotFoundError), os.scandir(self._scratch) as entries:
            yield from (entry.path for entry in entries)

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """See Backend: the bytes are on the disk before a name shows them, and the names before this returns."""
        whole_disk = len(files) >= _SYNC_DISK_FROM and is_local_disk(self._root)
        self._sync({temporary for temporary, _ in files}, whole_disk)
        touched: set[str] = set()
        for temporary, key in files:
            final = os.path.join(self._root, key)
            folder = os.path.dirname(final)
            try:
                os.replace(temporary, final)
            except FileNotFoundError:
                touched |= _make_folders(folder)
                os.replace(temporary, final)
            touched.add(folder)
        self._sync(touched, whole_disk)

    def read(self, key: str, ranges: Sequence[tuple[int, int | None]]) -> Iterator[bytes]:
        """See Backend."""
        descriptor = os.open(os.path.join(self._root, key), os.O_RDONLY | os.O_CLOEXEC)
        try:
            for offset, length in ranges:
                yield _read_all(descriptor, offset, os.fstat(descriptor).st_size - offset if length is None else length)
        finally:
            os.close(descriptor)

    def open(self, key: str) -> BinaryIO:
        """See Backend."""
        return open(os.path.join(self._root, key), "rb")

    def exists(self, key: str) -> bool:
        """See Backend."""
        try:
            os.stat(os.path.join(self._root, key))
        except FileNotFoundError:
            return False
        return True

    def entries(self, folder: str) -> Iterator[Entry]:
        """See Backend."""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(os.path.join(self._root, folder)) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    stat = entry.stat(follow_symlinks=False)
                    yield Entry(entry.name, stat.st_size, stat.st_mtime)

    def move(self, pairs: Sequence[tuple[str, str]]) -> None:
        """See Backend."""
        touched: set[str] = set()
        for source, target in pairs:
            final = os.path.join(self._root, target)
            touched |= _make_folders(os.path.dirname(final))
            with suppress(FileNotFoundError):
                os.replace(os.path.join(self._root, source), final)
                touched.add(os.path.dirname(final))
        _sync_each(touched)

    def remove(self, keys: Sequence[str]) -> None:
        """See Backend."""
        touched = set()
        for path in (os.path.join(self._root, key) for key in keys):
            with suppress(FileNotFoundError):
                os.unlink(path)
                touched.add(os.path.dirname(path))
        _sync_each(touched)

    def free_bytes(self) -> int | None:
        """See Backend: what is left for users without privileges."""
        folder = self._root
        while not os.path.exists(folder):
            folder = os.path.dirname(folder)
        space = os.statvfs(folder)
        return space.f_bavail * space.f_frsize

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """See Backend: one after the other."""
        for item in items:
            function(item)

    def _sync(self, paths: set[str], whole_disk: bool) -> None:
        if whole_disk:
            sync_disk(self._root)
        else:
            _sync_each(paths)


class FsspecBackend:
    """A file system of fsspec; temporary files wait in this machine's folder for them until they are uploaded."""

    # Each file system raises what its client library raises, and these have no common base.
    errors: tuple[type[Exception], ...] = (Exception,)

    def __init__(self, url: str) -> None:
        import fsspec

        self._url = url
        try:
            fsspec.get_filesystem_class(url.partition(":")[0])
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"blob store: {error}") from error

    @cached_property
    def _place(self) -> tuple[Any, str]:
        from fsspec.config import conf
        from fsspec.core import url_to_fs

        protocol = self._url.partition(":")[0]
        file_system, root = url_to_fs(self._url, **(_OPTIONS.get(protocol, {}) | conf.get(protocol, {})))
        if protocol == "s3":
            file_system.retries = 2  # no option of its own
        return file_system, root.rstrip("/")

    def require_reachable(self, *, writable: bool) -> None:
        """See Backend: something is written, and goes again; or what is not there is asked for."""
        file_system, root = self._place
        probe = f"{root}/probe-{uuid4().hex}"
        if writable:
            file_system.pipe_file(probe, b"")
            self._remove(probe.removeprefix(f"{root}/"))
        else:
            self.exists(probe.removeprefix(f"{root}/"))

    def make_temporary(self) -> tuple[int, str]:
        """See Backend."""
        return tempfile.mkstemp(prefix=_SCRATCH_PREFIX)

    def temporaries(self) -> Iterator[str]:
        """See Backend: those of this user."""
        with os.scandir(tempfile.gettempdir()) as entries:
            for entry in entries:
                if entry.name.startswith(_SCRATCH_PREFIX):
                    with suppress(FileNotFoundError):  # the process whose it is may be done with it
                        if entry.stat(follow_symlinks=False).st_uid == os.getuid():
                            yield entry.path

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """See Backend: an upload that returned is durable, as far as the service keeps its word."""
        self.for_each(self._upload, files)

    def read(self, key: str, ranges: Sequence[tuple[int, int | None]]) -> Iterator[bytes]:
        """See Backend."""
        file_system, root = self._place
        for offset, length in ranges:
            end = None if length is None else offset + length
            yield b"" if length == 0 else cast(bytes, file_system.cat_file(f"{root}/{key}", start=offset, end=end))

    def open(self, key: str) -> BinaryIO:
        """See Backend."""
        file_system, root = self._place
        return cast(BinaryIO, file_system.open(f"{root}/{key}", "rb", block_size=_STREAM_BLOCK_BYTES))

    def exists(self, key: str) -> bool:
        """See Backend."""
        file_system, root = self._place
        file_system.invalidate_cache()  # another host may have removed it
        try:
            # Not isfile(), to which a service that does not answer has no files.
            return bool(file_system.info(f"{root}/{key}")["type"] == "file")
        except FileNotFoundError:
            return False

    def entries(self, folder: str) -> Iterator[Entry]:
        """See Backend."""
        file_system, root = self._place
        file_system.invalidate_cache()
        with suppress(FileNotFoundError):
            for found in file_system.ls(f"{root}/{folder}", detail=True):
                if found["type"] == "file":
                    yield Entry(found["name"].rpartition("/")[2], int(found["size"] or 0), _written_at(found))

    def move(self, pairs: Sequence[tuple[str, str]]) -> None:
        """See Backend: a copy within the service, then the removal of the original."""
        self.for_each(self._move, pairs)

    def remove(self, keys: Sequence[str]) -> None:
        """See Backend."""
        self.for_each(self._remove, keys)

    def free_bytes(self) -> int | None:
        """See Backend: unknown."""
        return None

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """See Backend: several at a time, for each waits a round trip."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(function, items):
                pass

    def _upload(self, item: tuple[str, str]) -> None:
        temporary, key = item
        file_system, root = self._place
        if file_system.async_impl:
            from fsspec.asyn import sync

            seconds = _UPLOAD_SECONDS + os.path.getsize(temporary) / _UPLOAD_BYTES_PER_SECOND
            put = file_system._put_file  # noqa: SLF001 - so fsspec names what has no limit of time of its own
            try:
                sync(file_system.loop, put, temporary, f"{root}/{key}", timeout=seconds)
            except TimeoutError as error:
                raise TimeoutError(errno.ETIMEDOUT, f"an upload was not through after {seconds:.0f} s") from error
        else:
            file_system.put_file(temporary, f"{root}/{key}")
        os.unlink(temporary)

    def _move(self, pair: tuple[str, str]) -> None:
        source, target = pair
        file_system, root = self._place
        with suppress(FileNotFoundError):
            file_system.cp_file(f"{root}/{source}", f"{root}/{target}")
            file_system.rm_file(f"{root}/{source}")

    def _remove(self, key: str) -> None:
        file_system, root = self._place
        with suppress(FileNotFoundError):
            file_system.rm_file(f"{root}/{key}")


def _written_at(found: dict[str, Any]) -> float:
    """When an entry of fsspec was written; file systems have different names for that, and some do not say."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        if isinstance(value := found.get(name), datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return 0.0


def _make_folders(folder: str) -> set[str]:
    """Make the folder and what is missing above it, for the owner only; returns the folders that got a new entry."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another process was quicker
            os.mkdir(path, 0o700)
    return {os.path.dirname(path) for path in missing}


def _sync_each(paths: set[str]) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read_all(descriptor: int, offset: int, length: int) -> bytes:
    """Like os.pread, which may return less than there is (at most 2 GiB, or what came before a signal)."""
    pieces = []
    while length > 0 and (piece := os.pread(descriptor, length, offset)):
        pieces.append(piece)
        offset, length = offset + len(piece), length - len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
