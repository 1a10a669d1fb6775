"""Where blobs are: in a folder of this machine, or behind an fsspec file system."""

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

__all__ = ["FULL", "Backend", "Entry"]

T = TypeVar("T")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers of a full disk."""


class Entry(NamedTuple):
    """A file in a folder of the store. `written_at` is in seconds since 1970."""

    name: str
    size_bytes: int
    written_at: float


class Backend(Protocol):
    """What the store needs of a place. Keys are relative paths; ranges are (offset, length) in bytes."""

    errors: tuple[type[Exception], ...]
    """What it raises, besides OSError, if the place cannot be reached."""

    def require_reachable(self, *, writable: bool) -> None:
        """Raises as the other methods do if the place does not answer or, with `writable`, takes no new file.

        A full disk is no reason to raise: who takes files in says that, and names the file.
        """

    def make_temporary(self) -> tuple[int, str]:
        """Makes an empty file on this machine. Returns its descriptor, open for writing, and its path."""

    def temporaries(self) -> Iterable[str]:
        """Returns the paths of all temporary files, also those of other processes."""

    def commit(self, files: Sequence[tuple[str, str]]) -> None:
        """Makes files, as (temporary path, key), durable under their keys. The temporary files are gone afterwards."""

    def read(self, key: str, ranges: Sequence[tuple[int, int | None]]) -> Iterator[bytes]:
        """Yields the bytes of each range, cut off where the blob ends."""

    def open(self, key: str) -> BinaryIO:
        """Opens the blob as a stream."""

    def exists(self, key: str) -> bool:
        """Tells whether there is such a blob."""

    def entries(self, folder: str) -> Iterator[Entry]:
        """Yields what is in a folder of the store; nothing if there is no such folder."""

    def move(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Moves what is under the first key of each pair to the second. A key that is not there is passed over."""

    def remove(self, keys: Sequence[str]) -> None:
        """Removes what is under these keys. A key that is not there is passed over."""

    def free_bytes(self) -> int | None:
        """Returns the space left, if that is known."""

    def for_each(self, function: Callable[[T], None], items: Sequence[T]) -> None:
        """Calls the function with each item; with several at a time where the wait for the place takes long."""
