"""`newsmill doctor`: is everything there that the mill needs, and does work move."""

from typing import TYPE_CHECKING

from rich.console import Console

from console.cli.command import command, out, settings_with
from console.cli.options import JsonOption
from console.cli.pause import pause_text
from console.cli.printing import print_json
from newsmill.settings import Settings

if TYPE_CHECKING:
    from console.services.checks.diagnosis import Finding

__all__ = ["doctor", "run_doctor"]


@command("doctor")
def doctor(as_json: JsonOption = False) -> int:
    """Check servers, migrations, dispatch and disk; exit 1 if something is wrong."""
    return run_doctor(settings_with(), as_json=as_json, out=out)


def run_doctor(settings: Settings, *, as_json: bool, out: Console) -> int:
    """Prints the findings; the exit code is 1 if one of them is bad."""
    from console.processes.opening import unchecked_services
    from console.services.checks.diagnosis import findings

    with unchecked_services(settings, "doctor") as services:
        found = list(findings(services))
    if as_json:
        print_json([{"name": one.name, "ok": one.ok, "message": _message(one)} for one in found])
    else:
        for one in found:
            mark = {True: "ok  ", False: "BAD ", None: "note"}[one.ok]
            out.print(f"{mark}  {one.name:<11} {_message(one)}", markup=False, soft_wrap=True)
    return 1 if any(one.ok is False for one in found) else 0


def _message(one: "Finding") -> str:
    return one.message if one.paused is None else pause_text(one.paused)
