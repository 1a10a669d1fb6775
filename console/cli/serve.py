"""`newsmill serve`: the role of the web console and the HTTP API."""

from typing import Annotated

import typer

from console.cli.command import command, settings_with
from console.cli.options import PortOption
from console.processes.signals import stop_on_signals

__all__ = ["serve"]


@command("serve", quiet=False)
def serve(
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on; without it NEWSMILL_WEB_HOST.")
    ] = None,
    port: PortOption = None,
) -> None:
    """Role: the web console and the HTTP API."""
    stop = stop_on_signals()
    from console.processes.opening import require_mill
    from console.web.server import run_serve

    settings = settings_with(web_host=host, web_port=port)
    require_mill(settings)
    run_serve(settings, stop)
