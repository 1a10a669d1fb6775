"""`newsmill ingest`: registers files and folders, and waits for them if asked to."""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import sleep
from typing import IO

from rich.console import Console
from rich.progress import Progress

from console.cli.pause import tell_what_is_paused
from console.cli.printing import counted, print_json, visible
from console.cli.progress import progress_on
from console.processes.opening import opened_services
from console.processes.supervisor import running_roles
from console.servers.process import try_lock
from console.services.pauses import paused
from db import processes
from db.erasure import tombstones
from db.reads import lookups
from ingest.inbox.files import SeenFile
from ingest.inbox.names import path_text
from ingest.inbox.scan import scan, unreadable_message
from newsmill.errors import NewsmillError, TransientError
from newsmill.settings import Settings
from worker.app import app
from worker.intake.accept import ForgottenError, IntakePausedError, accept, forgotten_error, known
from worker.services import Services

__all__ = ["run_ingest", "wait_until_settled"]

_GROUP_FILES = 200
_POLL_SECONDS = 0.2
_PAGE_FILES = 5000
_FORGOTTEN_NAMED = 5
_LEFT_OUT_NAMED = 5


@dataclass(slots=True)
class _Registered:
    """Ids of the files, what went wrong by path, and the folders in which there was nothing to take."""

    file_ids: dict[int, None] = field(default_factory=dict)
    errors: dict[str, NewsmillError] = field(default_factory=dict)
    empty: list[Path] = field(default_factory=list)


def run_ingest(
    settings: Settings, paths: Sequence[Path], *, wait: bool, as_json: bool, out: Console, err: Console
) -> int:
    """Registers the paths; the exit code is 1 if a file could not be taken or, with `wait`, if a document failed.

    Raises IntakePausedError before anything is registered while intake is paused.
    Waiting uses the workers of a running mill if one answers, else brings its own; those log to `workers.log` in the
    home folder.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        log = stack.enter_context(_opened_log(settings.home / "workers.log"))
        supervisor = stack.enter_context(running_roles(settings, ["worker", "sweep"], output=log))
        services = stack.enter_context(opened_services(settings, "ingest"))
        if wait and not app.control.ping(timeout=1.0, limit=1):
            stack.enter_context(supervisor.in_background())
        with progress_on(err) as progress:
            registered = _register(services, paths, progress)
            file_ids, errors = list(registered.file_ids), registered.errors
            if wait:
                tell_what_is_paused(paused(services.database), err)
                wait_until_settled(services, file_ids, _report_to(progress))
        for message in [*map(_nothing_in, registered.empty), *_messages(errors)]:
            err.print(f"newsmill: {visible(message)}", markup=False, soft_wrap=True)
        with services.database.transaction() as connection:
            outcomes = lookups.outcomes_of(connection, file_ids)
            reasons = lookups.reasons_of(connection, file_ids) if wait else []
        told = "" if as_json or wait else _what_comes(services, file_ids)
    for _, reason in reasons:
        err.print(f"newsmill: {visible(reason)}", markup=False, soft_wrap=True)
    if as_json:
        print_json(
            {
                "files": len(file_ids),
                "documents": sum(outcomes.values()),
                "by_outcome": {outcome or "unfinished": count for outcome, count in outcomes.items()},
                "errors": {path_text(path): str(error) for path, error in errors.items()} | dict(reasons),
            }
        )
    else:
        out.print(_summary(len(file_ids), outcomes, told), soft_wrap=True)
    return 1 if errors or (wait and reasons) else 0


@contextmanager
def _opened_log(path: Path) -> Iterator[IO[bytes]]:
    """Begun anew by the first ingest; one beside it appends. What documents say of themselves is for their owner."""
    with open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as log:
        with suppress(OSError):  # a file system without locks
            if try_lock(log.fileno()):
                log.truncate(0)
            fcntl.flock(log, fcntl.LOCK_SH)
        yield log


def _messages(errors: Mapping[str, NewsmillError]) -> list[str]:
    """Each error once; of forgotten files, of which a folder may be full after `newsmill prune`, only some."""
    left_out = [str(error) for error in errors.values() if isinstance(error, ForgottenError)]
    others = [str(error) or path for path, error in errors.items() if not isinstance(error, ForgottenError)]
    more = len(left_out) - _FORGOTTEN_NAMED
    rest = [f"… and {more:,} more files left out, as their bytes were forgotten"] if more > 0 else []
    return [*dict.fromkeys(others), *left_out[:_FORGOTTEN_NAMED], *rest]


def wait_until_settled(services: Services, file_ids: Iterable[int], report: Callable[[int], None]) -> None:
    """Returns once nothing of these files is at work; `report` is told how many items still are."""
    left = list(file_ids)
    while left:
        unsettled: dict[int, int] = {}
        for page in _pages(left):
            unsettled |= _unsettled(services, page)
        report(sum(unsettled.values()))
        left = list(unsettled)
        if left:
            sleep(_POLL_SECONDS)


def _pages(file_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (file_ids[start : start + _PAGE_FILES] for start in range(0, len(file_ids), _PAGE_FILES))


def _what_comes(services: Services, file_ids: Sequence[int]) -> str:
    with services.database.transaction() as connection:
        alive = processes.look(connection, services.settings).processes
    if any(one.role == "worker" and processes.is_fresh(one, services.settings) for one in alive) or not any(
        _unsettled(services, page) for page in _pages(file_ids)
    ):
        return "`newsmill status` tells where they stand"
    return "no worker runs: start `newsmill up`, or say --wait"


def _unsettled(services: Services, page: Sequence[int]) -> dict[int, int]:
    def read() -> dict[int, int]:
        with services.database.transaction() as connection:
            return lookups.unsettled(connection, page)

    return services.database.retrying(read, seconds=300)


def _register(services: Services, paths: Sequence[Path], progress: Progress) -> _Registered:
    done = _Registered()

    def unreadable(folder: str, error: OSError) -> None:
        done.errors[folder] = TransientError(unreadable_message(folder, error))

    task = progress.add_task("registering", total=None)
    for path in paths:
        before = progress.tasks[task].completed, len(done.errors)
        is_named = path.is_file()
        try:
            for group in _groups(scan(path.absolute(), unreadable=unreadable)):
                old = known(services, group, with_bytes=is_named)
                accepted = accept(services, [seen_file for seen_file in group if seen_file.path not in old])
                taken, left_out = _files_at(services, old)
                done.file_ids |= dict.fromkeys(accepted.file_ids) | dict.fromkeys(taken)
                done.errors |= accepted.errors | left_out
                progress.advance(task, len(group))
        except IntakePausedError:
            raise
        except NewsmillError as error:
            done.errors[str(path)] = error
        if before == (progress.tasks[task].completed, len(done.errors)):
            done.empty.append(path)
    progress.update(task, total=progress.tasks[task].completed)
    return done


def _nothing_in(folder: Path) -> str:
    """What is in a folder in which there was nothing to take; some of it by name."""
    count, named = 0, list[str]()
    for place, folders, files in os.walk(folder):
        passed = {name for name in folders if name.startswith(".") or os.path.islink(os.path.join(place, name))}
        folders[:] = sorted(set(folders) - passed)
        count += len(passed) + len(files)
        more = _LEFT_OUT_NAMED - len(named)
        named += [os.path.relpath(os.path.join(place, name), folder) for name in sorted({*passed, *files})[:more]]
    if not count:
        return f"nothing to take in {folder}: it is empty"
    rest = " …" if count > len(named) else ""
    return (
        f"nothing to take in {folder} ({count:,} left out: {', '.join(named)}{rest}): dotfiles, unfinished downloads,"
        " symlinks and devices are left alone"
    )


def _files_at(services: Services, paths: Iterable[str]) -> tuple[list[int], dict[str, NewsmillError]]:
    """What was taken before under these very paths: to wait for it is what the caller means; and what was left out."""
    taken: list[int] = []
    left_out: dict[str, NewsmillError] = {}
    with services.database.transaction() as connection:
        for path in sorted(paths):
            at = tombstones.left_out_since(connection, path_text(path))
            if at is not None:
                left_out[path] = forgotten_error(path, at)
            else:
                taken += lookups.files_of_path(connection, path_text(path))[-1:]
    return taken, left_out


def _groups(seen_file: Iterator[SeenFile]) -> Iterator[list[SeenFile]]:
    while group := list(islice(seen_file, _GROUP_FILES)):
        yield group


def _report_to(progress: Progress) -> Callable[[int], None]:
    task = progress.add_task("settling", total=None)
    most = 0

    def report(left: int) -> None:
        nonlocal most  # a container's documents appear as it is unpacked
        most = max(most, left)
        progress.update(task, total=most, completed=most - left)

    return report


def _summary(files: int, outcomes: dict[str, int], told: str) -> str:
    documents = sum(outcomes.values())
    if told:
        return f"{counted(files, 'file')} registered, {counted(documents, 'document')} so far; {told}"
    named = {outcome.replace("_", " ") or "unfinished": count for outcome, count in outcomes.items()}
    parts = ", ".join(f"{count:,} {name}" for name, count in named.items() if count)
    return f"{counted(files, 'file')}, {counted(documents, 'document')}: {parts or 'none'}"
