"""Undoes UTF-8 that was read by a legacy charset and encoded once more: "РњРѕСЃС‚" was "Мост".

ftfy does so for what was read as Latin-1, windows-1252 and some more. These are the others that texts are seen in.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["decode_twice_encoded"]

# Of a text that is encoded twice this share of the letters beyond ASCII are such sequences, and there are so many.
_MIN_SHARE: Final = 0.9
_MIN_SEQUENCES: Final = 3

# By codec the characters that one of its sequences begins with in the languages that it is seen with: the first bytes
# of Cyrillic (D0, D1), Greek (CE, CF), Hebrew (D7), Arabic (D8, D9), Thai (E0) and accented Latin (C3 to C5).
_MARKS: Final = {
    "cp1251": "РСОПЧШЩГД",
    "cp1250": "ĐŃĂÄĹ",
    "cp1253": "ΞΟ",
    "cp1255": "׳",
    "cp1256": "طظ",
    "cp874": "เ",
    "koi8-r": "пя",
    "cp866": "╨╤",
    "mac-cyrillic": "–—",
    "cp850": "ðÐ├─┼┬",
    "cp437": "╨╤├─┼┬",
}
_DASHES: Final = _MARKS["mac-cyrillic"]
# Who has none of these need not be looked at. Dashes stand before spaces elsewhere.
_ANY_MARK: Final = re.compile(
    f"[{''.join(marks for marks in _MARKS.values() if marks != _DASHES)}]|[{_DASHES}][\xa1-\u0461\u2020-\u2265]"
)
_TWO_BYTES, _THREE_BYTES, _FOUR_BYTES = range(0xC2, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF5)
_CONTINUATIONS: Final = range(0x80, 0xC0)
_HIGH: Final = range(0x80, 0x100)
_NO_BREAK_SPACE: Final = 0xA0


@dataclass(frozen=True, slots=True)
class _Reading:
    """UTF-8 as it looks in one charset: `sequences` of characters, and the bytes they were; `marks` finds one."""

    marks: re.Pattern[str]
    sequences: re.Pattern[str]
    bytes_: dict[str, int]

    @classmethod
    def by(cls, codec: str) -> "_Reading":
        characters = {byte: _character(byte, codec) for byte in _HIGH}

        def any_of(bytes_: range) -> str:
            return f"[{re.escape(''.join(characters[byte] for byte in bytes_))}]"

        # White space is made one space in many a file, also that which is the second half of a letter.
        last = f"(?:{any_of(_CONTINUATIONS)}| )"
        middle = any_of(_CONTINUATIONS)
        pattern = (
            f"{any_of(_TWO_BYTES)}{last}|{any_of(_THREE_BYTES)}{middle}{last}|{any_of(_FOUR_BYTES)}{middle}{{2}}{last}"
        )
        bytes_ = {character: byte for byte, character in characters.items()} | {" ": _NO_BREAK_SPACE}
        return cls(re.compile(f"[{_MARKS[codec]}]{middle}"), re.compile(pattern), bytes_)

    def undone(self, text: str) -> str | None:
        """Returns the text as it was; None where this is not how it was spoilt."""
        if not self.marks.search(text):
            return None
        sequences = self.sequences.findall(text)
        high = len(text) - len(text.encode("ascii", "ignore"))
        covered = sum(len(sequence) - sequence.count(" ") for sequence in sequences)
        if len(sequences) < _MIN_SEQUENCES or covered < _MIN_SHARE * high:
            return None
        return self.sequences.sub(self._decoded, text)

    def _decoded(self, match: re.Match[str]) -> str:
        """Returns the character that a sequence was; the sequence where it was none."""
        try:
            return bytes(self.bytes_[character] for character in match[0]).decode("utf-8")
        except UnicodeDecodeError:
            return match[0]


def _character(byte: int, codec: str) -> str:
    """Returns what a program makes of a byte: what is not in the charset is a control character, as in browsers."""
    try:
        return bytes([byte]).decode(codec)
    except UnicodeDecodeError:
        return chr(byte)


_READINGS: Final = tuple(_Reading.by(codec) for codec in _MARKS)


def decode_twice_encoded(text: str) -> str:
    """Returns `text` as it was before it was encoded twice; as it is, if it was not. In time linear in it."""
    if text.isascii() or not _ANY_MARK.search(text):
        return text
    return next((undone for reading in _READINGS if (undone := reading.undone(text)) is not None), text)
