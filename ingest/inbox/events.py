"""What Linux reports about a folder and the folders below it, through watchdog's InotifyFD.

It is not InotifyObserver, which searches its queue for the other half of every move: 3,000 files that were moved in at
once took 1.1 s, 12,000 took 12 s, and more lost events. InotifyFD takes 13 µs a file.
"""

import errno
import itertools
import os
import queue
from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from ingest.inbox.names import is_wanted

__all__ = ["FolderEvent", "FolderWatches"]

_QUEUE_LIMIT = 50_000  # events; a scan finds what a flood brings beyond it
_BATCH = 1000


class FolderEvent(Enum):
    """What happened to a path."""

    CLOSED = auto()
    """A writer closed the file, or it was moved in."""
    CREATED = auto()
    """The file was created, or linked."""
    FOLDER_MADE = auto()
    FOLDER_MOVED_IN = auto()


class FolderWatches:
    """The inotify watches of one root. All but the callbacks belongs to one thread.

    Raises OSError where there is no inotify, or its limits are reached.
    """

    def __init__(self, root: str) -> None:
        try:
            from watchdog.observers.inotify_c import InotifyConstants, InotifyFD
        except Exception as error:  # what watchdog raises where there is no inotify depends on the platform
            raise OSError(f"this system has no inotify: {error}") from error
        constants = InotifyConstants
        self.overflowed = False
        """Whether events were lost; then only new watches and a scan tell what happened."""
        self.lost_root = False
        self._root = root
        self._mask = constants.IN_CREATE | constants.IN_CLOSE_WRITE | constants.IN_MOVED_TO | constants.IN_MOVED_FROM
        self._mask |= constants.IN_ONLYDIR | constants.IN_DONT_FOLLOW | constants.IN_EXCL_UNLINK
        self._events: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._watch_of: dict[str, tuple[int, int]] = {}
        self._folder_of: dict[int, str] = {}
        self._ids = itertools.count()
        self._inotify: Any = InotifyFD()
        self._inotify.start()

    def watch(self, folder: str) -> bool:
        """Watches this one folder, once. Returns False if it was watched already.

        Raises PermissionError, or OSError if the limit of watches is reached or the path is too long. It always asks
        the system: a deleted folder keeps its watch while a process has it open, and another may have its name.
        """
        # With the slash a root that is a symlink is followed; folders below it are never reached through one.
        path = os.fsencode(folder + os.sep if folder == self._root else folder)
        number = next(self._ids)
        descriptor = self._inotify.add_callback(path, self._mask, self, number)
        if descriptor == -1:  # watchdog does not report EACCES
            self._inotify.remove_callbacks([(descriptor, number)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
        other = self._folder_of.get(descriptor)
        if other == folder:
            self._inotify.remove_callbacks([(descriptor, number)])
            return False
        if other is not None:  # it is the same folder, renamed, and that event is still to come
            self._inotify.remove_callbacks([self._watch_of.pop(other)])
        if (stale := self._watch_of.pop(folder, None)) is not None:
            del self._folder_of[stale[0]]
            self._inotify.remove_callbacks([stale])
        self._watch_of[folder] = (descriptor, number)
        self._folder_of[descriptor] = folder
        return True

    def forget(self, folder: str) -> None:
        """Ends the watches of a folder and of all below it, since it is no longer where it was."""
        below = folder + os.sep
        gone = [path for path in self._watch_of if path == folder or path.startswith(below)]
        watches = [self._watch_of.pop(path) for path in gone]
        for descriptor, _ in watches:
            del self._folder_of[descriptor]
        self._inotify.remove_callbacks(watches)

    def events(self, timeout_seconds: float) -> Iterator[tuple[FolderEvent, str]]:
        """Yields the next events with their paths, a thousand at most; waits for the first if there is none."""
        try:
            first = self._events.get(timeout=timeout_seconds) if timeout_seconds > 0 else self._events.get_nowait()
            yield from self._understood(*first)
            for _ in range(_BATCH - 1):
                yield from self._understood(*self._events.get_nowait())
        except queue.Empty:
            return

    def close(self) -> None:
        """Ends all watches and the thread that reads them."""
        self._inotify.stop()
        self._inotify.join()

    def on_event(self, event: Any) -> None:
        """InotifyFD calls this in its thread. Keeps the event if it may matter, and never waits."""
        is_file = event.name and not event.is_moved_from and is_wanted(os.fsdecode(event.name))
        if event.is_directory or is_file:
            self._put(event.wd, event)

    def on_watch_deleted(self, wd: int) -> None:
        """InotifyFD calls this when a watched folder is gone."""
        self._put(wd, None)

    def on_queue_overflow(self) -> None:
        """InotifyFD calls this when the kernel dropped events."""
        self.overflowed = True

    def _put(self, descriptor: int, event: Any) -> None:
        if self._events.qsize() < _QUEUE_LIMIT:
            self._events.put((descriptor, event))
        else:
            self.overflowed = True

    def _understood(self, descriptor: int, event: Any) -> Iterator[tuple[FolderEvent, str]]:
        folder = self._folder_of.get(descriptor)
        if folder is None:
            return
        if event is None:
            del self._folder_of[descriptor], self._watch_of[folder]
            self.lost_root |= folder == self._root
            return
        path = os.path.join(folder, os.fsdecode(event.name))
        if not event.is_directory:
            yield FolderEvent.CREATED if event.is_create else FolderEvent.CLOSED, path
        elif event.is_moved_from:
            self.forget(path)
        elif not event.name.startswith(b"."):
            yield FolderEvent.FOLDER_MADE if event.is_create else FolderEvent.FOLDER_MOVED_IN, path
