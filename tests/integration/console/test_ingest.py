"""`newsmill ingest` beside no running mill: what it takes, what it leaves out, and what it says about both."""

import fcntl
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import celery
import pytest

from newsmill.settings import ServerUrls
from tests.support.commands import Answer, Commands
from tests.support.inboxes import OWNER_WITHOUT_PRIVILEGES

STORY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said.\n"
)


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    """With a folder `in` that holds one story."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "story.txt").write_text(STORY)
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    yield commands
    commands.stop()


def test_a_folder_that_cannot_be_read_is_an_error(commands: Commands) -> None:
    closed = commands.folder / "in" / "closed"
    closed.mkdir(mode=0)
    try:
        answer = commands.shell(f"{' '.join(OWNER_WITHOUT_PRIVILEGES)} $NEWSMILL ingest --json in")
    finally:
        closed.chmod(0o700)
    reason = (
        f"folder {closed} is left out, not all of it can be read: Permission denied; give this user leave to read and"
        " enter it"
    )
    assert (answer.code, answer.err) == (1, f"newsmill: {reason}\n")
    assert (answer.json()["files"], answer.json()["errors"]) == (1, {str(closed): reason})


def test_a_file_that_cannot_be_read_is_an_error_with_advice(commands: Commands) -> None:
    closed = commands.folder / "in" / "story.txt"
    closed.chmod(0)
    reason = f"{closed}: it cannot be opened: Permission denied; give this user leave to read it"
    for path in ("in", "in/story.txt"):
        answer = commands.shell(f"{' '.join(OWNER_WITHOUT_PRIVILEGES)} $NEWSMILL ingest --json {path}")
        assert (answer.code, answer.json()["errors"], answer.err) == (1, {str(closed): reason}, f"newsmill: {reason}\n")


def test_home_and_log_are_its_owners_and_a_second_ingest_leaves_the_firsts_log(commands: Commands) -> None:
    assert commands("ingest", "in").code == 0
    home = commands.folder / "home"
    log = home / "workers.log"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home, log)] == [0o700, 0o600]
    log.write_text("what the first says\n")
    with log.open("ab") as first:
        fcntl.flock(first, fcntl.LOCK_SH)
        assert commands("ingest", "in").code == 0
        assert log.read_text() == "what the first says\n"
    assert commands("ingest", "in").code == 0
    assert log.read_text() == ""


def test_what_no_worker_will_take_up_is_said(commands: Commands) -> None:
    so_far = "1 document so far; "
    advice = "no worker runs: start `newsmill up`, or say --wait\n"
    assert commands("ingest", "in") == Answer(0, f"1 file: 1 new; {so_far}{advice}", "")
    assert commands("ingest", "--wait", "in") == Answer(0, "1 file: 0 new, 1 known; 1 document: 1 unique\n", "")
    assert commands("ingest", "in") == Answer(
        0, f"1 file: 0 new, 1 known; {so_far}`newsmill status` tells where they stand\n", ""
    )


def test_a_folder_with_nothing_to_take_is_said(commands: Commands) -> None:
    for name in (".hidden/a.txt", "deep/b.txt.part", "deep/.c.txt", "d.tmp"):
        path = commands.folder / "odd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (commands.folder / "odd" / "link").symlink_to("../in")
    os.mkfifo(commands.folder / "odd" / "pipe")
    (commands.folder / "empty").mkdir()
    answer = commands("ingest", "odd", "empty", "in")
    assert (answer.code, answer.out.split(";")[0], answer.err.splitlines()) == (
        0,
        "5 files: 1 new, 4 left alone",
        [
            "newsmill: nothing to take in odd (6 left out: .hidden, d.tmp, link, pipe, deep/.c.txt …): dotfiles,"
            " unfinished downloads, symlinks, devices and the like are left alone",
            "newsmill: nothing to take in empty: it is empty",
        ],
    )


def test_what_is_left_alone_by_its_name_is_said_where_it_is_named(commands: Commands) -> None:
    for name in ("half.txt.part", "sums.md5", ".dotted.txt", "notes.bak", "#recycle/old.txt", "@eaDir/thumb.txt"):
        path = commands.folder / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(STORY + name)
    counts = commands("ingest", "--json", "in").json()
    assert (counts["files"], counts["left_alone_by_name"]) == (2, 5)
    named = ["in/half.txt.part", "in/sums.md5", "in/.dotted.txt", "in/#recycle"]
    answer = commands("ingest", *named)
    assert (answer.code, answer.out.split(";")[0], answer.err.splitlines()) == (
        0,
        "4 files: 1 new, 3 left alone",
        [
            f"newsmill: in/{name}: left alone, by its name it is {what}; rename it if it is an article"
            for name, what in (
                ("half.txt.part", "an unfinished download or copy"),
                ("sums.md5", "a checksum or signature"),
                ("#recycle", "a bin, cache or snapshot of a system or NAS"),
            )
        ],
    )
    answer = commands.shell("NEWSMILL_IGNORE='drafts, *.bak' $NEWSMILL ingest --json in/notes.bak")
    assert answer.json()["left_alone"] == {"in/notes.bak": "ignored by NEWSMILL_IGNORE (*.bak)"}


def test_json_names_what_is_unfinished_and_what_failed(commands: Commands) -> None:
    bad, feed = commands.folder / "in" / "bad.html", commands.folder / "in" / "feed.jsonl"
    bad.write_bytes(b"%PDF-1.7 \xff")
    feed.write_text('{"text": "short"}\n{"text": \n')
    counts = commands("ingest", "--json", "in").json()
    assert counts == {
        "files": 3, "new": 3, "copies": 0, "known": 0, "documents": 2, "by_outcome": {"unfinished": 2},
        "left_alone_by_name": 0, "failed_before": 0, "left_alone": {}, "errors": {}, "containers": [
            {"path": str(feed), "documents": 0, "articles": 0, "rejected": 0, "failed": 0, "skipped": {},
             "is_unpacked": False},
        ],
    }  # fmt: skip
    answer = commands("ingest", "--wait", "--json", "in")
    assert (answer.code, answer.json()["errors"].keys()) == (1, {str(bad), f"{feed}:2"})
    (account,) = answer.json()["containers"]
    assert account == {
        "path": str(feed), "documents": 2, "articles": 0, "rejected": 1, "failed": 1, "skipped": {},
        "is_unpacked": True,
    }  # fmt: skip
    assert sorted(answer.json()["errors"].values()) == sorted(
        line.removeprefix("newsmill: ") for line in answer.err.splitlines()
    )
    again = commands("ingest", "--wait", "in")
    assert again == Answer(
        0,
        f"{feed}: 2 of 2 accounted for: 1 rejected, 1 failed\n"
        "3 files: 0 new, 3 known; 4 documents: 2 failed, 1 rejected, 1 unique; "
        "2 failed before: `newsmill failed` says why\n",
        "",
    )
    (commands.folder / "in" / "copy.html").write_bytes(bad.read_bytes())
    answer = commands("ingest", "--wait", "in")
    told = answer.out.splitlines()[1].split(";")[0]
    assert (answer.code, told, answer.err) == (0, "4 files: 0 new, 1 copied, 3 known", "")


_TRAP = """
import pathlib
pathlib.Path({folder!r}, "imported").mkdir(exist_ok=True)
pathlib.Path({folder!r}, "imported", {name!r}).touch()
raise ImportError("from the working directory")
"""


def test_children_import_nothing_from_the_working_directory(commands: Commands) -> None:
    """As in the folder that holds the clone, or in a folder of somebody who wants his code to run."""
    for package in ("newsmill", "console", "worker"):
        (commands.folder / package).mkdir()
    installed = {name.partition("/")[0].removesuffix(".py") for name in os.listdir(Path(celery.__file__).parents[1])}
    names = {name for name in installed if name.isidentifier()} | {"celeryconfig", "db", "ingest", "sitecustomize"}
    for name in names | sys.stdlib_module_names:
        (commands.folder / f"{name}.py").write_text(_TRAP.format(folder=str(commands.folder), name=name))
    assert commands.shell("$NEWSMILL ingest --wait in") == Answer(0, "1 file: 1 new; 1 document: 1 unique\n", "")
    assert not (commands.folder / "imported").exists()


def test_a_wait_ends_with_the_reason_when_its_workers_die(commands: Commands) -> None:
    broken = commands.folder / "broken"
    (broken / "sitecustomize.py").parent.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\nif sys.orig_argv[-1] in ('worker', 'sweep'):\n    raise SystemExit('no library of that name')\n"
    )
    answer = commands.shell(f"PYTHONPATH={broken} $NEWSMILL ingest --wait in")
    assert (answer.code, answer.out) == (1, "")
    assert re.fullmatch(
        rf"newsmill: the (worker|sweep) ended right after its start \d times in a row, with code 1;"
        rf" {commands.folder}/home/workers.log says: SystemExit: no library of that name\n",
        answer.err,
    )
