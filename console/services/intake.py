"""Ingest: registers files and folders directly, and waits for them if that is wanted."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import sleep

from sqlalchemy import Connection

from console.services.progress import Activity, Progress, Report, unreported
from db import processes
from db.erasure import tombstones
from db.reads import lookups
from db.reads.containers import Account, accounts
from db.reads.lookups import FailedItem
from db.sessions import Database
from ingest.inbox.files import SeenFile
from ingest.inbox.names import names_with, path_text
from ingest.inbox.scan import scan, unreadable_message
from newsmill.errors import NewsmillError, TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Outcome, Role
from worker.intake.accept import ForgottenError, IntakePausedError, accept, forgotten_error, known
from worker.services import Services

__all__ = [
    "EmptyFolder",
    "LeftAlone",
    "NotTaken",
    "Registered",
    "Settled",
    "is_worked_on",
    "register",
    "settled",
    "wait_until_settled",
]

_GROUP_FILES = 200
_POLL_SECONDS = 0.2
_PAGE_FILES = 5000
_LEFT_OUT_NAMED = 5
_RETRY_SECONDS = 300.0
_CONTAINERS_TOLD = 20


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A path that could not be taken, and why; `forgotten`: somebody has had these bytes forgotten."""

    path: str
    reason: str
    forgotten: bool


@dataclass(frozen=True, slots=True)
class EmptyFolder:
    """A folder in which there was nothing to take: how much was left alone in it, and the first few names."""

    path: str
    left_alone: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A named path whose name says that it is no article, and what it says: "an unfinished download or copy"."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Registered:
    """The ids of the files at the named paths, taken now or before; what could not be taken, or was left alone.

    Each file that was seen is `new`, a copy (its bytes are here already, from another path or time), known (taken
    before, and not touched since) or not taken; `by_name` so many are left alone. `unfinished` are the ids of those
    that something is left to do of.
    """

    file_ids: tuple[int, ...]
    not_taken: tuple[NotTaken, ...]
    empty: tuple[EmptyFolder, ...]
    left_alone: tuple[LeftAlone, ...] = ()
    new: int = 0
    copies: int = 0
    known: int = 0
    by_name: int = 0
    unfinished: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of files: documents by outcome ("" where there is none yet), and what failed, by path.

    `failed_before` counts failed documents that had ended before these files were named; `failures` has the others.
    `containers` are up to twenty of these files that are containers.
    """

    outcomes: Mapping[str, int]
    failures: tuple[FailedItem, ...]
    failed_before: int = 0
    containers: tuple[Account, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents there are so far."""
        return sum(self.outcomes.values())


@dataclass(slots=True)
class _Found:
    """Ids of the files, what went wrong by path, and the folders in which there was nothing to take."""

    file_ids: dict[int, None] = field(default_factory=dict)
    errors: dict[str, NewsmillError] = field(default_factory=dict)
    empty: list[Path] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)
    new: set[int] = field(default_factory=set)
    copies: int = 0
    known: int = 0
    by_name: int = 0

    def left(self, _path: str) -> None:
        """Counts one that is left alone for its name."""
        self.by_name += 1


def register(services: Services, paths: Sequence[Path], report: Report = unreported) -> Registered:
    """Registers what lies at these paths, folders with all below them.

    A path whose own name is one that is left alone is not taken: wildcards of the shell name such files as well.
    Raises IntakePausedError before anything is registered while intake is paused.
    """
    found = _Found()
    activity = Activity("registering", report)
    names = names_with(services.settings.ignored_names)
    for path in paths:
        if path.exists() and (what := names.why_not_named(path.name, is_folder=path.is_dir())):
            found.left_alone.append(LeftAlone(path_text(str(path)), what))
            continue
        before = activity.done, len(found.errors)
        try:
            _register(services, path, found, activity)
        except IntakePausedError:
            raise
        except NewsmillError as error:
            found.errors[str(path)] = error
        if before == (activity.done, len(found.errors)):
            found.empty.append(path)
    report(Progress("registering", activity.done, activity.done))
    return Registered(
        tuple(found.file_ids),
        tuple(_not_taken(path, error) for path, error in found.errors.items()),
        tuple(map(_empty_folder, found.empty)),
        tuple(found.left_alone),
        new=len(found.new),
        copies=found.copies,
        known=found.known,
        by_name=found.by_name + len(found.left_alone),
        unfinished=_unfinished(services.database, tuple(found.file_ids)) | found.new,
    )


def wait_until_settled(
    services: Services,
    file_ids: Iterable[int],
    report: Report = unreported,
    *,
    wait: Callable[[float], None] = sleep,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Returns once nothing of these files is at work; `report` is told how many items have settled of those seen.

    `check` is called before each wait, and what it raises ends the waiting.
    """
    left = list(file_ids)
    most = 0  # a container's documents appear as it is unpacked
    while left:
        unsettled: dict[int, int] = {}
        for page in _pages(left):
            unsettled |= _unsettled(services.database, page)
        count = sum(unsettled.values())
        most = max(most, count)
        report(Progress("settling", most - count, most))
        left = list(unsettled)
        if left:
            check()
            wait(_POLL_SECONDS)


def settled(database: Database, registered: Registered, *, with_failures: bool) -> Settled:
    """What has become of these files so far; with failures, up to a hundred of what had not ended before."""
    return database.run(_settled, registered, with_failures)


def is_worked_on(database: Database, settings: Settings, file_ids: Sequence[int]) -> bool:
    """Whether these files settle by themselves: a worker runs, or nothing of them is left to do."""
    alive = database.run(processes.look, settings).processes
    return any(one.role == Role.WORKER and processes.is_fresh(one, settings) for one in alive) or not _unfinished(
        database, file_ids
    )


def _register(services: Services, path: Path, found: _Found, activity: Activity) -> None:
    def unreadable(folder: str, error: OSError) -> None:
        found.errors[folder] = TransientError(unreadable_message(folder, error))

    is_named = path.is_file()
    names = names_with(services.settings.ignored_names)
    for group in _groups(scan(path.absolute(), unreadable=unreadable, left_alone=found.left, names=names)):
        old = known(services, group, with_bytes=is_named)
        accepted = accept(services, [seen_file for seen_file in group if seen_file.path not in old])
        taken, left_out = services.database.run(_files_at, old)
        found.file_ids |= dict.fromkeys(accepted.file_ids) | dict.fromkeys(taken)
        found.errors |= accepted.errors | left_out
        found.new |= accepted.new
        found.copies += len(group) - len(old) - len(accepted.errors) - len(accepted.new)
        found.known += len(taken)
        activity.advance(len(group))


def _files_at(connection: Connection, paths: Iterable[str]) -> tuple[list[int], dict[str, NewsmillError]]:
    """What was taken before under these very paths: to wait for it is what the caller means; and what was left out."""
    taken: list[int] = []
    left_out: dict[str, NewsmillError] = {}
    for path in sorted(paths):
        at = tombstones.left_out_since(connection, path_text(path))
        if at is not None:
            left_out[path] = forgotten_error(path, at)
        else:
            taken += lookups.files_of_path(connection, path_text(path))[-1:]
    return taken, left_out


def _groups(seen_files: Iterator[SeenFile]) -> Iterator[list[SeenFile]]:
    while group := list(islice(seen_files, _GROUP_FILES)):
        yield group


def _not_taken(path: str, error: NewsmillError) -> NotTaken:
    return NotTaken(path_text(path), str(error) or path_text(path), isinstance(error, ForgottenError))


def _empty_folder(folder: Path) -> EmptyFolder:
    count, names = 0, list[str]()
    for place, folders, files, opened in os.fwalk(folder):  # by descriptors: no folder becomes a link meanwhile
        passed = {name for name in folders if name.startswith(".") or _is_link(name, opened)}
        folders[:] = sorted(set(folders) - passed)
        count += len(passed) + len(files)
        more = _LEFT_OUT_NAMED - len(names)
        names += [os.path.relpath(os.path.join(place, name), folder) for name in sorted({*passed, *files})[:more]]
    return EmptyFolder(str(folder), count, tuple(names))


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return True


def _settled(connection: Connection, registered: Registered, with_failures: bool) -> Settled:
    ended = [file_id for file_id in registered.file_ids if file_id not in registered.unfinished]
    return Settled(
        lookups.outcomes_of(connection, registered.file_ids),
        tuple(lookups.reasons_of(connection, list(registered.unfinished)) if with_failures else ()),
        lookups.outcomes_of(connection, ended).get(Outcome.FAILED, 0),
        tuple(accounts(connection, registered.file_ids)[:_CONTAINERS_TOLD]),
    )


def _unfinished(database: Database, file_ids: Sequence[int]) -> frozenset[int]:
    return frozenset(file_id for page in _pages(file_ids) for file_id in _unsettled(database, page))


def _pages(file_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (file_ids[start : start + _PAGE_FILES] for start in range(0, len(file_ids), _PAGE_FILES))


def _unsettled(database: Database, page: Sequence[int]) -> dict[int, int]:
    return database.run(lookups.unsettled, page, retry_seconds=_RETRY_SECONDS)
