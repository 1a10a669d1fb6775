"""`newsmill evaluate`: how well a labelled set is read, without a mill."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import print_json, visible
from newsmill.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

    from console.services.evaluation.evaluation import Evaluation

__all__ = ["evaluate", "run_evaluate"]


@command("evaluate")
def evaluate(
    folder: Annotated[
        Path, typer.Argument(parser=named_path, metavar="DIR", help="A labelled set.", show_default=False)
    ],
    every: Annotated[int, typer.Option("--every", min=1, metavar="N", help="Read one page or file in so many.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Score how well labelled pages or files are read, beside trafilatura where it is installed. Nothing is stored."""
    run_evaluate(settings_with(), folder, every=every, as_json=as_json, out=out, err=err)


def run_evaluate(settings: Settings, folder: Path, *, every: int, as_json: bool, out: Console, err: Console) -> None:
    """Prints the scores. Raises TerminalError for a folder that is no labelled set."""
    from console.services.evaluation.evaluation import evaluate as scored

    with Bars(err) as bars:
        found = scored(folder, settings.min_words, every=every, report=bars)
    if as_json:
        print_json(asdict(found))
        return
    out.print(_table(found))
    for one in found.missed:
        out.print(f"{visible(one.file)}: {visible(one.what)}", markup=False, soft_wrap=True)
    if found.without_trafilatura:
        out.print("trafilatura is not installed: pip install 'newsmill[evaluate]' sets it beside", soft_wrap=True)


def _table(found: "Evaluation") -> "Table":
    from rich.table import Table

    names = list(dict.fromkeys(name for figures in list(found.rows.values())[::-1] for name in figures))
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{found.count:,} read", justify="left")
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for row, figures in found.rows.items():
        table.add_row(row, *(_figure(name, figures.get(name)) for name in names))
    return table


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if name.endswith("_ms") else f"{value:.3f}"
