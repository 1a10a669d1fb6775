"""The commands that take documents out, look after the blob store, and back a mill up."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from console.cli.command import JsonOption, command, err, named_path, out, settings_with

__all__ = ["housekeeping_app"]

housekeeping_app = typer.Typer(rich_markup_mode=None)

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask; without a terminal, where nobody can be asked, it has to be said.")
]
AllowAgainOption = Annotated[bool, typer.Option("--allow-again", help="The same bytes may be taken again.")]


@housekeeping_app.command(short_help="Take documents out, with their bytes")
@command("forget")
def forget(
    items: Annotated[
        list[str] | None, typer.Argument(metavar="ID|PATH", help="Documents, files or folders.", show_default=False)
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="Articles with just this URL.")] = None,
    path: Annotated[
        str | None, typer.Option("--path", metavar="PATTERN", help="Files that were seen at such a path: '*.csv'.")
    ] = None,
    allow_again: AllowAgainOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> int:
    """Take documents out everywhere, with their bytes, which are not taken again."""
    from console.cli.forget import run_forget
    from console.cli.selecting import selection

    try:
        pattern = selection(stage=None, reason=None, path=path, since=None, until=None).path
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return run_forget(
        settings_with(),
        items or [],
        url=url,
        path=pattern,
        allow_again=allow_again,
        dry_run=dry_run,
        ask=_asking(yes=yes),
        out=out,
        err=err,
    )


@housekeeping_app.command(short_help="Let forgotten bytes be taken again")
@command("allow")
def allow(
    items: Annotated[list[str], typer.Argument(metavar="PATH|SHA256", help="Files, or the hashes of their bytes.")],
) -> int:
    """Let bytes that were forgotten be taken again."""
    from console.cli.forget import run_allow

    return run_allow(settings_with(), items, out=out)


@housekeeping_app.command(short_help="Take out what is old, with its bytes")
@command("prune")
def prune(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="WHEN", help="Taken in before this: 90d, or a date or time.")
    ],
    outcome: Annotated[
        str | None,
        typer.Option(help="Only what ended so: unique, near_duplicate, exact_duplicate, rejected or failed."),
    ] = None,
    allow_again: AllowAgainOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> int:
    """Take out what is old, with its bytes, which are not taken again."""
    from console.cli.forget import OUTCOMES, run_prune
    from console.cli.selecting import moment
    from db.erasure.deletion import Old

    if outcome is not None and outcome not in OUTCOMES:
        raise typer.BadParameter(f"{outcome!r} is no outcome; there are {', '.join(OUTCOMES)}", param_hint="--outcome")
    try:
        before = moment("--older-than", older_than, day_ends=False)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return run_prune(
        settings_with(),
        Old(before, outcome),
        allow_again=allow_again,
        dry_run=dry_run,
        ask=_asking(yes=yes),
        out=out,
        err=err,
    )


@housekeeping_app.command(short_help="Compare the blob store with the ledger")
@command("blobs")
def blobs(
    remove: Annotated[
        bool, typer.Option("--remove", help="Take away those that nothing needs and that are over an hour old.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Compare the blob store with the ledger; exit 1 if bytes are missing."""
    from console.cli.blobs import run_blobs

    return run_blobs(settings_with(), remove=remove, as_json=as_json, out=out, err=err)


@housekeeping_app.command(short_help="Database and raw bytes into a folder")
@command("backup")
def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="A folder of its own.", show_default=False)
    ],
) -> int:
    """Write database and raw bytes to a folder, consistent while everything runs."""
    from console.cli.backup import run_backup

    return run_backup(settings_with(), folder, out=out, err=err)


@housekeeping_app.command(short_help="Bring a backup into an empty system")
@command("restore")
def restore(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="What `backup` wrote.", show_default=False)
    ],
    overwrite: Annotated[bool, typer.Option("--replace", help="Replace what this system holds now.")] = False,
    yes: YesOption = False,
) -> int:
    """Bring a backup into an empty system, every blob's hash checked."""
    from console.cli.restore import run_restore

    return run_restore(settings_with(), folder, overwrite=overwrite, ask=_asking(yes=yes), out=out, err=err)


def _asking(*, yes: bool) -> Callable[[str], bool] | None:
    """Asks before anything goes for good; where nobody can answer, that is wrong usage and not a yes."""
    if yes:
        return None
    return typer.confirm if sys.stdin.isatty() else _refuse


def _refuse(question: str) -> bool:
    raise typer.BadParameter(f"{question} This is not a terminal: say --yes", param_hint="--yes")
