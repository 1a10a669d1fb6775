"""What kind of file some bytes are: the shape in which formats, containers and refusals say how they are recognised."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import PurePosixPath
from struct import Struct
from typing import Any, Final

from ingest.text.decode import unicode_form
from newsmill.errors import TerminalError

__all__ = ["HEAD_BYTES", "OCTET_STREAM", "Head", "Kind", "Sniff", "need"]

HEAD_BYTES: Final = 64 * 1024
"""So much of a file's beginning a kind is recognised by."""

OCTET_STREAM: Final = "application/octet-stream"
"""The media type of all that is refused as no text."""

# APPNOTE 4.3.7: magic, version, flags, method, time, date, CRC-32, packed and unpacked size, lengths of name and extra.
_ZIP_HEADER = Struct("<4s5H3I2H")
_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_SIZE_FOLLOWS = 1 << 3

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

    @cached_property
    def unicode_form(self) -> tuple[str | None, int]:
        """Returns the codec that a mark or the look of UTF-16 tell, and where its text begins, or (None, 0)."""
        return unicode_form(self.data)

    @property
    def control_share(self) -> float:
        """Returns the share of its bytes that text does not have."""
        return (len(self.data) - len(self.data.translate(None, _CONTROLS))) / max(1, len(self.data))

    @cached_property
    def text(self) -> str:
        """Returns it as text, well enough to see markup: characters that are damaged or cut off are left out."""
        codec, start = self.unicode_form
        return self.data[start:].decode(codec or "utf-8", "ignore").replace("\0", "")

    @cached_property
    def body(self) -> str:
        """Returns the text without the white space that it begins with."""
        return self.text.lstrip()

    @cached_property
    def zip_names(self) -> tuple[str, ...]:
        """Returns the names of the first files of a ZIP archive, as far as the head has their headers; () for others.

        An archive in it that is stored as it is has no part in them.
        """
        return tuple(_zip_names(self.data))


def _zip_names(data: bytes) -> Iterator[str]:
    at = 0
    while at >= 0 and data.startswith(_ZIP_MAGIC, at) and at + _ZIP_HEADER.size <= len(data):
        _, _, flags, method, _, _, _, packed, _, name_length, extra_length = _ZIP_HEADER.unpack_from(data, at)
        start = at + _ZIP_HEADER.size
        yield data[start : start + name_length].decode("utf-8", "replace")
        at = start + name_length + extra_length + packed
        if flags & _ZIP_SIZE_FOLLOWS and not packed:
            if not method:
                return  # where it ends cannot be seen
            at = data.find(_ZIP_MAGIC, at)


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


def need(module: str, extra: str, label: str) -> Any:
    """Returns a module that an extra of Newsmill installs. Raises TerminalError, which names the extra, if it is not.

    `label` is what the extra reads, in the plural: "Parquet files".
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise TerminalError(
            f"{label} are read where Newsmill is installed with {extra!r}: pip install 'newsmill[{extra}]',"
            " then newsmill retry"
        ) from error
