"""Finds the files below a folder."""

import errno
import logging
import os
import stat
from collections.abc import Callable, Iterator

from ingest.inbox.files import FileStat, SeenFile, VanishedError
from ingest.inbox.names import is_wanted, printable
from newsmill.errors import TerminalError

__all__ = ["folders", "log_unreadable", "scan", "unreadable_message"]

_ADVICE = {
    errno.EACCES: "; give this user leave to read and enter it",
    errno.ENAMETOOLONG: "; move it to where its path is shorter",
}


_logger = logging.getLogger(__name__)


def log_unreadable(folder: str, error: OSError) -> None:
    """Logs that a folder is left out."""
    _logger.warning("%s", unreadable_message(folder, error))


def unreadable_message(folder: str, error: OSError) -> str:
    """Returns in one line why a folder is left out."""
    reason = f"{error.strerror or error}{_ADVICE.get(error.errno or 0, '')}"
    return f"folder {printable(folder)} is left out, not all of it can be read: {reason}"


def folders(root: str, unreadable: Callable[[str, OSError], None] = log_unreadable) -> Iterator[str]:
    """Yields `root` and all folders below it but dot folders and symlinks, each before what is in it.

    `unreadable(folder, error)` is called for a folder that cannot be listed. A folder that vanishes is passed over.
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
) -> Iterator[SeenFile]:
    """Yields the regular files in and below the folder `root`, in no particular order; `root` itself if it is a file.

    It leaves out what `is_wanted` refuses, dot folders, symlinks, pipes, sockets and devices. A `root` that is a file
    is taken whatever its name is, and through a symlink. `entering(folder)` is called before a folder is listed.
    `unreadable(folder, error)` is called once for a folder that cannot be listed, or in which a file cannot be looked
    at: its path is too long, or the folder may be listed and not entered. The memory that this takes is the names of
    the folders that wait. Raises VanishedError if there is no `root`, and TerminalError if it is neither a file nor a
    folder.
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
        failures: list[OSError] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        waiting.append(entry.path)
                    elif is_wanted(entry.name) and (result := _regular(entry.path, failures)) is not None:
                        yield SeenFile(entry.path, FileStat.of(result))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            failures.append(error)
        if failures:
            unreadable(folder, failures[0])


def _named_file(path: str) -> SeenFile:
    real = os.path.realpath(path)
    try:
        result = os.lstat(real)
    except OSError as error:
        raise VanishedError(f"{printable(path)}: {error.strerror or error}") from error
    if not stat.S_ISREG(result.st_mode):
        raise TerminalError(f"{printable(path)}: neither a file nor a folder")
    return SeenFile(real if os.path.islink(path) else path, FileStat.of(result))


def _regular(path: str, failures: list[OSError]) -> os.stat_result | None:
    """Does as `look`. The first reason why a file that is there cannot be looked at goes into `failures`."""
    try:
        result = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not failures:
            failures.append(error)
        return None
    return result if stat.S_ISREG(result.st_mode) else None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
