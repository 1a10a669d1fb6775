"""`newsmill ingest` beside no running mill: what it takes, what it leaves out, and what it says about both."""

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

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
    registered = "1 file registered, 1 document so far; "
    advice = "no worker runs: start `newsmill up`, or say --wait\n"
    assert commands("ingest", "in") == Answer(0, registered + advice, "")
    assert commands("ingest", "--wait", "in") == Answer(0, "1 file, 1 document: 1 unique\n", "")
    assert commands("ingest", "in") == Answer(0, f"{registered}`newsmill status` tells where they stand\n", "")


def test_a_folder_with_nothing_to_take_is_said(commands: Commands) -> None:
    for name in (".hidden/a.txt", "deep/b.txt.part", "deep/.c.txt", "d.tmp"):
        path = commands.folder / "odd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (commands.folder / "odd" / "link").symlink_to("../in")
    os.mkfifo(commands.folder / "odd" / "pipe")
    (commands.folder / "empty").mkdir()
    answer = commands("ingest", "odd", "empty", "in")
    assert (answer.code, answer.out.split(",")[0], answer.err.splitlines()) == (
        0,
        "1 file registered",
        [
            "newsmill: nothing to take in odd (6 left out: .hidden, d.tmp, link, pipe, deep/.c.txt …): dotfiles,"
            " unfinished downloads, symlinks and devices are left alone",
            "newsmill: nothing to take in empty: it is empty",
        ],
    )


def test_json_names_what_is_unfinished_and_what_failed(commands: Commands) -> None:
    bad, feed = commands.folder / "in" / "bad.html", commands.folder / "in" / "feed.jsonl"
    bad.write_bytes(b"%PDF-1.7 \xff")
    feed.write_text('{"text": "short"}\n{"text": \n')
    counts = commands("ingest", "--json", "in").json()
    assert counts == {"files": 3, "documents": 2, "by_outcome": {"unfinished": 2}, "errors": {}}
    answer = commands("ingest", "--wait", "--json", "in")
    assert (answer.code, answer.json()["errors"].keys()) == (1, {str(bad), f"{feed}:2"})
    assert sorted(answer.json()["errors"].values()) == sorted(
        line.removeprefix("newsmill: ") for line in answer.err.splitlines()
    )
