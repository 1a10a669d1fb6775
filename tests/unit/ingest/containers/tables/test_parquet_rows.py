"""Parquet files that pyarrow writes: their rows, nested columns, and files that are none."""

import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.containers.container import Cursor
from ingest.containers.tables.parquet_rows import ParquetRows
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

ROWS = [
    {
        "title": f"Title {n}",
        "text": f"Text {n}, of a bridge.",
        "date": datetime(2031, 3, n + 1, 9, tzinfo=UTC),
        "score": 0.5,
    }
    for n in range(9)
]


def parquet(rows: list[dict[str, Any]], **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize("options", [{}, {"row_group_size": 2}, {"compression": "zstd", "row_group_size": 4}])
def test_rows_are_documents_from_any_one_on(options: dict[str, Any]) -> None:
    data = parquet(ROWS, **options)
    documents = [parse(one.data, one.media_type) for one in each_document(data, "a.parquet")]
    assert [
        (value_of(one.metadata.title), str(value_of(one.metadata.published)), one.paragraphs) for one in documents
    ] == [(row["title"], row["date"].isoformat(), (row["text"],)) for row in ROWS]
    contents = ParquetRows(io.BytesIO(data))
    members = list(contents.members())
    for number, member in enumerate(members, 1):
        assert list(contents.members(Cursor(member.next_position, member.ordinal))) == members[number:]
    for member in reversed(members):
        assert len(contents.read(member.place)) == member.length_bytes


def test_nested_columns_are_objects_and_lists() -> None:
    row = {
        "article": {"title": "Old bridge closes", "content": "It is shut."},
        "authors": [{"name": "Ada Quill"}],
        "raw": b"\xff",
    }
    (document,) = each_document(parquet([row]), "x")
    assert json.loads(document.data) == {"article": row["article"], "authors": row["authors"]}
    parsed = parse(document.data, document.media_type)
    assert (value_of(parsed.metadata.byline), parsed.paragraphs) == ("Ada Quill", ("It is shut.",))


def test_a_table_without_texts_says_what_there_is() -> None:
    with pytest.raises(TerminalError, match=r'no text column \(there is "name", "count"\)'):
        ParquetRows(io.BytesIO(parquet([{"name": "a", "count": 1}])))


def broken(data: bytes) -> dict[bytes, str]:
    footer = int.from_bytes(data[-8:-4], "little")
    return {
        data[:-20]: "cut off: it ends without its footer",
        data[:-4] + b"PARE": "encrypted",
        data[:-8] + (len(data) + 9).to_bytes(4, "little") + b"PAR1": "cut off",
        data[: -8 - footer] + b"\xa5" * footer + data[-8:]: "cannot be read",
        data[:8] + b"\xa5" * (len(data) - footer - 16) + data[-8 - footer :]: "cannot be read",
    }


@pytest.mark.parametrize("number", range(5))
def test_what_is_broken_says_so(number: int) -> None:
    data, reason = list(broken(parquet(ROWS)).items())[number]
    with pytest.raises(TerminalError, match=reason):
        [ParquetRows(io.BytesIO(data)).read(f"row {row}") for row in range(1, 10)]


def test_a_million_rows_of_nothing_are_refused() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"text": pa.nulls(10_000_000, pa.string())}), stream, compression="zstd")
    with pytest.raises(TerminalError, match=r"states 10,000,000 rows in [\d,]+ bytes"):
        ParquetRows(stream)


def test_without_the_extra_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet(ROWS)
    for module in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # type: ignore[arg-type]
    assert detect(data, "a") == "application/vnd.apache.parquet"
    with pytest.raises(TerminalError, match=r"^Parquet files are read where .*pip install 'newsmill\[parquet\]'"):
        ParquetRows(io.BytesIO(data))
