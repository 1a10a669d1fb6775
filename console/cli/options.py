"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

from console.cli.command import named_path

__all__ = [
    "AllowAgainOption",
    "DryRunOption",
    "InboxOption",
    "JsonOption",
    "PathFilter",
    "PortOption",
    "ReasonFilter",
    "SinceFilter",
    "StageFilter",
    "UntilFilter",
    "WorkersOption",
    "YesOption",
]

_LAST_PORT = 65_535

InboxOption = Annotated[
    Path | None,
    typer.Option(parser=named_path, metavar="DIR", help="The folder to watch; without it NEWSMILL_INBOX, or inbox."),
]


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        raise typer.BadParameter(f"{text!r} is no port")
    return int(text)


PortOption = Annotated[
    int | None,
    typer.Option(
        parser=_port, metavar="N", help="Port of the web console; without it NEWSMILL_WEB_PORT.", show_default=False
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Worker processes; without it NEWSMILL_WORKERS, or one a core."),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Do not ask; without a terminal, where nobody can be asked, it has to be said.")
]
AllowAgainOption = Annotated[bool, typer.Option("--allow-again", help="The same bytes may be taken again.")]

StageFilter = Annotated[
    str | None, typer.Option("--stage", metavar="STAGE", help="Those whose last attempt was at this stage, or intake.")
]
ReasonFilter = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Those with these words in the reason, or this class.")
]
PathFilter = Annotated[
    str | None, typer.Option("--path", metavar="PATTERN", help="Those whose file was seen at such a path: '*.json'.")
]
SinceFilter = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help="Ended since this date or time, or duration back: 2h, 3d.")
]
UntilFilter = Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Ended before this; likewise.")]
