"""`newsmill retry`: documents go through the mill once more, by id, as they failed, or all that have an article."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.asking import Ask, asked_on_a_terminal, asked_unless
from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with, usage_of_options
from console.cli.failed import UNTAKEN_STEPS, print_groups
from console.cli.options import PathFilter, ReasonFilter, SinceFilter, StageFilter, UntilFilter
from console.cli.printing import visible
from newsmill.errors import UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage

if TYPE_CHECKING:
    from console.services.failures import Selection
    from console.services.retries.by_id import RetriedIds
    from console.services.retries.finished import RetryAllPlan
    from console.services.retries.selected import RetryPlan

__all__ = ["retry", "run_retry", "run_retry_all"]

_NAMED = 10


def _id(text: str) -> int:
    """An id that was typed; those of PostgreSQL's bigint are all there can be."""
    if not text.isdecimal() or not 0 < int(text) < 2**63:
        raise typer.BadParameter(f"{text!r} is no id: `newsmill show` and `newsmill failed` print them")
    return int(text)


@command("retry")
def retry(
    ids: Annotated[
        list[int] | None,
        typer.Argument(parser=_id, metavar="ID", help="Documents or files.", show_default=False),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed; the filters below imply it.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All that have an article (of some paths or times), as after an upgrade.")
    ] = False,
    reason: ReasonFilter = None,
    path: PathFilter = None,
    stage: StageFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
    from_stage: Annotated[
        str, typer.Option("--from", metavar="STAGE", help="Begin at parse, clean, deduplicate or store.")
    ] = Stage.PARSE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would begin again, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. --all needs it where nobody can answer.")] = False,
) -> int:
    """Send documents through the mill once more; what is stored stays visible until it is replaced."""
    from console.cli.filters import selection

    filters = {"stage": stage, "reason": reason, "path": path, "since": since, "until": until}
    selects = failed or everything or any(value is not None for value in filters.values())
    with usage_of_options():
        chosen = selection(**filters) if selects else None
    ask = (asked_unless if everything else asked_on_a_terminal)(yes=yes)
    if everything and not ids and chosen is not None:
        return run_retry_all(
            settings_with(), chosen, with_failed=failed, from_stage=from_stage, dry_run=dry_run, ask=ask, out=out,
            err=err,
        )  # fmt: skip
    return run_retry(
        settings_with(), ids or [], chosen, from_stage=from_stage, dry_run=dry_run, ask=ask, out=out, err=err
    )


def run_retry(
    settings: Settings,
    ids: Sequence[int],
    selection: "Selection | None",
    *,
    from_stage: str,
    dry_run: bool,
    ask: Ask | None,
    out: Console,
    err: Console,
) -> int:
    """Begins the documents named, or those that failed and are selected, again at the stage; returns the exit code.

    `ask` is shown how many a selection would begin, and may refuse; None begins at once. The code is 1 if ids are left
    that do not begin.
    """
    from console.processes.opening import opened_database
    from console.services.retries import by_id, selected
    from console.services.retries.generations import first_stage

    stage = first_stage(from_stage)
    if ids and selection is not None:
        raise UsageError("name ids, or select by --failed, --all, --reason, --path, --stage, --since and --until")
    if not ids and selection is None:
        raise UsageError("name the ids to retry, or say --failed or --all; `newsmill failed` tells what there is")
    with opened_database(settings, "retry") as database:
        if selection is None:
            retried = (by_id.plan if dry_run else by_id.run)(database, ids, stage)
            return _print_ids(retried, dry_run=dry_run, out=out, err=err)
        plan = selected.plan(database, selection, stage, counted=dry_run or ask is not None)
        code = _shown(plan, dry_run=dry_run, ask=ask, out=out)
        if code is not None:
            return code
        with Bars(err) as bars:
            done = selected.run(database, plan, bars)
    if done:
        out.print(_summary(done.documents, done.files, stage))
    elif not plan.not_taken.count:
        out.print("nothing has failed")
    return 0


def run_retry_all(
    settings: Settings,
    selection: "Selection",
    *,
    with_failed: bool,
    from_stage: str,
    dry_run: bool,
    ask: Ask | None,
    out: Console,
    err: Console,
) -> int:
    """Begins what was finished when the command began, and with `with_failed` what failed, again at the stage.

    Each page commits by itself: when the command is interrupted, it says with which `--until` another one does the
    rest. Returns the exit code.
    """
    from console.processes.opening import opened_database
    from console.services.retries import finished
    from console.services.retries.generations import first_stage

    stage = first_stage(from_stage)
    finished.check(selection)
    with opened_database(settings, "retry") as database:
        plan = finished.plan(database, selection, stage, with_failed=with_failed)
        said = f"{plan.count:,}" + ("" if plan.failed is None else f" and {plan.failed:,} that failed")
        if dry_run:
            out.print(f"{said} would begin again; nothing was changed")
            return 0
        if ask is not None and not ask(f"{said} begin again at {stage}: go on?"):
            out.print("nothing was changed")
            return 1
        bars = Bars(err)
        try:
            with bars:
                begun = finished.run(database, plan, bars)
        except BaseException:
            if bars.done:
                said = f"newsmill: {bars.done:,} begin again; the rest: {_command_for(plan)}"
                err.print(said, markup=False, soft_wrap=True)
            raise
        out.print(f"{begun:,} begin again at {stage}")
        if plan.failed:
            failed = finished.run_failed(database, plan)
            told = _summary(failed.documents, failed.files, stage) if failed else "none is left"
            out.print(f"of what failed: {told}")
    return 0


def _shown(plan: "RetryPlan", *, dry_run: bool, ask: Ask | None, out: Console) -> int | None:
    """Shows the plan, and asks; returns the exit code unless it is to be run."""
    if plan.not_taken.count:
        example = visible(plan.not_taken.groups[0].example_path)
        said = f"{plan.not_taken.count:,} not taken yet, such as {example}: {UNTAKEN_STEPS}"
        out.print(said, markup=False, soft_wrap=True)
    if plan.failed is None:
        return None
    if plan.is_empty:
        if not plan.not_taken.count:
            out.print("nothing has failed")
        return 0
    print_groups(plan.failed, out)
    if dry_run:
        out.print(f"{plan.failed.count:,} would begin again; nothing was changed")
        return 0
    if ask is not None and not ask(f"{plan.failed.count:,} begin again at {plan.stage}: go on?"):
        out.print("nothing was changed")
        return 1
    return None


def _print_ids(retried: "RetriedIds", *, dry_run: bool, out: Console, err: Console) -> int:
    begun, left = retried.begun, retried.left
    out.print(_summary(len(begun.documents), len(begun.files), retried.stage, dry_run=dry_run), soft_wrap=True)
    if left:
        named = ", ".join(map(str, left[:_NAMED])) + (" …" if len(left) > _NAMED else "")
        err.print(f"newsmill: {len(left):,} do not: unknown, unfinished or at work already: {named}", soft_wrap=True)
    return 1 if left else 0


def _summary(documents: int, files: int, stage: Stage, *, dry_run: bool = False) -> str:
    parts = [f"{documents:,} {'would ' if dry_run else ''}begin again at {stage}"] if documents or not files else []
    if files:
        parts.append(f"{files:,} {'containers' if files > 1 else 'container'} unpacked on")
    return ", ".join(parts)


def _command_for(plan: "RetryAllPlan") -> str:
    """What begins the rest of an interrupted command: what has begun since is not of before the same `--until`."""
    which = plan.which
    words = ["newsmill", "retry", "--all", "--yes", "--from", plan.stage.value, "--until", which.until.isoformat()]
    if which.since is not None:
        words += ["--since", which.since.isoformat()]
    if which.path is not None:
        words += ["--path", visible(which.path)]
    return shlex.join(words)
