"""The commands of `newsmill` as they describe themselves: what the reference's tables are made from."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import typer.main

from console.cli.app import app

__all__ = ["Command", "commands"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its words, such as `newsmill passages pin`; its help, and each argument and option with its own."""

    words: str
    help: str
    arguments: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    has_exit_code: bool

    def reference(self) -> str:
        """Its usage and a table, as Markdown."""
        usage = [self.words, *(name for name, _ in self.arguments), *(["[OPTIONS]"] if self.options else [])]
        lines = [f"Usage: `{' '.join(usage)}`"]
        if rows := [*self.arguments, *self.options]:
            lines += ["", "| argument or option | what it is |", "|---|---|"]
            lines += [f"| `{_cell(name)}` | {_cell(help_)} |" for name, help_ in rows]
        return "\n".join(lines)


def commands() -> list[Command]:
    """All commands, `newsmill` itself first, in the order of `newsmill -h`."""
    return list(_walk("newsmill", typer.main.get_command(app)))


def _walk(words: str, command: Any) -> Iterator[Command]:
    arguments, options = [], []
    for parameter in command.params:
        if parameter.opts[0].startswith("-"):
            options.append((_option(parameter), _help(parameter)))
        else:
            arguments.append((_argument(parameter), parameter.help))
    function = inspect.unwrap(command.callback)
    returns = inspect.signature(function).return_annotation
    yield Command(words, command.help, tuple(arguments), tuple(options), returns is int)
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(f"{words} {name}", below)


def _argument(parameter: Any) -> str:
    name = parameter.metavar + ("…" if parameter.nargs != 1 else "")
    return name if parameter.required else f"[{name}]"


def _option(parameter: Any) -> str:
    if parameter.is_flag:
        return str(parameter.opts[0])
    type_ = parameter.type_descriptor.annotation
    if parameter.metavar:
        value = parameter.metavar
    elif isinstance(type_, type) and issubclass(type_, Enum):
        value = "|".join(str(member.value) for member in type_)
    else:
        value = parameter.name.upper()
    return f"{parameter.opts[0]} {value}"


def _help(parameter: Any) -> str:
    if parameter.required:
        return f"{parameter.help} Required."
    if parameter.is_flag or parameter.default is None:
        return str(parameter.help)
    return f"{parameter.help} Default: `{parameter.default}`."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
