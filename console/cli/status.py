"""`newsmill status`: where everything stands, in words and a table."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.text import Text

from console.cli.accounts import account_text
from console.cli.command import command, out, settings_with
from console.cli.options import JsonOption
from console.cli.pause import pause_text
from console.cli.printing import ago, counted, json_line, print_json, visible
from newsmill.settings import Settings
from newsmill.vocabulary import INTAKE_STOPPED

if TYPE_CHECKING:
    from rich.table import Table

    from console.services.overview import Overview, Status

__all__ = ["run_status", "status"]

_WAITS_SHOWN = 3
_FOLLOW_SECONDS = 1.0
_ANY_WIDTH = 10_000


@command("status")
def status(
    as_json: JsonOption = False,
    follow: Annotated[bool, typer.Option("--follow", help="Print again every second, until Ctrl-C.")] = False,
) -> None:
    """Files and documents by stage, state and outcome; rates; what is oldest."""
    try:
        run_status(settings_with(), as_json=as_json, follow=follow, out=out)
    except KeyboardInterrupt:
        if not follow:
            raise


def run_status(
    settings: Settings, *, as_json: bool, follow: bool, out: Console, wait: Callable[[float], None] = sleep
) -> None:
    """Prints where everything stands, once or until interrupted; a terminal shows one picture that is renewed."""
    from console.processes.opening import opened_database
    from console.services.overview import overview

    with opened_database(settings, "status") as database:
        if not follow:
            now = overview(database, settings)
            if as_json:
                print_json(asdict(now.status))
            else:
                out.print(_picture(now, out), soft_wrap=True)
        elif as_json or not out.is_terminal:
            while True:
                now = overview(database, settings)
                if as_json:
                    json_line(asdict(now.status))
                    sys.stdout.flush()
                else:
                    out.print(_picture(now, out), Text(), soft_wrap=True)
                wait(_FOLLOW_SECONDS)
        else:
            from rich.live import Live

            with Live(_picture(overview(database, settings), out), console=out, auto_refresh=False) as live:
                while True:
                    wait(_FOLLOW_SECONDS)
                    live.update(_picture(overview(database, settings), out), refresh=True)


def _picture(now: "Overview", out: Console) -> RenderableType:
    table = _counts_table(now.status)
    if out.measure(table, options=out.options.update(max_width=_ANY_WIDTH)).maximum > out.width:
        table = _counts_table(now.status, narrow=True)
    lines = _status_lines(now)
    failures = _trouble_lines(now.status)
    if failures:
        used = table.row_count + 1 + sum(_rows(line, out.width) for line in lines)
        shown = _that_fit(failures, out.height - used - 3, out.width) if out.is_terminal else failures
        lines += [*shown, "           newsmill failed tells all"]
    return Group(table, Text(), *map(Text, lines))


def _counts_table(now: "Status", *, narrow: bool = False) -> "Table":
    """Files and documents by state, a row each; `narrow`, a column each."""
    from rich.table import Table

    columns = [
        ("", "total", *now.documents.by_state),
        *(
            (name, f"{counts.total:,}", *(f"{counts.by_state[state]:,}" for state in now.documents.by_state))
            for name, counts in (("files", now.files), ("documents", now.documents))
        ),
    ]
    rows = columns if not narrow else list(zip(*columns, strict=True))
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="right" if name else "left")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _status_lines(of: "Overview") -> list[str]:
    now, lines = of.status, []
    outcomes = ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in now.documents.by_outcome.items() if n)
    lines.append(f"outcomes   {outcomes or 'none yet'}")
    at_work = ", ".join(f"{n:,} {stage}" for stage, n in now.documents.by_stage.items() if n)
    if at_work:
        lines.append(f"next stage {at_work}")
    lines += [f"paused     {pause_text(held)}" for held in now.paused]
    lines += [
        f"stopped    nothing is taken in: {visible(one.message)}"
        for one in now.intake_errors
        if one.error_class == INTAKE_STOPPED
    ]
    lines += [f"waiting    {visible(reason)}" for reason in now.latest_waits[:_WAITS_SHOWN]]
    again = ", ".join(f"{n:,} {stage}" for stage, n in now.again.items() if n)
    if again:
        lines.append(f"once more  {again}: finished before, and as they ended until then")
    if now.to_revisit:
        lines.append(f"again soon {now.to_revisit:,}: what recurs in them has changed")
    lines += [f"container  {visible(one.path)}: {account_text(one)}" for one in now.containers]
    rates = now.rates
    lines.append(
        f"rate       {rates.now:,.1f}/s now, {rates.last_minute:,.1f}/s last minute,"
        f" {rates.since_start:,.1f}/s since start"
    )
    if now.oldest_unfinished_at is not None:
        eta = "unknown" if now.eta_seconds is None else f"{now.eta_seconds:,.0f} s"
        ends = f"all done in {eta}" if of.has_worker else "no worker runs: start `newsmill up`"
        lines.append(f"oldest     registered {ago(now.oldest_unfinished_at)}; {ends}")
    return lines


def _trouble_lines(now: "Status") -> list[str]:
    untaken = [
        f"not taken  {visible(t.message)} ({counted(t.attempts, 'time')}, last {ago(t.last_at)})"
        for t in [one for one in now.intake_errors if one.error_class != INTAKE_STOPPED][:20]
    ]
    return untaken + [f"failed     {visible(reason)}" for reason in now.latest_failures]


def _that_fit(lines: Sequence[str], rows: int, width: int) -> list[str]:
    """The first of them, at least one: more than a terminal shows would push the counts out of sight."""
    total = 0
    fitting: list[str] = []
    for line in lines:
        total += _rows(line, width)
        if fitting and total > rows:
            break
        fitting.append(line)
    return fitting


def _rows(line: str, width: int) -> int:
    return max(1, -(-cell_len(line) // width))
