"""`newsmill up`: servers, watcher, workers and sweeper in this terminal."""

from console.cli.command import command, err, settings_with
from console.cli.options import InboxOption, WorkersOption
from console.processes.signals import stop_on_signals
from newsmill.vocabulary import Role

__all__ = ["up"]


@command("up", quiet=False)
def up(inbox: InboxOption = None, workers: WorkersOption = None) -> None:
    """Run everything in this terminal: servers, watcher, workers, sweeper. Ctrl-C drains and stops."""
    stop = stop_on_signals()
    from console.cli.pause import tell_what_is_paused
    from console.processes.opening import opened_database, require_inbox, sole_up
    from console.processes.supervisor import DRAIN_SECONDS, running_roles
    from console.services.pauses import paused

    settings = settings_with(inbox=inbox, workers=workers)
    require_inbox(settings.inbox)
    with sole_up(settings.home, settings.inbox):
        err.print("newsmill: starting …")
        with running_roles(settings, list(Role), stop=stop) as supervisor:
            watched = f"{settings.inbox} with {settings.workers} worker processes"
            err.print(f"newsmill: watching {watched}; Ctrl-C stops", markup=False)
            with opened_database(settings, "up") as database:
                tell_what_is_paused(paused(database), err)
            supervisor.run(stop, draining=lambda: err.print(f"newsmill: draining, {DRAIN_SECONDS:.0f} s at the most …"))
            err.print("newsmill: drained")
