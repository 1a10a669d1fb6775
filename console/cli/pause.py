"""`newsmill pause` and `newsmill resume`: intake or a stage is held back while everything runs, and goes on."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.command import command, out, settings_with, usage_of_options
from console.cli.printing import ago, local

if TYPE_CHECKING:
    from console.services.pauses import Paused

__all__ = ["pause", "pause_text", "resume", "since_text", "tell_what_is_paused"]

ScopesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="intake|STAGE", help="What to hold back or let go on.", show_default=False),
]
EverythingOption = Annotated[bool, typer.Option("--all", help="Intake and every stage.")]


@command("pause")
def pause(scopes: ScopesArgument = None, everything: EverythingOption = False) -> None:
    """Hold back intake or a stage, while all goes on running; what is in hand finishes, the rest waits."""
    from console.processes.opening import opened_database
    from console.services import pauses

    with usage_of_options():
        named = pauses.named_scopes(scopes or [], everything=everything)
    with opened_database(settings_with(), "pause") as database:
        done = pauses.pause(database, named)
    for one in done.paused:
        if one.scope in done.changed:
            waits = (
                "new files wait in the folder"
                if one.scope == pauses.INTAKE
                else "what is in hand finishes, the rest waits"
            )
            out.print(f"{one.scope} is paused: {waits}; let it go on: newsmill resume {one.scope}")
        elif one.scope in named:
            out.print(f"{one.scope} was paused before, {ago(one.since)}")


@command("resume")
def resume(scopes: ScopesArgument = None, everything: EverythingOption = False) -> None:
    """Let go on what was paused; nothing has to be restarted."""
    from console.processes.opening import opened_database
    from console.services import pauses

    with usage_of_options():
        named = pauses.named_scopes(scopes or [], everything=everything)
    with opened_database(settings_with(), "resume") as database:
        done = pauses.resume(database, named)
    for scope in named:
        out.print(f"{scope} goes on" if scope in done.changed else f"{scope} was not paused")
    for one in done.paused:
        out.print(f"still paused: {pause_text(one)}")


def pause_text(paused: "Paused") -> str:
    """What is paused, since when, and how to let it go on."""
    return since_text(paused.scope, paused.since)


def since_text(scope: str, since: datetime) -> str:
    """The same, of a scope and a time."""
    return f"{scope} since {local(since)} ({ago(since)}); let it go on: newsmill resume {scope}"


def tell_what_is_paused(paused: Iterable["Paused"], err: Console) -> None:
    """Says what is paused, for a command that would seem to hang."""
    for one in paused:
        err.print(f"newsmill: paused: {pause_text(one)}", soft_wrap=True)
