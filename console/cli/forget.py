"""`newsmill forget`: documents go for good, and their bytes are not taken again until they are allowed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.asking import Ask, asked_unless
from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with, usage_of_options
from console.cli.options import AllowAgainOption, DryRunOption, YesOption
from console.cli.printing import counted, visible
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.erasure.forgotten import Candidate, ForgetPlan

__all__ = ["BYTES_WAIT", "forget", "run_forget"]

BYTES_WAIT = "their bytes go as soon as the backup that runs has ended"

_NAMED = 20


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
    from console.cli.filters import selection

    with usage_of_options():
        pattern = selection(path=path).path
    return run_forget(
        settings_with(),
        items or [],
        url=url,
        path=pattern,
        allow_again=allow_again,
        dry_run=dry_run,
        ask=asked_unless(yes=yes),
        out=out,
        err=err,
    )


def run_forget(
    settings: Settings,
    items: Sequence[str],
    *,
    url: str | None,
    path: str | None = None,
    allow_again: bool,
    dry_run: bool,
    ask: Ask | None,
    out: Console,
    err: Console,
) -> int:
    """Takes out what is named, everywhere, after asking; returns the exit code."""
    from console.processes.opening import blob_store, opened_database
    from console.services.erasure import forgotten

    request = forgotten.ForgetRequest(tuple(items), url, path, allow_again)
    request.check()
    with opened_database(settings, "forget") as database:
        plan = forgotten.plan(database, request)
        _print_plan(plan, out)
        if not plan.candidates:
            return 0
        what = f"{counted(plan.documents, 'document')} in {counted(len(plan.candidates), 'file')}"
        again = "may be taken again" if allow_again else "are not taken again"
        said = f"{what} for good; their bytes {again}"
        if dry_run:
            out.print(f"would forget {said}; nothing was changed")
            return 0
        if ask is not None and not ask(f"forget {said}: go on?"):
            out.print("nothing was changed")
            return 1
        with Bars(err) as bars:
            done = forgotten.run(database, blob_store(settings), settings, plan, bars)
    out.print(f"{counted(done.documents, 'document')} forgotten" + (f"; {BYTES_WAIT}" if done.blobs_wait else ""))
    for left in done.left[:_NAMED]:
        out.print(f"{visible(left)} itself is still there: Newsmill removes no files of yours", soft_wrap=True)
    if len(done.left) > _NAMED:
        out.print(f"… and {len(done.left) - _NAMED:,} more files")
    return 0


def _print_plan(plan: "ForgetPlan", out: Console) -> None:
    for before in plan.forgotten_before:
        said = f"{visible(before.item)}: was forgotten on {before.at.astimezone():%Y-%m-%d}"
        out.print(said, markup=False, soft_wrap=True)
    for one in plan.candidates[:_NAMED]:
        out.print(_candidate_text(one), markup=False, soft_wrap=True)
    if len(plan.candidates) > _NAMED:
        out.print(f"… and {len(plan.candidates) - _NAMED:,} more")


def _candidate_text(one: "Candidate") -> str:
    path = visible(one.paths[0]) if one.paths else ""
    if one.documents is not None:
        return f"{path}: {len(one.documents):,} of the {one.document_count:,} documents of file {one.file_id}"
    also = f", also seen at {', '.join(map(visible, one.paths[1:4]))}" if len(one.paths) > 1 else ""
    return f"{path}: file {one.file_id}, {one.size_bytes:,} bytes, {counted(one.document_count, 'document')}{also}"
