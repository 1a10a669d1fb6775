"""The `newsmill` command as a user runs it."""

import csv
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from newsmill import __version__
from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.support.commands import Answer, Commands
from tests.support.corpus import generate, write

EXPORT_FIELDS = [
    "id", "file", "sightings", "ordinal", "sha256", "outcome", "cluster_id", "canonical_id", "similarity", "title",
    "byline", "publisher", "published_at", "language", "url", "language_declared", "description", "section", "tags",
    "credits", "updated_at", "captured_at", "extra", "text", "error",
]  # fmt: skip
STATES = ["ready", "dispatched", "running", "waiting", "done", "failed"]
STORY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)
REAL_ARTICLES = Path(__file__).parents[4] / "shared" / "seeds"


@pytest.fixture(scope="module")
def up(server_urls: ServerUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """A running `newsmill up` with its home and inbox, into which a good and a bad file were dropped."""
    with psycopg.connect(server_urls.database_url, autocommit=True) as connection:
        connection.execute("drop database if exists cli with (force)")
        connection.execute("create database cli template template_newsmill")
    servers = {
        "NEWSMILL_DATABASE_URL": server_urls.database_url.replace("/newsmill?", "/cli?", 1),
        "NEWSMILL_REDIS_URL": server_urls.redis_url.replace("db=0", "db=1"),
    }
    commands = Commands(tmp_path_factory.mktemp("up"), servers)
    write(generate(11, 4, copies_share=0.0), commands.inbox)
    (commands.inbox / "story.txt").write_text(f"A bridge for Varnhölt\n\n{STORY}\n")
    (commands.inbox / "bad.json").write_text('{"title": ')
    commands.start("up")
    eventually(lambda: commands.settled(6), what="the inbox is settled")
    yield commands
    commands.stop()


def _shown(commands: Commands, path: Path) -> dict[str, Any]:
    (file,) = commands("show", path, "--json").json()["files"]
    (document,) = file["documents"]
    return dict(document)


# Beside a running mill


def test_status_counts_files_and_documents_by_state_and_outcome(up: Commands) -> None:
    status = up("status", "--json").json()
    for counts in (status["files"], status["documents"]):
        assert list(counts["by_state"]) == STATES
        assert sum(counts["by_state"].values()) == counts["total"]
    assert sum(status["documents"]["by_outcome"].values()) == status["documents"]["total"]
    assert status["documents"]["by_outcome"]["failed"] == 1
    answer = up("status")
    assert answer.code == 0
    for words in ("files", "documents", *STATES, "rate", f"{up.inbox / 'bad.json'}: the JSON is invalid"):
        assert words in answer.out


def test_show_tells_the_history_by_path_and_by_id(up: Commands) -> None:
    document = _shown(up, up.inbox / "story.txt")
    assert (document["state"], document["outcome"], document["title"]) == ("done", "unique", "A bridge for Varnhölt")
    assert [step[0] for step in document["journey"]] == ["parse", "clean", "deduplicate", "store"]
    by_path, by_id = up("show", "inbox/story.txt"), up("show", str(document["id"]))
    assert by_path == by_id
    for words in (str(up.inbox / "story.txt"), "A bridge for Varnhölt", "done", "unique", "deduplicate", "sha256"):
        assert words in by_path.out


def test_show_tells_why_a_document_failed(up: Commands) -> None:
    document = _shown(up, up.inbox / "bad.json")
    assert (document["state"], document["outcome"]) == ("failed", "failed")
    assert document["reason"].startswith(f"{up.inbox / 'bad.json'}: the JSON is invalid")
    assert [failure["stage"] for failure in document["failures"]] == ["parse"]
    assert document["reason"] in up("show", "inbox/bad.json").out
    assert up.said(f"{up.inbox / 'bad.json'}: the JSON is invalid")


def test_ingest_waits_for_the_workers_that_are_running(up: Commands) -> None:
    folder = up.folder / "more"
    write(generate(12, 5, copies_share=0.0), folder)
    first = up("ingest", "--wait", "--json", folder)
    assert first.code == 0
    counts = {
        "files": 5, "new": 5, "copies": 0, "known": 0, "documents": 5, "by_outcome": {"unique": 5},
        "left_alone_by_name": 0, "failed_before": 0, "containers": [], "errors": {}, "left_alone": {},
    }  # fmt: skip
    assert first.json() == counts
    again = up("ingest", "--wait", "--json", folder)
    assert (again.code, again.json()) == (0, counts | {"new": 0, "known": 5})


def test_ingest_exits_with_1_and_says_why_and_takes_what_it_can(up: Commands) -> None:
    (up.folder / "bad.html").write_bytes(b"%PDF-1.7 \xff")
    good, bad, missing = up.inbox / "story.txt", up.folder / "bad.html", up.folder / "nowhere"
    answer = up("ingest", "--wait", "--json", missing, bad, good)
    assert (answer.code, answer.json()["by_outcome"]) == (1, {"failed": 1, "unique": 1})
    assert list(answer.json()["errors"]) == [str(missing), str(bad)]
    about_missing, about_bad = answer.err.splitlines()
    assert about_missing.startswith(f"newsmill: {missing}: ")
    assert about_bad.startswith(f"newsmill: {bad}: the PDF is cut off or damaged")


def test_export_writes_one_json_object_a_line_with_just_these_fields(up: Commands) -> None:
    everything = [json.loads(line) for line in up("export", "--all").out.splitlines()]
    corpus = [json.loads(line) for line in up("export").out.splitlines()]
    assert {tuple(row) for row in everything} == {tuple(EXPORT_FIELDS)}
    assert corpus == [row for row in everything if row["outcome"] == "unique"]
    assert [row["id"] for row in everything] == sorted(row["id"] for row in everything)
    (story,) = [row for row in everything if row["file"] == str(up.inbox / "story.txt")]
    assert story | {"id": 0, "cluster_id": 0, "canonical_id": 0, "sha256": ""} == {
        "id": 0, "file": str(up.inbox / "story.txt"), "sightings": [str(up.inbox / "story.txt")], "ordinal": 1,
        "sha256": "", "outcome": "unique", "cluster_id": 0, "canonical_id": 0, "similarity": 1.0,
        "title": "A bridge for Varnhölt", "byline": None, "publisher": None, "published_at": None,
        "language": story["language"], "url": None, "language_declared": None,
        "description": None, "section": None, "tags": None, "credits": None, "updated_at": None,
        "captured_at": None, "extra": None,
        "text": STORY, "error": None,
    }  # fmt: skip
    (bad,) = [row for row in everything if row["file"] == str(up.inbox / "bad.json")]
    assert (bad["outcome"], bad["text"], bad["error"].startswith(str(up.inbox / "bad.json"))) == ("failed", None, True)


def test_export_writes_csv_to_a_file(up: Commands) -> None:
    answer = up("export", "--all", "--format", "csv", "--output", up.folder / "all.csv")
    assert (answer.code, answer.out) == (0, "")
    with (up.folder / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == EXPORT_FIELDS
    assert [row["text"] for row in rows if row["file"] == str(up.inbox / "story.txt")] == [STORY]
    assert len(rows) == up.status().documents.total
    assert not list(up.folder.glob("*.part"))


def test_a_file_that_ends_in_csv_is_a_table(up: Commands) -> None:
    answer = up("export", "--all", "--output", up.folder / "report.CSV")
    documents = up.status().documents.total
    assert answer == Answer(0, "", f"{documents} documents written to {up.folder / 'report.CSV'} as csv\n")
    with (up.folder / "report.CSV").open(newline="") as file:
        assert [len(row) for row in csv.reader(file)] == [len(EXPORT_FIELDS)] * (documents + 1)
    assert (up.folder / "report.CSV").stat().st_mode & 0o777 == 0o600
    up("export", "--all", "--format", "jsonl", "--output", up.folder / "report.CSV")
    assert len((up.folder / "report.CSV").read_text().splitlines()) == documents


_NO_UTF8 = "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"


def test_a_locale_without_utf8_loses_no_text_and_ends_no_command(up: Commands) -> None:
    lines = up("export", "--all").out.splitlines()
    answer = up.shell(f"{_NO_UTF8} $NEWSMILL export --all")
    assert answer.code == 0
    assert answer.out.isascii()
    assert [json.loads(line) for line in answer.out.splitlines()] == [json.loads(line) for line in lines]
    table = up.shell(f"{_NO_UTF8} $NEWSMILL export --all --format csv")
    assert table == up("export", "--all", "--format", "csv")
    shown = up.shell(f"{_NO_UTF8} $NEWSMILL show {up.inbox / 'story.txt'}")
    assert (shown.code, shown.err) == (0, "")
    assert "A bridge for Varnh\\xf6lt" in shown.out
    as_json = up.shell(f"{_NO_UTF8} $NEWSMILL show --json {up.inbox / 'story.txt'}")
    assert as_json.json() == up("show", "--json", up.inbox / "story.txt").json()


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_export_to_a_reader_that_leaves_ends_in_silence(up: Commands, reader: str) -> None:
    answer = up.shell(f"$NEWSMILL export --all | {reader}")
    assert (answer.code, answer.err) == (0, "")


def test_doctor_finds_nothing_wrong(up: Commands) -> None:
    answer = up("doctor", "--json")
    assert answer.code == 0
    assert {finding["name"]: finding["ok"] for finding in answer.json()} == dict.fromkeys(
        ["postgresql", "migrations", "redis", "dispatch", "disk", "progress", "worker", "sweep", "watch", "inbox"], True
    )


def test_doctor_looks_at_the_inbox_that_up_watches(up: Commands) -> None:
    elsewhere = {"NEWSMILL_INBOX": str(up.folder / "gone")}
    answer = Commands(up.folder, up.servers | elsewhere)("doctor", "--json")
    assert (answer.code, answer.json()[-1]["message"]) == (0, f"{up.inbox} can be read")
    up.inbox.rename(up.folder / "aside")
    try:
        answer = Commands(up.folder, up.servers | elsewhere)("doctor", "--json")
    finally:
        (up.folder / "aside").rename(up.inbox)
    assert answer.code == 1
    assert [(finding["name"], finding["message"]) for finding in answer.json() if finding["ok"] is not True] == [
        ("inbox", f"{up.inbox} cannot be read: No such file or directory; see that it is mounted and may be read")
    ]


def test_retry_runs_documents_again_and_keeps_their_failures(up: Commands) -> None:
    before = [_shown(up, up.inbox / name) for name in ("story.txt", "bad.json")]
    answer = up("retry", str(before[0]["id"]), "--from", "clean")
    assert (answer.code, answer.out) == (0, "1 begin again at clean\n")
    eventually(lambda: up.settled(6), what="it is done")
    answer = up("retry", "4711", str(before[0]["id"]))
    unknown = "newsmill: 1 do not: unknown, unfinished or at work already: 4711\n"
    assert answer == Answer(1, "1 begin again at parse\n", unknown)
    assert up("retry", "--failed").code == 0
    eventually(lambda: up.settled(6), what="they are done")
    after = [_shown(up, up.inbox / name) for name in ("story.txt", "bad.json")]
    for old, new in zip(before, after, strict=True):
        assert new["generation"] == old["generation"] + (2 if new["outcome"] == "unique" else 1)
        assert [new[key] for key in ("outcome", "title", "reason", "cluster_id")] == [
            old[key] for key in ("outcome", "title", "reason", "cluster_id")
        ]
    assert [len(document["failures"]) for document in after] == [0, len(before[1]["failures"]) + 1]


def _one_line(answer: Answer, code: int, words: str) -> None:
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1), answer
    assert answer.err.startswith("newsmill: ")
    assert words in answer.err


def test_what_cannot_be_done_is_said_in_one_line(up: Commands) -> None:
    _one_line(up("show", "no/such/file"), 1, "no/such/file: no file was seen at this path")
    _one_line(up("export", "--output", "/nowhere/at/all"), 1, "/nowhere/at/all: ")


def test_a_second_up_on_the_same_home_is_refused(up: Commands) -> None:
    answer = up("up")
    assert (answer.code, answer.out, json.loads(answer.err)["event"]) == (
        1,
        "",
        f"`newsmill up` runs on {up.folder / 'home'} already, as process {up.running[0].pid}; for more workers start"
        " `newsmill worker`, for another mill set NEWSMILL_HOME",
    )


def test_wrong_usage_exits_with_2(up: Commands) -> None:
    _one_line(up("retry"), 2, "name the ids to retry, or say --failed")
    _one_line(up("retry", "1", "--all"), 2, "name ids, or select by --failed")
    _one_line(up("retry", "1", "--from", "foo"), 2, "--from foo: there are parse, clean, deduplicate, store")
    _one_line(up("retry", "--all", "--stage", "clean"), 2, "leave out --all")
    _one_line(up("export", "--format", "xml"), 2, "choose jsonl, csv, parquet or xlsx")
    _one_line(up("export", "--versions", "--all"), 2, "leave out --all")
    assert up("worker", "--stage", "nowhere").code == 2
    assert up("up", "--workers", "0").code == 2


def test_version_needs_no_server(up: Commands) -> None:
    assert up("--version") == Answer(0, f"{__version__}\n", "")


if REAL_ARTICLES.is_dir():  # they are not ours to copy

    def test_real_articles_settle_as_a_reader_would_sort_them(up: Commands) -> None:
        assert up("ingest", "--wait", REAL_ARTICLES).code == 0
        rows = {}
        for line in up("export", "--all").out.splitlines():
            row = json.loads(line)
            if Path(row["file"]).parent == REAL_ARTICLES:
                rows[Path(row["file"]).name[:3]] = row
        assert sorted(rows) == ["000", "001", "002", "003", "004"]
        assert len({row["cluster_id"] for row in rows.values()}) == 4
        assert rows["001"]["cluster_id"] == rows["003"]["cluster_id"]
        first_lines = {
            number: [line for line in Path(row["file"]).read_text().splitlines() if line.strip()]
            for number, row in rows.items()
        }
        assert {number: row["title"] for number, row in rows.items()} == {
            "000": None, "001": first_lines["001"][0], "002": None, "003": None, "004": rows["004"]["title"],
        }  # fmt: skip
        assert rows["004"]["title"] in first_lines["004"][:4]
        assert {number: row["published_at"] for number, row in rows.items() if row["published_at"]} == {
            "000": "2024-07-30"
        }
        texts = " ".join(f"{row['title']} {row['text']}" for row in rows.values())
        chrome = (
            "Skip to content", "Dear readers", "A Message from", "Remind me", "Not ready to support", "Read also:",
            "reminder is set", "×", "date 2024",
        )  # fmt: skip
        assert [phrase for phrase in chrome if phrase in texts] == []


# Alone


@pytest.fixture
def commands(tmp_path: Path) -> Iterator[Commands]:
    """Commands on a fresh home."""
    commands = Commands(tmp_path)
    yield commands
    commands.stop()


def _roles(commands: Commands) -> list[str]:
    """The command lines of all that works on this home: roles and workers' children."""
    home = commands.environment["NEWSMILL_HOME"]
    found = []
    for process in psutil.process_iter():
        try:
            if "console" in process.cmdline() and process.environ().get("NEWSMILL_HOME") == home:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def _servers(commands: Commands) -> list[str]:
    """The command lines of the servers of this home; Valkey's names its sockets' folder, which is named by the home."""
    home = commands.folder / "home"
    names = (str(home), f"{home.stat().st_dev:x}-{home.stat().st_ino:x}")
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if line.split(" ")[0].endswith(("/postgres", "-server")) and any(name in line for name in names):
            found.append(line)
    return found


def test_ingest_alone_brings_its_own_servers_and_workers_and_leaves_none(commands: Commands, tmp_path: Path) -> None:
    write(generate(13, 6, copies_share=0.5), tmp_path / "files")
    (tmp_path / "files" / "bad.json").write_text('{"title": ')
    first = commands("ingest", "--wait", "--json", "files")
    counts = first.json()
    bad = str(tmp_path / "files" / "bad.json")
    assert (first.code, counts["files"], counts["documents"], list(counts["errors"])) == (1, 7, 7, [bad])
    assert (counts["by_outcome"]["failed"], counts["by_outcome"]["unique"]) == (1, 3)
    assert first.err == f"newsmill: {counts['errors'][bad]}\n"
    assert _roles(commands) + _servers(commands) == []


def test_up_that_is_killed_leaves_no_role_behind_and_the_next_one_goes_on_until_ctrl_c(commands: Commands) -> None:
    process = commands.start("up")
    eventually(lambda: commands.said("watching "), what="`up` begins")
    eventually(lambda: len(_roles(commands)) >= 3, what="the roles begin")
    process.kill()  # while they load
    process.wait()
    eventually(lambda: _roles(commands) == [], seconds=30, what="the roles are gone")

    process = commands.start("up")
    write(generate(15, 40), commands.inbox)
    eventually(lambda: commands.status().documents.total > 0, what="documents are registered")
    process.kill()
    process.wait()
    eventually(lambda: _roles(commands) == [], seconds=30, what="the roles are gone")

    again = commands.start("up")
    eventually(lambda: commands.settled(40), what="what was begun is finished")
    # For a moment a child of PostgreSQL has the command line of its parent.
    eventually(lambda: len(_servers(commands)) == 2, what="one PostgreSQL and one Valkey")
    os.kill(again.pid, signal.SIGINT)
    assert again.wait(timeout=90) == 0
    assert commands.said("newsmill: drained")
    assert _roles(commands) + _servers(commands) == []


def test_demo_shows_what_became_of_the_samples(commands: Commands) -> None:
    answer = commands("demo")
    assert answer.code == 0
    for words in ("unique", "near duplicate", "failed", "rejected"):
        assert words in answer.out.replace("_", " ")
    assert not (commands.folder / "home").exists()
