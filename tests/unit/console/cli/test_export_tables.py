"""Tables that readers of their own read back: Parquet and XLSX; no cell is a formula."""

import io
import json
import sys
import zipfile
from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq
import pytest

from console.cli.export_profiles import PROFILES
from console.cli.export_tables import cells_of, write_parquet, write_xlsx
from db.reads.export import EXPORT_FIELDS, ExportedDocument
from ingest.containers.tables.spreadsheets import SheetRows
from ingest.documents import Extra, Fact, FactSource, Metadata
from ingest.formats.parse import parse
from newsmill.errors import UsageError
from tests.support.metadata import core, day, facts

METADATA = facts(
    FactSource.FIELD,
    title='=HYPERLINK("https://amber.example")',
    byline="Ada Quill",
    publisher="The Amber Post",
    published=day(2031, 3, 4),
    language="en",
    url="https://amber.example/bridge",
    description="It is shut.",
    section="Local",
    tags="bridges, ferries",
    updated=day(2031, 3, 5),
    extra=Extra('{"desk": "town", "id": "7"}'),
)
DOCUMENT = ExportedDocument(
    id=7, file="/in/a.txt", sightings=["/in/a.txt", "/in/b.txt"], ordinal=1, sha256="ab", outcome="unique",
    cluster_id=7, canonical_id=7, similarity=1.0, metadata=METADATA, error=None,
    text="+The bridge is closed.\n\nRepairs begin in May.",
)  # fmt: skip
FAILED = replace(DOCUMENT, id=8, metadata=Metadata(), text=None, error="it is empty", outcome="failed", similarity=None)


def known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_parquet_comes_back() -> None:
    stream = io.BytesIO()
    assert write_parquet(iter([DOCUMENT, FAILED]), stream) == 2
    expected = [cells_of(one) | {"sightings": one.sightings} for one in (DOCUMENT, FAILED)]
    assert pq.read_table(io.BytesIO(stream.getvalue())).to_pylist() == expected
    assert json.loads(str(expected[0]["extra"])) == {"desk": "town", "id": "7"}


def test_a_table_without_documents_has_its_columns() -> None:
    stream = io.BytesIO()
    assert write_parquet(iter([]), stream) == 0
    assert pq.read_table(io.BytesIO(stream.getvalue())).column_names == list(EXPORT_FIELDS)


def test_a_workbook_comes_back_and_holds_no_formula() -> None:
    stream = io.BytesIO()
    long = replace(DOCUMENT, id=9, text="x" * 40_000)
    assert write_xlsx(iter([DOCUMENT, FAILED, long]), stream) == 3
    with zipfile.ZipFile(io.BytesIO(stream.getvalue())) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    with SheetRows(io.BytesIO(stream.getvalue())) as contents:
        rows = [json.loads(contents.read(member.place)) for member in contents.members()]
    texts = [{name: str(value) for name, value in known(cells_of(one)).items()} for one in (DOCUMENT, FAILED)]
    assert rows[:2] == [texts[0] | {"similarity": "1"}, {**texts[1], "text": ""}]
    assert rows[2]["text"] == "x" * 32_766 + "…"


@pytest.mark.parametrize(
    ("module", "extra", "write"), [("pyarrow", "parquet", write_parquet), ("xlsxwriter", "excel", write_xlsx)]
)
def test_without_the_extra_the_reason_names_it(
    module: str, extra: str, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"pip install 'newsmill\[{extra}\]'"):
        write(iter([DOCUMENT]), io.BytesIO())


def test_schema_org_names_what_is_known() -> None:
    assert PROFILES["schema.org"](DOCUMENT.fields()) == {
        "@context": "https://schema.org", "@type": "NewsArticle", "identifier": "7",
        "headline": '=HYPERLINK("https://amber.example")', "author": {"@type": "Person", "name": "Ada Quill"},
        "publisher": {"@type": "Organization", "name": "The Amber Post"}, "datePublished": "2031-03-04",
        "dateModified": "2031-03-05", "inLanguage": "en", "url": "https://amber.example/bridge",
        "description": "It is shut.", "articleSection": "Local", "keywords": "bridges, ferries",
        "articleBody": "+The bridge is closed.\n\nRepairs begin in May.",
    }  # fmt: skip


def test_an_item_of_ninjs_is_read_back() -> None:
    document = replace(DOCUMENT, metadata=replace(METADATA, updated=None))
    read = core(parse(json.dumps(known(PROFILES["ninjs"](document.fields()))).encode(), "application/json"))
    assert read.paragraphs == ("+The bridge is closed.", "Repairs begin in May.")
    assert read.metadata == replace(
        core(read).metadata,
        title=METADATA.title, byline=METADATA.byline, publisher=METADATA.publisher, published=METADATA.published,
        language=METADATA.language, url=Fact("https://amber.example/bridge", FactSource.FIELD),
    )  # fmt: skip
