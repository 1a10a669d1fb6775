"""What a container is: a kind of file that holds many documents, and how they are found and read.

The ledger keeps where a document of a container is (`ingest.containers.locator`), and each stage that needs its bytes
reads them from there. A container may lie in another: `ingest.blobs.members` walks through up to MAX_DEPTH of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, RawIOBase
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self

from ingest.containers.locator import Place, Range
from ingest.kinds import Kind

__all__ = ["MAX_DEPTH", "START", "Container", "Contents", "Cursor", "Member"]

MAX_DEPTH: Final = 4
"""So many containers are unpacked one in the other: enough for lines of a file in a tar in a gzip in a ZIP archive."""


class Cursor(NamedTuple):
    """How far a container is unpacked: where its next member begins, and the number of the last one before that.

    `position` is the whole number by which the container finds that place, such as an offset in bytes; 0 is the
    beginning.
    """

    position: int
    ordinal: int


START: Final = Cursor(0, 0)


class Member(NamedTuple):  # a tuple: a million of them a second are made
    """A document, or a container, in a container.

    `ordinal` is its number: members are counted from 1 on, and some numbers may be left out. A member without a `name`
    is the range of `length_bytes` from `offset_bytes` on, which may have a `file_name` for people; one with a name is
    what the container gives for it, at most `length_bytes`. Unpacking goes on after it from `next_position`.

    `media_type` is the member's own. Where it is None, the `head` and the name tell it: its first bytes, as many as
    `ingest.kinds.HEAD_BYTES`. With a media type, a member that is tiny may have its bytes as `head`: then that is all.

    What a container holds besides documents (a folder, an answer without a page) has a reason in `skipped`, in a few
    words and without names: it is counted by that, and takes no number.
    """

    ordinal: int
    offset_bytes: int
    length_bytes: int
    next_position: int
    media_type: str | None = None
    name: str | None = None
    head: bytes = b""
    file_name: str = ""
    skipped: str | None = None

    @property
    def place(self) -> Place:
        """Returns where it is in its container."""
        if self.name is not None:
            return self.name
        return Range(self.offset_bytes, self.length_bytes, self.file_name)

    @classmethod
    def skip(cls, before: Cursor, next_position: int, reason: str) -> "Member":
        """Returns what is no document, behind the members up to `before`."""
        return cls(before.ordinal, 0, 0, next_position, skipped=reason)


class Contents(ABC):
    """What a container holds, read from a stream that can seek and that nobody else moves meanwhile.

    The methods raise TerminalError for what cannot be read, and whatever the stream raises.

    `file_name` is what the container is called, "" where nobody said. `limit_bytes` is how long a member that `read`
    makes may be: what is compressed says so too late.
    """

    file_name: str = ""
    limit_bytes: int = 64 * 1024 * 1024

    def __init__(self, stream: BinaryIO) -> None:
        """Takes the container's bytes; the stream is closed by whoever opened it."""
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - few have something to close
        """Lets go of what was opened besides the stream."""

    @abstractmethod
    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        """Yields the members after the cursor, in bounded memory however many and however long they are.

        From any cursor on, the same members have the same numbers. A member that is damaged is yielded as well, if
        those behind it can be found: reading it says what is wrong.
        """

    @abstractmethod
    def read(self, place: Place) -> bytes:
        """Returns the bytes of the member there, as many as its length at the most."""

    def open(self, place: Place) -> BinaryIO:
        """Returns a member that is a container, as a stream that can seek.

        Where such members may be larger than memory, the container has a way of its own to do this.
        """
        return BytesIO(self.read(place))

    def size_bytes(self, member: Member) -> int:
        """Returns how long the bytes of the member are that `members` yielded last; those of compressed ones are more.

        It is asked of documents alone, not of containers.
        """
        return member.length_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(Kind):
    """A kind of file that holds many documents. Each is one module with a constant `CONTAINER` of this class.

    `contents` opens one. `description` says for the documentation what its documents are, `emptiness` how a file of it
    can hold none. `redact` returns the same bytes without some of the members, given by their ranges: all others have
    to stay in their places, under their numbers. Where it is None, such a file can only be forgotten as a whole.

    `verbatim`: a member that is a range is those very bytes of the file. Where it is not, as each member is compressed
    or needs what stands at the file's beginning, `Contents.read` makes its bytes of the range.

    `transparent`: it is one file, compressed as a whole. What is wrong with that is wrong with it.

    With `joins`, tiny members in a row of which none can be read are one document, from the first to the last: else
    each would take some hundred times its bytes in the database.
    """

    contents: Callable[[BinaryIO], Contents]
    description: str
    emptiness: str
    redact: Callable[[BinaryIO, Iterable[Range]], RawIOBase] | None = None
    verbatim: bool = True
    transparent: bool = False
    joins: bool = False
