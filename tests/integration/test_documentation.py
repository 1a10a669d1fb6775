"""The README names every setting with its default, and every command with its options."""

import re
from collections.abc import Iterator
from pathlib import Path

import typer.main
from pydantic_core import PydanticUndefined

from console.cli import app
from newsmill.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_readme_has_a_row_for_every_setting_as_it_is_described() -> None:
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in README.splitlines()}
    assert [row for row in _settings() if row not in rows] == []


def _settings() -> Iterator[tuple[str, str, str]]:
    """Name, default (empty if there is none or the machine decides) and description."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        yield f"`NEWSMILL_{name.upper()}`", default, str(field.description)


def test_readme_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"NEWSMILL_[A-Z_]*[A-Z]", README))
    assert named - {f"NEWSMILL_{name.upper()}" for name in Settings.model_fields} == set()


def test_readme_names_every_command_and_option() -> None:
    assert [words for words in _commands_and_options() if words not in README] == []


def _commands_and_options() -> Iterator[str]:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        yield f"newsmill {name}"
        for parameter in command.params:
            yield from (option for option in parameter.opts if option.startswith("--") and option != "--help")
