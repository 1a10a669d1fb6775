"""`newsmill worker`: the role that works on the stages."""

from typing import Annotated

import typer

from console.cli.command import command, settings_with
from console.cli.options import WorkersOption
from console.processes.signals import stop_on_signals
from newsmill.vocabulary import Stage

__all__ = ["worker"]


@command("worker", quiet=False)
def worker(
    workers: WorkersOption = None,
    stage: Annotated[
        list[str] | None, typer.Option(metavar="STAGE", help="Work on this stage only (may be repeated).")
    ] = None,
) -> None:
    """Role: work on the stages."""
    stop = stop_on_signals()
    from console.processes.opening import require_mill
    from console.processes.roles import run_worker

    settings = settings_with(workers=workers)
    require_mill(settings)
    run_worker(settings, stop, None if stage is None else [_stage(name) for name in stage])


def _stage(name: str) -> Stage:
    if name not in [stage.value for stage in Stage]:
        raise typer.BadParameter(f"{name!r} is no stage; there are {', '.join(Stage)}", param_hint="--stage")
    return Stage(name)
