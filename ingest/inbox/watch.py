"""Watches the inbox: hands on every finished file once, soon, and never half."""

import errno
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from ingest.filesystems import forget_devices, is_local_device
from ingest.inbox.backlog import Backlog, Known
from ingest.inbox.events import FolderEvent, FolderWatches
from ingest.inbox.files import FileStat, SeenFile, look
from ingest.inbox.names import Names, names_with, printable
from ingest.inbox.retries import Retries
from ingest.inbox.scan import folders, log_unreadable, scan
from ingest.inbox.stability import Stability
from newsmill.paths import LISTABLE, opened_folder

__all__ = ["WAITING_LIMIT", "Unreadable", "watch"]

Unreadable = Callable[[str, OSError | None], None]
"""Called once when a folder, or a part of it, cannot be read, and with None when it can be again, or is gone."""

WAITING_LIMIT = 50_000
"""How many files may wait to be finished, about 25 MB; the rest is left to the next scan."""

_STOP_CHECK_SECONDS = 0.1  # also how soon a deleted or replaced inbox is noticed
_FRESH_LIMIT = 1000  # while more than these wait, a bulk load goes on
_RECENT_LIMIT = 10_000  # handed on lately, to tell what an event and a scan both report
_LOCKED_LIMIT = 1000  # folders that cannot be read and are known by name
_INOTIFY_ADVICE = {
    errno.ENOSPC: "; raise the sysctl fs.inotify.max_user_watches",
    errno.EMFILE: "; raise the sysctl fs.inotify.max_user_instances",
}
_logger = logging.getLogger(__name__)


def watch(
    inbox: Path,
    *,
    quiet_ms: float,
    settle_seconds: float,
    rescan_seconds: float,
    group_limit: int,
    stop: threading.Event,
    known: Known = lambda _: set(),
    unreadable: Unreadable | None = None,
    retries: Retries | None = None,
    rescan: threading.Event | None = None,
    polling: bool = False,
    waiting_limit: int = WAITING_LIMIT,
    names: Names | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[SeenFile]]:
    """Yields groups of 1 to `group_limit` finished files in and below the inbox, as soon as there are any, till `stop`.

    A file comes again only when its stat changed, or when `retries` has a note that it could not be accepted. Files of
    a scan are first shown to `known`, at most 1,000 at a time: it returns the paths that this or an earlier process
    accepted with that very stat. `rescan` asks for a scan. Memory is bounded: a scan finds what comes faster than it is
    taken. Where events are not reliable, scans follow each other every `settle_seconds`, or take half of the time if
    that is longer: with `polling`, on file systems of other machines, and when the limits of inotify are reached. See
    `scan` and `Stability` for which files are taken and when.
    """
    watcher = _Watcher(
        os.path.abspath(inbox),
        known,
        unreadable or _log_unreadable,
        retries or Retries(base_seconds=settle_seconds, max_seconds=rescan_seconds, clock=clock),
        quiet_seconds=quiet_ms / 1000,
        settle_seconds=settle_seconds,
        rescan_seconds=rescan_seconds,
        group_limit=group_limit,
        polling=polling,
        waiting_limit=waiting_limit,
        names=names or names_with(),
        clock=clock,
    )
    try:
        while not stop.is_set():
            if rescan is not None and rescan.is_set():
                rescan.clear()
                watcher.ask_for_scan()
            group = watcher.run_once(_STOP_CHECK_SECONDS)
            if group:
                yield group
    finally:
        watcher.close()


class _Watcher:
    """The state of one `watch`. Events and scans feed its `Stability`, which tells which files are finished."""

    def __init__(
        self,
        inbox: str,
        known: Known,
        unreadable: Unreadable,
        retries: Retries,
        *,
        quiet_seconds: float,
        settle_seconds: float,
        rescan_seconds: float,
        group_limit: int,
        polling: bool,
        waiting_limit: int,
        names: Names,
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._settle_seconds = settle_seconds
        self._rescan_seconds = rescan_seconds
        self._group_limit = group_limit
        self._without_events = polling
        self._waiting_limit = waiting_limit
        self._names = names
        self._clock = clock
        self._report = unreadable
        self._retries = retries
        self._stability = Stability(quiet_seconds=quiet_seconds, settle_seconds=settle_seconds, root=inbox)
        walk = partial(scan, root=inbox, entering=self._enter, unreadable=self._unreadable, names=names)
        self._backlog = Backlog(walk, self._stability, known, waiting_limit=waiting_limit, clock=clock)
        self._watches: FolderWatches | None = None
        self._identity: tuple[int, int] | None = None
        self._polling = False
        self._scanning = False
        self._asked = False
        self._scan_began = self._next_scan = clock()
        self._recent: OrderedDict[str, FileStat] = OrderedDict()
        self._told: set[str] = set()
        self._locked: dict[str, int | None] = {}  # the folders that were reported, with the errno
        self._locked_in_scan: set[str] = set()
        self._check_locked_at = clock()

    def ask_for_scan(self) -> None:
        """Asks for a scan of the whole inbox as soon as the present one is over."""
        self._asked = True

    def run_once(self, wait_seconds: float) -> list[SeenFile]:
        """Returns finished files, fresh ones first; none after at most `wait_seconds`, or while there is more to do."""
        self._look_after_inbox()
        self._look_after_locked()
        self._receive(0)
        group = self._not_recent(self._stability.due(self._clock(), self._group_limit))
        if not group:
            group = self._retried()
        if not group:
            group = self._not_recent(self._backlog.take(self._group_limit))
        if not group and self._backlog.has_to_wait:
            self._receive(self._idle_seconds(wait_seconds))
        return group

    def close(self) -> None:
        """Ends the watches."""
        if self._watches is not None:
            self._watches.close()
            self._watches = None

    def _look_after_inbox(self) -> None:
        """Begins a scan when it is time, and new watches when events were lost or the inbox is another folder."""
        identity = self._identify_inbox()
        if self._scanning and not self._backlog.is_scanning_all:
            self._end_scan()
        if identity is None:
            self._identity = None
            return
        watches = self._watches
        lost = watches is not None and watches.lost_root
        # Not while the flood goes on, which would leave no room for what a scan finds.
        there_is_room = self._backlog.is_empty and len(self._stability) < self._waiting_limit // 2
        missed = watches is not None and watches.overflowed and there_is_room
        if missed:
            _logger.warning("events of %s were lost in a flood of them, so all of it is scanned now", self._inbox)
        if identity != self._identity or lost or missed:
            self.close()
            self._identity = identity
            self._begin_scan()
        elif not self._scanning and (self._asked or self._clock() >= self._next_scan or self._retries.wants_scan()):
            self._begin_scan()

    def _identify_inbox(self) -> tuple[int, int] | None:
        try:
            result = os.stat(os.path.join(self._inbox, ""))  # with the slash only a folder will do
        except OSError as error:
            self._tell(self._inbox, "inbox %s is not there, waiting for it: %s", self._inbox, error.strerror)
            return None
        self._told.discard(self._inbox)
        return result.st_dev, result.st_ino

    def _begin_scan(self) -> None:
        self._scanning = True
        self._asked = False
        self._scan_began = self._clock()
        self._recent.clear()
        self._locked_in_scan.clear()
        forget_devices()
        fresh_files = self._group_limit if self._polling else 0
        self._polling = self._without_events
        if self._watches is None and not self._without_events:
            try:
                self._watches = FolderWatches(self._inbox, self._names)
            except OSError as error:
                self._cannot_watch(error)
        # Folders come first, so that a fresh file is noticed wherever it is dropped while a long scan goes on.
        self._enter_all(self._inbox)
        self._backlog.scan_all(self._inbox, fresh_files)

    def _end_scan(self) -> None:
        self._scanning = False
        for folder in self._locked.keys() - self._locked_in_scan:
            self._unlock(folder)
        now = self._clock()
        # While polling, scans take half of the time at most.
        wait = max(self._settle_seconds, now - self._scan_began) if self._polling else self._rescan_seconds
        self._next_scan = now + wait

    def _receive(self, wait_seconds: float) -> None:
        if self._watches is None:
            time.sleep(wait_seconds)
            return
        for event, path in self._watches.events(wait_seconds):
            if event is FolderEvent.FOLDER_MADE or event is FolderEvent.FOLDER_MOVED_IN:
                self._folder_came(self._watches, path, moved=event is FolderEvent.FOLDER_MOVED_IN)
            elif len(self._stability) >= self._waiting_limit:
                self._watches.overflowed = True
            else:
                take = self._stability.closed if event is FolderEvent.CLOSED else self._stability.created
                take(path, self._clock(), fresh=len(self._stability) < _FRESH_LIMIT)

    def _folder_came(self, watches: FolderWatches, folder: str, *, moved: bool) -> None:
        """Watches a new folder and then scans it: files that were written right after it was made give no event."""
        if moved:
            watches.forget(folder)
        elif not self._enter(folder):
            return
        self._enter_all(folder)
        if not self._backlog.add_folder(folder, fresh_files=self._group_limit):
            watches.overflowed = True

    def _enter_all(self, top: str) -> None:
        for folder in folders(top, self._unreadable, self._names, root=self._inbox):
            self._enter(folder)

    def _enter(self, folder: str) -> bool:
        """Watches the folder. Returns False if it was watched before."""
        if self._watches is None:
            return False
        try:
            with opened_folder(self._inbox, folder) as opened:
                if not self._polling and not is_local_device(opened, os.fstat(opened).st_dev):
                    self._cannot_trust_events(folder)
                return self._watches.watch(folder, opened)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno in (errno.EACCES, errno.ENAMETOOLONG):
                self._unreadable(folder, error)
            else:
                self._cannot_watch(error)
        return True

    def _retried(self) -> list[SeenFile]:
        """Returns what could not be taken before, as it was, even if it is gone. What changed waits to be stable."""
        group = []
        for seen_file in self._retries.due(self._group_limit):
            if seen_file.path in self._stability:
                self._retries.forget(seen_file.path)
                self._recent.pop(seen_file.path, None)  # it comes from there, also as it was when it was handed on
                continue
            result = look(seen_file.path, self._inbox)
            if result is None or FileStat.of(result) == seen_file.stat:
                group.append(seen_file)
            else:
                self._stability.found(replace(seen_file, stat=FileStat.of(result)), self._clock())
        return group

    def _not_recent(self, group: list[SeenFile]) -> list[SeenFile]:
        fresh = [seen_file for seen_file in group if self._recent.get(seen_file.path) != seen_file.stat]
        for seen_file in fresh:
            self._recent[seen_file.path] = seen_file.stat
            self._recent.move_to_end(seen_file.path)
        while len(self._recent) > _RECENT_LIMIT:
            self._recent.popitem(last=False)
        return fresh

    def _idle_seconds(self, wait_seconds: float) -> float:
        times = [] if self._identity is None else [self._next_scan]
        times += [due for due in (self._stability.next_due(), self._retries.next_due()) if due is not None]
        return max(0.0, min([wait_seconds, *(moment - self._clock() for moment in times)]))

    def _unreadable(self, folder: str, error: OSError) -> None:
        if folder in self._locked or len(self._locked) < _LOCKED_LIMIT:
            self._locked_in_scan.add(folder)
            if folder not in self._locked:
                self._locked[folder] = error.errno
                self._report(folder, error)

    def _look_after_locked(self) -> None:
        """Scans a locked folder as soon as it may be read, since no event tells that."""
        if not self._locked or self._clock() < self._check_locked_at:
            return
        self._check_locked_at = self._clock() + self._settle_seconds
        for folder in [folder for folder, number in self._locked.items() if number == errno.EACCES]:
            try:
                with opened_folder(self._inbox, folder, LISTABLE) as opened:  # may it be listed
                    os.stat(os.curdir, dir_fd=opened)  # may it be entered
            except (FileNotFoundError, NotADirectoryError):
                self._unlock(folder)
            except OSError:
                continue
            else:
                self._unlock(folder)
                self._enter_all(folder)
                self._asked |= not self._backlog.add_folder(folder, fresh_files=self._group_limit)

    def _unlock(self, folder: str) -> None:
        del self._locked[folder]
        self._report(folder, None)

    def _cannot_watch(self, error: OSError) -> None:
        self._polling = True
        self._tell(
            "inotify",
            "inotify cannot watch all of %s, so it is scanned every %s seconds: %s%s",
            self._inbox,
            self._settle_seconds,
            error.strerror or error,
            _INOTIFY_ADVICE.get(error.errno or 0, ""),
        )

    def _cannot_trust_events(self, folder: str) -> None:
        self._polling = True
        self._tell(
            "remote",
            "%s is not on a local disk, what other machines write there is not reported: "
            "the inbox is scanned every %s seconds",
            printable(folder),
            self._settle_seconds,
        )

    def _tell(self, topic: str, message: str, *values: object) -> None:
        if topic not in self._told:
            self._told.add(topic)
            _logger.warning(message, *values)


def _log_unreadable(folder: str, error: OSError | None) -> None:
    if error is not None:
        log_unreadable(folder, error)
