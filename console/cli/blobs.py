"""`newsmill blobs`: what the blob store has too much and too little."""

from typing import Annotated

import typer
from rich.console import Console

from console.cli.bars import Bars
from console.cli.command import command, err, out, settings_with
from console.cli.options import JsonOption
from console.cli.printing import counted, print_json, visible
from newsmill.settings import Settings

__all__ = ["blobs", "run_blobs"]

_NAMED = 20


@command("blobs")
def blobs(
    remove: Annotated[
        bool, typer.Option("--remove", help="Take away those that nothing needs and that are over an hour old.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Compare the blob store with the ledger; exit 1 if bytes are missing."""
    return run_blobs(settings_with(), remove=remove, as_json=as_json, out=out, err=err)


def run_blobs(settings: Settings, *, remove: bool, as_json: bool, out: Console, err: Console) -> int:
    """Prints what there is too much and too little; the exit code is 1 if bytes are missing."""
    from console.processes.opening import blob_store, opened_database
    from console.services import blob_audit

    with opened_database(settings, "blobs") as database:
        store = blob_store(settings)
        with Bars(err) as bars:
            found = blob_audit.audit(database, store, bars)
        removed = blob_audit.remove(database, store, found) if remove else 0
        paths = blob_audit.paths_of(database, found.missing[:_NAMED])
    if as_json:
        print_json(
            {
                "blobs": found.blobs,
                "size_bytes": found.size_bytes,
                "young": found.young,
                "unneeded": len(found.unneeded),
                "unneeded_bytes": found.unneeded_bytes,
                "removed": removed,
                "missing": [sha256.hex() for sha256 in found.missing],
            }
        )
        return 1 if found.missing else 0
    for sha256 in found.missing[:_NAMED]:
        out.print(f"missing    {sha256.hex()}  {visible(paths.get(sha256))}", markup=False, soft_wrap=True)
    size = counted(found.size_bytes, "byte")
    said = f"{counted(found.blobs, 'blob')} of {size} in {store.location}: {len(found.missing):,} missing"
    if found.missing:
        said += " (bring them back from their files: newsmill ingest PATH; or restore a backup)"
    said += f", {len(found.unneeded):,} that nothing needs ({counted(found.unneeded_bytes, 'byte')})"
    if removed < len(found.unneeded):
        said += (
            ", as a backup runs they go when it has ended" if remove else "; newsmill blobs --remove takes them away"
        )
    elif removed:
        said += ": removed"
    out.print(said, markup=False, soft_wrap=True)
    return 1 if found.missing else 0
