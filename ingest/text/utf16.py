"""Tells UTF-16 that has no byte order mark from UTF-8, from legacy charsets and from binary data."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["unmarked_utf16"]

_LOOKED_AT_BYTES: Final = 8 * 1024
_MIN_BYTES: Final = 16
# Half the bytes of English are NUL, and of Russian 04 (its letters are U+0400 and more): together they are ASCII.
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_MIN_CONTROL_SHARE: Final = 0.2
# What every text has between its words or sentences: space, line feed, full stops and commas of CJK, ideographic space.
_SPACES: Final = np.array([0x20, 0x0A, 0x3001, 0x3002, 0xFF0C, 0x3000], np.uint16)
_MAX_CHARACTERS_A_SPACE: Final = 150
# U+0000 to U+001F but tab and line breaks, U+007F to U+009F, surrogates, private use, specials.
_NO_TEXT: Final = ((0x00, 0x09), (0x0E, 0x20), (0x7F, 0xA0), (0xE000, 0xF900), (0xFFF0, 0x10000))
_SURROGATES: Final = (0xD800, 0xE000)
_MAX_SURROGATE_SHARE: Final = 0.2  # emoji
# A text is in one script and in ASCII; of these blocks one has nearly all of its letters.
_BLOCKS: Final = (
    ((0x00C0, 0x0250), (0x0300, 0x0370), (0x1E00, 0x1F00)),
    ((0x0370, 0x0400), (0x1F00, 0x2000)),
    ((0x0400, 0x0530),), ((0x0530, 0x0590),), ((0x0590, 0x0600),), ((0x0600, 0x0780),), ((0x0900, 0x0DFF),),
    ((0x0E00, 0x0F00),), ((0x1000, 0x10A0),), ((0x10A0, 0x1100),), ((0x1200, 0x1380),), ((0x1780, 0x1800),),
    ((0x3000, 0xA000),), ((0xAC00, 0xD7A4),),
)  # fmt: skip
_MIN_BLOCK_SHARE: Final = 0.85
# By all of them: ASCII, signs, forms.
_SHARED: Final = ((0x09, 0x0E), (0x20, 0x7F), (0xA0, 0xC0), (0x2000, 0x2070), (0x3000, 0x3030), (0xFF00, 0xFF66))


def unmarked_utf16(data: bytes) -> str | None:
    """Returns the codec, "utf-16-le" or "utf-16-be", if the beginning of `data` is text in it; None if it is not.

    Words are apart and letters are of one script in one order of the bytes alone: in the other, a space is U+2000 and a
    line feed U+0A00. Bytes that are UTF-8 with a few NULs are never taken for UTF-16.
    """
    head = data[: min(len(data), _LOOKED_AT_BYTES) & ~1]
    if len(head) < _MIN_BYTES or (_is_utf8(head) and _control_share(head) < _MIN_CONTROL_SHARE):
        return None
    for codec, form in (("utf-16-le", "<u2"), ("utf-16-be", ">u2")):
        if _reads_as_text(np.frombuffer(head, form)):
            return codec
    return None


def _control_share(head: bytes) -> float:
    return 1 - len(head.translate(None, _CONTROLS)) / len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _reads_as_text(units: NDArray[np.uint16]) -> bool:
    if any(_count(units, *span) for span in _NO_TEXT):
        return False
    if _count(units, *_SURROGATES) > _MAX_SURROGATE_SHARE * len(units):
        return False
    if int(np.isin(units, _SPACES).sum()) * _MAX_CHARACTERS_A_SPACE < len(units):
        return False
    letters = len(units) - sum(_count(units, *span) for span in _SHARED) - _count(units, *_SURROGATES)
    return max(sum(_count(units, *span) for span in block) for block in _BLOCKS) >= _MIN_BLOCK_SHARE * letters


def _count(units: NDArray[np.uint16], start: int, end: int) -> int:
    """Returns how many of the units are from `start` up to, and without, `end`."""
    return int(((units >= start) & (units < end)).sum())
