"""`newsmill up`: servers, watcher, workers, sweeper and the web console in this terminal."""

from typing import Annotated

import typer

from console.cli.command import command, err, settings_with
from console.cli.options import InboxOption, PortOption, WorkersOption
from console.processes.signals import stop_on_signals
from newsmill.settings import Settings
from newsmill.vocabulary import Role

__all__ = ["up"]


@command("up", quiet=False)
def up(
    inbox: InboxOption = None,
    workers: WorkersOption = None,
    web: Annotated[bool, typer.Option("--web/--no-web", help="With the web console, or without.")] = True,
    web_port: PortOption = None,
) -> None:
    """Run everything in this terminal: servers, watcher, workers, sweeper, web console. Ctrl-C drains and stops."""
    stop = stop_on_signals()
    from console.cli.pause import tell_what_is_paused
    from console.processes.addresses import url_of
    from console.processes.opening import opened_database, require_inbox, sole_up
    from console.processes.supervisor import DRAIN_SECONDS, running_roles
    from console.services.pauses import paused

    settings = settings_with(inbox=inbox, workers=workers, web_port=web_port)
    require_inbox(settings.inbox)
    with sole_up(settings.home, settings.inbox):
        err.print("newsmill: starting …")
        roles = [Role.WATCH, Role.WORKER, Role.SWEEP]
        if web and _has_web(settings):
            roles.append(Role.SERVE)
        with running_roles(settings, roles, stop=stop) as supervisor:
            watched = f"{settings.inbox} with {settings.workers} worker processes"
            err.print(f"newsmill: watching {watched}; Ctrl-C stops", markup=False)
            if Role.SERVE in roles:
                err.print(f"newsmill: web console at {url_of(settings)}", markup=False)
            with opened_database(settings, "up") as database:
                tell_what_is_paused(paused(database), err)
            supervisor.run(stop, draining=lambda: err.print(f"newsmill: draining, {DRAIN_SECONDS:.0f} s at the most …"))
            err.print("newsmill: drained")


def _has_web(settings: Settings) -> bool:
    """Whether the web console can be served; says why not. Everything else runs without it."""
    from console.processes.addresses import why_not_served

    reason = why_not_served(settings)
    if reason is not None:
        err.print(f"newsmill: no web console: {reason}", markup=False, soft_wrap=True)
    return reason is None
