"""Hostile tables and arrays: quotes left open, endless rows and columns, arrays that do not end, lying lengths."""

import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from contextlib import closing

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["TABLES"]

_ARTICLE = '{"title": "A", "url": "https://amber.example", "text": "' + PROSE + '"}'
_HEADER = "title,text,date\n"


def _array(unit: str, first: str = "[" + _ARTICLE + ",", last: str = "]") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + last.encode()


def _table(unit: str, first: str = _HEADER + f'A,"{PROSE}",2031\n', last: str = "\n") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + last.encode()


def _database(statement: str, cut: float = 1.0) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("create table news (title text, text text)")
            database.execute(statement.format(size=size), (PROSE,) if "?" in statement else ())
            database.commit()
            return database.serialize()[: int(size * cut) if cut < 1 else None]

    return make


def _workbook(rows: str, *, texts: str = "", stated: int | None = None) -> Callable[[int], bytes]:
    """Makes an XLSX file of one sheet, in which the unit of rows is repeated; `stated` is a size that it lies about."""

    def make(size: int) -> bytes:
        relations = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>'
        )
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        other = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("title", "text"))
        sheet = f'<worksheet xmlns="{main}"><sheetData><row>{header}</row>'.encode() + fill(rows, size)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{other}"><sheets>'
                             '<sheet name="A" r:id="r1"/></sheets></workbook>')  # fmt: skip
            archive.writestr("xl/_rels/workbook.xml.rels", relations)
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{texts}</sst>')
            archive.writestr("xl/worksheets/sheet1.xml", sheet + b"</sheetData></worksheet>")
        data = stream.getvalue()
        if stated is None:
            return data
        last = data.rindex(b"PK\x01\x02")
        return data[: last + 24] + struct.pack("<I", stated) + data[last + 28 :]

    return make


_CELLS = f'<row><c t="inlineStr"><is><t>A</t></is></c><c t="inlineStr"><is><t>{PROSE}</t></is></c></row>'

TABLES: dict[str, Callable[[int], bytes]] = {
    "array_of_articles.json": _array(_ARTICLE + ",\n", last=_ARTICLE + "]"),
    "array_not_closed.json": _array(_ARTICLE + ","),
    "array_of_brackets.json": _array("["),
    "array_of_closed_brackets.json": _array("[]"),
    "array_of_commas.json": _array(","),
    "array_of_nulls.json": _array("null,"),
    "array_of_numbers.json": _array("1,"),
    "array_of_tiny_objects.json": _array("{},"),
    "array_of_open_strings.json": _array('"\\'),
    "array_of_quotes.json": _array('"'),
    "array_of_one_string.json": _array("a", first='[{"text": "', last='"}]'),
    "array_deep.json": _array('{"items":[', first="", last=""),
    "array_deep_lists.json": _array("[", first='[{"text":', last=""),
    "array_of_backslashes.json": _array("\\", first='[{"text": "', last=""),
    "array_of_many_keys.json": _array('"a":1,', first='[{"text": "One.",', last='"b":2}]'),
    "table_quote_open.csv": _table(f"A,{PROSE},2031\n", first=_HEADER + 'A,"'),
    "table_quotes.csv": _table('"'),
    "table_quotes_in_lines.csv": _table('A,",2031\n'),
    "table_commas.csv": _table(","),
    "table_columns.csv": lambda size: b"text" + fill(",x", size) + b"\n1" + fill(",1", size),
    "table_rows_of_nothing.csv": _table(",,\n"),
    "table_blank_lines.csv": _table("\n"),
    "table_returns.csv": _table("\r"),
    "table_nuls.csv": _table("A\0,B\0," + PROSE + "\n"),
    "table_one_row.csv": _table(PROSE + " "),
    "table_backslashes.csv": _table('"\\"', first=_HEADER + '"\\"",'),
    "table_single_quotes.csv": _table("'A','" + PROSE + "',2031\n", first="'title','text','date'\n"),
    "table_tabs.tsv": _table("\t", first="title\ttext\tdate\n"),
    "database_of_articles.db": _database("insert into news values ('A', ?)"),
    "database_of_one_value.db": _database("insert into news values ('A', hex(zeroblob({size} / 2)))"),
    "database_of_a_view.db": _database(
        "create view v as with recursive n(text) as (select 1 union all select text + 1 from n) select * from n"
    ),
    "database_cut.db": _database("insert into news values ('A', hex(zeroblob({size})))", cut=0.5),
    "treebank.conllu": _array("1\t" + "a" * 120 + "\ta\tX\tX\t_\t0\t_\t_\t_\n\n", first="# newdoc\n", last=""),
    "treebank_of_documents.conllu": _array("# newdoc\n1\ta\ta\tX\tX\t_\t0\t_\t_\t_\n\n", first="", last=""),
    "treebank_of_one_sentence.conllu": _array("1\ta\ta\tX\tX\t_\t0\t_\t_\t_\n", first="", last=""),
    "wire_messages.txt": _array("\x01a1 3 i 9 x\r\n\x02A\r\n\x03011200 GMT Mar 31\x04", first="", last=""),
    "wire_of_marks.txt": _array("^A< \r\n=", first="\x16\x16\x01z1\r\nr z\x14\x12\r\n\x02", last="\x03"),
    "wire_of_controls.txt": _array("\x08\x10", first="\x01a1 3 i 9 x\r\n\x02", last="\x03"),
    "wire_of_starts.txt": _array("\x01", first="\x01a1 3 i 9 x\r\n\x02a\x03\x01a1 3\r\n\x02", last=""),
    "workbook.xlsx": _workbook(_CELLS),
    "workbook_of_rows.xlsx": _workbook("<row/>"),
    "workbook_of_cells.xlsx": _workbook('<c r="XFD1048576"><v>1</v></c>'),
    "workbook_of_one_row.xlsx": _workbook('<c t="s"><v>0</v></c>', texts="<si><t>A</t></si>"),
    "workbook_of_far_texts.xlsx": _workbook('<row><c t="s"><v>99999999</v></c></row>'),
    "workbook_deep.xlsx": _workbook("<row><c><is>"),
    "workbook_that_lies.xlsx": _workbook(_CELLS, stated=10),
    "workbook_that_lies_more.xlsx": _workbook(_CELLS, stated=0x7FFFFFFF),
    "parquet_footer_giant.parquet": lambda size: b"PAR1" + fill("\0", size) + b"\xff\xff\xff\x7fPAR1",
    "parquet_footer_of_nothing.parquet": lambda size: (
        b"PAR1" + fill("\0", size) + struct.pack("<I", size // 2) + b"PAR1"
    ),
}
"""Makers by file name. Each takes the approximate size in bytes; those of databases are small."""
