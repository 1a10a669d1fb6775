"""Intake: seen files become blobs, registered files and the first messages (promises 1 and 6).

The order makes it safe to stop anywhere: bytes on disk first, then one durable transaction, then messages. The inbox
is left as it is, unless `consume` is on and the transaction has committed.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from db import ledger, queries
from db.records import NewFile
from ingest.blobs import StagedBlob
from ingest.files import FileStat, Sighted, VanishedError, look, stage_file
from ingest.media_types import detect_media_type, is_container
from ingest.paths import path_text
from newsmill.errors import NewsmillError, TransientError
from worker.mill import Mill

__all__ = ["Accepted", "accept", "known"]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Accepted:
    """What became of a group of files: the ids of what is registered, and what went wrong by path."""

    file_ids: list[int] = field(default_factory=list)
    errors: dict[str, NewsmillError] = field(default_factory=dict)


def known(mill: Mill, seen: Sequence[Sighted]) -> set[str]:
    """The paths among these whose file was taken with the very same stat."""
    stats = {path_text(s.path): (s.stat.size_bytes, s.stat.mtime_ns, s.stat.ctime_ns, s.stat.inode) for s in seen}

    def read() -> set[str]:
        with mill.database.transaction() as connection:
            return queries.known_sightings(connection, stats)

    taken = mill.database.retrying(read)
    return {s.path for s in seen if path_text(s.path) in taken}


def accept(mill: Mill, group: Sequence[Sighted]) -> Accepted:
    """Takes a group of files in: either a file is registered and its bytes are safe, or its error is noted.

    Raises DatabaseUnavailableError when the database stays away; nothing is registered then, and the same group may be
    given again.
    """
    accepted = Accepted()
    staged = _stage(mill, group, accepted)
    if staged:
        try:
            mill.blobs.commit([blob for _, blob in staged])
        except TransientError as error:
            mill.blobs.discard([blob for _, blob in staged])
            accepted.errors |= {
                sighted.path: TransientError(f"{path_text(sighted.path)}: {error}") for sighted, _ in staged
            }
            staged = []
    _note_errors(mill, accepted)
    if not staged:
        return accepted
    files = [_new_file(sighted, blob) for sighted, blob in staged]

    def register() -> dict[tuple[bytes, str], int]:
        with mill.database.transaction(durable=True) as connection:
            return ledger.register_files(connection, files)

    accepted.file_ids = list(mill.database.retrying(register).values())
    mill.admit()
    log.info("accepted", files=len(files), first=files[0].path)
    if mill.settings.consume:
        for sighted, _ in staged:
            _consume(sighted)
    return accepted


def _stage(mill: Mill, group: Sequence[Sighted], accepted: Accepted) -> list[tuple[Sighted, StagedBlob]]:
    staged: list[tuple[Sighted, StagedBlob]] = []
    for sighted in group:
        try:
            staged.append((sighted, stage_file(mill.blobs, sighted)))
        except NewsmillError as error:
            accepted.errors[sighted.path] = error
    return staged


def _new_file(sighted: Sighted, blob: StagedBlob) -> NewFile:
    media_type = detect_media_type(blob.head, os.path.basename(sighted.path))
    return NewFile(
        path=path_text(sighted.path),
        sha256=blob.sha256,
        media_type=media_type.value,
        is_container=is_container(media_type),
        size_bytes=blob.size_bytes,
        mtime_ns=sighted.stat.mtime_ns,
        ctime_ns=sighted.stat.ctime_ns,
        inode=sighted.stat.inode,
        fresh=sighted.fresh,
    )


def _note_errors(mill: Mill, accepted: Accepted) -> None:
    if not accepted.errors:
        return

    def write() -> None:
        with mill.database.transaction() as connection:
            for path, error in sorted(accepted.errors.items()):
                if isinstance(error, VanishedError):
                    ledger.clear_intake_error(connection, path_text(path))
                else:
                    ledger.note_intake_error(connection, path_text(path), type(error).__name__, str(error))

    mill.database.retrying(write)
    for path, error in accepted.errors.items():
        log.warning(str(error), file=path_text(path), error=type(error).__name__)


def _consume(sighted: Sighted) -> None:
    now = look(sighted.path)
    if now is None or FileStat.of(now) != sighted.stat:
        return  # written again meanwhile: it will be taken once more
    try:
        os.unlink(sighted.path)
    except OSError as error:
        log.warning(
            "accepted, but it cannot be removed from the inbox", file=path_text(sighted.path), reason=str(error)
        )
