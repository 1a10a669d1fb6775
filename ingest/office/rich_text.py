r"""The paragraphs of a document in RTF (specification 1.9.1), read in one go over its bytes.

Groups keep a state: what their text is for, the font, how many characters stand for one in Unicode. A character may be
written as bytes in the code page of the font, also as two (`\'83e`): bytes are collected until the code page changes.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ingest.office.styled import Look, OpenParagraph, Paragraph
from newsmill.errors import TerminalError

__all__ = ["RichText", "read_rich_text"]

_TOKEN: Final = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\(?P<symbol>[^a-zA-Z])|\\"
)
_MAX_DEPTH = 1_000
_DEFAULT_POINTS = 12.0
_MAX_HALF_POINTS = 3276

# Code pages by the character sets of fonts.
_CHARSETS: Final = {
    77: "mac-roman", 78: "cp932", 79: "cp949", 80: "gbk", 81: "big5", 128: "cp932", 129: "cp949", 130: "johab",
    134: "gbk", 136: "big5hkscs", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_CODE_PAGES: Final = {936: "gbk", 950: "big5hkscs", 10000: "mac-roman", 65001: "utf-8", 1361: "johab", 708: "cp1256"}
_KNOWN_PAGES: Final = frozenset(
    [
        437,
        720,
        737,
        775,
        850,
        852,
        855,
        857,
        858,
        860,
        861,
        862,
        863,
        864,
        865,
        866,
        869,
        874,
        932,
        949,
        *range(1250, 1259),
    ]
)

_BREAKS: Final = dict.fromkeys(b"par sect page line row cell nestcell nestrow column".split(), "\n")
_CHARACTERS: Final = {
    b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
    b"bullet": "\u2022", b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
}  # fmt: skip
_SYMBOLS: Final = {b"~": "\u00a0", b"_": "\u2011", b"\n": "\n", b"\r": "\n", b"-": ""}

# What a group that begins with one of these words is for; a group that begins with \* and no known word is skipped.
_TEXT, _SKIP, _NOTE, _STYLES, _FONTS, _TITLE, _AUTHOR = "text", "skip", "note", "styles", "fonts", "title", "author"
_SKIPPED: Final = frozenset(
    b"""colortbl pict object objdata header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc ftncn
    aftnsep aftnsepc aftncn annotation atnid atnauthor atndate atnref atnicn atntime atnparent pntext listtext pn pntxta
    pntxtb listtable listoverridetable revtbl rsidtbl generator info fldinst datafield formfield xe tc txe rxe bkmkstart
    bkmkend nonshppict shprslt sp themedata colorschememapping latentstyles datastore xmlnstbl mmathPr template
    operator category comment doccomm keywords subject manager company hlinkbase creatim revtim printim buptim filetbl
    background ffdeftext ffname ffhelptext ffstattext falt panose fontemb userprops passwordhash wgrffmtfilter
    upr""".split()
)
_SINKS: Final = {b"footnote": _NOTE, b"stylesheet": _STYLES, b"fonttbl": _FONTS, b"title": _TITLE, b"author": _AUTHOR}
_PASSED: Final = frozenset([b"shpinst", b"shptxt", b"shp", b"do", b"dptxbxtext", b"fldrslt", b"result", b"ud", b"cs"])


class RichText(NamedTuple):
    """The paragraphs of a document, notes last, and what it states of itself; "" for nothing."""

    paragraphs: tuple[Paragraph, ...]
    title: str
    author: str


@dataclass(frozen=True, slots=True)
class _Group:
    sink: str = _TEXT
    outer: str = _TEXT  # what the text around is for, where this is written twice: plainly, and in Unicode
    in_info: bool = False
    skipped_characters: int = 1  # behind a character in Unicode, for programs that know none
    font: int = -1
    far_font: int = -1  # of Asian text
    is_far: bool = False
    hidden: bool = False
    style: int = 0
    look: Look = Look(_DEFAULT_POINTS)  # noqa: RUF009 - immutable


def read_rich_text(data: bytes) -> RichText:
    """Returns what a document holds. Raises TerminalError if its groups are nested without end."""
    return _Reader(data).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._group = _Group()
        self._stack: list[_Group] = []
        self._starts = True  # a group has begun, and no word of it was read
        self._starred = False
        self._to_skip = 0
        self._bytes = bytearray()
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._default_font = -1
        self._sinks: dict[str, list[str]] = {}
        self._text = OpenParagraph()
        self._paragraphs: list[Paragraph] = []
        self._styles: dict[int, str] = {}

    def read(self) -> RichText:
        """Reads all tokens."""
        position, size = 0, len(self._data)
        while position < size:
            match = _TOKEN.match(self._data, position)
            if match is None:
                break
            position = match.end()
            if match["text"]:
                self._take_bytes(match["text"])
            elif match["word"]:
                position += self._take_word(match["word"], int(match["number"]) if match["number"] else None)
            elif match["hex"]:
                self._take_bytes(bytes([int(match["hex"], 16)]))
            elif match["brace"]:
                self._take_brace(match["brace"])
            elif match["symbol"]:
                self._take_symbol(match["symbol"])
        self._end_paragraph()
        notes = [Paragraph(text) for line in self._of(_NOTE).splitlines() if (text := " ".join(line.split()))]
        return RichText((*self._paragraphs, *notes), self._of(_TITLE), self._of(_AUTHOR))

    def _of(self, sink: str) -> str:
        return _paired("".join(self._sinks.get(sink, ())).strip())

    def _take_brace(self, brace: bytes) -> None:
        self._flush()
        self._to_skip = 0
        if brace == b"{":
            if len(self._stack) >= _MAX_DEPTH:
                raise TerminalError(f"the RTF document is nested more than {_MAX_DEPTH:,} groups deep")
            self._stack.append(self._group)
            self._starts, self._starred = True, False
        elif self._stack:
            if self._group.sink == _STYLES:
                self._end_style()
            elif self._group.sink == _NOTE and self._stack[-1].sink != _NOTE:
                self._sinks.setdefault(_NOTE, []).append("\n")
            self._group = self._stack.pop()
            self._starts = self._starred = False

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = self._starts
        elif symbol in b"\\{}":  # also the second byte of a character in Asian code pages
            self._take_bytes(symbol)
        elif symbol in _SYMBOLS:
            self._flush()
            self._put(_SYMBOLS[symbol])

    def _take_bytes(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._starts = False
        if self._group.sink != _SKIP and not self._group.hidden:
            self._bytes += data

    def _take_word(self, word: bytes, number: int | None) -> int:
        """Takes a control word; returns how many bytes behind it are data."""
        if word == b"bin":
            return max(0, number or 0)
        if self._starts and not self._begin(word):
            return 0
        if word == b"u" and number is not None:
            self._flush()
            self._put(chr(number % 0x10000))
            self._to_skip = self._group.skipped_characters
        elif word in _BREAKS or word in _CHARACTERS:
            self._flush()
            self._put(_BREAKS.get(word) or _CHARACTERS[word])
        else:
            self._change(word, number)
        return 0

    def _begin(self, word: bytes) -> bool:
        """Takes the first word of a group, which says what it is for; returns whether it says anything else."""
        self._starts = False
        known = word in _SINKS or word in _SKIPPED or word in _PASSED
        if not known and not self._starred:
            return True
        group = self._group
        if word == b"upr":
            self._group = replace(group, sink=_SKIP, outer=group.sink)
        elif word == b"ud":
            self._group = replace(group, sink=group.outer)
        elif word == b"info":
            self._group = replace(group, sink=_SKIP, in_info=True)
        elif word in {b"title", b"author"}:
            if group.in_info:
                self._sinks.pop(_SINKS[word], None)
                self._group = replace(group, sink=_SINKS[word])
        elif group.sink != _SKIP:
            if word in _SINKS:
                self._group = replace(group, sink=_SINKS[word])
            elif word not in _PASSED:
                self._group = replace(group, sink=_SKIP)
        return False

    def _change(self, word: bytes, number: int | None) -> None:  # noqa: C901 - a list
        group = self._group
        if word == b"f" and number is not None:
            self._flush()
            self._group = replace(group, font=number)
        elif word == b"af" and number is not None:
            self._flush()
            self._group = replace(group, far_font=number)
        elif word in {b"dbch", b"loch", b"hich"}:
            self._flush()
            self._group = replace(group, is_far=word == b"dbch")
        elif word == b"uc":
            self._group = replace(group, skipped_characters=max(0, min(number or 0, 10)))
        elif word in {b"v", b"deleted"}:
            self._flush()
            self._group = replace(group, hidden=number != 0)
        elif word == b"plain":
            self._flush()
            self._group = replace(group, hidden=False, font=self._default_font, look=Look(_DEFAULT_POINTS))
        elif word in {b"b", b"fs"}:
            self._flush()
            self._group = replace(group, look=_changed(group.look, word, number))
        elif word == b"pard":
            self._group = replace(group, style=0)
        elif word == b"s" and number is not None:
            self._group = replace(group, style=number)
        elif word == b"deff" and number is not None:
            self._default_font = number
        elif word == b"ansicpg" and number is not None:
            self._page = _code_page(number) or self._page
        elif word == b"mac":
            self._page = "mac-roman"
        elif group.sink == _FONTS:
            codec = _CHARSETS.get(number or 0) if word == b"fcharset" else None
            codec = _code_page(number or 0) if word == b"cpg" else codec
            if codec:
                self._fonts[group.font] = codec

    def _codec(self) -> str:
        group = self._group
        font = group.far_font if group.is_far and group.far_font in self._fonts else group.font
        return self._fonts.get(font if font >= 0 else self._default_font, self._page)

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._put(data.decode(self._codec(), "replace"))

    def _put(self, text: str) -> None:
        group = self._group
        if group.sink == _SKIP or group.hidden or group.sink == _FONTS:
            return
        if group.sink != _TEXT:
            self._sinks.setdefault(group.sink, []).append(text)
        elif text == "\n":
            self._end_paragraph()
        else:
            self._text.add(text, group.look)

    def _end_paragraph(self) -> None:
        self._flush_text()
        self._text = OpenParagraph()

    def _flush_text(self) -> None:
        if self._bytes:
            self._flush()
        text = " ".join(_paired(self._text.text).split())
        if text:
            self._paragraphs.append(Paragraph(text, self._styles.get(self._group.style, ""), self._text.look))

    def _end_style(self) -> None:
        name = "".join(self._sinks.pop(_STYLES, ())).partition(";")[0].strip().lower()
        if name:
            self._styles.setdefault(self._group.style, name)


def _changed(look: Look, word: bytes, number: int | None) -> Look:
    if word == b"b":
        return look._replace(bold=number != 0)
    return look._replace(size=number / 2) if number and 0 < number <= _MAX_HALF_POINTS else look


def _code_page(number: int) -> str | None:
    return _CODE_PAGES.get(number) or (f"cp{number}" if number in _KNOWN_PAGES else None)


def _paired(text: str) -> str:
    """Returns text with each pair of surrogates as the one character that it stands for."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
