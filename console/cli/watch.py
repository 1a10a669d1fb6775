"""`newsmill watch`: the role that takes in what is finished in the inbox."""

from console.cli.command import command, settings_with
from console.cli.options import InboxOption
from console.processes.signals import stop_on_signals

__all__ = ["watch"]


@command("watch", quiet=False)
def watch(inbox: InboxOption = None) -> None:
    """Role: watch the inbox and take in what is finished."""
    stop = stop_on_signals()
    from console.processes.roles import run_watch

    run_watch(settings_with(inbox=inbox), stop)
