"""Tables that are no text: the documents as Parquet or as a workbook (XLSX), some at a time in memory."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from console.cli.printing import json_text
from newsmill.errors import UsageError

if TYPE_CHECKING:
    from console.services.corpus import ExportedDocument

__all__ = ["cells_of", "write_parquet", "write_xlsx"]

_GROUP_ROWS: Final = 2000
_GROUP_CHARACTERS: Final = 16 * 1024 * 1024
_MAX_CELL_CHARACTERS: Final = 32_767  # Excel's limits
_MAX_SHEET_ROWS: Final = 1_048_576
_CUT: Final = "…"
_INTEGERS: Final = frozenset({"id", "ordinal", "cluster_id", "canonical_id"})


def cells_of(document: "ExportedDocument") -> dict[str, Any]:
    """Returns the document's fields as cells of a table: paths on a line each, what is an object as JSON."""
    fields = document.fields()
    extra = fields["extra"]
    return fields | {
        "sightings": "\n".join(document.sightings),
        "extra": None if extra is None else json_text(extra),
    }


def write_parquet(documents: "Iterable[ExportedDocument]", stream: BinaryIO) -> int:
    """Writes a row group for 2,000 documents or 16 million characters of text. Returns the number of documents."""
    from console.services.corpus import EXPORT_FIELDS

    arrow, parquet = _need("pyarrow", "parquet", "Parquet"), _need("pyarrow.parquet", "parquet", "Parquet")
    schema = arrow.schema([(name, _arrow_type(arrow, name)) for name in EXPORT_FIELDS])
    count = 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for rows in _groups(documents):
            writer.write_table(arrow.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _arrow_type(arrow: Any, name: str) -> Any:
    if name in _INTEGERS:
        return arrow.int64()
    if name == "similarity":
        return arrow.float64()
    return arrow.list_(arrow.string()) if name == "sightings" else arrow.string()


def _groups(documents: "Iterable[ExportedDocument]") -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    characters = 0
    for document in documents:
        rows.append(cells_of(document) | {"sightings": document.sightings})
        characters += len(document.text or "")
        if len(rows) >= _GROUP_ROWS or characters >= _GROUP_CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def write_xlsx(documents: "Iterable[ExportedDocument]", stream: BinaryIO) -> int:
    """Writes a workbook, a sheet for a million documents. Returns the number of documents.

    All text is text: a cell that begins with "=" is no formula. Excel holds 32,767 characters in a cell: a longer text
    ends there, with "…".
    """
    from console.services.corpus import EXPORT_FIELDS

    workbook = _need("xlsxwriter", "excel", "XLSX").Workbook(
        stream,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    count = 0
    sheet = None
    for count, document in enumerate(documents, 1):
        row = (count - 1) % (_MAX_SHEET_ROWS - 1) + 1
        if row == 1:
            sheet = _sheet(workbook, EXPORT_FIELDS)
        _write_row(sheet, row, [cells_of(document)[name] for name in EXPORT_FIELDS])
    if sheet is None:
        _sheet(workbook, EXPORT_FIELDS)
    workbook.close()
    return count


def _sheet(workbook: Any, names: Iterable[str]) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    _write_row(sheet, 0, list(names))
    return sheet


def _write_row(sheet: Any, row: int, values: list[Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, int | float):
            sheet.write_number(row, column, value)
        elif value is not None:
            text = str(value)
            short = text if len(text) <= _MAX_CELL_CHARACTERS else text[: _MAX_CELL_CHARACTERS - 1] + _CUT
            sheet.write_string(row, column, short)


def _need(module: str, extra: str, label: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"{label} is written where Newsmill is installed with {extra!r}: pip install 'newsmill[{extra}]'"
        ) from error
