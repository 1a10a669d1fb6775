"""`newsmill audit`: what was changed through the web console and the HTTP API."""

from dataclasses import asdict
from typing import Annotated

import typer

from console.cli.command import command, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import json_text, local, print_json, visible

__all__ = ["audit"]

_MOST = 10_000


@command("audit")
def audit(
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at the most, up to 10,000.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List who changed what through the web console and the HTTP API, the newest first."""
    from console.processes.opening import opened_database
    from console.services.audits import changes

    with opened_database(settings_with(), "audit") as database:
        found = changes(database, limit=min(limit, _MOST))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        line = f"{local(one.at)}  {one.who}  {one.action}  {json_text(one.details)}"
        out.print(visible(line), markup=False, soft_wrap=True)
    if not found:
        out.print("nobody has changed anything through the web console")
