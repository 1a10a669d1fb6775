"""`newsmill allow`: bytes that were forgotten may be taken again."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from console.cli.command import command, out, settings_with
from console.cli.printing import visible
from newsmill.settings import Settings

__all__ = ["allow", "run_allow"]


@command("allow")
def allow(
    items: Annotated[list[str], typer.Argument(metavar="PATH|SHA256", help="Files, or the hashes of their bytes.")],
) -> int:
    """Let bytes that were forgotten be taken again."""
    return run_allow(settings_with(), items, out=out)


def run_allow(settings: Settings, items: Sequence[str], *, out: Console) -> int:
    """Says of each file or SHA-256 whether it was forgotten; the exit code is 1 if none was."""
    from console.processes.opening import opened_database
    from console.services.erasure import readmission

    digests = {item: readmission.digest_of(item) for item in items}
    with opened_database(settings, "allow") as database:
        allowed = readmission.allow(database, list(digests.items()))
    for one in allowed:
        said = "may be taken again, at the next scan" if one.was_forgotten else "was not forgotten"
        out.print(f"{visible(one.item)}: {said}", markup=False, soft_wrap=True)
    return 0 if any(one.was_forgotten for one in allowed) else 1
