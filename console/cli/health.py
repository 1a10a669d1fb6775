"""`newsmill health`: the probe for containers and monitoring, in one line."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from console.cli.command import command, out, settings_with, usage_of_options
from console.cli.options import JsonOption
from console.cli.printing import print_json
from newsmill.settings import Settings
from newsmill.vocabulary import Role

if TYPE_CHECKING:
    from console.services.checks.probe import View

__all__ = ["health", "run_health"]


@command("health")
def health(
    role: Annotated[
        str | None, typer.Option(metavar="ROLE", help="Only whether a worker, sweep or watch of this host lives.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Probe for containers and monitoring: exit 1 if work does not move. Starts no server."""
    from console.services.checks.probe import named_role

    with usage_of_options("--role"):
        only = named_role(role)
    return run_health(settings_with(), role=only, as_json=as_json, out=out)


def run_health(settings: Settings, *, role: Role | None, as_json: bool, out: Console) -> int:
    """Prints one line; the exit code is 1 if work does not move or, with `role`, if no such process of this host lives.

    An answer that has not come after five seconds is one, too.
    """
    from console.processes.running import running_database
    from console.services.checks.probe import probe

    found = probe(partial(running_database, settings, "health"), settings, role)
    if as_json:
        view = asdict(found.view) if found.view else {}
        print_json({"healthy": not found.problems, "problems": found.problems, **view})
    else:
        line = "; ".join(found.problems) or _summary(found.view, role)
        out.print(f"{'unhealthy' if found.problems else 'healthy'}: {line}", markup=False, soft_wrap=True)
    return 1 if found.problems else 0


def _summary(view: "View | None", role: Role | None) -> str:
    from console.services.checks.probe import ROLES

    if view is None:
        return ""
    running = {name: sum(p.role == name for p in view.processes) for name in ([role] if role else ROLES)}
    counts = [f"{count} {name}" for name, count in running.items() if count or name is not Role.SERVE]
    work = f"{view.dispatched:,} items dispatched" if view.unfinished else "nothing to do"
    return f"{', '.join(counts)}; {work}"
