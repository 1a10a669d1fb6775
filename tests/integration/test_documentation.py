"""Every command that README and docs show runs as it is printed, and help is whole."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import psycopg

from newsmill.settings import ServerUrls
from tests.conftest import eventually
from tests.documentation.commands import commands as all_commands
from tests.documentation.pages import ROOT, Page, pages
from tests.support.commands import SCRIPT, Commands
from tests.support.corpus import generate

README, LAPTOP = Page("README.md"), Page("docs/laptop.md")
COMPOSE, MANY_HOSTS = Page("docs/compose.md"), Page("docs/many-hosts.md")
OPERATIONS = [page for page in pages() if page.path.startswith("docs/operations/")]
RESTORE = "NEWSMILL_HOME=restored newsmill restore newsmill-backup"


def test_help_is_whole_and_takes_h(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    answers = [commands(*command.words.split()[1:], "-h") for command in all_commands()]
    assert {answer.code for answer in answers} == {0}
    listed = [line for answer in answers for line in answer.out.splitlines() if line.startswith("  ")]
    assert [line for line in listed if "..." in line] == []
    assert [line for line in listed if "range" in line or "x<=" in line] == []


def test_make_says_what_it_does(tmp_path: Path) -> None:
    def make(*words: str) -> list[str]:
        # Not as a part of the make that may run this test: it would say where it is.
        alone = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
        done = subprocess.run(["make", *words], cwd=ROOT, env=alone, check=True, capture_output=True, text=True)
        return done.stdout.splitlines()

    assert {re.search(r"(?<=\s)\S", line[10:]).start() for line in make("help")} == {7}  # type: ignore[union-attr]
    lines = make("--dry-run", "setup", f"VENV={tmp_path}")
    said = re.findall(r'echo "(installing .*?) into', "\n".join(lines))
    assert said == ["installing what Newsmill runs on", "installing what the tests and checks need"]


def test_no_page_shows_a_line_that_no_test_runs() -> None:
    tested = {COMPOSE, MANY_HOSTS}  # by tests of their own
    guides = [page for page in pages() if page.path == "README.md" or page.path.startswith("docs/")]
    shown = {line for page in guides if page not in tested for line in page.shown()}
    others = {line for line in shown if not line.startswith(("newsmill ", "cp ", "select ", "make "))}
    compose = {line for line in others if line.startswith("docker compose ")}
    assert compose <= set(COMPOSE.shown())
    assert others - compose == {". .venv/bin/activate", RESTORE}


def test_what_readme_laptop_and_operations_show_runs_as_printed(urls: ServerUrls, tmp_path: Path) -> None:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    _write_articles(tmp_path / "articles")
    shown = dict.fromkeys(line for page in (README, LAPTOP, *OPERATIONS) for line in page.shown())
    lines = [line for line in shown if line.startswith(("newsmill ", "cp "))]
    assert lines[:2] == ["newsmill up", "cp articles/*.html inbox/"]
    try:
        commands.start("up")
        eventually(lambda: commands.inbox.is_dir() and commands.said(" ready."), what="`newsmill up` runs")
        for line in lines[1:]:
            program, *arguments = shlex.split(line)
            answer = commands(*arguments) if program == "newsmill" else commands.shell(line)
            assert (answer.code, line) == (0, line), answer.err
            if program == "cp":
                eventually(lambda: _seen(urls) >= {path for path in commands.inbox.rglob("*") if path.is_file()})
            eventually(lambda: commands.settled(1))
    finally:
        commands.stop()
    assert (tmp_path / "corpus.jsonl").read_text().count("\n") == 1
    assert (tmp_path / "all.jsonl").read_text().count("\n") == 2
    with psycopg.connect(urls.database_url) as connection:
        for query in (line for line in shown if line.startswith("select ")):
            connection.execute(query.encode())


def _write_articles(folder: Path) -> None:
    text, other = (file.text for file in generate(1, 2, copies_share=0))
    folder.mkdir()
    (folder / "some-article.html").write_text(f"<html><body><article><p>{text}</p></article></body></html>")
    (folder / "other.txt").write_text(other)


def _seen(urls: ServerUrls) -> set[Path]:
    with psycopg.connect(urls.database_url) as connection:
        return {Path(path) for (path,) in connection.execute("select path from sightings")}


def test_a_restore_as_it_is_shown_brings_back_a_backup(tmp_path: Path) -> None:
    commands = Commands(tmp_path)  # with embedded servers: another home is another system
    _write_articles(tmp_path / "articles")
    assert commands("ingest", "articles/", "--wait").code == 0
    assert commands("backup", "newsmill-backup").code == 0
    assert RESTORE in Page("docs/operations/backups.md").shown()
    answer = commands.shell(f"PATH={SCRIPT.parent}:$PATH; {RESTORE}")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("2 files, 2 documents and 2 blobs restored")


def test_what_many_hosts_shows_takes_in_and_works_off_a_file(urls: ServerUrls, tmp_path: Path) -> None:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    lines = [line.split()[1:] for line in MANY_HOSTS.shown()]
    assert [line[0] for line in lines] == ["migrate", "watch", "worker", "sweep", "health"]
    migrate, *roles, health = ([word.replace("/srv/inbox", str(commands.inbox)) for word in line] for line in lines)
    assert commands(*migrate).code == 0
    commands.inbox.mkdir()
    (commands.inbox / "a.txt").write_text(generate(1, 1)[0].text)
    try:
        for role in roles:
            commands.start(*role)
        eventually(lambda: commands.settled(1), what="the file is stored")
        eventually(lambda: commands(*health).code == 0, what="the worker of this host lives")
    finally:
        commands.stop()
