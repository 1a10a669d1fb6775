"""`newsmill pause` and `newsmill resume`: intake or a stage is held back while everything runs, and goes on."""

from collections.abc import Sequence

from rich.console import Console

from console.cli.printing import ago
from console.processes.opening import opened_database
from db.pauses import INTAKE, Paused, pause, paused, resume
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["pause_text", "run_pause", "run_resume", "tell_what_is_paused"]


def run_pause(settings: Settings, scopes: Sequence[str], *, out: Console) -> None:
    """Pauses each of the scopes (see db.pauses.SCOPES) and says of each whether that changed anything."""

    def write() -> tuple[set[str], list[Paused]]:
        with database.transaction(durable=True) as connection:
            return pause(connection, scopes), paused(connection)

    with opened_database(settings, "pause") as database:
        changed, now = database.retrying(write)
    for held in now:
        if held.scope in changed:
            out.print(f"{held.scope} is paused: {_waits(held.scope)}; let it go on: newsmill resume {held.scope}")
        elif held.scope in scopes:
            out.print(f"{held.scope} was paused before, {ago(held.since)}")


def run_resume(settings: Settings, scopes: Sequence[str], *, out: Console) -> None:
    """Lets each of the scopes go on and says of each whether that changed anything."""

    def write() -> tuple[set[str], list[Paused]]:
        with database.transaction(durable=True) as connection:
            return resume(connection, scopes), paused(connection)

    with opened_database(settings, "resume") as database:
        changed, left = database.retrying(write)
    for scope in dict.fromkeys(scopes):
        out.print(f"{scope} goes on" if scope in changed else f"{scope} was not paused")
    for held in left:
        out.print(f"still paused: {pause_text(held)}")


def pause_text(held: Paused) -> str:
    """What is paused, since when, and how to let it go on."""
    since = held.since.astimezone()
    return f"{held.scope} since {since:%Y-%m-%d %H:%M:%S} ({ago(since)}); let it go on: newsmill resume {held.scope}"


def tell_what_is_paused(database: Database, err: Console) -> None:
    """Says what is paused, for a command that would seem to hang."""
    with database.transaction() as connection:
        for held in paused(connection):
            err.print(f"newsmill: paused: {pause_text(held)}", soft_wrap=True)


def _waits(scope: str) -> str:
    if scope == INTAKE:
        return "new files wait in the folder"
    return "what is in hand finishes, the rest waits"
