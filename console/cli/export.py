"""`newsmill export`: streams articles out as JSON Lines, CSV, Parquet or XLSX."""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, TextIO

import typer

from console.cli.command import command, err, named_path, settings_with, usage_of_options
from console.cli.export_profiles import PROFILES
from console.cli.export_tables import cells_of, write_parquet, write_xlsx
from console.cli.options import SinceFilter, UntilFilter
from console.cli.printing import is_utf8, json_text, visible
from console.cli.whole_file import whole_file
from newsmill.errors import TransientError, UsageError
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.corpus import ExportedDocument

    Writer = Callable[[Iterable[ExportedDocument], TextIO], int]

__all__ = ["export", "run_export"]

_BINARY: Final = frozenset({"parquet", "xlsx"})
_FORMATS: Final = frozenset({"jsonl", "csv", *_BINARY})

FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="jsonl|csv|parquet|xlsx",
        help="One JSON object a line, or a table; by default what the name of FILE ends in, else jsonl.",
        show_default=False,
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        metavar="schema.org|ninjs",
        help="Name the fields as this standard does: articles alone, as JSON Lines.",
        show_default=False,
    ),
]


@command("export")
def export(
    format_: FormatOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every document, not just the corpus.")] = False,
    versions: Annotated[
        bool, typer.Option("--versions", help="With each article its other versions, and what they add and lack.")
    ] = False,
    profile: ProfileOption = None,
    outcome: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help="Those that ended so, of all documents: near_duplicate, failed."),
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME", help="Those of this publisher.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Those in this language: en, de.")] = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
    published_since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Published since this date or time; those without one are left out."),
    ] = None,
    published_until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Published before this; likewise.")
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin CSV with a byte order mark, as old spreadsheets want.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(parser=named_path, metavar="FILE", help="Write to this file instead of standard output."),
    ] = None,
) -> None:
    """Write the corpus (one article a story), or every document."""
    chosen = format_ or _format_of(output)
    count = run_export(
        settings_with(),
        format_=chosen,
        everything=everything or outcome is not None,
        versions=versions,
        profile=profile,
        filters={
            "outcome": outcome,
            "source": source,
            "language": language,
            "stored": _span("", since, until),
            "published": _span("published-", published_since, published_until),
        },
        bom=bom,
        output=output,
    )
    if output is not None:
        err.print(f"{count:,} documents written to {visible(str(output))} as {chosen}", markup=False, soft_wrap=True)


def _span(prefix: str, since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    from console.cli.filters import moment

    with usage_of_options():
        return (
            None if since is None else moment(f"--{prefix}since", since, day_ends=False),
            None if until is None else moment(f"--{prefix}until", until, day_ends=True),
        )


def run_export(
    settings: Settings,
    *,
    format_: str,
    everything: bool = False,
    versions: bool = False,
    profile: str | None = None,
    filters: Mapping[str, Any] = MappingProxyType({}),
    bom: bool = False,
    output: Path | None,
) -> int:
    """Writes the documents and returns how many. A file appears under its name only when it is whole.

    `filters` are the fields of `console.services.corpus.ExportFilter`.
    """
    from console.processes.opening import opened_database
    from console.services.corpus import ExportFilter, ExportRequest, documents

    if bom and format_ != "csv":
        raise UsageError(f"--bom is for CSV: leave it out for {format_}")
    write = _writer(format_, profile, output, bom=bom)
    wanted = ExportFilter(**filters)
    nested = format_ == "jsonl" and profile is None
    request = ExportRequest(everything, versions, nested, None if wanted == ExportFilter() else wanted)
    request.check()
    with opened_database(settings, "export") as database:
        found = documents(database, request)
        if output is None:
            return write(found, _standard_output(format_))
        return _write_file(output, write, found)


def _write_file(output: Path, write: "Writer", found: "Iterable[ExportedDocument]") -> int:
    try:
        if output.exists() and not output.is_file():  # a pipe or a device: nothing may take its place
            with output.open("w", encoding="utf-8", newline="") as stream:
                return write(found, stream)
        with whole_file(output) as stream:
            return write(found, stream)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TransientError(f"{output}: {error.strerror or error}") from error


def _writer(format_: str, profile: str | None, output: Path | None, *, bom: bool) -> "Writer":
    """Returns what writes documents in this form. Raises UsageError for what does not go together."""
    if profile is not None and profile not in PROFILES:
        raise UsageError(f"--profile {profile}: choose {' or '.join(PROFILES)}")
    if profile is not None and format_ != "jsonl":
        raise UsageError(f"--profile {profile} is JSON Lines: leave out {format_}")
    if format_ not in _FORMATS:
        raise UsageError(f"--format {format_}: choose jsonl, csv, parquet or xlsx")
    if format_ in _BINARY and output is None:
        raise UsageError(f"{format_} is no text: name a file with --output")
    if profile is not None:
        return partial(_write_profile, PROFILES[profile])
    if format_ in _BINARY:
        return partial(_write_binary, write_parquet if format_ == "parquet" else write_xlsx)
    return partial(_write_csv, bom) if format_ == "csv" else _write_jsonl


def _format_of(output: Path | None) -> str:
    """The format that the name of the file says."""
    ending = "" if output is None else output.suffix.lower().removeprefix(".")
    return ending if ending in _FORMATS else "jsonl"


def _standard_output(format_: str) -> TextIO:
    """Standard output; a table is UTF-8 whatever the locale is, which JSON need not be: it can escape."""
    stream = sys.stdout
    if format_ == "csv" and isinstance(stream, io.TextIOWrapper) and not stream.isatty():
        stream.reconfigure(encoding="utf-8")
    return stream


def _write_jsonl(documents: "Iterable[ExportedDocument]", stream: TextIO) -> int:
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007 - the last number is the result
        stream.writelines(_pieces(document, partial(json_text, ascii_only=not is_utf8(stream))))
    return count


def _pieces(document: "ExportedDocument", as_text: Callable[[Any], str]) -> Iterator[str]:
    """The document's line, its versions one at a time: a story may have thousands."""
    line = as_text(document.fields())
    if document.versions is None:
        yield line + "\n"
        return
    yield line.removesuffix("}") + ', "versions": ['
    for number, version in enumerate(document.versions):
        yield (", " if number else "") + as_text(asdict(version))
    yield "]}\n"


def _write_csv(bom: bool, documents: "Iterable[ExportedDocument]", stream: TextIO) -> int:
    from console.services.corpus import EXPORT_FIELDS

    if bom:
        stream.write("\ufeff")
    writer = csv.DictWriter(stream, EXPORT_FIELDS)
    writer.writeheader()
    count = 0
    for count, document in enumerate(documents, 1):  # noqa: B007
        writer.writerow(cells_of(document))
    return count


def _write_profile(
    names: Callable[[Mapping[str, Any]], dict[str, Any]], documents: "Iterable[ExportedDocument]", stream: TextIO
) -> int:
    """Writes the articles under the names of a standard; documents without one are left out."""
    count = 0
    for document in documents:
        if document.text is not None:
            known = {name: value for name, value in names(document.fields()).items() if value is not None}
            stream.write(json_text(known, ascii_only=not is_utf8(stream)) + "\n")
            count += 1
    return count


def _write_binary(
    write: "Callable[[Iterable[ExportedDocument], BinaryIO], int]",
    documents: "Iterable[ExportedDocument]",
    stream: TextIO,
) -> int:
    if not isinstance(stream, io.TextIOWrapper):
        raise TypeError(f"a stream of text alone: {stream!r}")
    return write(documents, stream.buffer)
