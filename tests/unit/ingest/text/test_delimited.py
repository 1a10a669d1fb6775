"""Delimited text: whatever csv.writer writes comes back, in chunks of any size and from any row on."""

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.delimited import Dialect, RowEnds, choose_dialect, first_rows, split_row

DIALECTS = [Dialect(d, q, e) for d in ",;\t|" for q in "\"'" for e in ("", "\\")] + [
    Dialect(d, "", "\\") for d in ",\t"
]
CELLS = st.text(st.sampled_from("ab \"',;\t|\\\n\ré字"), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5)


def written(rows: Sequence[Sequence[str]], dialect: Dialect, *, end: str, every: bool) -> str:
    stream = io.StringIO()
    quoting = csv.QUOTE_NONE if not dialect.quote else csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    csv.writer(
        stream,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
        quoting=quoting,
        lineterminator=end,
    ).writerows(rows)
    return stream.getvalue()


def lengths(data: bytes, dialect: Dialect, *, chunk_bytes: int = 1 << 20, max_row_bytes: int = 1 << 20) -> list[int]:
    ends = RowEnds(dialect, io.BytesIO(data).read, chunk_bytes=chunk_bytes, max_row_bytes=max_row_bytes)
    return [with_break for _, with_break, _ in ends]


@given(
    rows=TABLES,
    dialect=st.sampled_from(DIALECTS),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    every=st.booleans(),
    chunk_bytes=st.integers(1, 7),
)
def test_rows_that_csv_writes_come_back(
    rows: list[list[str]], dialect: Dialect, end: str, every: bool, chunk_bytes: int
) -> None:
    if not dialect.quote:  # csv.writer escapes no line break but its own
        rows = [[cell.replace("\n", "").replace("\r", "") for cell in row] for row in rows]
    breaks = any({"\n", "\r"} & set(cell) for row in rows for cell in row)  # nor does it quote another
    text = written(rows, dialect, end=end, every=every or breaks)
    data = text.encode()

    cut, position = [], 0
    for length in lengths(data, dialect, chunk_bytes=chunk_bytes):
        cut.append(data[position : position + length].decode())
        position += length

    assert "".join(cut) == text
    assert [split_row(row.removesuffix(end), dialect) for row in cut] == rows
    position = 0
    for number, row in enumerate(cut):
        assert lengths(data[position:], dialect) == [len(one.encode()) for one in cut[number:]]
        position += len(row.encode())


def test_a_quote_left_open_ends_at_its_line() -> None:
    data = b'a,b\n1,"open\n2,x\n3,y\n'
    assert lengths(data, Dialect(",")) == [4, 8, 4, 4]
    assert split_row('1,"open', Dialect(",")) == ["1", '"open']


def test_a_quote_left_open_ends_at_its_line_where_the_row_would_be_too_long() -> None:
    data = b'a,b\n1,"open\n' + b"2,x\n" * 100 + b'3,"\n4,y\n'
    assert lengths(data, Dialect(","), chunk_bytes=8, max_row_bytes=64)[:4] == [4, 8, 4, 4]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("title,text\nA,One\nB,Two\n", Dialect(",")),
        ('title;text\nA;"One, or two; three"\nB;"Four, five"\n', Dialect(";")),
        ('title\ttext\nA\tOne "quoted", two\nB\tThree, four\n', Dialect("\t")),
        ("title|text\nA|One, two\nB|Three\n", Dialect("|")),
        ("'title','text'\n'A','It''s, one'\n'B','Two'\n", Dialect(",", "'")),
        ('title,text\nA,"He said \\"no, never\\", and left"\nB,"She, too"\n', Dialect(",", '"', "\\")),
        ('title,text\nA,"C:\\"\nB,"D:\\"\n', Dialect(",")),
        ("title,text\nA,One \\, two\nB,Three\\, four\n", Dialect(",", '"', "\\")),
    ],
)
def test_the_dialect_is_the_one_in_which_the_header_reads_best(text: str, dialect: Dialect) -> None:
    found, rows, header = choose_dialect(text, whole=True, header_at=lambda rows: 0 if "text" in rows[0] else None)
    assert (found, header, {len(row) for row in rows}) == (dialect, 0, {2})


def test_the_last_row_of_a_part_is_left_out() -> None:
    assert first_rows("a,b\n\n1,2\n3,", Dialect(","), whole=False) == [["a", "b"], ["1", "2"]]
    assert first_rows("a,b\n\n1,2\n3,", Dialect(","), whole=True) == [["a", "b"], ["1", "2"], ["3", ""]]
