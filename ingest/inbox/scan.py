"""Finds the files below a folder."""

import errno
import logging
import os
import stat
from collections.abc import Callable, Iterator

from ingest.inbox.files import FileStat, SeenFile, VanishedError
from ingest.inbox.names import Names, names_with, printable
from newsmill.errors import TerminalError
from newsmill.paths import LISTABLE, opened_folder, require_short

__all__ = ["folders", "log_unreadable", "scan", "unreadable_message"]

_ADVICE = {
    errno.EACCES: "; give this user leave to read and enter it",
    errno.ENAMETOOLONG: "; move it to where its path is shorter",
}
_LONG_CHARS = 500  # a shorter folder's path leaves room for any name

_logger = logging.getLogger(__name__)


def log_unreadable(folder: str, error: OSError) -> None:
    """Logs that a folder is left out."""
    _logger.warning("%s", unreadable_message(folder, error))


def unreadable_message(folder: str, error: OSError) -> str:
    """Returns in one line why a folder is left out."""
    reason = f"{error.strerror or error}{_ADVICE.get(error.errno or 0, '')}"
    return f"folder {printable(folder)} is left out, not all of it can be read: {reason}"


def folders(
    top: str,
    unreadable: Callable[[str, OSError], None] = log_unreadable,
    names: Names | None = None,
    *,
    root: str | None = None,
) -> Iterator[str]:
    """Yields `top` and all folders below it but those that `names` leaves alone, and symlinks.

    Each comes before what is in it. No link is followed below `root`, which is `top` where none is given.
    `unreadable(folder, error)` is called for a folder that cannot be listed. A folder that vanishes is passed over.
    """
    names = names or names_with()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        yield folder
        try:
            with opened_folder(root or top, folder, LISTABLE) as descriptor, os.scandir(descriptor) as entries:
                waiting.extend(os.path.join(folder, entry.name) for entry in entries if _is_folder(entry, names))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            unreadable(folder, error)


def scan(
    top: str | os.PathLike[str],
    *,
    root: str | None = None,
    entering: Callable[[str], object] = lambda _: None,
    unreadable: Callable[[str, OSError], None] = log_unreadable,
    left_alone: Callable[[str], object] = lambda _: None,
    names: Names | None = None,
) -> Iterator[SeenFile]:
    """Yields the regular files in and below the folder `top`, in no particular order; `top` itself if it is a file.

    It leaves out files and folders that `names` leaves alone, symlinks, pipes, sockets and devices. Somebody has named
    `top`: it is taken whatever its name is, also through a symlink. With a `root`, `top` is a folder that was found
    below it, and no link is followed from `root` on. `entering(folder)` is called before a folder is listed.
    `unreadable(folder, error)` is called once for a folder that cannot be listed, or in which a file cannot be looked
    at: its path is too long, or the folder may be listed and not entered. `left_alone(path)` is called for what `names`
    leaves alone. The memory that this takes is the names of
    the folders that wait. Raises VanishedError if there is no `top`, and TerminalError if it is neither a file nor a
    folder.
    """
    top = os.fspath(top)
    if root is None and not os.path.isdir(top):
        yield _named_file(top)
        return
    names, root = names or names_with(), root or top
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        entering(folder)
        failures: list[OSError] = []
        try:
            with opened_folder(root, folder, LISTABLE) as descriptor, os.scandir(descriptor) as entries:
                before = os.path.join(folder, "")
                for entry in entries:
                    if _is_left_alone(entry, names):
                        left_alone(before + entry.name)
                    elif entry.is_dir(follow_symlinks=False):
                        waiting.append(before + entry.name)
                    elif result := _regular(entry, before, failures):
                        yield SeenFile(before + entry.name, FileStat.of(result), root=root)
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
    named = real if os.path.islink(path) else path
    return SeenFile(named, FileStat.of(result), root=os.path.dirname(named))


def _regular(entry: os.DirEntry[str], before: str, failures: list[OSError]) -> os.stat_result | None:
    """Does as `look`. The first reason why a file that is there cannot be looked at goes into `failures`."""
    try:
        if len(before) > _LONG_CHARS:
            require_short(before + entry.name)
        result = entry.stat(follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not failures:
            failures.append(error)
        return None
    return result if stat.S_ISREG(result.st_mode) else None


def _is_left_alone(entry: os.DirEntry[str], names: Names) -> bool:
    why_not = names.why_not_folder if entry.is_dir(follow_symlinks=False) else names.why_not_file
    return why_not(entry.name) is not None


def _is_folder(entry: os.DirEntry[str], names: Names) -> bool:
    return names.why_not_folder(entry.name) is None and entry.is_dir(follow_symlinks=False)
