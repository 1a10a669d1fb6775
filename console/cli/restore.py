"""`newsmill restore`: a backup into an empty system, or in place of what it holds."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.cli.asking import Ask, asked_unless
from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.options import YesOption
from console.cli.printing import counted
from newsmill.settings import Settings

__all__ = ["restore", "run_restore"]

_NAMED = 10


@command("restore")
def restore(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="What `backup` wrote.", show_default=False)
    ],
    overwrite: Annotated[bool, typer.Option("--replace", help="Replace what this system holds now.")] = False,
    yes: YesOption = False,
) -> int:
    """Bring a backup into an empty system, every blob's hash checked."""
    return run_restore(settings_with(), folder, overwrite=overwrite, ask=asked_unless(yes=yes), out=out, err=err)


def run_restore(settings: Settings, path: Path, *, overwrite: bool, ask: Ask | None, out: Console, err: Console) -> int:
    """Restores the backup in the folder, after asking if files are replaced; the exit code is 1 if it lacks bytes."""
    from console.processes.opening import bare_servers, blob_store
    from console.services.backups import restoration

    path = Path(os.path.abspath(path))
    with restoration.opened_backup(path) as (folder, backup), bare_servers(settings, "restore") as (database, redis):
        plan = restoration.plan(database, backup, overwrite=overwrite)
        files = counted(plan.replaced_files, "file")
        said = f"replace all that this system holds, {files}, by the backup in {path}"
        if plan.replaced_files and ask is not None and not ask(f"{said}: go on?"):
            out.print("nothing was changed")
            return 1
        with Bars(err) as bars:
            done = restoration.run(database, redis, blob_store(settings), folder, plan, bars)
    out.print(
        f"{counted(done.files, 'file')}, {counted(done.documents, 'document')} and {counted(done.blobs, 'blob')}"
        " restored, each blob's hash checked; start with: newsmill up",
        soft_wrap=True,
    )
    if done.missing:
        named = ", ".join(sha256.hex() for sha256 in done.missing[:_NAMED])
        err.print(f"newsmill: missing when the backup was made: {counted(len(done.missing), 'blob')}: {named}")
    return 1 if done.missing else 0
