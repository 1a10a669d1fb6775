"""`newsmill wait`: until all that was registered has ended."""

from typing import Annotated

import typer

from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with

__all__ = ["wait"]


@command("wait", interrupted="what was registered goes on")
def wait(
    timeout: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Wait no longer than this; then exit 1.")
    ] = None,
) -> int:
    """Wait until all that was registered has ended. Files that nobody has taken yet do not count."""
    from console.processes.opening import opened_database
    from console.services.waiting import wait_for_all

    settings = settings_with()
    with opened_database(settings, "wait") as database, Bars(err) as bars:
        left = wait_for_all(database, settings, bars, seconds=timeout)
    out.print(f"{left:,} are left" if left else "all that was registered has ended")
    return 1 if left else 0
