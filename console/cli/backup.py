"""`newsmill backup`: database and raw bytes into a folder, while everything goes on running."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.printing import counted
from newsmill.settings import Settings

__all__ = ["backup", "run_backup"]

_NAMED = 10


@command("backup")
def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="A folder of its own.", show_default=False)
    ],
) -> int:
    """Write database and raw bytes to a folder, consistent while everything runs."""
    return run_backup(settings_with(), folder, out=out, err=err)


def run_backup(settings: Settings, path: Path, *, out: Console, err: Console) -> int:
    """Writes a backup, or brings the one in the folder up to date; the exit code is 1 if raw bytes were missing."""
    from console.processes.opening import blob_store, opened_database
    from console.services.backups import creation

    path = Path(os.path.abspath(path))
    with (
        creation.opened_folder(path, settings.inbox) as folder,
        opened_database(settings, "backup") as database,
        Bars(err) as bars,
    ):
        made = creation.run(database, blob_store(settings), folder, bars)
    blobs, size = counted(made.blobs, "blob"), counted(made.size_bytes, "byte")
    out.print(f"{blobs} of {size}, and the database, in {path}", soft_wrap=True)
    if made.missing:
        named = ", ".join(made.missing[:_NAMED]) + (" …" if len(made.missing) > _NAMED else "")
        err.print(
            "newsmill: missing or damaged in the blob store, and so in the backup:"
            f" {counted(len(made.missing), 'blob')}: {named}; `newsmill blobs` and `newsmill verify` tell more",
            soft_wrap=True,
        )
    return 1 if made.missing else 0
