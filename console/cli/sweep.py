"""`newsmill sweep`: the role that brings back what got lost."""

from console.cli.command import command, settings_with
from console.processes.signals import stop_on_signals

__all__ = ["sweep"]


@command("sweep", quiet=False)
def sweep() -> None:
    """Role: bring back what got lost."""
    stop = stop_on_signals()
    from console.processes.roles import run_sweep

    run_sweep(settings_with(), stop)
