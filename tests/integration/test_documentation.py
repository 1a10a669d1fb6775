"""The README names every setting, command and option as it is, and what it and the how-to show runs as printed."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import typer.main
from pydantic_core import PydanticUndefined

from console.cli.app import app
from ingest.formats.refusals import Refusal
from ingest.formats.registry import REGISTRY
from ingest.metadata.named_fields import FIELD_NAMES, folded
from newsmill.settings import ServerUrls, Settings
from tests.conftest import eventually
from tests.support.commands import SCRIPT, Commands
from tests.support.corpus import generate

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LAPTOP = (ROOT / "docs/laptop.md").read_text()
MANY_HOSTS = (ROOT / "docs/many-hosts.md").read_text()


def test_readme_has_a_row_for_every_setting_as_it_is_described() -> None:
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in README.splitlines()}
    assert [row for row in _settings() if row not in rows] == []


def _settings() -> Iterator[tuple[str, str, str]]:
    """Name, default (empty if there is none or the machine decides) and description."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        yield f"`NEWSMILL_{name.upper()}`", default, str(field.description)


def test_readme_names_no_setting_that_is_not_there() -> None:
    named = {name.removesuffix("_FILE") for name in re.findall(r"NEWSMILL_[A-Z_]*[A-Z]", README)}
    assert named - {f"NEWSMILL_{name.upper()}" for name in Settings.model_fields} == set()


def test_readme_names_every_command_and_option() -> None:
    assert [words for words in _commands_and_options() if words not in README] == []


def _commands_and_options() -> Iterator[str]:
    group = typer.main.get_command(app)
    waiting = [(f"newsmill {name}", command) for name, command in group.commands.items()]  # type: ignore[attr-defined]
    for path, command in waiting:
        yield path
        for parameter in command.params:
            yield from (option for option in parameter.opts if option.startswith("--") and option != "--help")
        waiting += [(f"{path} {name}", below) for name, below in getattr(command, "commands", {}).items()]


def test_help_is_whole_and_takes_h(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    pages = [commands(*words.split()[1:], "-h") for words in ("newsmill", *_pages())]
    assert {page.code for page in pages} == {0}
    listed = [line for page in pages for line in page.out.splitlines() if line.startswith("  ")]
    assert [line for line in listed if "..." in line] == []
    assert [line for line in listed if "range" in line or "x<=" in line] == []


def _pages() -> list[str]:
    return [words for words in _commands_and_options() if not words.startswith("--")]


def test_make_says_what_it_does(tmp_path: Path) -> None:
    def make(*words: str) -> list[str]:
        # Not as a part of the make that may run this test: it would say where it is.
        alone = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
        done = subprocess.run(["make", *words], cwd=ROOT, env=alone, check=True, capture_output=True, text=True)
        return done.stdout.splitlines()

    assert {re.search(r"(?<=\s)\S", line[10:]).start() for line in make("help")} == {7}  # type: ignore[union-attr]
    assert any("a minute or two" in line for line in make("--dry-run", "setup", f"VENV={tmp_path}"))


def test_readme_names_the_fields_that_are_read_in_their_order() -> None:
    rows = [line.split("|")[1:-1] for line in README.split("### The fields it reads")[1].split("\n\n")[2].splitlines()]
    named = {cells[0].split()[0]: tuple(map(folded, re.findall("`([^`]+)`", cells[1]))) for cells in rows[2:]}
    assert named == FIELD_NAMES


def test_readme_names_every_ending_that_is_refused() -> None:
    part = README.split("### What it refuses")[1].split("\n#")[0]
    refused = {extension for extension, kind in REGISTRY.by_extension.items() if isinstance(kind, Refusal)}
    assert set(re.findall(r"`(\.\w+)`", part)) == refused


def test_what_readme_and_how_to_show_runs_as_printed(urls: ServerUrls, tmp_path: Path) -> None:
    servers = {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url}
    commands = Commands(tmp_path, servers)
    text, other = (file.text for file in generate(1, 2, copies_share=0))
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "some-article.html").write_text(
        f"<html><body><article><p>{text}</p></article></body></html>"
    )
    (tmp_path / "articles" / "other.txt").write_text(other)
    lines = [line.split("#")[0].strip() for line in _indented(r"    (newsmill .*|cp .*)", README + LAPTOP)]
    assert lines[:2] == ["newsmill up", "cp articles/*.html inbox/"]
    lines = list(dict.fromkeys(lines))  # a how-to repeats some of the README's
    try:
        commands.start("up")
        eventually(lambda: commands.inbox.is_dir() and commands.said(" ready."), what="`newsmill up` runs")
        for line in lines[1:]:
            answer = commands.shell(f"PATH={SCRIPT.parent}:$PATH; {line}")
            assert (answer.code, line) == (0, line), answer.err
            if line.startswith("cp "):
                eventually(lambda: _seen(urls) >= {path for path in commands.inbox.rglob("*") if path.is_file()})
            eventually(lambda: commands.settled(1))
    finally:
        commands.stop()
    assert (tmp_path / "corpus.jsonl").read_text().count("\n") == 1
    assert (tmp_path / "all.jsonl").read_text().count("\n") == 2
    with psycopg.connect(urls.database_url) as connection:
        for query in _indented(r"    (select .*)", README):
            connection.execute(query.encode())


def _seen(urls: ServerUrls) -> set[Path]:
    with psycopg.connect(urls.database_url) as connection:
        return {Path(path) for (path,) in connection.execute("select path from sightings")}


def test_what_many_hosts_shows_takes_in_and_works_off_a_file(urls: ServerUrls, tmp_path: Path) -> None:
    commands = Commands(tmp_path, {"NEWSMILL_DATABASE_URL": urls.database_url, "NEWSMILL_REDIS_URL": urls.redis_url})
    lines = [line.split("#")[0].split() for line in _indented(r"    newsmill (.*)", MANY_HOSTS)]
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


def _indented(pattern: str, page: str) -> list[str]:
    return [match[1] for line in page.splitlines() if (match := re.fullmatch(pattern, line))]
