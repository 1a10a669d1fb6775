"""`newsmill ingest`: registers files and folders, and waits for them if asked to."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.accounts import account_text
from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.options import JsonOption
from console.cli.pause import tell_what_is_paused
from console.cli.printing import counted, print_json, visible
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.intake import EmptyFolder, NotTaken, Registered, Settled

__all__ = ["ingest", "run_ingest"]

_FORGOTTEN_NAMED = 5


@command("ingest", interrupted="what was registered goes on while `newsmill up` runs")
def ingest(
    paths: Annotated[
        list[Path], typer.Argument(parser=named_path, metavar="PATH", help="Files and folders.", show_default=False)
    ],
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they have settled; exit 1 if any failed.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Register files and folders directly, beside a running mill or alone."""
    return run_ingest(settings_with(), paths, wait=wait, as_json=as_json, out=out, err=err)


def run_ingest(
    settings: Settings, paths: Sequence[Path], *, wait: bool, as_json: bool, out: Console, err: Console
) -> int:
    """Registers the paths; the exit code is 1 if a file could not be taken or, with `wait`, if a document failed.

    Raises IntakePausedError before anything is registered while intake is paused. Waiting uses the workers of a running
    mill if one answers, else brings its own.
    """
    from console.processes.temporary import opened_with_workers
    from console.services import intake
    from console.services.pauses import paused

    with opened_with_workers(settings, "ingest", working=wait) as (services, require_workers):
        with Bars(err) as bars:
            registered = intake.register(services, paths, bars)
            if wait:
                tell_what_is_paused(paused(services.database), err)
                intake.wait_until_settled(services, registered.file_ids, bars, check=require_workers)
        for message in _messages(registered):
            err.print(f"newsmill: {visible(message)}", markup=False, soft_wrap=True)
        settled = intake.settled(services.database, registered, with_failures=wait)
        told = ""
        if not as_json and not wait:
            goes_on = intake.is_worked_on(services.database, settings, registered.file_ids)
            told = (
                "`newsmill status` tells where they stand"
                if goes_on
                else "no worker runs: start `newsmill up`, or say --wait"
            )
    for one in settled.containers if wait and not as_json else ():
        out.print(f"{visible(one.path)}: {account_text(one)}", markup=False, soft_wrap=True)
    for failed in settled.failures:
        err.print(f"newsmill: {visible(failed.reason)}", markup=False, soft_wrap=True)
    if as_json:
        _print_json(registered, settled)
    else:
        out.print(_summary(registered, settled, told), soft_wrap=True)
    return 1 if registered.not_taken or settled.failures else 0


def _print_json(registered: "Registered", settled: "Settled") -> None:
    errors = {one.path: one.reason for one in registered.not_taken}
    print_json(
        {
            "files": len(registered.file_ids),
            "new": registered.new,
            "copies": registered.copies,
            "known": registered.known,
            "left_alone_by_name": registered.by_name,
            "documents": settled.documents,
            "by_outcome": {outcome or "unfinished": count for outcome, count in settled.outcomes.items()},
            "failed_before": settled.failed_before,
            "containers": [asdict(one) for one in settled.containers],
            "left_alone": {one.path: one.what for one in registered.left_alone},
            "errors": errors | {one.path: one.reason for one in settled.failures},
        }
    )


def _messages(registered: "Registered") -> Iterator[str]:
    yield from map(_nothing_in, registered.empty)
    yield from (
        f"{one.path}: left alone, by its name it is {one.what}; rename it if it is an article"
        for one in registered.left_alone
    )
    yield from dict.fromkeys(one.reason for one in registered.not_taken if not one.forgotten)
    yield from _forgotten([one for one in registered.not_taken if one.forgotten])


def _forgotten(left_out: "Sequence[NotTaken]") -> Iterator[str]:
    """Only some of them: a folder may be full of them after `newsmill prune`."""
    yield from (one.reason for one in left_out[:_FORGOTTEN_NAMED])
    if len(left_out) > _FORGOTTEN_NAMED:
        yield f"… and {len(left_out) - _FORGOTTEN_NAMED:,} more files left out, as their bytes were forgotten"


def _nothing_in(folder: "EmptyFolder") -> str:
    if not folder.left_alone:
        return f"nothing to take in {folder.path}: it is empty"
    rest = " …" if folder.left_alone > len(folder.names) else ""
    return (
        f"nothing to take in {folder.path} ({folder.left_alone:,} left out: {', '.join(folder.names)}{rest}): dotfiles,"
        " unfinished downloads, symlinks, devices and the like are left alone"
    )


def _summary(registered: "Registered", settled: "Settled", told: str) -> str:
    """Every file that was seen is accounted for, and every document of them."""
    seen = {
        "copied": registered.copies,
        "known": registered.known,
        "not taken": len(registered.not_taken),
        "left alone": registered.by_name,
    }
    files = f"{counted(registered.new + sum(seen.values()), 'file')}: {registered.new:,} new"
    files += "".join(f", {count:,} {name}" for name, count in seen.items() if count)
    documents = counted(settled.documents, "document")
    if told:
        return f"{files}; {documents} so far; {told}"
    named = {outcome.replace("_", " ") or "unfinished": count for outcome, count in settled.outcomes.items()}
    parts = ", ".join(f"{count:,} {name}" for name, count in named.items() if count)
    before = f"; {settled.failed_before:,} failed before: `newsmill failed` says why" if settled.failed_before else ""
    return f"{files}; {documents}: {parts or 'none'}{before}"
