"""A file in a folder: what it is called, what its stat says, how it is found, opened and copied to the blob store."""

import errno
import logging
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

from ingest.blobs import BlobStore, StagedBlob
from newsmill.errors import TerminalError, TransientError

__all__ = [
    "ChangedError",
    "FileStat",
    "Sighted",
    "VanishedError",
    "folders",
    "is_wanted",
    "log_unreadable",
    "look",
    "open_regular",
    "printable",
    "scan",
    "stage_file",
    "unreadable_message",
]

_TEMPORARY_SUFFIXES = (".part", ".crdownload", ".tmp", ".swp", "~")
_ADVICE = {
    errno.EACCES: "; give this user leave to read and enter it",
    errno.ENAMETOOLONG: "; move it to where its path is shorter",
}
_logger = logging.getLogger(__name__)


class VanishedError(TransientError):
    """The file is not there any more (or not yet)."""


class ChangedError(TransientError):
    """The file is not the one that was seen: it was written, replaced or touched since."""


@dataclass(frozen=True, slots=True)
class FileStat:
    """What tells two states of a file apart; a file with an equal one is taken to hold the same bytes."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, result: os.stat_result) -> Self:
        """The part of a stat result that counts."""
        return cls(result.st_size, result.st_mtime_ns, result.st_ctime_ns, result.st_ino, result.st_dev)


@dataclass(frozen=True, slots=True)
class Sighted:
    """A regular file that was seen.

    `path` is decoded by os.fsdecode: any file name is valid, os.fsencode gives its bytes back. `fresh` tells a file
    that someone dropped just now from one of many that a scan came across.
    """

    path: str
    stat: FileStat
    fresh: bool = False


def is_wanted(name: str) -> bool:
    """Whether a file of this name (its last part) is picked up: no dotfile, no name of an unfinished download."""
    return not name.startswith(".") and not name.lower().endswith(_TEMPORARY_SUFFIXES)


def printable(path: str) -> str:
    """The path on one line that any terminal and log can take."""
    return path if path.isprintable() else ascii(path)[1:-1]


def look(path: str) -> os.stat_result | None:
    """The stat of the regular file `path`; None if it is not there, cannot be looked at or is something else."""
    try:
        result = os.lstat(path)
    except OSError:
        return None
    return result if stat.S_ISREG(result.st_mode) else None


def log_unreadable(folder: str, error: OSError) -> None:
    """Say in the log that a folder is left out."""
    _logger.warning("%s", unreadable_message(folder, error))


def unreadable_message(folder: str, error: OSError) -> str:
    """Why a folder is left out, in one line."""
    reason = f"{error.strerror or error}{_ADVICE.get(error.errno or 0, '')}"
    return f"folder {printable(folder)} is left out, not all of it can be read: {reason}"


def folders(root: str, unreadable: Callable[[str, OSError], None] = log_unreadable) -> Iterator[str]:
    """`root` and all folders below it but dot folders and symlinks, each before what is in it.

    `unreadable(folder, error)` is called for a folder that cannot be listed; one that vanishes is passed over.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        yield folder
        try:
            with os.scandir(folder) as entries:
                waiting.extend(entry.path for entry in entries if _is_folder(entry))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unreadable(folder, error)


def scan(
    root: str | os.PathLike[str],
    *,
    entering: Callable[[str], object] | None = None,
    unreadable: Callable[[str, OSError], None] = log_unreadable,
) -> Iterator[Sighted]:
    """The regular files in and below the folder `root`, in no particular order; or just `root` if it is a file.

    Left out: what is_wanted does not want, dot folders, symlinks, pipes, sockets and devices; but a file that is
    named itself is taken whatever it is called, and through a symlink. `entering(folder)` is called before a folder
    is listed, `unreadable(folder, error)` once for one that cannot be, or in which a file cannot be looked at (its path
    is too long, or the folder may be listed and not entered). Memory: the names of the folders that wait.
    Raises VanishedError when there is no `root`, TerminalError when it is neither a file nor a folder.
    """
    top = os.fspath(root)
    if not os.path.isdir(top):
        yield _named_file(top)
        return
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        if entering is not None:
            entering(folder)
        troubles: list[OSError] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        waiting.append(entry.path)
                    elif is_wanted(entry.name) and (result := _regular(entry.path, troubles)) is not None:
                        yield Sighted(entry.path, FileStat.of(result))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            troubles.append(error)
        if troubles:
            unreadable(folder, troubles[0])


def open_regular(path: str) -> BinaryIO:
    """The regular file `path`, opened for reading without a buffer; it neither follows a symlink nor waits at a pipe.

    Raises VanishedError, TerminalError if it is no regular file, TransientError if it cannot be opened.
    """
    name = printable(path)
    try:
        # The mode first: merely opening some devices has effects.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise TerminalError(f"{name}: not a regular file")
        source = open(path, "rb", buffering=0, opener=_open_without_waiting)  # noqa: SIM115  the caller closes it
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VanishedError(f"{name}: it is not there any more") from error
    except OSError as error:
        advice = "; give this user leave to read it" if isinstance(error, PermissionError) else ""
        raise TransientError(f"{name}: it cannot be opened: {error.strerror or error}{advice}") from error
    if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        source.close()
        raise TerminalError(f"{name}: not a regular file")
    return source


def stage_file(store: BlobStore, sighted: Sighted, max_bytes: int | None = None) -> StagedBlob:
    """Copy the file that was seen to a temporary blob, and make sure that it was that file, whole, from start to end.

    Raises VanishedError, ChangedError, TransientError if it cannot be read or the store cannot take it, TerminalError
    if it is no regular file or has more than `max_bytes` bytes.
    """
    name = printable(sighted.path)
    with open_regular(sighted.path) as source:
        if FileStat.of(os.fstat(source.fileno())) != sighted.stat:
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
    if now != sighted.stat or staged.size_bytes != now.size_bytes:
        store.discard([staged])
        raise ChangedError(f"{name}: changed while it was read")
    return staged


def _named_file(path: str) -> Sighted:
    real = os.path.realpath(path)
    try:
        result = os.lstat(real)
    except OSError as error:
        raise VanishedError(f"{printable(path)}: {error.strerror or error}") from error
    if not stat.S_ISREG(result.st_mode):
        raise TerminalError(f"{printable(path)}: neither a file nor a folder")
    return Sighted(real if os.path.islink(path) else path, FileStat.of(result))


def _regular(path: str, troubles: list[OSError]) -> os.stat_result | None:
    """Like `look`, but the first reason why a file that is there cannot be looked at is put into `troubles`."""
    try:
        result = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not troubles:
            troubles.append(error)
        return None
    return result if stat.S_ISREG(result.st_mode) else None


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
