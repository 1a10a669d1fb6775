"""The intake loop writes into the ledger what the watcher of the inbox finds. It tries until told to stop."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic
from typing import TypeVar

import structlog

from db.sessions import DatabaseUnavailableError
from ingest.blobs.store import StagedBlob
from ingest.inbox.files import SeenFile, VanishedError
from ingest.inbox.names import path_text
from ingest.inbox.retries import Retries
from ingest.inbox.scan import unreadable_message
from newsmill.errors import NewsmillError, TransientError
from worker.intake.accept import (
    ForgottenError,
    IntakePausedError,
    accept,
    known,
    note_folder,
    note_stop,
    stage_alone,
)
from worker.intake.copier import LARGE_BYTES, Copier
from worker.services import Services

__all__ = ["IntakeLoop"]

log = structlog.get_logger(__name__)

T = TypeVar("T")
_NOTE_SECONDS = 60.0
_TOLD_LIMIT = 10_000  # paths whose last logged error is remembered


class IntakeLoop:
    """Answers the questions of `ingest.inbox.watch.watch` and takes the files that it hands on.

    While the database is away, the disk is full or intake is paused, each call waits, logs the reason once, and goes on
    by itself. What is not told elsewhere, as the full disk, is noted in the ledger for `status` and `health`. A file
    that cannot be taken is noted in `retries`, and is logged when its reason changes.
    """

    def __init__(
        self,
        services: Services,
        stop: Event,
        retries: Retries,
        *,
        check_seconds: float = 1.0,
        large_bytes: int = LARGE_BYTES,
    ) -> None:
        self._services = services
        self._stop = stop
        self._retries = retries
        self._check_seconds = check_seconds
        self._told: OrderedDict[str, str] = OrderedDict()
        self._large_bytes = large_bytes
        self._copier: Copier | None = None

    def known(self, seen: Sequence[SeenFile]) -> set[str]:
        """Returns the known paths (see `worker.intake.accept.known`). When told to stop, all paths count as known."""
        answer = self._insist(lambda: known(self._services, seen))
        return {seen_file.path for seen_file in seen} if answer is None else answer

    def unreadable(self, folder: str, error: OSError | None) -> None:
        """Notes and logs that a folder cannot be read, or with None that it can be read again or is gone."""
        if error is None:
            log.info("folder is left out no more", folder=path_text(folder))
        else:
            log.warning(unreadable_message(folder, error))
        self._insist(lambda: note_folder(self._services, folder, error))

    def take(self, group: Sequence[SeenFile]) -> None:
        """Takes a group in. Files that could not be taken come again, and large ones when they are copied."""
        small = [seen_file for seen_file in group if seen_file.stat.size_bytes < self._large_bytes]
        copied = self._copied([seen_file for seen_file in group if seen_file.stat.size_bytes >= self._large_bytes])
        group = [*small, *(seen_file for seen_file, _ in copied)]
        if not group:
            return
        staged = {seen_file.path: result for seen_file, result in copied}
        accepted = self._insist(lambda: accept(self._services, group, staged))
        if accepted is None:
            return
        # A vanished file causes an event when it is back. Any other failed file has to be looked at again.
        final = (VanishedError, ForgottenError)
        failed = {path for path, error in accepted.errors.items() if not isinstance(error, final)}
        self._retries.note(group, failed)
        for seen_file in group:
            self._tell(seen_file.path, accepted.errors.get(seen_file.path))

    def _copied(self, large: Sequence[SeenFile]) -> list[tuple[SeenFile, StagedBlob | NewsmillError]]:
        """Returns those that are copied, with their copy or why there is none; has the others copied."""
        if not large:
            return []
        if self._copier is None:
            self._copier = Copier(self._services.blobs, self._copy, self._retries.again)
        copied = []
        for seen_file in large:
            result = self._copier.take(seen_file)
            if result is not None:
                copied.append((seen_file, result))
            elif not self._copier.begin(seen_file):
                self._retries.note([seen_file], {seen_file.path})
        return copied

    def _copy(self, seen_file: SeenFile) -> StagedBlob | NewsmillError | None:
        return self._insist(lambda: stage_alone(self._services, seen_file))

    def _insist(self, call: Callable[[], T]) -> T | None:
        """Calls until no TransientError comes, and returns the result; None when told to stop before that."""
        told, noted_at = "", float("-inf")
        while not self._stop.is_set():
            try:
                result = call()
            except TransientError as error:
                changed = str(error) != told
                if changed:  # a pause may last for days, so its reason is logged once
                    told = str(error)
                    log.warning("intake waits", reason=told)
                if changed or monotonic() > noted_at + _NOTE_SECONDS:
                    noted_at = monotonic()
                    self._note_stop(error)
                self._stop.wait(self._check_seconds)
            else:
                if told:
                    log.info("intake goes on")
                    self._note_stop(None)
                return result
        return None

    def _note_stop(self, error: TransientError | None) -> None:
        """A pause is in the ledger already; while the database is away, everybody learns that who asks it."""
        if isinstance(error, IntakePausedError | DatabaseUnavailableError):
            return
        try:
            note_stop(self._services, error)
        except DatabaseUnavailableError:  # it has gone meanwhile, and the next call says so
            log.info("what intake waits for could not be noted")

    def _tell(self, path: str, error: NewsmillError | None) -> None:
        before = self._told.pop(path, None)
        if error is None:
            return
        if isinstance(error, VanishedError | ForgottenError):
            log.info(str(error), file=path_text(path))
            return
        self._told[path] = str(error)
        if str(error) != before:
            log.warning(str(error), file=path_text(path), error=type(error).__name__)
        if len(self._told) > _TOLD_LIMIT:
            self._told.popitem(last=False)
