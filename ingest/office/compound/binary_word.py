"""The text of Word documents before 2007 ([MS-DOC], Word 97 on): pieces of it lie in the file in any order."""

import re
from collections.abc import Iterator
from struct import error, unpack_from
from typing import Final, NamedTuple

from ingest.office.compound.compound_file import CompoundFile
from ingest.office.compound.summary import read_summary
from newsmill.errors import TerminalError

__all__ = ["BinaryWord", "read_binary_word"]

_LABEL: Final = "the Word document"
_MAGIC = 0xA5EC
_WORD_97 = 0xC1
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_COMPRESSED = 0x40000000
_PIECE_BYTES = 8
_FIELD, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_FIELD_MARKS: Final = re.compile("[\x13-\x15]")
_MARKS: Final = "\1\2\3\4\5\6\x08\x1f"  # where pictures, notes and comments are anchored, and soft hyphens
_BREAKS: Final = str.maketrans(dict.fromkeys("\r\x07\x0b\x0c\x0e", "\n") | {"\x1e": "-"} | dict.fromkeys(_MARKS))


class BinaryWord(NamedTuple):
    """The paragraphs of a document, footnotes last, and what it states of itself; "" for nothing."""

    paragraphs: tuple[str, ...]
    title: str
    author: str


def read_binary_word(data: bytes) -> BinaryWord:
    """Returns what a document holds. Raises TerminalError if it is damaged, encrypted, or older than Word 97."""
    file = CompoundFile(data, _LABEL)
    stream = file.read("WordDocument")
    if stream is None:
        raise TerminalError(
            "this is an old Office document that is no text (.xls or the like); convert it to plain text"
        )
    try:
        magic, version = unpack_from("<HH", stream, 0)
        (flags,) = unpack_from("<H", stream, 10)
        text_characters, note_characters = unpack_from("<II", stream, 0x4C)
        pieces_at, pieces_bytes = unpack_from("<II", stream, 0x1A2)
        if magic != _MAGIC or version < _WORD_97:
            raise TerminalError("the Word document is of a version before Word 97; save it as .docx")
        if flags & _ENCRYPTED:
            raise TerminalError("the Word document is protected by a password; save it without one")
        table = file.read("1Table" if flags & _TABLE_1 else "0Table") or b""
        wanted = text_characters + note_characters
        if wanted > len(stream):
            raise TerminalError(f"{_LABEL} is damaged: it states {wanted:,} characters and has fewer bytes")
        text = "".join(_pieces(stream, table[pieces_at : pieces_at + pieces_bytes], wanted))
    except error as cause:
        raise TerminalError(f"{_LABEL} is cut off or damaged: its pieces of text cannot be found") from cause
    stated = read_summary(file)
    lines = (" ".join(line.split()) for line in _without_fields(text).translate(_BREAKS).split("\n"))
    return BinaryWord(tuple(line for line in lines if line), stated.title, stated.author)


def _pieces(stream: bytes, table: bytes, wanted: int) -> Iterator[str]:
    """Yields the text of the pieces in their order, `wanted` characters of it at the most."""
    at = 0
    while at < len(table) and table[at] == 1:  # what was formatted in haste
        at += 3 + unpack_from("<H", table, at + 1)[0]
    kind, length = unpack_from("<BI", table, at)
    if kind != 2:  # noqa: PLR2004 - the mark of the table
        raise TerminalError(f"{_LABEL} is cut off or damaged: it has no table of its pieces of text")
    count = max(0, length - 4) // (4 + _PIECE_BYTES)
    places = unpack_from(f"<{count + 1}I", table, at + 5)
    begin = at + 5 + 4 * (count + 1)
    taken = 0
    for number in range(count):
        characters = min(max(0, places[number + 1] - places[number]), wanted - taken)
        if characters <= 0:
            continue
        (offset,) = unpack_from("<I", table, begin + _PIECE_BYTES * number + 2)
        start = (offset & ~_COMPRESSED) // 2 if offset & _COMPRESSED else offset
        if offset & _COMPRESSED:
            yield stream[start : start + characters].decode("cp1252", "replace")
        else:
            yield stream[start : start + 2 * characters].decode("utf-16-le", "replace")
        taken += characters


def _without_fields(text: str) -> str:
    """Returns the text with the results of fields, and without what they are made of."""
    if _FIELD not in text:
        return text
    parts: list[str] = []
    around: list[bool] = []  # the fields around, and whether they are hidden, as their results have not begun
    hidden = start = 0
    for mark in _FIELD_MARKS.finditer(text):
        if not hidden:
            parts.append(text[start : mark.start()])
        start = mark.end()
        if mark[0] == _FIELD:
            around.append(True)
            hidden += 1
        elif around:
            hidden -= around[-1]
            around[-1] = False
            if mark[0] == _FIELD_END:
                around.pop()
    if not hidden:
        parts.append(text[start:])
    return "".join(parts)
