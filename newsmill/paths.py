"""What lies below a folder, reached without following a symbolic link below it.

A name may become a link between a look and the next call. So each call opens the folder of a file first, and then asks
about the last name relative to that descriptor. Linux resolves the whole way in one step (openat2(2), since 5.6); where
it cannot, the way is walked folder by folder.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

__all__ = ["LISTABLE", "has_openat2", "open_file", "open_folder", "opened_folder", "require_short", "stat_below"]

LISTABLE = os.O_RDONLY
"""What `open_folder` takes for a folder that is listed; else it need not be readable, only be entered."""

_O_PATH = getattr(os, "O_PATH", os.O_RDONLY)
_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC
_PATH_BYTES = 4096  # PATH_MAX with its final zero; other programs cannot open what is longer
_OPENAT2 = 437  # on all architectures but Alpha
_RESOLVE_NO_MAGICLINKS, _RESOLVE_NO_SYMLINKS, _RESOLVE_BENEATH = 0x02, 0x04, 0x08
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_folder(root: str, folder: str, flags: int = _O_PATH) -> int:
    """Returns a descriptor of `folder`, which is `root` or lies below it. Both are absolute paths.

    Links are followed on the way to `root`, which a person has named, and `root` may be one; none is below it. Raises
    FileNotFoundError, NotADirectoryError where a part of the way below `root` is a link or no folder, ValueError for a
    folder that is not below `root`, or OSError.
    """
    below = _below(root, folder)
    require_short(folder)
    top = os.open(root, (_O_PATH if below else flags) | _FOLDER)
    if not below:
        return top
    try:
        return (_open_at_once if has_openat2() else _walk)(top, below, flags | _FOLDER)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EXDEV):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder) from error
        error.filename = folder
        raise
    finally:
        os.close(top)


@contextmanager
def opened_folder(root: str, folder: str, flags: int = _O_PATH) -> Iterator[int]:
    """Gives the descriptor of `open_folder` while the block runs."""
    descriptor = open_folder(root, folder, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def require_short(path: str) -> None:
    """Raises OSError (ENAMETOOLONG) for a path that could be reached from its folder, and by no name from the root."""
    if len(path) * 4 >= _PATH_BYTES and len(os.fsencode(path)) >= _PATH_BYTES:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path)


def stat_below(root: str, path: str) -> os.stat_result:
    """Returns the stat of what has the name `path`, of a link itself where it is one. Raises as `open_folder`."""
    require_short(path)
    folder, name = os.path.split(path)
    descriptor = open_folder(root, folder)
    try:
        return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    finally:
        os.close(descriptor)


def open_file(root: str, path: str, flags: int, mode: int = 0o600) -> int:
    """Opens the file `path` as os.open does, and follows no link below `root`, nor one of that very name.

    A file that this makes is for its owner only. Raises as `open_folder`; ELOOP means that the file is a link.
    """
    with opened_folder(root, os.path.dirname(path)) as descriptor:
        return os.open(os.path.basename(path), flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=descriptor)


def _below(root: str, folder: str) -> str:
    """Returns the way from `root` to `folder`, "" where they are the same."""
    top = root.rstrip(os.sep)
    if folder.rstrip(os.sep) == top:
        return ""
    below = folder[len(top) + 1 :]
    if not folder.startswith(top + os.sep) or os.pardir in below.split(os.sep):
        raise ValueError(f"{folder!r} does not lie below {root!r}")
    return below


@cache
def has_openat2() -> bool:
    """Tells whether the kernel has the call and lets this process use it, which old container runtimes do not."""
    if _libc is None:
        return False
    top = os.open(os.sep, _O_PATH | _FOLDER)
    try:
        os.close(_open_at_once(top, ".", _O_PATH | _FOLDER))
    except OSError:
        return False
    finally:
        os.close(top)
    return True


@cache
def _how(flags: int) -> _OpenHow:
    return _OpenHow(flags, 0, _RESOLVE_BENEATH | _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS)


def _open_at_once(top: int, below: str, flags: int) -> int:
    how, path = _how(flags), os.fsencode(below)
    while True:
        descriptor = _libc.syscall(  # type: ignore[union-attr]
            ctypes.c_long(_OPENAT2), ctypes.c_long(top), path, ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how))
        )
        if descriptor >= 0:
            return int(descriptor)
        number = ctypes.get_errno()
        if number != errno.EINTR:
            raise OSError(number, os.strerror(number), below)


def _walk(top: int, below: str, flags: int) -> int:
    parts = [part for part in below.split(os.sep) if part]
    descriptor = os.dup(top)
    try:
        for number, part in enumerate(parts, 1):
            wanted = flags if number == len(parts) else _O_PATH | _FOLDER
            inner = os.open(part, wanted | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
