"""Blobs behind an fsspec file system: S3 and the like."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO, cast
from uuid import uuid4

from ingest.blobs.backend import Entry, T
from newsmill.errors import ConfigurationError

__all__ = ["UPLOAD_SECONDS", "FsspecBackend"]

_THREADS = 8


_SCRATCH_PREFIX = "newsmill-blob-"


_STREAM_BLOCK_BYTES = 4 * 1024 * 1024  # by default s3fs holds 50 MiB for each container that is unpacked


# s3fs tries five times, and botocore five times for each: a store that is away would hold a worker for minutes. The
# mill tries again by itself. What FSSPEC_S3 says goes first.
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 5, "read_timeout": 15, "retries": {"total_max_attempts": 1}}}
}


# botocore sends bytes only after the server's 100 Continue, for which aiohttp waits without a limit: a store that hangs
# would hold the watcher for ever.
UPLOAD_SECONDS = 30.0
"""How long an upload may take, besides the time that its bytes need."""

_UPLOAD_BYTES_PER_SECOND = 1024 * 1024  # a slower connection is as good as none


class FsspecBackend:
    """A file system of fsspec. Temporary files wait for their upload in this machine's folder for them."""

    # Each file system raises what its client library raises, and these exceptions have no common base.
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
            file_system.retries = 2  # there is no option for it
        return file_system, root.rstrip("/")

    def require_reachable(self, *, writable: bool) -> None:
        """See Backend. It writes a file and removes it, or asks for one that is not there."""
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
        """See Backend. They are those of this user."""
        with os.scandir(tempfile.gettempdir()) as entries:
            for entry in entries:
                if entry.name.startswith(_SCRATCH_PREFIX):
                    with suppress(FileNotFoundError):  # its process may be done with it
                        if entry.stat(follow_symlinks=False).st_uid == os.getuid():
                            yield entry.path

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """See Backend. An upload that returned is durable, as far as the service keeps its word."""
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
        file_system.invalidate_cache()  # another host may have removed the blob
        try:
            # Not isfile(), which says that a service that does not answer has no files.
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
        """See Backend. It copies within the service, then removes the original."""
        self.for_each(self._move, pairs)

    def remove(self, keys: Sequence[str]) -> None:
        """See Backend."""
        self.for_each(self._remove, keys)

    def free_bytes(self) -> int | None:
        """See Backend. It is unknown."""
        return None

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """See Backend. Several calls go on at a time, for each waits a round trip."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(function, items):
                pass

    def _upload(self, item: tuple[str, str]) -> None:
        temporary, key = item
        file_system, root = self._place
        if file_system.async_impl:
            from fsspec.asyn import sync

            seconds = UPLOAD_SECONDS + os.path.getsize(temporary) / _UPLOAD_BYTES_PER_SECOND
            put = file_system._put_file  # noqa: SLF001 - fsspec's name for the upload without a limit of its own
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
    """Returns when an entry was written, or 0. File systems have different names for that, and some do not say."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        if isinstance(value := found.get(name), datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return 0.0
