"""Watching the inbox: every file that is finished being written is handed on once, soon, and never half."""

import errno
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ingest.backlog import Backlog, Known
from ingest.files import FileStat, Sighted, folders, log_unreadable, scan
from ingest.inotify import FolderWatches, Happening
from ingest.settling import Settling

__all__ = ["watch"]

_STOP_CHECK_SECONDS = 0.1  # also how soon it is noticed that the inbox itself was deleted or replaced
_WAITING_LIMIT = 50_000  # files that wait to be finished, about 25 MB; the rest is left to the next scan
_FRESH_LIMIT = 1000  # while more than these wait, somebody drops in bulk
_RECENT_LIMIT = 10_000  # handed on lately: what an event and a scan both report is told by it
_TOLD_LIMIT = 1000
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
    rescan: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[Sighted]]:
    """Groups of 1 to `group_limit` finished files in and below the inbox, as soon as there are any, till `stop`.

    A file is yielded again only when its stat changed. What scans find is first shown to `known`, a page of at most
    1,000 at a time: the paths it returns were accepted with that very stat before (by this or an earlier process).
    Whoever could not accept a file sets `rescan` to get it once more, or waits for the next scan. Memory is bounded:
    what comes faster than it is taken is left to a scan. See `scan` and `Settling` for which files are taken and when.
    """
    watcher = _Watcher(
        os.path.abspath(inbox),
        known,
        quiet_seconds=quiet_ms / 1000,
        settle_seconds=settle_seconds,
        rescan_seconds=rescan_seconds,
        group_limit=group_limit,
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
    """The state of one `watch`: events and scans feed `settling`, which says what is finished."""

    def __init__(
        self,
        inbox: str,
        known: Known,
        *,
        quiet_seconds: float,
        settle_seconds: float,
        rescan_seconds: float,
        group_limit: int,
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._settle_seconds = settle_seconds
        self._rescan_seconds = rescan_seconds
        self._group_limit = group_limit
        self._clock = clock
        self._settling = Settling(quiet_seconds=quiet_seconds, settle_seconds=settle_seconds)
        walk = partial(scan, entering=self._enter, unreadable=self._unreadable)
        self._backlog = Backlog(walk, self._settling, known, waiting_limit=_WAITING_LIMIT, clock=clock)
        self._watches: FolderWatches | None = None
        self._identity: tuple[int, int] | None = None
        self._polling = False
        self._scanning = False
        self._asked = False
        self._scan_began = self._next_scan = clock()
        self._recent: OrderedDict[str, FileStat] = OrderedDict()
        self._told: set[str] = set()

    def ask_for_scan(self) -> None:
        """Scan the whole inbox as soon as the present scan is over."""
        self._asked = True

    def run_once(self, wait_seconds: float) -> list[Sighted]:
        """Finished files, fresh ones first; an empty list after at most `wait_seconds`, or when there is more to do."""
        self._look_after_inbox()
        self._receive(0)
        group = self._not_recent(self._settling.due(self._clock(), self._group_limit))
        if not group:
            group = self._not_recent(self._backlog.take(self._group_limit))
        if not group and self._backlog.has_to_wait:
            self._receive(self._idle_seconds(wait_seconds))
        return group

    def close(self) -> None:
        """End the watches."""
        if self._watches is not None:
            self._watches.close()
            self._watches = None

    def _look_after_inbox(self) -> None:
        """Begin a scan when it is time, and everything anew when events were lost or the inbox is another folder."""
        identity = self._identify_inbox()
        if self._scanning and not self._backlog.is_scanning_all:
            self._end_scan()
        if identity is None:
            self._identity = None
            return
        watches = self._watches
        lost = watches is not None and watches.lost_root
        # Not while the flood goes on: there would be no room for what a scan finds.
        there_is_room = self._backlog.is_empty and len(self._settling) < _WAITING_LIMIT // 2
        missed = watches is not None and watches.overflowed and there_is_room
        if identity != self._identity or lost or missed:
            self.close()
            self._identity = identity
            self._begin_scan()
        elif (self._asked or self._clock() >= self._next_scan) and not self._scanning:
            self._begin_scan()

    def _identify_inbox(self) -> tuple[int, int] | None:
        try:
            result = os.stat(os.path.join(self._inbox, ""))  # the slash: nothing but a folder will do
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
        fresh_files = self._group_limit if self._polling else 0
        self._polling = False
        if self._watches is None:
            try:
                self._watches = FolderWatches(self._inbox)
            except OSError as error:
                self._cannot_watch(error)
        # The folders first, so that a fresh file is noticed wherever it is dropped while a long scan goes on.
        self._enter_all(self._inbox)
        self._backlog.scan_all(self._inbox, fresh_files)

    def _end_scan(self) -> None:
        self._scanning = False
        now = self._clock()
        # While polling, half of the time goes to scans at most.
        wait = max(self._settle_seconds, now - self._scan_began) if self._polling else self._rescan_seconds
        self._next_scan = now + wait

    def _receive(self, wait_seconds: float) -> None:
        if self._watches is None:
            time.sleep(wait_seconds)
            return
        for happening, path in self._watches.happenings(wait_seconds):
            if happening is Happening.FOLDER_MADE or happening is Happening.FOLDER_MOVED_IN:
                self._folder_came(self._watches, path, moved=happening is Happening.FOLDER_MOVED_IN)
            elif len(self._settling) >= _WAITING_LIMIT:
                self._watches.overflowed = True
            else:
                take = self._settling.closed if happening is Happening.CLOSED else self._settling.created
                take(path, self._clock(), fresh=len(self._settling) < _FRESH_LIMIT)

    def _folder_came(self, watches: FolderWatches, folder: str, *, moved: bool) -> None:
        """Files written right after their folder was made give no event: watch it first, then scan it."""
        if moved:
            watches.forget(folder)
        elif watches.is_watched(folder):
            return
        self._enter_all(folder)
        if not self._backlog.add_folder(folder, fresh_files=self._group_limit):
            watches.overflowed = True

    def _enter_all(self, root: str) -> None:
        for folder in folders(root, self._unreadable):
            self._enter(folder)

    def _enter(self, folder: str) -> None:
        if self._watches is None:
            return
        try:
            self._watches.watch(folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        except PermissionError as error:
            self._unreadable(folder, error)
        except OSError as error:
            self._cannot_watch(error)

    def _not_recent(self, group: list[Sighted]) -> list[Sighted]:
        fresh = [sighted for sighted in group if self._recent.get(sighted.path) != sighted.stat]
        for sighted in fresh:
            self._recent[sighted.path] = sighted.stat
            self._recent.move_to_end(sighted.path)
        while len(self._recent) > _RECENT_LIMIT:
            self._recent.popitem(last=False)
        return fresh

    def _idle_seconds(self, wait_seconds: float) -> float:
        times = [] if self._identity is None else [self._next_scan]
        if (next_due := self._settling.next_due()) is not None:
            times.append(next_due)
        return max(0.0, min([wait_seconds, *(moment - self._clock() for moment in times)]))

    def _unreadable(self, folder: str, error: OSError) -> None:
        if folder not in self._told and len(self._told) < _TOLD_LIMIT:
            self._told.add(folder)
            log_unreadable(folder, error)

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

    def _tell(self, topic: str, message: str, *values: object) -> None:
        if topic not in self._told:
            self._told.add(topic)
            _logger.warning(message, *values)
