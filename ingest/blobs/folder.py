"""Blobs in a folder of this machine."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from ingest.blobs.backend import FULL, Entry, T
from ingest.filesystems import is_local_disk, sync_disk, sync_files

__all__ = ["FolderBackend"]

_SYNC_DISK_FROM = 2  # from so many files on it is cheaper to sync the whole disk, see sync_disk


class FolderBackend:
    """A folder with blobs in `ab/abcd…` and temporary files in `tmp/`. It makes folders as needed, for their owner."""

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
            sync_files(_make_folders(self._scratch))
            return tempfile.mkstemp(dir=self._scratch)

    def temporaries(self) -> Iterator[str]:
        """See Backend."""
        with suppress(FileNotFoundError), os.scandir(self._scratch) as entries:
            yield from (entry.path for entry in entries)

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """See Backend. The bytes are on the disk before a name shows them, and the names before this returns."""
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
        descriptor = os.open(os.path.join(self._root, key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            for offset, length in ranges:
                yield _read_all(descriptor, offset, os.fstat(descriptor).st_size - offset if length is None else length)
        finally:
            os.close(descriptor)

    def open(self, key: str) -> BinaryIO:
        """See Backend."""
        return open(
            os.path.join(self._root, key), "rb", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW)
        )

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
        sync_files(touched)

    def remove(self, keys: Sequence[str]) -> None:
        """See Backend."""
        touched = set()
        for path in (os.path.join(self._root, key) for key in keys):
            with suppress(FileNotFoundError):
                os.unlink(path)
                touched.add(os.path.dirname(path))
        sync_files(touched)

    def free_bytes(self) -> int | None:
        """See Backend. It is the space for users without privileges."""
        folder = self._root
        while not os.path.exists(folder):
            folder = os.path.dirname(folder)
        space = os.statvfs(folder)
        return space.f_bavail * space.f_frsize

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """See Backend. The calls are one after the other."""
        for item in items:
            function(item)

    def _sync(self, paths: set[str], whole_disk: bool) -> None:
        if whole_disk:
            sync_disk(self._root)
        else:
            sync_files(paths)


def _make_folders(folder: str) -> set[str]:
    """Makes the folder and what is missing above it, for the owner only. Returns the folders that got a new entry."""
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another process was first
            os.mkdir(path, 0o700)
    return {os.path.dirname(path) for path in missing}


def _read_all(descriptor: int, offset: int, length: int) -> bytes:
    """Reads as os.pread, which may return less than there is: at most 2 GiB, or what came before a signal."""
    pieces = []
    while length > 0 and (piece := os.pread(descriptor, length, offset)):
        pieces.append(piece)
        offset, length = offset + len(piece), length - len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
