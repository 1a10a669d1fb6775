"""The parts of an XLSX workbook (ISO/IEC 29500): its sheets as streams of rows, in memory that no sheet's size changes.

Cells are kept as sparse as they are written: a reader that makes a rectangle of them needs 550 GB for two cells in
opposite corners of a sheet, in a file of 6 kB (python-calamine 0.9, whose process ends there).
"""

import re
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, Final, NamedTuple
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from lxml import etree

from newsmill.errors import TerminalError

__all__ = ["Row", "Workbook"]

_MAX_UNPACKED_BYTES: Final = 2 * 1024 * 1024 * 1024
_MAX_RATIO: Final = 300  # rows of one repeated number reach 60
_SMALL_BYTES: Final = 16 * 1024 * 1024  # what unpacks to so little harms nobody, whatever its ratio
_MAX_PARTS: Final = 20_000
_MAX_STYLES: Final = 100_000
_SPOOLED_BYTES: Final = 8 * 1024 * 1024
_MAX_COLUMN: Final = 16_384  # Excel's own limit

_CELL: Final = re.compile(r"([A-Za-z]{1,3})\d{1,7}\Z")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")  # a control character: ISO/IEC 29500-1, 22.9.2.19
_FORMAT_TEXT: Final = re.compile(r'"[^"]*+"|\[[^\]]*+\]|\\.')
_DATE_LETTER: Final = re.compile("[ymdhs]", re.IGNORECASE)
_DATE_FORMATS: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_EPOCH_1900: Final = datetime(1899, 12, 30, tzinfo=UTC)
_EPOCH_1904: Final = datetime(1904, 1, 1, tzinfo=UTC)
_LAST_SERIAL: Final = 2_958_465  # the end of the year 9999

_RELATION_ID: Final = re.compile(r"\{[^}]*\}id\Z")


class Row(NamedTuple):
    """A row: its number, from 1 on, and its cells that hold something by their column, from 0 on."""

    number: int
    cells: dict[int, Any]


class Workbook:
    """An XLSX file. What is wrong with it is a TerminalError."""

    def __init__(self, stream: BinaryIO) -> None:
        """Opens it, and reads its styles and its table of texts; the texts lie in a file beyond 8 MiB."""
        self._texts: IO[bytes] = SpooledTemporaryFile(_SPOOLED_BYTES, prefix="newsmill-")  # noqa: SIM115
        self._ends = array("Q")
        try:
            self._zip = self._asked(lambda: ZipFile(stream))
            self._require_bounded(stream.seek(0, 2))
            names = {name.lower(): name for name in self._zip.namelist()}
            self._names = names
            self._epoch, self.sheets = self._asked(self._read_sheets)
            self._dates = self._asked(self._read_styles)
            self._asked(self._read_texts)
        except BaseException:
            self.close()
            raise

    sheets: dict[str, str]
    """The part of each sheet, by the sheet's name, in their order."""

    def close(self) -> None:
        """Removes the file of the texts."""
        self._texts.close()

    def rows(self, sheet: str) -> Iterator[Row]:
        """Yields the rows of a sheet that hold a cell."""
        cells: dict[int, Any] = {}
        number, column = 0, -1
        elements = self._elements(self.sheets[sheet], "{*}c", "{*}row")
        while (element := self._asked(lambda: next(elements, None))) is not None:
            if element.tag.endswith("}row"):
                number = int(element.get("r") or number + 1) if (element.get("r") or "1").isdigit() else number + 1
                if cells:
                    yield Row(number, cells)
                cells, column = {}, -1
            else:
                column = _column_of(element.get("r")) if element.get("r") else column + 1
                value = self._asked(lambda: self._value(element))
                if value not in (None, "") and 0 <= column < _MAX_COLUMN:
                    cells[column] = value

    def _value(self, cell: Any) -> Any:
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            return _plain_text(cell)
        text = "".join(one.text or "" for one in cell.iterchildren("{*}v"))
        if kind == "s":
            return self._text(int(text)) if text.isdigit() else None
        if kind == "n":
            return self._number(text, cell.get("s"))
        if kind == "b":
            return text == "1"
        return None if kind == "e" else _unescaped(text)

    def _number(self, text: str, style: str | None) -> Any:
        if style and style.isdigit() and int(style) in self._dates:
            return self._moment(text)
        return text

    def _moment(self, text: str) -> str:
        """Returns the date that a number of days stands for, with the time if it has one."""
        try:
            days = float(text)
        except ValueError:
            return text
        if not 1 <= days <= _LAST_SERIAL:
            return text
        moment: datetime = self._epoch + timedelta(seconds=round(days * 86_400))
        return moment.strftime("%Y-%m-%d") if days.is_integer() else moment.strftime("%Y-%m-%d %H:%M:%S")

    def _text(self, number: int) -> str | None:
        if number >= len(self._ends):
            return None
        begin = self._ends[number - 1] if number else 0
        self._texts.seek(begin)
        text: bytes = self._texts.read(self._ends[number] - begin)
        return text.decode("utf-8")

    def _read_sheets(self) -> tuple[datetime, dict[str, str]]:
        targets = {
            one.get("Id"): _joined_part(one.get("Target") or "")
            for one in self._elements("xl/_rels/workbook.xml.rels", "{*}Relationship")
            if (one.get("Type") or "").endswith("/worksheet")
        }
        sheets: dict[str, str] = {}
        epoch = _EPOCH_1900
        for one in self._elements("xl/workbook.xml", "{*}sheet", "{*}workbookPr"):
            if one.tag.endswith("}workbookPr"):
                epoch = _EPOCH_1904 if one.get("date1904") in {"1", "true"} else _EPOCH_1900
                continue
            id_ = next((value for name, value in one.items() if _RELATION_ID.match(name)), None)
            if id_ in targets:
                sheets.setdefault(one.get("name") or f"sheet {len(sheets) + 1}", targets[id_])
        return epoch, sheets

    def _read_styles(self) -> frozenset[int]:
        """Returns the styles of cells whose number is a date."""
        if "xl/styles.xml" not in self._names:
            return frozenset()
        custom: set[int] = set()
        dates: set[int] = set()
        count = 0
        for one in self._elements("xl/styles.xml", "{*}numFmt", "{*}xf"):
            if one.tag.endswith("}numFmt"):
                letters = _FORMAT_TEXT.sub("", one.get("formatCode") or "")
                if _DATE_LETTER.search(letters) and (one.get("numFmtId") or "").isdigit():
                    custom.add(int(one.get("numFmtId")))
            elif one.getparent() is not None and one.getparent().tag.endswith("}cellXfs") and count < _MAX_STYLES:
                id_ = int(one.get("numFmtId") or 0) if (one.get("numFmtId") or "0").isdigit() else 0
                if id_ in _DATE_FORMATS or id_ in custom:
                    dates.add(count)
                count += 1
        return frozenset(dates)

    def _read_texts(self) -> None:
        if "xl/sharedstrings.xml" not in self._names:
            return
        for one in self._elements("xl/sharedStrings.xml", "{*}si"):
            self._texts.write(_plain_text(one).encode("utf-8", "replace"))
            self._ends.append(self._texts.tell())

    def _elements(self, part: str, *tags: str) -> Iterator[Any]:
        """Yields the elements of these names in a part as they end, and forgets what came before each."""
        name = self._names.get(part.lower())
        if name is None:
            raise TerminalError(f"the spreadsheet lacks its part {part!r}")
        with self._zip.open(name) as source:
            events = etree.iterparse(
                source, tag=tags, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
            )
            for _, element in events:
                yield element
                if not element.tag.endswith("}xf"):  # the parent's children tell which list of styles it is in
                    element.clear(keep_tail=False)
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def _require_bounded(self, size: int) -> None:
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > _MAX_PARTS:
            raise TerminalError(f"the spreadsheet has {len(parts):,} parts, more than any has")
        if any(part.flag_bits & 1 for part in parts):
            raise TerminalError("the spreadsheet is encrypted; save it without a password")
        if unpacked > _MAX_UNPACKED_BYTES or unpacked > max(_MAX_RATIO * size, _SMALL_BYTES):
            raise TerminalError(
                f"the spreadsheet unpacks to {unpacked:,} bytes, {unpacked // max(1, size)} times its own;"
                " save it as CSV"
            )

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except (BadZipFile, ZlibError, etree.XMLSyntaxError, EOFError, NotImplementedError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise TerminalError(f"the spreadsheet is damaged: {reason}") from error
        except (ValueError, OverflowError, KeyError) as error:
            raise TerminalError(f"the spreadsheet cannot be read: {error}") from error


def _joined_part(target: str) -> str:
    """Returns the name of a part that the workbook names."""
    return target.lstrip("/") if target.startswith("/") else "xl/" + target.removeprefix("./")


def _plain_text(element: Any) -> str:
    """Returns the runs of a text without what is said of how they are spoken."""
    parts = (one for one in element.iter("{*}t") if not one.getparent().tag.endswith("}rPh"))
    return _unescaped("".join(one.text or "" for one in parts))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _column_of(reference: str) -> int:
    match = _CELL.match(reference)
    if match is None:
        return -1
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return column - 1
