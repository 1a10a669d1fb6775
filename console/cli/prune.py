"""`newsmill prune`: what is old goes for good, and its bytes are not taken again until they are allowed."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.asking import Ask, asked_unless
from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with, usage_of_options
from console.cli.forget import BYTES_WAIT
from console.cli.options import AllowAgainOption, DryRunOption, YesOption
from console.cli.printing import counted
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.erasure.retention import Old, PrunePlan

__all__ = ["prune", "run_prune"]


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
    from console.cli.filters import moment
    from console.services.erasure.retention import Old, named_outcome

    with usage_of_options("--outcome"):
        only = named_outcome(outcome)
    with usage_of_options():
        before = moment("--older-than", older_than, day_ends=False)
    return run_prune(
        settings_with(),
        Old(before, only),
        allow_again=allow_again,
        dry_run=dry_run,
        ask=asked_unless(yes=yes),
        out=out,
        err=err,
    )


def run_prune(
    settings: Settings,
    old: "Old",
    *,
    allow_again: bool,
    dry_run: bool,
    ask: Ask | None,
    out: Console,
    err: Console,
) -> int:
    """Takes out what was taken in before a time, after asking; returns the exit code."""
    from console.processes.opening import blob_store, opened_database
    from console.services.erasure import retention

    with opened_database(settings, "prune") as database:
        plan = retention.plan(database, old, allow_again=allow_again)
        said = _plan_text(plan)
        if plan.is_empty:
            out.print(f"{said}: nothing to do")
            return 0
        if dry_run:
            out.print(f"{said} would go for good; nothing was changed", soft_wrap=True)
            return 0
        if ask is not None and not ask(f"{said} go for good: go on?"):
            out.print("nothing was changed")
            return 1
        bars = Bars(err)
        try:
            with bars:
                done = retention.run(database, blob_store(settings), settings, plan, bars)
        except BaseException:
            err.print(
                f"newsmill: {bars.done:,} of {plan.documents:,} documents are gone; the same command does the rest"
            )
            raise
    out.print(f"{counted(done.documents, 'document')} pruned" + (f"; {BYTES_WAIT}" if done.blobs_wait else ""))
    return 0


def _plan_text(plan: "PrunePlan") -> str:
    said = f"{counted(plan.documents, 'document')} taken in before {plan.old.before.astimezone():%Y-%m-%d %H:%M}"
    if plan.is_empty:
        return said
    parts = ", ".join(f"{n:,} {outcome.replace('_', ' ')}" for outcome, n in plan.by_outcome.items())
    return f"{said} ({parts})" if parts else f"{said}, and files without any"
