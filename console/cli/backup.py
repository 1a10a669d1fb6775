"""`newsmill backup`: database and raw bytes into a folder, while everything goes on running."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.printing import counted
from newsmill.settings import Settings

__all__ = ["backup", "named_blobs", "run_backup", "run_verify_backup"]

_NAMED = 10


@command("backup")
def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="A folder of its own.", show_default=False)
    ],
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash all that the backup in it holds, and write none.")
    ] = False,
) -> int:
    """Write database and raw bytes to a folder, consistent while everything runs."""
    if verify:
        return run_verify_backup(folder, out=out, err=err)
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
    backup = made.backup
    blobs, size = counted(backup.blobs, "blob"), counted(backup.size_bytes, "byte")
    out.print(f"{blobs} of {size}, and the database, in {path}", soft_wrap=True)
    if made.healed:
        out.print(
            f"damaged in the folder, and copied anew: {named_blobs(made.healed)}: look at its disk", soft_wrap=True
        )
    if backup.missing:
        err.print(
            "newsmill: missing or damaged in the blob store, and so in the backup:"
            f" {named_blobs(list(map(bytes.fromhex, backup.missing)))}; `newsmill blobs` and `newsmill verify` tell"
            " more",
            soft_wrap=True,
        )
    return 1 if backup.missing else 0


def run_verify_backup(path: Path, *, out: Console, err: Console) -> int:
    """Hashes all that the backup in the folder holds; the exit code is 1 if something is damaged or missing."""
    from console.services.backups import checking, restoration

    path = Path(os.path.abspath(path))
    with restoration.opened_backup(path, damaged=True) as (folder, backup), Bars(err) as bars:
        found = checking.verify(folder, backup, bars)
    for name in found.damaged:
        err.print(f"newsmill: damaged or missing: {path / name}", soft_wrap=True)
    if found.lost:
        err.print(f"newsmill: damaged or missing: {named_blobs(found.lost)}", soft_wrap=True)
    if found.missing:
        err.print(f"newsmill: missing when the backup was made: {named_blobs(found.missing)}", soft_wrap=True)
    if found.damaged or found.lost:
        err.print(
            f"newsmill: `newsmill backup {path}` makes them anew from the system that they are of", soft_wrap=True
        )
        return 1
    blobs, size = counted(found.blobs - len(found.missing), "blob"), counted(found.size_bytes, "byte")
    out.print(
        f"{path}: of {backup.created_at}; the database and {blobs} of {size} are as they were written", soft_wrap=True
    )
    return 1 if found.missing else 0


def named_blobs(digests: Sequence[bytes]) -> str:
    """Returns how many blobs these are, and the first of their names."""
    named = ", ".join(sha256.hex() for sha256 in digests[:_NAMED]) + (" …" if len(digests) > _NAMED else "")
    return f"{counted(len(digests), 'blob')}: {named}"
