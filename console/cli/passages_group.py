"""The commands of `newsmill passages`."""

from enum import StrEnum
from typing import Annotated

import typer

from console.cli.command import JsonOption, command, out, settings_with

__all__ = ["passages_app"]

passages_app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)

PassageArgument = Annotated[
    str, typer.Argument(metavar="KEY|TEXT", help="Its key, as `newsmill passages` shows it, or the sentence itself.")
]


class Kind(StrEnum):
    """What a passage may be ruled to be."""

    ARTICLE = "article"
    BOILERPLATE = "boilerplate"


@passages_app.callback()
def passages(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at the most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """What recurs across unrelated articles and is taken out of them, and in how many groups, most held first."""
    if context.invoked_subcommand is None:
        _list(limit, as_json=as_json)


@command("passages")
def _list(limit: int, *, as_json: bool) -> None:
    from console.cli.passages import run_passages

    run_passages(settings_with(), limit=limit, as_json=as_json, out=out)


@passages_app.command(short_help="Rule what a passage is")
@command("passages")
def pin(
    passage: PassageArgument,
    kind: Annotated[Kind, typer.Option("--as", help="Part of articles, never taken out; or always taken out.")],
) -> None:
    """Rule what a passage is, whatever holds it; documents with it are cleaned again by themselves."""
    from console.cli.passages import run_pin
    from newsmill.vocabulary import Ruling

    run_pin(settings_with(), passage, Ruling(kind.value), out)


@passages_app.command(short_help="Let the number of groups decide again")
@command("passages")
def unpin(passage: PassageArgument) -> None:
    """Take a ruling back, so that the number of groups decides again."""
    from console.cli.passages import run_pin

    run_pin(settings_with(), passage, None, out)
