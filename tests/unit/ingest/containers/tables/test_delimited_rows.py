"""Tables as CSV and TSV: their rows as documents."""

import csv
import io
import json
from typing import Any

import pytest

from ingest.blobs.members import find_documents
from ingest.containers.container import Cursor
from ingest.containers.locator import Range
from ingest.containers.tables.delimited_rows import CONTAINER, DelimitedRows
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

NAMES = ["id", "Title ", "content", "Published At", "url"]
ROWS = [
    ["1", "Old bridge closes", 'It is "closed",\nsaid the mayor.', "2031-03-04", "https://amber.example/1"],
    ["2", "Überall Ärger", "Die Brücke über die Ansel bleibt zu.", "2031-03-05", "https://amber.example/2"],
]


def table(rows: list[list[str]], **dialect: Any) -> str:
    stream = io.StringIO()
    csv.writer(stream, **dialect).writerows(rows)
    return stream.getvalue()


def objects(data: bytes) -> list[dict[str, str]]:
    contents = DelimitedRows(io.BytesIO(data))
    return [json.loads(contents.read(member.place)) for member in contents.members()]


EXPECTED = [dict(zip(["id", "Title", "content", "Published At", "url"], row, strict=True)) for row in ROWS]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "mac-roman"])
@pytest.mark.parametrize("dialect", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoting": csv.QUOTE_ALL}])
def test_rows_are_objects_of_the_headers_names(encoding: str, dialect: dict[str, Any]) -> None:
    more = [[str(n), "Größe", f"Für Nummer {n} gilt: später öffnen, früher schließen.", "", ""] for n in range(3, 9)]
    data = table([NAMES, *ROWS, *more], **dialect).encode(encoding)
    assert objects(data)[:2] == EXPECTED


def test_documents_have_the_text_and_the_metadata_of_their_columns() -> None:
    data = ("sep=;\r\n" + table([NAMES, *ROWS], delimiter=";")).encode()
    documents = [parse(one.data, one.media_type) for one in each_document(data, "articles.csv")]
    assert [
        (value_of(one.metadata.title), str(value_of(one.metadata.published)), one.paragraphs) for one in documents
    ] == [
        ("Old bridge closes", "2031-03-04", ('It is "closed",', "said the mayor.")),
        ("Überall Ärger", "2031-03-05", ("Die Brücke über die Ansel bleibt zu.",)),
    ]


def test_rows_are_found_from_any_one_on_and_read_alone_in_chunks_of_any_size() -> None:
    data = table([["A list of March"], [], NAMES, *ROWS * 3]).encode()
    whole = list(DelimitedRows(io.BytesIO(data)).members())
    assert [member.ordinal for member in whole] == [4, 5, 6, 7, 8, 9]
    for chunk_bytes in (2, 16, 64):
        contents = DelimitedRows(io.BytesIO(data), chunk_bytes)
        assert list(contents.members()) == whole
        for number, member in enumerate(whole, 1):
            assert list(contents.members(Cursor(member.next_position, member.ordinal))) == whole[number:]
            assert json.loads(contents.read(member.place)) == EXPECTED[(number - 1) % 2]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"id,name,price\n1,lamp,20\n", r'^no text column \(there is "id", "name", "price"\)'),
        (b"1,2\n", "no text column"),
        (b"text," + b"x," * 9999 + b"x\n1" + b"," * 10_000, "the table has 10,001 columns, and at most 2,000 are read"),
    ],
)
def test_what_is_no_table_of_texts_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        list(find_documents(io.BytesIO(data), CONTAINER))


def test_a_summary_is_the_text_where_the_row_has_a_title_and_a_date() -> None:
    (document,) = each_document(b"date,title,description\n2031-03-04,Old bridge closes,It is shut.\n", "a.csv")
    assert parse(document.data, document.media_type).paragraphs == ("It is shut.",)


def test_rows_without_a_text_say_so_and_tiny_ones_are_one_document() -> None:
    data = b"id,content\n1,[Removed]\n2,\n3,\n4,The bridge over the Ansel is closed from today until the end of May.\n"
    without, last = each_document(data, "a.csv")
    assert (without.ordinal, last.ordinal) == (2, 5)
    with pytest.raises(TerminalError, match=r'3 short lines .* hold no article.*"content" holds no text'):
        parse(without.data, without.media_type)


def test_a_row_too_wide_keeps_its_cells_and_a_nul_goes() -> None:
    assert objects(b"title,text\nA,O\0ne,more\n") == [{"title": "A", "text": "One", "column 3": "more"}]


def test_a_row_of_another_encoding_is_read_as_what_it_is() -> None:
    rows = "title,text\nA,Ändert alles\n".encode() + "B,Für später und größer\n".encode("cp1252")
    assert [row["text"] for row in objects(rows)] == ["Ändert alles", "Für später und größer"]


def test_a_redacted_row_is_blank_and_the_others_keep_their_numbers() -> None:
    for encoding in ("utf-8", "utf-16"):
        data = table([NAMES, *ROWS, *ROWS]).encode(encoding)
        members = list(DelimitedRows(io.BytesIO(data)).members())
        place = members[0].place
        assert isinstance(place, Range)
        redacted = DelimitedRows.redact(io.BytesIO(data), [place]).read()
        assert list(DelimitedRows(io.BytesIO(redacted)).members()) == members[1:]


@pytest.mark.parametrize(
    ("text", "name", "is_table"),
    [
        ("title,text\nA,One\nB,Two\n", "a.txt", True),
        ("title\ttext\nA\tOne\nB\tTwo\n", "a", True),
        ("Any text, with commas\nand lines\n", "a.csv", True),
        ("Title, text\nThe bridge, old and grey, is closed.\nIt opens, they say, in May.\n", "a.txt", False),
        ("Text, and more\nMore text, and more\n", "a.txt", False),
        ("text\nof a single line\n", "a.txt", False),
    ],
)
def test_a_table_is_told_by_a_line_of_names_above_lines_as_wide(text: str, name: str, is_table: bool) -> None:
    assert (detect(text.encode(), name) == "text/csv") == is_table
