"""The parts of a message (RFC 2045 to 2049, 2183, 2392), found by their boundaries in bounded depth and number."""

import binascii
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

from ingest.text.decode import decode
from newsmill.errors import TerminalError

__all__ = ["Part", "header_text", "read_message"]

_HEAD_END: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
_MAX_HEAD_BYTES = 256 * 1024
_MAX_DEPTH: Final = 20
_MAX_PARTS: Final = 2_000
_MAX_FIELD_CHARACTERS = 10_000
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


class Part:
    """A part of a message, or all of it: its fields, and its body as it was sent."""

    def __init__(self, head: Message, body: bytes) -> None:
        """Takes a head that is read already."""
        self._head = head
        self._body = body
        self._fields: dict[str, str] = {}
        for name, value in head.raw_items():  # `get` has lost bytes that are not ASCII
            self._fields.setdefault(name.lower(), str(value)[:_MAX_FIELD_CHARACTERS])

    @property
    def media_type(self) -> str:
        """Returns its type in lower case: "text/plain" where none is stated."""
        return self._head.get_content_type()

    @property
    def is_attachment(self) -> bool:
        """Tells whether it is to be saved, not to be shown."""
        said = (self.field("Content-Disposition") or "").strip().lower()
        return said.startswith("attachment")

    def parameter(self, name: str) -> str:
        """Returns a parameter of its type; "" for none."""
        try:
            value = self._head.get_param(name)
        except (ValueError, LookupError, TypeError, IndexError):  # the standard library's on some malformed ones
            return ""
        return value.strip() if isinstance(value, str) else ""

    def field(self, name: str) -> str | None:
        """Returns a field of its head as it stands there, on one line; None if it is missing."""
        value = self._fields.get(name.lower())
        return None if value is None else " ".join(value.split())

    def content(self) -> bytes:
        """Returns its body as it was before it was encoded to be sent; what is damaged in it is left out."""
        encoding = (self.field("Content-Transfer-Encoding") or "").strip().lower()
        if encoding == "base64":
            data = self._body.translate(None, _NOT_BASE64).replace(b"=", b"")
            whole = len(data) - (len(data) % 4 == 1)
            return binascii.a2b_base64(data[:whole] + b"=" * (-whole % 4))
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self._body)
        return self._body

    def text(self) -> str:
        """Returns its body as text. Raises TerminalError if it is none."""
        return decode(self.content(), self.parameter("charset") or None)

    def parts(self, depth: int = 0, count: list[int] | None = None) -> Iterator["Part"]:
        """Yields itself and all parts within, in their order.

        Raises TerminalError for parts nested in more than 20 others, and for more than 2,000 of them.
        """
        count = count if count is not None else [0]
        count[0] += 1
        if count[0] > _MAX_PARTS:
            raise TerminalError(f"the mail has more than {_MAX_PARTS:,} parts")
        yield self
        boundary = self.parameter("boundary") if self.media_type.startswith("multipart/") else ""
        if not boundary:
            return
        if depth >= _MAX_DEPTH:
            raise TerminalError(f"the mail has parts within parts, more than {_MAX_DEPTH} deep")
        for piece in _pieces(self._body, boundary):
            yield from read_message(piece).parts(depth + 1, count)


def read_message(data: bytes) -> Part:
    """Returns a message by its head and its body."""
    if data.startswith((b"\n", b"\r\n")):
        return Part(Message(), data)
    end = _HEAD_END.search(data, 0, _MAX_HEAD_BYTES)
    head = data[: end.start()] if end else data[:_MAX_HEAD_BYTES]
    body = data[end.end() :] if end else data[len(head) :]
    return Part(BytesHeaderParser().parsebytes(head), body)


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """Yields what lies between the lines with the boundary; what the last one lacks is read up to the end."""
    line = re.compile(
        rb"(?:^|\n)--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*(?:\r?\n|\r|$)"
    )
    start: int | None = None
    position = 0
    while match := line.search(body, position):
        if start is not None:
            yield body[start : match.start()].removesuffix(b"\r")
        if match[1]:
            return
        start = match.end()
        # The line break behind one boundary is the one before the next.
        position = max(match.end() - 1, match.start() + 1)
    if start is not None:
        yield body[start:]


def header_text(value: str | None) -> str:
    """Returns a field with its encoded words (RFC 2047) as text; "" for none."""
    if not value:
        return ""
    if not value.isascii():  # raw bytes, which the standard library keeps as surrogates
        value = decode(value.encode("utf-8", "surrogateescape"))
    if "=?" not in value:
        return value
    try:
        words = decode_header(value)
    except (HeaderParseError, ValueError, binascii.Error):
        return value
    return "".join(word if isinstance(word, str) else _word(word, charset) for word, charset in words)


def _word(word: bytes, charset: str | None) -> str:
    try:
        return decode(word, charset)
    except TerminalError:
        return word.decode("ascii", "ignore")
