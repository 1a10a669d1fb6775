"""What kind of file some bytes are: the shape in which formats, containers and refusals say how they are recognised."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

from ingest.text.decode import BYTE_ORDER_MARKS

__all__ = ["HEAD_BYTES", "OCTET_STREAM", "Head", "Kind", "Sniff"]

HEAD_BYTES: Final = 64 * 1024
"""So much of a file's beginning a kind is recognised by."""

OCTET_STREAM: Final = "application/octet-stream"
"""The media type of all that is refused as no text."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))


@dataclass(frozen=True)  # without slots, which cached properties do not go with
class Head:
    """The beginning of a file, at most HEAD_BYTES of it, and the extension of its name: "" or as in ".txt".

    The properties are made when a kind first asks for them.
    """

    data: bytes
    extension: str = ""

    @classmethod
    def of(cls, data: bytes, name: str) -> "Head":
        """Returns the head of a file that begins with `data` and is called `name`."""
        return cls(data[:HEAD_BYTES], PurePosixPath(name).suffix.lower())

    @property
    def is_whole(self) -> bool:
        """Tells whether it is all of the file."""
        return len(self.data) < HEAD_BYTES

    @property
    def has_byte_order_mark(self) -> bool:
        """Tells whether a byte order mark says that it is text."""
        return any(self.data.startswith(mark) for mark, _ in BYTE_ORDER_MARKS)

    @property
    def control_share(self) -> float:
        """Returns the share of its bytes that text does not have."""
        return (len(self.data) - len(self.data.translate(None, _CONTROLS))) / max(1, len(self.data))

    @cached_property
    def text(self) -> str:
        """Returns it as text, well enough to see markup: characters that are damaged or cut off are left out."""
        for mark, encoding in BYTE_ORDER_MARKS:
            if self.data.startswith(mark):
                return self.data[len(mark) :].decode(encoding, "ignore").replace("\0", "")
        return self.data.decode("utf-8", "ignore").replace("\0", "")

    @cached_property
    def body(self) -> str:
        """Returns the text without the white space that it begins with."""
        return self.text.lstrip()


Sniff = Callable[[Head], bool]
"""Tells by a file's head whether it is of a kind, in time linear in the head's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file that is told from the others.

    The registry asks the kinds in order, and the first whose `sniff` says so has the file. What none recognises by its
    content belongs to the kind that has its extension, unless that kind's files are told by `content_only`: prose is
    plain text though it is called ".html". `label` is what the documentation calls such a file, with its article.
    """

    media_type: str
    label: str
    extensions: tuple[str, ...] = ()
    sniff: Sniff | None = None
    content_only: bool = False
