"""Text that is cut out of a larger file: it has the file's encoding, and no byte order mark of its own."""

import codecs
from typing import Final

from ingest.text.decode import BYTE_ORDER_MARKS, decode

__all__ = ["decode_slice", "mark_length", "utf16_codec"]

_PROBED_BYTES = 256
_MIN_NUL_SHARE = 0.75  # prose in Latin letters has some quotation marks and dashes whose upper byte is not zero

# Letters, quotation marks, dashes and signs that Western text has in windows-1252; and as many as it has of them at the
# most, where Cyrillic or Greek text has mostly such bytes.
_WESTERN = bytes([
    *b"\x80\x85\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9c\xa0\xa3\xa7\xa9\xab\xad\xae\xb0\xb7\xbb", *range(0xC0, 0x100)
])  # fmt: skip
_MAX_WESTERN_SHARE = 0.2

_MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def utf16_codec(data: bytes) -> str | None:
    """Returns Python's codec of UTF-16 that begins so, with a byte order mark or mostly in Latin letters, else None."""
    if codec := _MARKS.get(data[:2]):
        return codec
    probe = data[: _PROBED_BYTES & ~1]
    even, odd = probe[0::2].count(0), probe[1::2].count(0)
    needed = max(1, _MIN_NUL_SHARE * (len(probe) // 2))
    if odd >= needed and not even:
        return "utf-16-le"
    return "utf-16-be" if even >= needed and not odd else None


def mark_length(data: bytes) -> int:
    """Returns the length of the byte order mark that the bytes begin with."""
    return next((len(mark) for mark, _ in BYTE_ORDER_MARKS if data.startswith(mark)), 0)


def decode_slice(data: bytes) -> str:
    """Returns a slice of a text file as text, as `decode` does. Raises TerminalError if it is no text.

    Databases write Western languages in windows-1252 where they do not write UTF-8, and a slice may be too short for
    statistics to tell that.
    """
    codec = utf16_codec(data)
    if codec is None or mark_length(data):
        return decode(data, "windows-1252" if _is_western(data) else None)
    return decode(codecs.BOM_UTF8 + data.decode(codec, "replace").encode("utf-8", "replace"))


def _is_western(data: bytes) -> bool:
    high = data.translate(None, bytes(range(0x80)))
    return len(high) <= _MAX_WESTERN_SHARE * len(data) and not high.translate(None, _WESTERN)
