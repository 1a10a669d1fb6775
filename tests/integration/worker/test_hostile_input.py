"""Hostile files through the real mill: each ends with its reason, its neighbours are stored, no terminal is steered."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from console.cli.demo import outcomes_table
from console.cli.export import run_export
from console.cli.show import run_show
from console.cli.status import run_status
from console.services.samples import documents
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles, eventually
from tests.data.make_hostile import GIANTS, KINDS, write_hostile
from tests.support.corpus import generate, write
from tests.support.settled import nothing_at_work, read
from worker.intake.accept import accept
from worker.services import Services

_SIZE_BYTES = 3000
_LIMIT_BYTES = 1_000_000
_GIANT_BYTES = 1_500_000
_GOOD_FILES = 30
_OURS = {"TerminalError", "NoArticleError", "CutOffError"}
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A limit that the small giants pass."""
    return settings.model_copy(update={"max_document_bytes": _LIMIT_BYTES})


@pytest.fixture
def ledger(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the test's own to its database."""
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def hostile(mill: Services, roles: Roles, ledger: psycopg.Connection[Any]) -> list[Path]:
    """Every kind of hostile file beside good ones, taken in and worked off by a worker and a sweeper."""
    folder = mill.settings.inbox
    paths = write_hostile(folder, size_bytes=_SIZE_BYTES, giant_bytes=_GIANT_BYTES, makers=KINDS)
    write(generate(5, _GOOD_FILES, copies_share=0.0), folder / "good")
    seen = sorted(scan(folder), key=lambda seen_file: seen_file.path)
    assert accept(mill, seen).errors == {}
    for role in ("worker", "sweep"):
        roles.start(role)
    eventually(lambda: nothing_at_work(ledger), seconds=300, what="all hostile files are done")
    return paths


def test_hostile_files_end_with_a_reason_and_steer_no_terminal(
    mill: Services, roles: Roles, ledger: psycopg.Connection[Any], hostile: list[Path], tmp_path: Path
) -> None:
    _each_ended_in_one_state_with_its_name_in_the_reason(ledger, hostile)
    assert set(read(ledger, "select error_class from failures")) == _OURS
    assert read(ledger, "select * from articles where text ~ '[\\x01-\\x09\\x0b-\\x1f\\x7f-\\x9f]'") == []
    good = read(ledger, f"select outcome from documents {_OF_GOOD_FILES}")
    assert Counter(good) == {"unique": _GOOD_FILES}
    _nothing_printed_steers_a_terminal(mill, hostile)
    _exports_agree(mill.settings, tmp_path)
    assert all(process.poll() is None for process in roles.running)


_OF_GOOD_FILES = "where file_id in (select file_id from sightings where path ~ '/good/')"


def _each_ended_in_one_state_with_its_name_in_the_reason(ledger: psycopg.Connection[Any], hostile: list[Path]) -> None:
    rows = read(
        ledger,
        """
        select s.path, f.error, d.outcome, d.reason, f.finished_at, d.finished_at
        from sightings s join files f on f.id = s.file_id left join documents d on d.file_id = f.id
        """,
    )
    # A file may fail beside the documents that were read out of it: an export that is cut off.
    ended = [
        (path, outcome or "failed", reason if outcome else error)
        for path, error, outcome, reason, file_at, document_at in rows
        if file_at or document_at
    ]
    assert len(ended) == len(rows)
    assert {path for path, _, _ in ended} >= {str(path) for path in hostile}
    # Equal bytes are one file, whose reason names the path that was seen first.
    paths = tuple(path for path, _, _ in ended)
    assert [reason for _, outcome, reason in ended if (outcome in {"failed", "rejected"}) != bool(reason)] == []
    said = [*(reason for _, _, reason in ended), *(error for _, error, *_ in rows)]
    assert [reason for reason in said if reason and not reason.startswith(paths)] == []
    too_large = [path for path, outcome, reason in ended if outcome == "failed" and "too large" in reason]
    assert sorted(Path(path).name for path in too_large) == sorted(GIANTS)


def _nothing_printed_steers_a_terminal(mill: Services, hostile: list[Path]) -> None:
    out = StringIO()
    console = Console(file=out, width=200)
    run_status(mill.settings, as_json=False, follow=False, out=console)
    for path in hostile:
        run_show(mill.settings, str(path), as_json=False, out=console)
    console.print(outcomes_table(documents(mill.database), mill.settings.inbox, 200))
    printed = out.getvalue()
    assert "injection_2.html" in printed
    assert _STEERING.findall(printed) == []


def _exports_agree(settings: Settings, folder: Path) -> None:
    """CSV gives the values as they are, formulas too: quoted for a program, which a spreadsheet is not."""
    counts = {
        format_: run_export(settings, format_=format_, everything=True, output=folder / f"out.{format_}")
        for format_ in ("jsonl", "csv")
    }
    assert counts["jsonl"] == counts["csv"]
    lines = (folder / "out.jsonl").read_text("utf-8")
    assert _STEERING.findall(lines) == []
    rows = [json.loads(line) for line in lines.splitlines()]
    csv.field_size_limit(1 << 24)
    with (folder / "out.csv").open(encoding="utf-8", newline="") as stream:
        texts = {row["id"]: (row["title"], row["text"]) for row in csv.DictReader(stream)}
    assert texts == {str(row["id"]): (row["title"] or "", row["text"] or "") for row in rows}
