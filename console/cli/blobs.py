"""`newsmill blobs`: the blob store compared with the ledger, a 256th at a time."""

import time
from dataclasses import dataclass, field

from rich.console import Console

from console.cli.printing import counted, print_json, visible
from console.cli.progress import progress_on
from console.processes.opening import opened_database
from db.erasure import marks
from db.reads import lookups
from db.sessions import Database
from ingest.blobs.store import BlobStore, StoredBlob
from newsmill.settings import Settings
from worker.duties.blobs import BlobCollector

__all__ = ["Comparison", "compare", "run_blobs"]

_PARTS = 256
_YOUNG_SECONDS = 3600.0
_NAMED = 20


@dataclass(slots=True)
class Comparison:
    """Blobs in all, those that no file has, and digests of files whose blob is not there.

    A blob that is not an hour old may belong to a file that is being taken in: it counts as `young`, not as unneeded.
    """

    blobs: int = 0
    size_bytes: int = 0
    young: int = 0
    unneeded: list[StoredBlob] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)


def compare(database: Database, blobs: BlobStore, part: int, found: Comparison) -> None:
    """Adds what is to be said of the blobs whose SHA-256 begins with the byte `part`."""
    listed = {blob.sha256: blob for blob in blobs.listed(part)}
    with database.transaction() as connection:
        named = marks.digests(connection, part)
    found.blobs += len(listed)
    found.size_bytes += sum(blob.size_bytes for blob in listed.values())
    for sha256 in sorted(listed.keys() - named):
        if listed[sha256].written_at > time.time() - _YOUNG_SECONDS:
            found.young += 1
        else:
            found.unneeded.append(listed[sha256])
    # Those that came after the store was listed are there; those that went since are no file's any more.
    gone = {sha256 for sha256 in named - listed.keys() if not blobs.exists(sha256)}
    if gone:
        with database.transaction() as connection:
            found.missing += sorted(marks.named(connection, gone))


def run_blobs(settings: Settings, *, remove: bool, as_json: bool, out: Console, err: Console) -> int:
    """Prints what there is too much and too little; the exit code is 1 if bytes are missing."""
    with opened_database(settings, "blobs") as database:
        blobs, found = BlobStore(settings.blobs), Comparison()
        with progress_on(err) as progress:
            for part in progress.track(range(_PARTS), description="comparing"):
                compare(database, blobs, part, found)
        removed = _remove(database, blobs, found) if remove and found.unneeded else 0
        with database.transaction() as connection:
            paths = lookups.paths_of_digests(connection, found.missing[:_NAMED])
    unneeded_bytes = sum(blob.size_bytes for blob in found.unneeded)
    if as_json:
        print_json(
            {
                "blobs": found.blobs,
                "size_bytes": found.size_bytes,
                "young": found.young,
                "unneeded": len(found.unneeded),
                "unneeded_bytes": unneeded_bytes,
                "removed": removed,
                "missing": [sha256.hex() for sha256 in found.missing],
            }
        )
        return 1 if found.missing else 0
    for sha256 in found.missing[:_NAMED]:
        out.print(f"missing    {sha256.hex()}  {visible(paths.get(sha256))}", markup=False, soft_wrap=True)
    size = counted(found.size_bytes, "byte")
    said = f"{counted(found.blobs, 'blob')} of {size} in {blobs.location}: {len(found.missing):,} missing"
    if found.missing:
        said += " (bring them back from their files: newsmill ingest PATH; or restore a backup)"
    said += f", {len(found.unneeded):,} that nothing needs ({counted(unneeded_bytes, 'byte')})"
    if removed < len(found.unneeded):
        said += (
            ", as a backup runs they go when it has ended" if remove else "; newsmill blobs --remove takes them away"
        )
    elif removed:
        said += ": removed"
    out.print(said, markup=False, soft_wrap=True)
    return 1 if found.missing else 0


def _remove(database: Database, blobs: BlobStore, found: Comparison) -> int:
    def mark() -> None:
        with database.transaction(durable=True) as connection:
            marks.mark(connection, [blob.sha256 for blob in found.unneeded], refused=False)

    database.retrying(mark)
    return BlobCollector(database, blobs).run()
