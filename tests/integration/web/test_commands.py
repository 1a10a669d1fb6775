"""`newsmill search`, `show --text`, `wait`, `web-user` and `audit` by what is typed and printed."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from console.services.audits import write
from newsmill.settings import ServerUrls
from tests.support.commands import SCRIPT, Commands
from tests.support.inline import inline_queue
from worker.services import Services

TEXT = "The council of Varnholt closes the old bridge over the river on Monday morning."
PAGE = f"<html><head><title>Old bridge closes</title></head><body><article><p>{TEXT}</p></article></body></html>"


@pytest.fixture
def commands(mill: Services, urls: ServerUrls, tmp_path: Path) -> Commands:
    """The command line beside a mill that holds an article and a failure."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "bridge.html").write_text(PAGE)
    (folder / "broken.json").write_text('{"title": "Cut')
    queue = inline_queue(mill)
    queue.take_in(folder)
    queue.settle()
    return Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})


def test_search_prints_the_passages(commands: Commands, tmp_path: Path) -> None:
    answer = commands("search", "bridge -tunnel")
    title, about, passage = answer.out.splitlines()
    assert (answer.code, title) == (0, "Old bridge closes")
    assert "closes the old bridge over the river" in passage
    assert about.endswith(f", {tmp_path}/files/bridge.html")
    found = json.loads(commands("search", '"old bridge"', "--json").out)["articles"]
    assert [span["text"] for span in found[0]["passages"] if span["found"]] == ["old", "bridge"]
    nothing = commands("search", "tunnel")
    assert (nothing.code, nothing.out, nothing.err) == (1, "", "no article holds these words\n")
    assert commands("search", " ").code == 2


def test_export_writes_those_that_fit(commands: Commands, mill: Services) -> None:
    with mill.database.transaction() as connection:
        connection.execute(
            text(
                "update articles set publisher = 'Amber Press', published_at = '2031-03-04T10:00Z',"
                " published_precision = 'day'"
            )
        )

    def exported(*words: str) -> list[str]:
        answer = commands("export", *words)
        assert answer.code == 0, answer.err
        return [Path(json.loads(line)["file"]).name for line in answer.out.splitlines()]

    assert exported("--source", "Amber Press", "--language", "en") == ["bridge.html"]
    assert exported("--source", "Other Press") == []
    assert exported("--outcome", "failed") == ["broken.json"]
    assert exported("--published-since", "2031-03-04", "--published-until", "2031-03-04") == ["bridge.html"]
    assert exported("--published-until", "2031-03-03") == []
    assert exported("--since", "1h") == ["bridge.html"]
    assert exported("--all", "--until", "1h") == []
    wrong = commands("export", "--outcome", "lost")
    assert (wrong.code, "--outcome lost: there are unique, " in wrong.err) == (2, True)
    table = commands("export", "--format", "csv", "--bom").out
    assert table.startswith("\ufeffid,file,")
    assert commands("export", "--bom").code == 2


def test_show_prints_the_text_alone(commands: Commands) -> None:
    answer = commands("show", "files/bridge.html", "--text")
    assert (answer.code, answer.out) == (0, f"{TEXT}\n")
    broken = commands("show", "files/broken.json", "--text")
    assert broken.code == 1
    assert "there is no article of it" in broken.err


def test_wait_ends_at_once_or_says_why_it_never_would(commands: Commands, mill: Services, tmp_path: Path) -> None:
    answer = commands("wait")
    assert (answer.code, answer.out) == (0, "all that was registered has ended\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text("The mayor opens the new bridge.")
    inline_queue(mill).take_in(tmp_path / "more")
    nobody = commands("wait")
    assert (nobody.code, nobody.err) == (1, "newsmill: 1 are left and no worker runs: start `newsmill up`\n")
    late = commands("wait", "--timeout", "0")
    assert (late.code, late.out) == (1, "1 are left\n")


def test_audit_lists_what_was_changed(commands: Commands, mill: Services) -> None:
    assert commands("audit").out == "nobody has changed anything through the web console\n"
    write(mill.database, "ada\x1b[2J", "pause", {"scope": "store"})
    line = commands("audit").out
    assert "\x1b" not in line
    assert line.rstrip().endswith('pause  {"scope": "store"}')
    rows = json.loads(commands("audit", "--json").out)
    assert (rows[0]["action"], rows[0]["details"]) == ("pause", {"scope": "store"})


def test_web_user_prints_a_line_and_no_password(commands: Commands) -> None:
    answer = commands.shell(f"printf 'correct horse\\n' | {SCRIPT} web-user ada --role operator")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("ada operator $argon2id$")
    assert "correct" not in answer.out + answer.err
    short = commands.shell(f"printf 'short\\n' | {SCRIPT} web-user ada")
    assert (short.code, "at least 8 characters" in short.err) == (1, True)
    assert commands.shell(f"printf 'correct horse\\n' | {SCRIPT} web-user ada --role king").code == 2
