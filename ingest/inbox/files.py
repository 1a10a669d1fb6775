"""A file in a folder: its path and stat, and how it is looked at, opened, copied to the blob store and removed.

Nothing here follows a link below the folder that is watched or was named: whoever may write there could have other
files read, and removed, by a link in the place of a folder (see `newsmill.paths`).
"""

import os
import stat
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from ingest import filesystems
from ingest.blobs.store import BlobStore, StagedBlob
from ingest.inbox.names import printable
from newsmill.errors import TerminalError, TransientError
from newsmill.paths import opened_folder, stat_below

__all__ = [
    "ChangedError",
    "FileStat",
    "SeenFile",
    "VanishedError",
    "has_writer",
    "is_local",
    "look",
    "open_regular",
    "remove",
    "stage_file",
]


class VanishedError(TransientError):
    """The file is not there now: it is gone, or not there yet."""


class ChangedError(TransientError):
    """The file is not as it was seen: it was written, replaced or touched since."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells two states of a file apart. Equal stats are taken to mean equal bytes."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, result: os.stat_result) -> Self:
        """Returns the part of a stat result that counts."""
        return cls(result.st_size, result.st_mtime_ns, result.st_ctime_ns, result.st_ino, result.st_dev)


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A regular file that was seen.

    `path` is decoded by os.fsdecode: every file name is valid, and os.fsencode returns its bytes. `fresh` tells a file
    that somebody has just dropped from one of many that a scan found. `root` is the folder below which it was found,
    and no link is followed.
    """

    path: str
    stat: FileStat
    fresh: bool = False
    root: str = field(default=os.sep, compare=False)


def look(path: str, root: str = os.sep) -> os.stat_result | None:
    """Returns the stat of the regular file `path`; None if it is not there, gives no stat or is something else."""
    try:
        result = stat_below(root, path)
    except OSError:
        return None
    return result if stat.S_ISREG(result.st_mode) else None


def has_writer(path: str, device: int, root: str = os.sep) -> bool | None:
    """Does as `filesystems.has_writer`, below `root`."""
    folder, name = os.path.split(path)
    try:
        with opened_folder(root, folder) as descriptor:
            return filesystems.has_writer(name, device, folder=descriptor)
    except OSError:
        return None


def is_local(path: str, device: int, root: str = os.sep) -> bool:
    """Does as `filesystems.is_local_device` for a file below `root`; one that has vanished is not local."""
    try:
        with opened_folder(root, os.path.dirname(path)) as descriptor:
            return filesystems.is_local_device(descriptor, device)
    except OSError:
        return False


def open_regular(path: str, root: str = os.sep) -> BinaryIO:
    """Opens the regular file `path` for reading, without a buffer. It neither follows a symlink nor waits at a pipe.

    Raises VanishedError, TerminalError if it is no regular file, and TransientError if it cannot be opened.
    """
    name = printable(path)
    try:
        with opened_folder(root, os.path.dirname(path)) as folder:
            source = _open_in(folder, os.path.basename(path), name)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VanishedError(f"{name}: it is not there any more") from error
    except OSError as error:
        advice = "; give this user leave to read it" if isinstance(error, PermissionError) else ""
        raise TransientError(f"{name}: it cannot be opened: {error.strerror or error}{advice}") from error
    if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        source.close()
        raise TerminalError(f"{name}: not a regular file")
    return source


def stage_file(store: BlobStore, seen_file: SeenFile, max_bytes: int | None = None) -> StagedBlob:
    """Copies the file to a temporary blob, and makes sure that it was the one that was seen, from start to end.

    Raises VanishedError, ChangedError, TransientError if the file cannot be read or the store cannot take it, and
    TerminalError if it is no regular file or has more than `max_bytes` bytes.
    """
    name = printable(seen_file.path)
    with open_regular(seen_file.path, seen_file.root) as source:
        if FileStat.of(os.fstat(source.fileno())) != seen_file.stat:
            raise ChangedError(f"{name}: changed since it was seen")
        try:
            staged = store.stage(source, max_bytes)
        except TerminalError as error:
            raise TerminalError(f"{name}: {error}") from error
        except TransientError as error:
            raise TransientError(f"{name}: {error}") from error
        except OSError as error:
            raise TransientError(f"{name}: it cannot be read: {error.strerror or error}") from error
        now = FileStat.of(os.fstat(source.fileno()))
    if now != seen_file.stat or staged.size_bytes != now.size_bytes:
        store.discard([staged])
        raise ChangedError(f"{name}: changed while it was read")
    return staged


def remove(seen_file: SeenFile) -> None:
    """Removes the file if it is as it was seen; what was written again meanwhile stays. Raises OSError."""
    folder, name = os.path.split(seen_file.path)
    with opened_folder(seen_file.root, folder) as descriptor:
        now = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if FileStat.of(now) == seen_file.stat:
            os.unlink(name, dir_fd=descriptor)


def _open_in(folder: int, name: str, told: str) -> BinaryIO:
    # The mode comes first, for to open some devices has effects.
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise TerminalError(f"{told}: not a regular file")

    def without_waiting(path: str, flags: int) -> int:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)

    return open(name, "rb", buffering=0, opener=without_waiting)
