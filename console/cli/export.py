"""`newsmill export`: streams articles out as JSON Lines or CSV."""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from console.cli.command import command, err, named_path, settings_with
from console.cli.printing import json_text
from newsmill.errors import TransientError, UsageError
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.corpus import ExportedDocument

__all__ = ["export", "run_export"]


@command("export")
def export(
    format_: Annotated[
        str, typer.Option("--format", metavar="jsonl|csv", help="One JSON object a line, or a table.")
    ] = "jsonl",
    everything: Annotated[bool, typer.Option("--all", help="Every document, not just the corpus.")] = False,
    versions: Annotated[
        bool, typer.Option("--versions", help="With each article its other versions, and what they add and lack.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(parser=named_path, metavar="FILE", help="Write to this file instead of standard output."),
    ] = None,
) -> None:
    """Write the corpus (one article a story), or every document."""
    count = run_export(settings_with(), format_=format_, everything=everything, versions=versions, output=output)
    if output is not None:
        err.print(f"{count:,} documents written to {output}", markup=False)


def run_export(
    settings: Settings, *, format_: str, everything: bool = False, versions: bool = False, output: Path | None
) -> int:
    """Writes the documents and returns how many. A file appears under its name only when it is whole."""
    from console.processes.opening import opened_database
    from console.services.corpus import ExportRequest, documents

    writers = {"jsonl": _write_jsonl, "csv": _write_csv}
    if format_ not in writers:
        raise UsageError(f"--format {format_}: choose jsonl or csv")
    request = ExportRequest(everything, versions, nested=format_ == "jsonl")
    request.check()
    with opened_database(settings, "export") as database:
        found = documents(database, request)
        if output is None:
            return writers[format_](found, sys.stdout)
        try:
            if output.exists() and not output.is_file():  # a pipe or a device: nothing may take its place
                with output.open("w", encoding="utf-8", newline="") as stream:
                    return writers[format_](found, stream)
            return _write_whole(Path(os.path.realpath(output)), lambda stream: writers[format_](found, stream))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise TransientError(f"{output}: {error.strerror or error}") from error


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


def _write_jsonl(documents: "Iterable[ExportedDocument]", stream: TextIO) -> int:
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007 - the last number is the result
        stream.writelines(_pieces(document))
    return count


def _pieces(document: "ExportedDocument") -> Iterator[str]:
    """The document's line, its versions one at a time: a story may have thousands."""
    line = json_text(document.fields())
    if document.versions is None:
        yield line + "\n"
        return
    yield line.removesuffix("}") + ', "versions": ['
    for number, version in enumerate(document.versions):
        yield (", " if number else "") + json_text(asdict(version))
    yield "]}\n"


def _write_csv(documents: "Iterable[ExportedDocument]", stream: TextIO) -> int:
    from console.services.corpus import EXPORT_FIELDS

    writer = csv.DictWriter(stream, EXPORT_FIELDS)
    writer.writeheader()
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007
        writer.writerow(document.fields() | {"sightings": "\n".join(document.sightings)})
    return count
