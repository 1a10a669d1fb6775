"""Workbooks that a real writer made: sheets, dates, a preamble above the header, and hostile ones."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from ingest.containers.container import Cursor
from ingest.containers.tables.spreadsheets import SheetRows
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

HEADER = ["Title ", "Text", "Date", "Score"]
ROWS: list[list[Any]] = [
    ["Old bridge closes", "It is shut,\nsaid the mayor.", date(2031, 3, 4), 7],
    ["Trams", "Free from May.", datetime(2031, 3, 5, 9, 30), 0.25],  # noqa: DTZ001 - a cell has no zone
]


def workbook(write: Callable[[Any], None], **options: Any) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "dd.mm.yyyy", **options}) as book:
        write(book)
    return stream.getvalue()


def articles(book: Any) -> None:
    sheet = book.add_worksheet("März – Artikel")
    sheet.write(0, 1, "All articles of March")
    for number, row in enumerate([HEADER, ROWS[0], [], ROWS[1]]):
        sheet.write_row(number + 2, 1, row)
    book.add_worksheet("Empty")
    book.add_worksheet("Prices").write_row(0, 0, ["name", "price"])
    second = book.add_worksheet("More")
    second.write_row(0, 0, ["text"])
    second.write_row(1, 0, ["Another text."])


EXPECTED = {
    "März – Artikel:4": {
        "Title": "Old bridge closes",
        "Text": "It is shut,\nsaid the mayor.",
        "Date": "2031-03-04",
        "Score": "7",
    },
    "März – Artikel:6": {"Title": "Trams", "Text": "Free from May.", "Date": "2031-03-05 09:30:00", "Score": "0.25"},
    "More:2": {"text": "Another text."},
}


@pytest.mark.parametrize("options", [{}, {"constant_memory": True}, {"date_1904": True}])
def test_rows_of_sheets_with_a_text_are_objects(options: dict[str, Any]) -> None:
    data = workbook(articles, **options)
    assert detect(data, "a") == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with SheetRows(io.BytesIO(data)) as contents:
        members = list(contents.members())
        assert {str(member.place): json.loads(contents.read(member.place)) for member in members} == EXPECTED
        for number, member in enumerate(members, 1):
            assert list(contents.members(Cursor(member.next_position, member.ordinal))) == members[number:]
        for member in reversed(members):
            assert len(contents.read(member.place)) == member.length_bytes


def test_rows_are_documents() -> None:
    first, second, _ = (parse(one.data, one.media_type) for one in each_document(workbook(articles), "a.xlsx"))
    assert (value_of(first.metadata.title), str(value_of(first.metadata.published))) == (
        "Old bridge closes",
        "2031-03-04",
    )
    assert str(value_of(second.metadata.published)) == "2031-03-05T09:30:00+00:00"
    assert second.paragraphs == ("Free from May.",)


def test_two_cells_in_opposite_corners_take_no_memory() -> None:
    def corners(book: Any) -> None:
        sheet = book.add_worksheet("A")
        sheet.write_row(0, 0, ["title", "text"])
        sheet.write(1_048_575, 16_383, "far")

    data = workbook(corners)
    tracemalloc.start()
    with SheetRows(io.BytesIO(data)) as contents:
        assert [json.loads(contents.read(member.place)) for member in contents.members()] == [{"text": ""}]
    assert tracemalloc.get_traced_memory()[1] < 1 << 21
    tracemalloc.stop()


def replaced(data: bytes, part: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))
    return stream.getvalue()


def test_an_entity_is_not_resolved() -> None:
    data = workbook(articles)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = archive.read("xl/sharedStrings.xml")
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    hostile = texts.replace(b"<sst", laughs + b"<sst", 1).replace(b"Another text.", b"No &b; &f;.")
    with SheetRows(io.BytesIO(replaced(data, "xl/sharedStrings.xml", hostile))) as contents:
        assert json.loads(contents.read("More:2"))["text"] == "No "


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda data: data[:-200], "the spreadsheet is damaged: File is not a zip file"),
        (lambda data: replaced(data, "xl/sharedStrings.xml", b"<sst><si>"), "the spreadsheet is damaged"),
        (lambda data: replaced(data, "xl/workbook.xml", b"no XML"), "the spreadsheet is damaged"),
        (
            lambda data: replaced(data, "xl/worksheets/sheet1.xml", b" " * (64 << 20)),
            r"unpacks to 67,\d{3},\d{3} bytes, \d+ times its own",
        ),
        (lambda data: replaced(data, "xl/sharedStrings.xml", b"<sst/>"), "no text column"),
    ],
)
def test_what_is_broken_says_so(make: Callable[[bytes], bytes], reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        SheetRows(io.BytesIO(make(workbook(articles))))
