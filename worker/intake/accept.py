"""Intake turns seen files into blobs, registered files and the first messages (promises 1 and 6).

The order makes it safe to stop anywhere: first the bytes on disk, then one durable transaction, then messages. Intake
leaves the inbox as it is; only with `consume` it removes a file, after that commit.
"""

import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from db import ledger, pauses
from db.erasure import marks, tombstones
from db.erasure.tombstones import RefusedFile
from db.reads import lookups
from db.records import FileStamp, NewFile
from ingest.blobs.store import StagedBlob
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY
from ingest.inbox.files import FileStat, SeenFile, VanishedError, remove, stage_file
from ingest.inbox.names import path_text
from ingest.inbox.scan import unreadable_message
from newsmill.errors import NewsmillError, TerminalError, TransientError
from newsmill.paths import stat_below
from newsmill.vocabulary import INTAKE_STOPPED
from worker.services import Services, require_database_room

__all__ = [
    "Accepted",
    "ForgottenError",
    "IntakePausedError",
    "RemovedMeanwhileError",
    "accept",
    "forget_vanished",
    "forgotten_error",
    "known",
    "note_folder",
    "note_stop",
    "require_blobs",
    "stage_alone",
]

log = structlog.get_logger(__name__)

_ATTEMPTS = 5


class ForgottenError(TerminalError):
    """A person has had these bytes erased. Intake leaves the file out, and it stays where it is."""


class RemovedMeanwhileError(Exception):
    """A blob of the group was removed, or its bytes were refused (`refused`), before it could be registered."""

    def __init__(self, refused: Collection[bytes]) -> None:
        super().__init__()
        self.refused = refused


class IntakePausedError(TransientError):
    """A person has paused intake. Files wait where they are until it is resumed."""


@dataclass(slots=True)
class Accepted:
    """What became of a group of files: the ids of the registered files, which of them are new, and errors by path."""

    file_ids: list[int] = field(default_factory=list)
    new: frozenset[int] = frozenset()
    errors: dict[str, NewsmillError] = field(default_factory=dict)


def known(services: Services, seen: Sequence[SeenFile], *, with_bytes: bool = False) -> set[str]:
    """Returns the paths whose file was taken, or left out by a tombstone, with exactly the same stat.

    With `with_bytes`, a file whose bytes the blob store has lost is not known, so that taking it again brings them
    back. That asks the store for each file. Use it for files that a person names, and not for the scan of a folder.
    """
    taken, left_out = services.database.run(_known, {path_text(s.path): _stamp(s.stat) for s in seen})
    there = {path for path, sha256 in taken.items() if not with_bytes or services.blobs.exists(sha256)}
    return {s.path for s in seen if path_text(s.path) in there | left_out}


def _known(connection: Connection, seen: Mapping[str, FileStamp]) -> tuple[dict[str, bytes], set[str]]:
    return lookups.known_sightings(connection, seen), tombstones.known_left_out(connection, seen)


def _stamp(stat: FileStat) -> FileStamp:
    return FileStamp(stat.size_bytes, stat.mtime_ns, stat.ctime_ns, stat.inode)


def accept(
    services: Services, group: Sequence[SeenFile], staged: Mapping[str, StagedBlob | NewsmillError] | None = None
) -> Accepted:
    """Takes a group of files in. Each file is registered with its bytes safe, or its error is noted.

    `staged`: what `stage_alone` has given for some of them, by path.
    Raises TransientError when the blob store or the database is short of space, DatabaseUnavailableError when the
    database stays away, and IntakePausedError. Then nothing is registered, and the same group may be given again.
    """
    _require_not_paused(services)
    require_database_room(services)
    for _ in range(_ATTEMPTS):
        try:
            return _accept(services, group, staged or {})
        except RemovedMeanwhileError as error:
            log.info("blobs were removed while they were written: once more", files=len(group))
            _mark_again(services, error.refused)
    raise TransientError("the blobs of these files are being removed all the time: wait for `newsmill forget` to end")


def stage_alone(services: Services, seen_file: SeenFile) -> StagedBlob | NewsmillError:
    """Copies one file to the blob store before it is taken in, or returns why it cannot be; to call in any thread.

    Raises what `accept` raises.
    """
    _require_not_paused(services)
    accepted = Accepted()
    if _that_fit(services, [seen_file], accepted):
        try:
            return stage_file(services.blobs, seen_file)
        except NewsmillError as error:
            return error
    return accepted.errors[seen_file.path]


def _accept(
    services: Services, group: Sequence[SeenFile], copied: Mapping[str, StagedBlob | NewsmillError]
) -> Accepted:
    accepted = Accepted()
    fitting = [*_that_fit(services, [one for one in group if one.path not in copied], accepted)]
    staged = _stage(services, [*fitting, *(one for one in group if one.path in copied)], copied, accepted)
    staged, staged_at = _that_may_be_taken(services, staged, accepted)
    if staged:
        try:
            services.blobs.commit([blob for _, blob in staged])
        except TransientError as error:
            services.blobs.discard([blob for _, blob in staged])
            accepted.errors |= {
                seen_file.path: TransientError(f"{path_text(seen_file.path)}: {error}") for seen_file, _ in staged
            }
            staged = []
    if accepted.errors:
        services.database.run(_write_errors, accepted.errors)
    if not staged:
        return accepted
    files = [_new_file(seen_file, blob) for seen_file, blob in staged]
    registered = services.database.run(_register, services, files, staged_at, durable=True)
    accepted.file_ids, accepted.new = list(registered.ids.values()), registered.new
    services.admit()
    log.info("accepted", files=len(files), first=files[0].path)
    if services.settings.consume:
        for seen_file, _ in staged:
            _consume(seen_file)
    return accepted


def _register(
    connection: Connection, services: Services, files: Sequence[NewFile], staged_at: datetime
) -> ledger.Registration:
    require_blobs(services, connection, {file.sha256 for file in files}, staged_at)
    return ledger.register_files(connection, files)


def forgotten_error(path: str, at: datetime) -> ForgottenError:
    """Returns the error of a file whose bytes were erased at that time."""
    return ForgottenError(
        f"{path_text(path)}: left out, these bytes were forgotten on {at.astimezone():%Y-%m-%d}; to take them again:"
        f" newsmill allow {shlex.quote(path_text(path))}"
    )


def _that_may_be_taken(
    services: Services, staged: Sequence[tuple[SeenFile, StagedBlob]], accepted: Accepted
) -> tuple[list[tuple[SeenFile, StagedBlob]], datetime]:
    """Leaves out the files whose bytes are refused; returns the others, and the time by the database."""
    try:
        refused, now = services.database.run(_leave_out_refused, staged)
    except TransientError:
        services.blobs.discard([blob for _, blob in staged])
        raise
    services.blobs.discard([blob for _, blob in staged if blob.sha256 in refused])
    accepted.errors |= {
        seen_file.path: forgotten_error(seen_file.path, refused[blob.sha256])
        for seen_file, blob in staged
        if blob.sha256 in refused
    }
    return [(seen_file, blob) for seen_file, blob in staged if blob.sha256 not in refused], now


def _leave_out_refused(
    connection: Connection, staged: Sequence[tuple[SeenFile, StagedBlob]]
) -> tuple[dict[bytes, datetime], datetime]:
    refused, now = tombstones.forgotten(connection, {blob.sha256 for _, blob in staged})
    left_out = [
        RefusedFile(path_text(seen_file.path), blob.sha256, _stamp(seen_file.stat))
        for seen_file, blob in staged
        if blob.sha256 in refused
    ]
    tombstones.leave_out(connection, left_out)
    return refused, now


def require_blobs(services: Services, connection: Connection, digests: set[bytes], staged_at: datetime) -> None:
    """Takes the lock that keeps all blobs where they are, and checks that these are there.

    Raises RemovedMeanwhileError if one is not. `worker.duties.blobs` gives the reason.
    """
    doubts = marks.register_lock(connection, digests, staged_at)
    if doubts.late or doubts.refused or not all(services.blobs.exists(digest) for digest in doubts.doubtful):
        raise RemovedMeanwhileError(doubts.refused)


def _mark_again(services: Services, refused: Collection[bytes]) -> None:
    """Marks blobs whose bytes were erased during their intake: they are in the store again, and nobody wants them."""
    if refused:
        services.database.run(partial(marks.mark, refused=True), refused, durable=True)


def _require_not_paused(services: Services) -> None:
    since = {pause.scope: pause.since for pause in services.database.run(pauses.paused)}
    if pauses.INTAKE in since:
        raise IntakePausedError(
            f"intake is paused since {since[pauses.INTAKE].astimezone():%Y-%m-%d %H:%M:%S}; let it go on:"
            " newsmill resume intake"
        )


def note_folder(services: Services, folder: str, error: OSError | None) -> None:
    """Notes that a folder of the inbox cannot be read. With None, clears the note: it can be read again, or is gone."""
    if error is None:
        services.database.run(ledger.clear_intake_error, path_text(folder))
    else:
        message = unreadable_message(folder, error)
        services.database.run(ledger.note_intake_error, path_text(folder), type(error).__name__, message)


def note_stop(services: Services, error: TransientError | None) -> None:
    """Notes that nothing is taken in, and why, under the path of the inbox. With None, clears the note."""
    inbox = path_text(str(services.settings.inbox))
    if error is None:
        services.database.run(ledger.clear_intake_error, inbox)
    else:
        services.database.run(ledger.note_intake_error, inbox, INTAKE_STOPPED, str(error))


def forget_vanished(services: Services, inbox: str) -> None:
    """Clears the errors of paths in the inbox that vanished while no watcher ran, and what stopped the last one."""
    note_stop(services, None)
    services.database.run(_clear_vanished, inbox)


def _clear_vanished(connection: Connection, inbox: str) -> None:
    prefix = path_text(inbox) + os.sep
    for path in lookups.intake_error_paths(connection):
        # A name with escaped bytes cannot be looked up. Its row goes when a file of that name is taken.
        if path.startswith(prefix) and "\\x" not in path and not _is_there(inbox, path):
            ledger.clear_intake_error(connection, path)


def _is_there(inbox: str, path: str) -> bool:
    try:
        stat_below(inbox, path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:  # nobody can tell
        return True
    return True


def _that_fit(services: Services, group: Sequence[SeenFile], accepted: Accepted) -> list[SeenFile]:
    """Returns the group without the files that are alone too large for the blob store's room above its reserve.

    These get an error each, so that a single huge file does not delay the others. Raises TransientError if the store is
    low, or the others are too large together.
    """
    free_bytes = services.blobs.free_bytes()
    if free_bytes is None or not group:
        return list(group)
    reserve = f"{services.settings.min_free_bytes / 1024**2:,.0f} MiB (NEWSMILL_MIN_FREE_BYTES)"
    room_bytes = free_bytes - services.settings.min_free_bytes
    fitting = [seen_file for seen_file in group if room_bytes <= 0 or seen_file.stat.size_bytes <= room_bytes]
    if room_bytes <= 0 or sum(seen_file.stat.size_bytes for seen_file in fitting) > room_bytes:
        raise TransientError(
            f"the disk of the blob store {services.blobs.location} would have less than {reserve} free: free some space"
        )
    accepted.errors |= {
        seen_file.path: TransientError(
            f"{path_text(seen_file.path)}: its {seen_file.stat.size_bytes / 1024**2:,.0f} MiB would leave less than "
            f"{reserve} free on the disk of the blob store {services.blobs.location}: free some space"
        )
        for seen_file in group
        if seen_file.stat.size_bytes > room_bytes
    }
    return fitting


def _stage(
    services: Services,
    group: Sequence[SeenFile],
    copied: Mapping[str, StagedBlob | NewsmillError],
    accepted: Accepted,
) -> list[tuple[SeenFile, StagedBlob]]:
    staged: list[tuple[SeenFile, StagedBlob]] = []
    for seen_file in group:
        copy = copied.get(seen_file.path)
        if isinstance(copy, NewsmillError):
            accepted.errors[seen_file.path] = copy
        elif copy is not None and os.path.exists(copy.temporary):  # an attempt before this one may have used it up
            staged.append((seen_file, copy))
        else:
            try:
                staged.append((seen_file, stage_file(services.blobs, seen_file)))
            except NewsmillError as error:
                accepted.errors[seen_file.path] = error
    return staged


def _new_file(seen_file: SeenFile, blob: StagedBlob) -> NewFile:
    media_type = detect(blob.head, os.path.basename(seen_file.path))
    return NewFile(
        path=path_text(seen_file.path),
        sha256=blob.sha256,
        media_type=media_type,
        is_container=media_type in REGISTRY.containers,
        size_bytes=blob.size_bytes,
        mtime_ns=seen_file.stat.mtime_ns,
        ctime_ns=seen_file.stat.ctime_ns,
        inode=seen_file.stat.inode,
        fresh=seen_file.fresh,
    )


def _write_errors(connection: Connection, errors: Mapping[str, NewsmillError]) -> None:
    for path, error in sorted(errors.items()):
        if isinstance(error, VanishedError | ForgottenError):
            ledger.clear_intake_error(connection, path_text(path))
        else:
            ledger.note_intake_error(connection, path_text(path), type(error).__name__, str(error))


def _consume(seen_file: SeenFile) -> None:
    try:
        remove(seen_file)  # one that was written again meanwhile stays, and is taken once more
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        log.warning(
            "accepted, but it cannot be removed from the inbox", file=path_text(seen_file.path), reason=str(error)
        )
