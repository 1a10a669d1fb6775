"""What the `newsmill` command says and does where it is called as it was not meant."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from newsmill.settings import ServerUrls
from tests.support.commands import Answer, Commands


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
