"""Intake: seen files become blobs, registered files and the first messages (promises 1 and 6).

The order makes it safe to stop anywhere: bytes on disk first, then one durable transaction, then messages. The inbox
is left as it is, unless `consume` is on and the transaction has committed.
"""

import os
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from db import holds, ledger, queries, removals
from db.records import NewFile
from ingest.blobs import StagedBlob
from ingest.files import FileStat, Sighted, VanishedError, look, stage_file, unreadable_message
from ingest.media_types import detect_media_type, is_container
from ingest.paths import path_text
from newsmill.errors import NewsmillError, TerminalError, TransientError
from worker.mill import Mill

__all__ = [
    "Accepted",
    "ForgottenError",
    "IntakePausedError",
    "accept",
    "forget_vanished",
    "forgotten_error",
    "known",
    "note_folder",
]

log = structlog.get_logger(__name__)

_ATTEMPTS = 5


class ForgottenError(TerminalError):
    """Somebody has had these bytes forgotten: the file is left out, and stays where it is."""


class _RemovedMeanwhileError(Exception):
    """A blob of the group went, or was forgotten (`refused`), between its writing and its registration."""

    def __init__(self, refused: Collection[bytes]) -> None:
        super().__init__()
        self.refused = refused


class IntakePausedError(TransientError):
    """Somebody paused intake: files wait where they are until it is resumed."""


@dataclass(slots=True)
class Accepted:
    """What became of a group of files: the ids of what is registered, and what went wrong by path."""

    file_ids: list[int] = field(default_factory=list)
    errors: dict[str, NewsmillError] = field(default_factory=dict)


def known(mill: Mill, seen: Sequence[Sighted], *, with_bytes: bool = False) -> set[str]:
    """The paths among these whose file was taken, or left out as forgotten, with the very same stat.

    With `with_bytes`, a file whose bytes the blob store has lost is not known: to take it once more brings them back.
    The store is asked for each file, so that is for files that somebody names, and for no scan of a folder.
    """
    stats = {path_text(s.path): (s.stat.size_bytes, s.stat.mtime_ns, s.stat.ctime_ns, s.stat.inode) for s in seen}

    def read() -> tuple[dict[str, bytes], set[str]]:
        with mill.database.transaction() as connection:
            return queries.known_sightings(connection, stats), removals.known_left_out(connection, stats)

    taken, left_out = mill.database.retrying(read)
    there = {path for path, sha256 in taken.items() if not with_bytes or mill.blobs.exists(sha256)}
    return {s.path for s in seen if path_text(s.path) in there | left_out}


def accept(mill: Mill, group: Sequence[Sighted]) -> Accepted:
    """Takes a group of files in: either a file is registered and its bytes are safe, or its error is noted.

    Raises TransientError when the blob store is short of space, DatabaseUnavailableError when the database stays away,
    and IntakePausedError; nothing is registered then, and the same group may be given again.
    """
    _require_not_paused(mill)
    for _ in range(_ATTEMPTS):
        try:
            return _accept(mill, group)
        except _RemovedMeanwhileError as error:
            log.info("blobs were removed while they were written: once more", files=len(group))
            _mark_again(mill, error.refused)
    raise TransientError("the blobs of these files are being removed all the time: wait for `newsmill forget` to end")


def _accept(mill: Mill, group: Sequence[Sighted]) -> Accepted:
    accepted = Accepted()
    staged = _stage(mill, _that_fit(mill, group, accepted), accepted)
    staged, staged_at = _that_may_be_taken(mill, staged, accepted)
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
            _require_blobs(mill, connection, {file.sha256 for file in files}, staged_at)
            return ledger.register_files(connection, files)

    accepted.file_ids = list(mill.database.retrying(register).values())
    mill.admit()
    log.info("accepted", files=len(files), first=files[0].path)
    if mill.settings.consume:
        for sighted, _ in staged:
            _consume(sighted)
    return accepted


def forgotten_error(path: str, at: datetime) -> ForgottenError:
    """What to tell of a file with forgotten bytes."""
    return ForgottenError(
        f"{path_text(path)}: left out, these bytes were forgotten on {at.astimezone():%Y-%m-%d}; to take them again:"
        f" newsmill allow {shlex.quote(path_text(path))}"
    )


def _that_may_be_taken(
    mill: Mill, staged: Sequence[tuple[Sighted, StagedBlob]], accepted: Accepted
) -> tuple[list[tuple[Sighted, StagedBlob]], datetime]:
    """Those of the files whose bytes are not forgotten, and the time by the database; the others are left out."""

    def read() -> tuple[dict[bytes, datetime], datetime]:
        with mill.database.transaction() as connection:
            refused, now = removals.forgotten(connection, {blob.sha256 for _, blob in staged})
            removals.leave_out(connection, [_left_out(s, blob) for s, blob in staged if blob.sha256 in refused])
            return refused, now

    try:
        refused, now = mill.database.retrying(read)
    except TransientError:
        mill.blobs.discard([blob for _, blob in staged])
        raise
    mill.blobs.discard([blob for _, blob in staged if blob.sha256 in refused])
    accepted.errors |= {
        sighted.path: forgotten_error(sighted.path, refused[blob.sha256])
        for sighted, blob in staged
        if blob.sha256 in refused
    }
    return [(sighted, blob) for sighted, blob in staged if blob.sha256 not in refused], now


def _left_out(sighted: Sighted, blob: StagedBlob) -> tuple[str, bytes, int, int, int, int]:
    stat = sighted.stat
    return path_text(sighted.path), blob.sha256, stat.size_bytes, stat.mtime_ns, stat.ctime_ns, stat.inode


def _require_blobs(mill: Mill, connection: Connection, digests: set[bytes], staged_at: datetime) -> None:
    """Under a lock that keeps all blobs where they are: these are there. See `worker.removing`."""
    doubts = removals.register_lock(connection, digests, staged_at)
    if doubts.late or doubts.refused or not all(mill.blobs.exists(digest) for digest in doubts.doubtful):
        raise _RemovedMeanwhileError(doubts.refused)


def _mark_again(mill: Mill, refused: Collection[bytes]) -> None:
    """What was forgotten while it was taken in has a blob now that nobody asked for."""

    def write() -> None:
        with mill.database.transaction(durable=True) as connection:
            removals.mark(connection, refused, refused=True)

    if refused:
        mill.database.retrying(write)


def _require_not_paused(mill: Mill) -> None:
    def read() -> datetime | None:
        with mill.database.transaction() as connection:
            return next((held.since for held in holds.holds(connection) if held.scope == holds.INTAKE), None)

    since = mill.database.retrying(read)
    if since is not None:
        raise IntakePausedError(
            f"intake is paused since {since.astimezone():%Y-%m-%d %H:%M:%S}; let it go on: newsmill resume intake"
        )


def note_folder(mill: Mill, folder: str, error: OSError | None) -> None:
    """Remembers that a folder of the inbox cannot be read, or with None that it can be again or is gone."""

    def write() -> None:
        with mill.database.transaction() as connection:
            if error is None:
                ledger.clear_intake_error(connection, path_text(folder))
            else:
                message = unreadable_message(folder, error)
                ledger.note_intake_error(connection, path_text(folder), type(error).__name__, message)

    mill.database.retrying(write)


def forget_vanished(mill: Mill, inbox: str) -> None:
    """Clears the errors of paths in the inbox that went away while nobody watched."""

    def write() -> None:
        with mill.database.transaction() as connection:
            for path in queries.intake_error_paths(connection):
                # A name with escaped bytes cannot be looked up; its row goes when a file of that name is taken.
                if path.startswith(path_text(inbox) + os.sep) and "\\x" not in path and not os.path.lexists(path):
                    ledger.clear_intake_error(connection, path)

    mill.database.retrying(write)


def _that_fit(mill: Mill, group: Sequence[Sighted], accepted: Accepted) -> list[Sighted]:
    """What the blob store has room for above its reserve: all of the group, but for files that alone are too large.

    Raises TransientError if the store is low, or the rest is too large together. A single huge file does not hold up
    what others dropped.
    """
    free_bytes = mill.blobs.free_bytes()
    if free_bytes is None or not group:
        return list(group)
    reserve = f"{mill.settings.min_free_bytes / 1024**2:,.0f} MiB (NEWSMILL_MIN_FREE_BYTES)"
    room_bytes = free_bytes - mill.settings.min_free_bytes
    fitting = [sighted for sighted in group if room_bytes <= 0 or sighted.stat.size_bytes <= room_bytes]
    if room_bytes <= 0 or sum(sighted.stat.size_bytes for sighted in fitting) > room_bytes:
        raise TransientError(
            f"the disk of the blob store {mill.blobs.location} would have less than {reserve} free: free some space"
        )
    accepted.errors |= {
        sighted.path: TransientError(
            f"{path_text(sighted.path)}: its {sighted.stat.size_bytes / 1024**2:,.0f} MiB would leave less than "
            f"{reserve} free on the disk of the blob store {mill.blobs.location}: free some space"
        )
        for sighted in group
        if sighted.stat.size_bytes > room_bytes
    }
    return fitting


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
                if isinstance(error, VanishedError | ForgottenError):
                    ledger.clear_intake_error(connection, path_text(path))
                else:
                    ledger.note_intake_error(connection, path_text(path), type(error).__name__, str(error))

    mill.database.retrying(write)


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
