"""`newsmill restore`: a backup into an empty system, or in place of what it holds."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from console.cli.asking import Ask, asked_unless
from console.cli.backup import named_blobs, run_verify_backup
from console.cli.bars import Bars
from console.cli.command import command, err, named_path, out, settings_with
from console.cli.options import YesOption
from console.cli.printing import counted, visible
from newsmill.settings import Settings

__all__ = ["restore", "run_restore", "run_restore_test"]

_NAMED = 10


@command("restore")
def restore(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=named_path, help="What `backup` wrote.", show_default=False)
    ],
    overwrite: Annotated[bool, typer.Option("--replace", help="Replace what this system holds now.")] = False,
    without_damaged: Annotated[
        bool,
        typer.Option("--without-damaged", help="Go on without raw bytes that the backup has lost, and name them."),
    ] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Try it: hash everything, restore the database into a throwaway one.")
    ] = False,
    yes: YesOption = False,
) -> int:
    """Bring a backup into an empty system, every blob's hash checked."""
    if test:
        return run_restore_test(settings_with(), folder, out=out, err=err)
    return run_restore(
        settings_with(),
        folder,
        overwrite=overwrite,
        without_damaged=without_damaged,
        ask=asked_unless(yes=yes),
        out=out,
        err=err,
    )


def run_restore(
    settings: Settings,
    path: Path,
    *,
    overwrite: bool,
    ask: Ask | None,
    out: Console,
    err: Console,
    without_damaged: bool = False,
) -> int:
    """Restores the backup in the folder, after asking if files are replaced; the exit code is 1 if it lacks bytes."""
    from console.processes.opening import bare_servers, blob_store
    from console.services.backups import restoration

    path = Path(os.path.abspath(path))
    with (
        restoration.opened_backup(path, damaged=without_damaged) as (folder, backup),
        bare_servers(settings, "restore") as (database, redis),
    ):
        plan = restoration.plan(database, backup, overwrite=overwrite, without_damaged=without_damaged)
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
    if done.others:
        named = ", ".join(map(visible, done.others[:_NAMED])) + (" …" if len(done.others) > _NAMED else "")
        err.print(f"newsmill: not of Newsmill, and left in the backup: {named}", markup=False, soft_wrap=True)
    if done.missing:
        err.print(f"newsmill: missing when the backup was made: {named_blobs(done.missing)}", soft_wrap=True)
    for sha256, seen_at in done.lost.items():
        err.print(f"newsmill: not restored  {sha256.hex()}  {visible(seen_at)}", markup=False, soft_wrap=True)
    if done.lost:
        err.print(
            f"newsmill: {counted(len(done.lost), 'blob')} damaged or missing in the backup; bring them back from their"
            " files: newsmill ingest PATH",
            soft_wrap=True,
        )
    for name in done.doubtful:
        err.print(f"newsmill: {path / name} is damaged, and yet could be used: compare what is there", soft_wrap=True)
    return 1 if done.missing or done.lost or done.doubtful else 0


def run_restore_test(settings: Settings, path: Path, *, out: Console, err: Console) -> int:
    """Tries whether the backup can be restored, and changes nothing; the exit code is 1 if not all of it can."""
    from console.processes.opening import throwaway_database
    from console.services.backups import checking, restoration

    path = Path(os.path.abspath(path))
    code = run_verify_backup(path, out=out, err=err)
    with (
        restoration.opened_backup(path) as (folder, backup),
        throwaway_database(settings, "restore") as database,
        Bars(err) as bars,
    ):
        tried = checking.try_out(database, folder, backup, bars)
    out.print(
        f"{counted(tried.files, 'file')} and {counted(tried.documents, 'document')} were restored into a throwaway"
        " database, which is gone",
        soft_wrap=True,
    )
    if tried.lacking:
        err.print(f"newsmill: files name what is not in the backup: {named_blobs(tried.lacking)}", soft_wrap=True)
    return 1 if code or tried.lacking else 0
