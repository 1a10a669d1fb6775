"""What docs/reference says of the commands' output is what they print: JSON fields, columns and exit codes."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import audits, pauses, processes
from newsmill.settings import ServerUrls
from seeds import sample_files
from tests.documentation.pages import Page
from tests.support.commands import Answer, Commands
from tests.support.corpus import GeneratedFile, generate, write
from tests.support.inline import inline_queue
from worker.services import Services

JSON = Page("docs/reference/json.md")
EXIT_CODES = Page("docs/reference/exit-codes.md")

# Objects whose names are data: states, kinds, paths, fields of metadata.
COUNTS = {"again", "by_state", "by_outcome", "by_stage", "differences", "errors", "left_alone", "skipped", "sources"}

# What no sample does: a container cannot be unpacked, a file cannot be taken, what is stored is not right.
TROUBLE = (
    """insert into failures (item_id, generation, stage, worker, error_class, message)
       select id, 0, 'unpack', 'w', 'TransientError', 'away' from files where is_container""",
    "insert into intake_errors (path, error_class, message) values (:path, 'TransientError', 'is being written to')",
    "insert into recurring (passage, ruling, text) values (7, 'learned', 'Read also:')",
    "update articles set text = 'Something else.' where url is not null",
    "update articles set url = 'https://news.example/1'",
)


@pytest.fixture
def commands(mill: Services, urls: ServerUrls, tmp_path: Path) -> Commands:
    """The samples, worked off, with trouble of every kind."""
    queue = inline_queue(mill)
    queue.take_in(sample_files()[0].parent)
    one, other = (file.text.strip() for file in generate(21, 2, copies_share=0.0))
    write([GeneratedFile(name, f"{told}\n", 0, "any") for name, told in _digest(one, other)], tmp_path / "digest")
    queue.take_in(tmp_path / "digest")
    queue.settle()
    untaken = tmp_path / "untaken.txt"
    with mill.database.transaction() as connection:
        for statement in TROUBLE:
            connection.execute(text(statement), {"path": str(untaken)} if ":path" in statement else {})
        pauses.pause(connection, ["store"])
        audits.note(connection, "ada", "pause", {"scope": "store"})
        processes.beat(connection, processes.Identity("one", "worker", "host", 1), moved=True)
    return Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})


def test_every_field_that_a_command_prints_is_documented_and_every_other_is_not(commands: Commands) -> None:
    unfinished = commands.folder / "story.txt.part"
    unfinished.touch()
    samples = {path.name[:2]: path for path in sample_files()}
    said = {
        "ingest --json": [
            commands("ingest", "--json", samples["00"], samples["07"], commands.folder / "none.txt", unfinished)
        ],
        "status --json": [commands("status", "--json")],
        "show --json": [
            commands("show", "--json", samples["05"]),
            commands("show", "--json", samples["07"]),
            *(commands("show", "--json", commands.folder / "digest" / name) for name, _ in _digest("", "")),
            commands("show", "--json", commands.folder / "untaken.txt"),
        ],
        "show --removed --json": [commands("show", "--removed", "--json", samples[name]) for name in ("05", "06")],
        "failed --json": [commands("failed", "--json")],
        "failed --list --json": [commands("failed", "--list", "--json")],
        "search --json": [commands("search", "--json", "the")],
        "audit --json": [commands("audit", "--json")],
        "passages --json": [commands("passages", "--json")],
        "verify --json": [commands("verify", "--json")],
        "blobs --json": [commands("blobs", "--json")],
        "health --json": [commands("health", "--json")],
        "doctor --json": [commands("doctor", "--json")],
        "export": [commands("export", "--all")],
        "export --versions": [commands("export", "--versions")],
    }
    printed = {f"newsmill {words}": set(_leaves(*map(_fields, answers))) for words, answers in said.items()}
    printed["newsmill export --versions"] -= printed["newsmill export"]
    wrong = {words: sorted(_documented(words) ^ fields) for words, fields in printed.items()}
    assert {words: fields for words, fields in wrong.items() if fields} == {}
    columns = next(csv.reader(commands("export", "--format", "csv").out.splitlines()))
    assert set(columns) == printed["newsmill export"]


def _digest(one: str, other: str) -> list[tuple[str, str]]:
    """Two stories and a digest of both, each with the name of its file."""
    return [("one.txt", one), ("other.txt", other), ("digest.txt", f"{one}\n{other}")]


def test_exit_codes_mean_what_is_said(urls: ServerUrls, tmp_path: Path) -> None:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    rows = {example.strip("`"): int(code.strip("`")) for code, _, example in EXIT_CODES.rows("Codes")}
    examples = {example: code for example, code in rows.items() if example.startswith("newsmill ")}
    assert {example: commands(*example.split()[1:]).code for example in examples} == examples
    # tests/integration/console/test_usage.py presses Ctrl-C.
    assert set(rows.values()) - set(examples.values()) == {130}


def _documented(heading: str) -> set[str]:
    """The fields of the tables under a heading; a heading below has the names of the objects that its fields are of."""
    fields = []
    for below, rows in JSON.tables(heading).items():
        prefixes = [f"{name}." for name in below.split(", ")] if below else [""]
        fields += [f"{prefix}{name}" for prefix in prefixes for row in rows for name in re.findall("`([^`]+)`", row[0])]
    assert len(fields) == len(set(fields))
    return set(_leaves(fields))


def _fields(answer: Answer) -> list[str]:
    """The fields that it printed, those of objects within others behind a dot."""
    try:
        values = json.loads(answer.out)
    except ValueError:
        values = [json.loads(line) for line in answer.out.splitlines()]
    return [field for value in (values if isinstance(values, list) else [values]) for field in _walk(value, "")]


def _walk(value: dict[str, Any], prefix: str) -> Iterator[str]:
    for name, inner in value.items():
        field = f"{prefix}{name}"
        if isinstance(inner, dict) and name not in COUNTS:
            yield from _walk(inner, f"{field}.")
        elif isinstance(inner, list) and any(isinstance(entry, dict) for entry in inner):
            yield from (below for entry in inner for below in _walk(entry, f"{field}[]."))
        else:
            yield field


def _leaves(*lists: list[str]) -> Iterator[str]:
    """The fields that hold no others; an empty list or a null may stand for an object in one of several answers."""
    fields = {field for fields in lists for field in fields}
    holders = {holder for field in fields for holder in _holders(field)}
    return (field for field in sorted(fields) if field.removesuffix("[]") not in holders)


def _holders(field: str) -> Iterator[str]:
    parts = field.split(".")
    return (".".join(parts[:end]).removesuffix("[]") for end in range(1, len(parts)))
