"""`newsmill failed`: what failed for good, was rejected or could not be taken, by reason or one by one."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.command import command, out, settings_with, usage_of_options
from console.cli.options import JsonOption, PathFilter, ReasonFilter, SinceFilter, StageFilter, UntilFilter
from console.cli.printing import ago, counted, json_line, local, print_json, visible
from newsmill.errors import TerminalError
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.failures import DeadLetter, FailureReasons, Group, Groups, Selection

__all__ = ["UNTAKEN_STEPS", "failed", "print_groups", "run_failed"]

UNTAKEN_STEPS = (
    "what lies below the watched folder is tried again by itself; anything at once, and what lies elsewhere only so:"
    " newsmill ingest PATH"
)
"""What becomes of files that could not be taken, and at whose doing."""


@command("failed")
def failed(
    as_json: JsonOption = False,
    stage: StageFilter = None,
    reason: ReasonFilter = None,
    path: PathFilter = None,
    since: SinceFilter = None,
    until: UntilFilter = None,
    single: Annotated[bool, typer.Option("--list", help="Each of them; with --json one object a line.")] = False,
) -> None:
    """What failed for good, was rejected or could not be taken, by reason, the most frequent first."""
    from console.cli.filters import selection

    with usage_of_options():
        chosen = selection(stage=stage, reason=reason, path=path, since=since, until=until)
    run_failed(settings_with(), chosen, as_json=as_json, single=single, out=out)


def run_failed(settings: Settings, selection: "Selection", *, as_json: bool, single: bool, out: Console) -> None:
    """Prints the dead letters that are selected, grouped by reason, or with `single` each of them.

    As JSON: one document of groups, or one object a line.
    """
    from console.processes.opening import opened_database
    from console.services.failures import Selection, by_reason, each

    with opened_database(settings, "failed") as database:
        if single:
            _print_single(each(database, selection), as_json=as_json, out=out)
            return
        found = by_reason(database, selection)
    if as_json:
        print_json(asdict(found))
    else:
        _print_all(found, filtered=selection != Selection(), out=out)


def print_groups(found: "Groups", out: Console) -> None:
    """The groups, two lines each, and how many more there are."""
    for group in found.groups:
        out.print(f"{group.count:>9,}  {_reason(group)}", markup=False, soft_wrap=True)
        out.print(f"{'':>9}  {_where(group)}", markup=False, soft_wrap=True)
    if found.reasons > len(found.groups):
        rest = found.count - sum(group.count for group in found.groups)
        out.print(f"{rest:>9,}  of {found.reasons - len(found.groups):,} rarer reasons", markup=False)


def _print_single(found: "Iterable[DeadLetter]", *, as_json: bool, out: Console) -> None:
    for letter in found:
        if as_json:
            json_line(asdict(letter))
            continue
        id_ = "-" if letter.id is None else str(letter.id)
        out.print(
            f"{letter.outcome.replace('_', ' '):<9}  {id_:>9}  {local(letter.at)}"
            f"  {letter.stage or '-':<11}  {visible(letter.message)}",
            markup=False,
            soft_wrap=True,
        )


def _print_all(found: "FailureReasons", *, filtered: bool, out: Console) -> None:
    such = " that matches" if filtered else ""
    sections = (
        (f"{found.failed.count:,} failed", found.failed),
        (f"{found.rejected.count:,} rejected: read without fault, and no article in them", found.rejected),
        (f"{counted(found.not_taken.count, 'file')} not taken yet: {UNTAKEN_STEPS}", found.not_taken),
    )
    if not found.failed.count:
        out.print(f"nothing{such} has failed")
    for title, part in sections:
        if part.count:
            out.print(title)
            print_groups(part, out)
    for line in _next_steps(found.failed.groups):
        out.print(line, markup=False, soft_wrap=True)


def _next_steps(groups: "Sequence[Group]") -> Iterator[str]:
    """Bytes that cannot be read fail each time (until an upgrade); what failed otherwise may pass."""
    if groups:
        yield f"look at one: newsmill show {groups[0].example_id}"
    bad = next((group for group in groups if group.error_class == TerminalError.__name__), None)
    if bad is not None:
        yield (
            "a retry reads the same bytes: mend a file that cannot be read where it lies (it is taken anew), then:"
            f" newsmill forget {bad.example_id}"
        )
    other = next((group for group in groups if group.error_class != TerminalError.__name__), None)
    if other is not None:
        words = shlex.quote(_typable(other.reason))
        yield f"when its cause is mended: newsmill retry --reason {words} (or --failed for all)"


def _reason(group: "Group") -> str:
    return f"{group.stage or '-'}: {visible(group.reason)}"


def _typable(reason: str) -> str:
    """The longest part of it that is free of control characters."""
    return max("".join(char if char.isprintable() else "\n" for char in reason).split("\n"), key=len)


def _where(group: "Group") -> str:
    times = f"last {ago(group.last_at)}"
    if group.count > 1:
        times += f", first {ago(group.first_at)}"
    example = visible(group.example_path)
    return f"{times}; e.g. {example}" if group.example_id is None else f"{times}; e.g. {group.example_id} {example}"
