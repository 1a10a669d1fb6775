"""Forget: documents go everywhere, with their bytes, which are not taken again unless that is allowed."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from console.services.progress import Activity, Report, unreported
from db.erasure import deletion, tombstones
from db.erasure.deletion import Candidate
from db.reads import lookups
from db.sessions import Database
from ingest.blobs.store import BlobStore
from ingest.inbox.names import path_text
from newsmill.errors import TerminalError, UsageError
from newsmill.settings import Settings
from worker.duties.erasure import Erasure

__all__ = ["Candidate", "ForgetPlan", "ForgetRequest", "Forgotten", "ForgottenBefore", "plan", "run"]

_ID_DIGITS = 19  # more do not fit PostgreSQL's bigint
_STATEMENT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class ForgetRequest:
    """What is to be forgotten: all that is named by any of these.

    `items`: ids of documents or files, paths of files, folders. `url`: articles with just this URL. `path`: a shell
    pattern as in `db.reads.patterns`. With `allow_again` the same bytes may be taken again.
    """

    items: tuple[str, ...] = ()
    url: str | None = None
    path: str | None = None
    allow_again: bool = False

    def check(self) -> None:
        """Raises UsageError where nothing is named, or an empty item: that is all below the working directory."""
        if not self.items and self.url is None and self.path is None:
            raise UsageError("name what to forget: an id, the path of a file or folder, --path or --url")
        if not all(self.items):
            raise UsageError("a path is empty: name an id, a file or a folder")


@dataclass(frozen=True, slots=True)
class ForgottenBefore:
    """A named item of which nothing is left, and when it was forgotten."""

    item: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What `run` takes out: whole files or some of their documents, each file once."""

    candidates: tuple[Candidate, ...]
    forgotten_before: tuple[ForgottenBefore, ...]
    allow_again: bool

    @property
    def documents(self) -> int:
        """How many documents go."""
        return sum(c.document_count if c.documents is None else len(c.documents) for c in self.candidates)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out.

    `blobs_wait`: a backup runs, and bytes go once it has ended. `left`: paths of files that were forgotten whole and
    lie there still, as Newsmill removes no files of others.
    """

    documents: int
    blobs_wait: bool
    left: tuple[str, ...]


def plan(database: Database, request: ForgetRequest) -> ForgetPlan:
    """Finds what is named and changes nothing.

    Raises UsageError as `ForgetRequest.check`, TerminalError for a name that nobody knows.
    """
    request.check()
    return database.run(_plan, request, statement_seconds=_STATEMENT_SECONDS)


def run(
    database: Database, blobs: BlobStore, settings: Settings, plan: ForgetPlan, report: Report = unreported
) -> Forgotten:
    """Takes out what was planned, a page at a time; done again, it goes on where it was interrupted.

    Raises TransientError if a worker that still has some of it in hand does not come to an end.
    """
    erasure = Erasure(database, blobs, settings, refused=not plan.allow_again)
    activity = Activity("forgetting", report, plan.documents)
    for candidate in plan.candidates:
        erasure.forget(candidate, activity.advance)
    settled = erasure.settle(activity.rename)
    whole = [path for c in plan.candidates if c.documents is None for path in c.paths]
    return Forgotten(plan.documents, not settled, tuple(path for path in whole if os.path.lexists(path)))


def _plan(connection: Connection, request: ForgetRequest) -> ForgetPlan:
    ids, before = _named(connection, request.items)
    ids += _of_url(connection, request.url)
    ids += _matching(connection, request.path)
    return ForgetPlan(tuple(_candidates(connection, ids)), before, request.allow_again)


def _named(connection: Connection, items: Iterable[str]) -> tuple[list[int], tuple[ForgottenBefore, ...]]:
    ids: list[int] = []
    before: list[ForgottenBefore] = []
    for item in items:
        paths = list(dict.fromkeys([path_text(str(Path(item).absolute())), path_text(os.path.abspath(item)), item]))
        if found := _ids_of(connection, item, paths):
            ids += found
            continue
        at = next(filter(None, (tombstones.left_out_since(connection, path) for path in paths)), None)
        if at is None:
            raise TerminalError(
                f"{item}: no file was seen at or below this path and nothing has this id; see `newsmill status`"
            )
        before.append(ForgottenBefore(item, at))
    return ids, tuple(before)


def _ids_of(connection: Connection, item: str, paths: Sequence[str]) -> list[int]:
    """The files seen at one of the paths; or the id that the item is; or the files below a folder of that path."""
    for path in paths:
        if found := lookups.files_of_path(connection, path):
            return found
    if item.isdecimal() and len(item) < _ID_DIGITS and deletion.resolve(connection, int(item)) is not None:
        return [int(item)]
    return next(filter(None, (lookups.files_below(connection, path) for path in paths)), [])


def _of_url(connection: Connection, url: str | None) -> list[int]:
    found = [] if url is None else deletion.documents_of_url(connection, url)
    if url is not None and not found:
        raise TerminalError(f"--url {url}: no article has just this URL")
    return found


def _matching(connection: Connection, pattern: str | None) -> list[int]:
    found = [] if pattern is None else lookups.files_matching(connection, pattern)
    if pattern is not None and not found:
        raise TerminalError(f"--path {pattern}: no file was seen at such a path")
    return found


def _candidates(connection: Connection, ids: Iterable[int]) -> Iterator[Candidate]:
    """What is meant, each file once: all of it, or some of its documents."""
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
    yield from merged.values()


def _merged(before: Candidate | None, one: Candidate) -> Candidate:
    if before is None or before.documents is None or one.documents is None:
        return one if before is None or one.documents is None else before
    documents = sorted({*before.documents, *one.documents})
    whole = len(documents) == one.document_count and not one.unpacking
    return replace(one, documents=None if whole else documents)
