"""`newsmill export`: streams articles out as JSON Lines or CSV."""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from console.cli.printing import json_text
from console.processes.opening import opened_database
from db.reads.export import EXPORT_FIELDS, rows_for_export
from newsmill.errors import TransientError, UsageError
from newsmill.settings import Settings

__all__ = ["run_export"]


def run_export(
    settings: Settings, *, format_: str, everything: bool = False, versions: bool = False, output: Path | None
) -> int:
    """Writes the documents and returns how many. A file appears under its name only when it is whole."""
    writers = {"jsonl": _write_jsonl, "csv": _write_csv}
    if format_ not in writers:
        raise UsageError(f"--format {format_}: choose jsonl or csv")
    if versions and (everything or format_ != "jsonl"):
        raise UsageError("--versions are those of each article of the corpus, as JSON: leave out --all and csv")
    with ExitStack() as stack:
        database = stack.enter_context(opened_database(settings, "export"))
        rows = rows_for_export(database, everything=everything, with_versions=versions)
        if output is None:
            return writers[format_](rows, sys.stdout)
        try:
            if output.exists() and not output.is_file():  # a pipe or a device: nothing may take its place
                with output.open("w", encoding="utf-8", newline="") as stream:
                    return writers[format_](rows, stream)
            count = _write_whole(Path(os.path.realpath(output)), lambda stream: writers[format_](rows, stream))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise TransientError(f"{output}: {error.strerror or error}") from error
        return count


def _write_whole(output: Path, write: Callable[[TextIO], int]) -> int:
    partial = output.with_name(output.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="") as stream:
            count = write(stream)
        os.replace(partial, output)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return count


def _write_jsonl(rows: Iterable[dict[str, Any]], stream: TextIO) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the result
        stream.writelines(_pieces(row))
    return count


def _pieces(row: dict[str, Any]) -> Iterator[str]:
    """The row's line, its versions one at a time: a story may have thousands."""
    versions = row.pop("versions", None)
    line = json_text(row)
    if versions is None:
        yield line + "\n"
        return
    yield line.removesuffix("}") + ', "versions": ['
    for number, version in enumerate(versions):
        yield (", " if number else "") + json_text(version)
    yield "]}\n"


def _write_csv(rows: Iterable[dict[str, Any]], stream: TextIO) -> int:
    writer = csv.DictWriter(stream, EXPORT_FIELDS)
    writer.writeheader()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        writer.writerow(row | {"sightings": "\n".join(row["sightings"])})
    return count
