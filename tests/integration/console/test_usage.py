"""What the `newsmill` command says and does where it is called as it was not meant."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.support.commands import Answer, Commands
from tests.support.inboxes import OWNER_WITHOUT_PRIVILEGES


@pytest.fixture
def commands(urls: ServerUrls, tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    yield commands
    commands.stop()


def _refused(reason: str, code: int = 1) -> Answer:
    """One line on standard error, and nothing else."""
    return Answer(code, "", f"newsmill: {reason}\n")


@pytest.mark.parametrize(
    "command", [("ingest", ""), ("up", "--inbox", ""), ("watch", "--inbox="), ("export", "--output", "")]
)
def test_an_empty_path_is_not_the_working_directory(command: tuple[str, ...], commands: Commands) -> None:
    (commands.folder / "mine.txt").write_text("not for the mill")
    assert commands(*command) == _refused("a path is empty: name a file or folder ('.' is the working directory)", 2)
    assert [path.name for path in commands.folder.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "command",
    [
        ("status",), ("show", "x.txt"), ("show", "--removed", "1"), ("failed",), ("retry", "--failed"), ("passages",),
        ("verify",), ("pause", "store"), ("export",), ("forget", "1"), ("prune", "--older-than", "1d"), ("blobs",),
        ("allow", "0" * 64), ("doctor",), ("watch",), ("worker",), ("sweep",),
    ],
)  # fmt: skip
def test_a_command_in_the_wrong_folder_makes_no_mill_there(command: tuple[str, ...], commands: Commands) -> None:
    commands.servers = {"NEWSMILL_LOG_FORMAT": "console"}
    home = commands.folder / "home"
    answer = commands(*command)
    said = f"there is no mill in {home}: go where `newsmill up` runs, or set NEWSMILL_HOME"
    assert (answer.code, answer.out, answer.err.count("\n"), said in answer.err) == (1, "", 1, True), answer.err
    assert not home.exists()


def test_doctor_of_an_empty_database_says_what_is_missing(commands: Commands, urls: ServerUrls) -> None:
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        connection.execute("drop schema public cascade; create schema public")
    answer = commands("doctor", "--json")
    assert (answer.code, answer.err) == (1, "")
    findings = {finding["name"]: (finding["ok"], finding["message"]) for finding in answer.json()}
    assert {name: ok for name, (ok, _) in findings.items()} == {
        "postgresql": True, "migrations": False, "redis": True, "disk": True
    }  # fmt: skip
    assert findings["migrations"][1] == (
        "the database has no Newsmill tables: `newsmill up` or `newsmill migrate` makes them"
    )


@pytest.mark.parametrize("command", ["status", "status --json", "export --format csv", "failed", "--version", "--help"])
def test_a_full_disk_under_standard_output_is_said_in_one_line(command: str, commands: Commands) -> None:
    answer = commands.shell(f"$NEWSMILL {command} > /dev/full")
    assert answer == _refused("standard output: No space left on device")


def test_a_page_of_output_that_does_not_fit_is_said_in_one_line(commands: Commands) -> None:
    """Large enough that it is not kept in a buffer."""
    paths = " ".join(f"nowhere-{number}-{'x' * 200}" for number in range(100))
    answer = commands.shell(f"$NEWSMILL ingest --json {paths} 2> said > /dev/full")
    assert answer.code == 1
    assert (commands.folder / "said").read_text().splitlines()[100:] == [
        "newsmill: standard output: No space left on device"
    ]


@pytest.mark.parametrize("command", ["status", "status --json", "export", "failed", "pause store"])
def test_a_reader_that_leaves_ends_any_command_in_silence(command: str, commands: Commands) -> None:
    line = f"mkfifo pipe; (exec 3< pipe) & exec 4> pipe; wait; $NEWSMILL {command} >&4"
    assert commands.shell(line) == Answer(0, "", "")


def test_closed_standard_streams_lead_nowhere(commands: Commands) -> None:
    assert commands.shell("$NEWSMILL status <&- >&- 2>&-") == Answer(0, "", "")
    assert commands.shell("$NEWSMILL retry --failed <&-") == Answer(0, "nothing has failed\n", "")


def test_settings_that_cannot_be_read_are_said_in_one_line(commands: Commands) -> None:
    file = commands.folder / ".env"
    file.write_bytes(b"NEWSMILL_INBOX=caf\xe9\n")
    assert commands("status") == _refused(".env cannot be read: it is not UTF-8 text")
    file.chmod(0)
    answer = commands.shell(f"{' '.join(OWNER_WITHOUT_PRIVILEGES)} $NEWSMILL status")
    assert answer == _refused(".env cannot be read: Permission denied")
    answer = commands.shell("mkdir gone; cd gone; rmdir ../gone; NEWSMILL_HOME= $NEWSMILL status")
    assert answer == _refused("the working directory is gone (No such file or directory): go to another")


def test_ctrl_c_while_modules_load_ends_in_one_line(commands: Commands) -> None:
    (commands.folder / "typer.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nsignal.pause()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "console", "status"],
        check=False, cwd=commands.folder, env=os.environ | commands.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "newsmill: interrupted\n")


@pytest.mark.parametrize(
    ("inbox", "reason"),
    [("file", "made: File exists"), ("file/inbox", "made: Not a directory"), ("closed", "read: Permission denied")],
)
def test_an_inbox_that_cannot_be_watched_is_said_before_anything_starts(
    inbox: str, reason: str, commands: Commands
) -> None:
    commands.servers = {"NEWSMILL_LOG_FORMAT": "console"}
    (commands.folder / "file").touch()
    (commands.folder / "closed").mkdir(mode=0)
    try:
        answer = commands.shell(f"{' '.join(OWNER_WITHOUT_PRIVILEGES)} $NEWSMILL up --inbox {inbox}")
    finally:
        (commands.folder / "closed").chmod(0o700)
    assert answer == _refused(f"{commands.folder / inbox}: the inbox cannot be {reason}")
    assert not (commands.folder / "home").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("failed", "newsmill: interrupted\n"),
        ("ingest", "newsmill: interrupted; what was registered goes on while `newsmill up` runs\n"),
    ],
)
def test_ctrl_c_says_what_it_leaves_behind_and_only_that(
    command: str, said: str, commands: Commands, urls: ServerUrls
) -> None:
    with psycopg.connect(urls.database_url) as connection:
        connection.execute("lock table work, files, documents, sightings, left_out in access exclusive mode")
        process = commands.start(command, *([str(Path(__file__))] if command == "ingest" else []))
        waits = "select 1 from pg_locks where not granted and relation in (select oid from pg_class)"
        eventually(lambda: connection.execute(waits).fetchone(), what="it is at work")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert commands.log.read_text() == said


def test_ctrl_c_is_the_end_of_a_status_that_follows(commands: Commands) -> None:
    process = commands.start("status", "--follow", "--json")
    eventually(lambda: commands.said("rates"), what="it has printed")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert not commands.said("interrupted")


def test_a_variable_that_is_no_setting_is_said_once(commands: Commands) -> None:
    commands.servers["NEWSMILL_INBX"] = "in"
    said = "no such setting: NEWSMILL_INBX (NEWSMILL_INBOX?)"
    assert commands("failed") == Answer(0, "nothing has failed\n", f"newsmill: {said}\n")
    commands.start("up")
    eventually(lambda: commands.said(" ready."), what="the worker runs")
    assert commands.log.read_text().count(said) == 1
