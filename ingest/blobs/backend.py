"""Where blobs lie: in a folder of this machine, or behind an fsspec file system."""

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

__all__ = ["FULL", "Backend", "Entry"]

T = TypeVar("T")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers of a full disk."""


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
