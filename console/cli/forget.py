"""`newsmill forget`, `prune` and `allow`: documents go for good, and their bytes are not taken again until allowed."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from sqlalchemy import Connection

from console.cli.printing import counted, visible
from console.cli.progress import progress_on
from console.processes.opening import opened_database
from db.erasure import deletion, tombstones
from db.erasure.deletion import Candidate, Old
from db.reads import lookups
from db.sessions import Database
from ingest.blobs.store import BlobStore
from ingest.inbox.names import path_text
from newsmill.errors import TerminalError, TransientError, UsageError
from newsmill.settings import Settings
from newsmill.vocabulary import Outcome
from worker.duties.erasure import Erasure

__all__ = ["OUTCOMES", "run_allow", "run_forget", "run_prune"]

OUTCOMES = tuple(outcome.value for outcome in Outcome)

_NAMED = 20
_ID_DIGITS = 19
_STATEMENT_SECONDS = 600.0
_HELD = "their bytes go as soon as the backup that runs has ended"


def run_forget(
    settings: Settings,
    items: Sequence[str],
    *,
    url: str | None,
    path: str | None = None,
    allow_again: bool,
    dry_run: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
    err: Console,
) -> int:
    """Takes out what is named, everywhere, after asking; returns the exit code.

    `path` is a shell pattern as of `newsmill failed`. Raises TerminalError, before anything is changed, for a name that
    nobody knows.
    """
    if not items and url is None and path is None:
        raise UsageError("name what to forget: an id, the path of a file or folder, --path or --url")
    if not all(items):
        raise UsageError(
            "a path is empty: name an id, a file or a folder"
        )  # it would be all below the working directory
    with opened_database(settings, "forget") as database:
        with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
            candidates = _candidates(connection, items, url, path, out)
        if not candidates:
            return 0
        _print_candidates(candidates, out)
        documents = sum(c.document_count if c.documents is None else len(c.documents) for c in candidates)
        again = "may be taken again" if allow_again else "are not taken again"
        said = f"{counted(documents, 'document')} in {counted(len(candidates), 'file')} for good; their bytes {again}"
        if dry_run:
            out.print(f"would forget {said}; nothing was changed")
            return 0
        if ask is not None and not ask(f"forget {said}: go on?"):
            out.print("nothing was changed")
            return 1
        erasure = Erasure(database, BlobStore(settings.blobs), settings, refused=not allow_again)
        with progress_on(err) as progress:
            task = progress.add_task("forgetting", total=documents)
            for candidate in candidates:
                erasure.forget(candidate, lambda count: progress.advance(task, count))
            whole = erasure.settle(lambda words: progress.update(task, description=words))
    out.print(f"{counted(documents, 'document')} forgotten" + ("" if whole else f"; {_HELD}"))
    _tell_what_is_left([path for c in candidates if c.documents is None for path in c.paths], out)
    return 0


def run_prune(
    settings: Settings,
    old: Old,
    *,
    allow_again: bool,
    dry_run: bool,
    ask: Callable[[str], bool] | None,
    out: Console,
    err: Console,
) -> int:
    """Takes out what was taken in before a time, a page at a time, after asking; returns the exit code."""
    with opened_database(settings, "prune") as database:
        counts = _old_counts(database, old)
        total = sum(counts.values())
        parts = ", ".join(f"{n:,} {outcome.replace('_', ' ')}" for outcome, n in counts.items())
        said = f"{counted(total, 'document')} taken in before {old.before.astimezone():%Y-%m-%d %H:%M}"
        if total == 0 and not _has_empty_files(database, old):
            out.print(f"{said}: nothing to do")
            return 0
        said += f" ({parts})" if parts else ", and files without any"
        if dry_run:
            out.print(f"{said} would go for good; nothing was changed", soft_wrap=True)
            return 0
        if ask is not None and not ask(f"{said} go for good: go on?"):
            out.print("nothing was changed")
            return 1
        erasure = Erasure(database, BlobStore(settings.blobs), settings, refused=not allow_again)
        gone = 0

        def tell(count: int) -> None:
            nonlocal gone
            gone += count
            progress.advance(task, count)

        try:
            with progress_on(err) as progress:
                task = progress.add_task("pruning", total=total)
                erasure.prune(old, tell)
                whole = erasure.settle(lambda words: progress.update(task, description=words))
        except BaseException:
            err.print(f"newsmill: {gone:,} of {total:,} documents are gone; the same command does the rest")
            raise
    out.print(f"{counted(gone, 'document')} pruned" + ("" if whole else f"; {_HELD}"))
    return 0


def run_allow(settings: Settings, items: Sequence[str], *, out: Console) -> int:
    """Lets bytes that were forgotten be taken again: those of files, or by their SHA-256; returns the exit code."""
    digests = {item: _digest(item) for item in items}
    with opened_database(settings, "allow") as database:

        def write() -> set[bytes]:
            with database.transaction(durable=True) as connection:
                return tombstones.allow(connection, set(digests.values()))

        lifted = database.retrying(write)
    for item, digest in digests.items():
        said = "may be taken again, at the next scan" if digest in lifted else "was not forgotten"
        out.print(f"{visible(item)}: {said}", markup=False, soft_wrap=True)
    return 0 if lifted else 1


def _digest(item: str) -> bytes:
    if os.path.isfile(item):
        try:
            with open(item, "rb") as stream:
                return hashlib.file_digest(stream, "sha256").digest()
        except OSError as error:
            raise TransientError(f"{item}: {error.strerror or error}") from error
    if re.fullmatch("[0-9a-fA-F]{64}", item):
        return bytes.fromhex(item)
    raise TerminalError(f"{item}: no such file, and no SHA-256 of 64 hexadecimal digits")


def _candidates(
    connection: Connection, items: Iterable[str], url: str | None, pattern: str | None, out: Console
) -> list[Candidate]:
    """What is meant, each file once: all of it, or some of its documents."""
    ids = [id_ for item in items for id_ in _ids_of(connection, item, out)]
    if url is not None:
        of_url = deletion.documents_of_url(connection, url)
        if not of_url:
            raise TerminalError(f"--url {url}: no article has just this URL")
        ids += of_url
    if pattern is not None:
        matching = lookups.files_matching(connection, pattern)
        if not matching:
            raise TerminalError(f"--path {pattern}: no file was seen at such a path")
        ids += matching
    merged: dict[int, Candidate] = {}
    for id_ in dict.fromkeys(ids):
        one = deletion.resolve(connection, id_)
        if one is not None:
            merged[one.file_id] = _merged(merged.get(one.file_id), one)
    for one in list(merged.values()):
        # The same bytes under another media type: what they say would not be gone while these are there.
        for other in deletion.same_bytes(connection, one.file_id) if one.documents is None else []:
            if other not in merged and (twin := deletion.resolve(connection, other)) is not None:
                merged[other] = twin
    return list(merged.values())


def _ids_of(connection: Connection, item: str, out: Console) -> list[int]:
    """The files seen at a path; or an id; or the files below a folder; none if that was forgotten before."""
    paths = list(dict.fromkeys([path_text(str(Path(item).absolute())), path_text(os.path.abspath(item)), item]))
    for path in paths:
        if found := lookups.files_of_path(connection, path):
            return found
    if item.isdecimal() and len(item) < _ID_DIGITS and deletion.resolve(connection, int(item)) is not None:
        return [int(item)]
    for path in paths:
        if found := lookups.files_below(connection, path):
            return found
    at = next(filter(None, (tombstones.left_out_since(connection, path) for path in paths)), None)
    if at is None:
        raise TerminalError(
            f"{item}: no file was seen at or below this path and nothing has this id; see `newsmill status`"
        )
    out.print(f"{visible(item)}: was forgotten on {at.astimezone():%Y-%m-%d}", markup=False, soft_wrap=True)
    return []


def _merged(before: Candidate | None, one: Candidate) -> Candidate:
    if before is None or before.documents is None or one.documents is None:
        return one if before is None or one.documents is None else before
    documents = sorted({*before.documents, *one.documents})
    whole = len(documents) == one.document_count and not one.unpacking
    return replace(one, documents=None if whole else documents)


def _print_candidates(candidates: Sequence[Candidate], out: Console) -> None:
    for one in candidates[:_NAMED]:
        path = visible(one.paths[0]) if one.paths else ""
        if one.documents is None:
            also = f", also seen at {', '.join(map(visible, one.paths[1:4]))}" if len(one.paths) > 1 else ""
            what = f"file {one.file_id}, {one.size_bytes:,} bytes, {counted(one.document_count, 'document')}{also}"
        else:
            what = f"{len(one.documents):,} of the {one.document_count:,} documents of file {one.file_id}"
        out.print(f"{path}: {what}", markup=False, soft_wrap=True)
    if len(candidates) > _NAMED:
        out.print(f"… and {len(candidates) - _NAMED:,} more")


def _tell_what_is_left(paths: Sequence[str], out: Console) -> None:
    left = [path for path in paths if os.path.lexists(path)]
    for path in left[:_NAMED]:
        out.print(f"{visible(path)} itself is still there: Newsmill removes no files of yours", soft_wrap=True)
    if len(left) > _NAMED:
        out.print(f"… and {len(left) - _NAMED:,} more files")


def _old_counts(database: Database, old: Old) -> dict[str, int]:
    with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
        return deletion.old_counts(connection, old)


def _has_empty_files(database: Database, old: Old) -> bool:
    """Whether there are such files without a document, as of containers that could not be unpacked."""
    if old.outcome not in (None, "failed"):
        return False
    with database.transaction(statement_seconds=_STATEMENT_SECONDS) as connection:
        return bool(deletion.empty_files(connection, old.before, after=0, limit=1))
