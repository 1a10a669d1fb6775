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

from ingest.inbox.folder_tree import FolderTree
from ingest.inbox.names import Names, names_with

__all__ = ["FolderEvent", "FolderWatches"]

_QUEUE_LIMIT = 50_000  # events; a scan finds what a flood brings beyond it
_BATCH = 1000
_DESCRIPTORS = "/proc/self/fd"


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

    def __init__(self, root: str, names: Names | None = None) -> None:
        try:
            from watchdog.observers.inotify_c import InotifyConstants, InotifyFD
        except Exception as error:  # what watchdog raises where there is no inotify depends on the platform
            raise OSError(f"this system has no inotify: {error}") from error
        if not os.path.isdir(_DESCRIPTORS):
            raise OSError(f"inotify cannot be told of open folders without {_DESCRIPTORS}: mount /proc")
        constants = InotifyConstants
        self.overflowed = False
        """Whether events were lost; then only new watches and a scan tell what happened."""
        self.lost_root = False
        self._root = root
        self._names = names or names_with()
        self._mask = constants.IN_CREATE | constants.IN_CLOSE_WRITE | constants.IN_MOVED_TO | constants.IN_MOVED_FROM
        self._mask |= constants.IN_ONLYDIR | constants.IN_EXCL_UNLINK
        self._events: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._watch_of: FolderTree[tuple[int, int]] = FolderTree()
        self._folder_of: dict[int, str] = {}
        self._ids = itertools.count()
        self._inotify: Any = InotifyFD()
        self._inotify.start()

    def watch(self, folder: str, opened: int) -> bool:
        """Watches this one folder, once; `opened` is its descriptor. Returns False if it was watched already.

        The descriptor says which folder is meant, since a link may be in its place by now. Raises PermissionError, or
        OSError if the limit of watches is reached. It always asks the system: a deleted folder keeps its watch while a
        process has it open, and another may have its name.
        """
        number = next(self._ids)
        descriptor = self._inotify.add_callback(b"%s/%d" % (_DESCRIPTORS.encode(), opened), self._mask, self, number)
        if descriptor == -1:  # watchdog does not report EACCES
            self._inotify.remove_callbacks([(descriptor, number)])
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
        other = self._folder_of.get(descriptor)
        if other == folder:
            self._inotify.remove_callbacks([(descriptor, number)])
            return False
        if other is not None and (renamed := self._watch_of.pop(other)):  # the event of that is still to come
            self._inotify.remove_callbacks([renamed])
        if (stale := self._watch_of.pop(folder)) is not None:
            del self._folder_of[stale[0]]
            self._inotify.remove_callbacks([stale])
        self._watch_of[folder] = (descriptor, number)
        self._folder_of[descriptor] = folder
        return True

    def forget(self, folder: str) -> None:
        """Ends the watches of a folder and of all below it, since it is no longer where it was."""
        watches = self._watch_of.pop_all(folder)
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
        if event.is_directory or (event.name and not event.is_moved_from and self._is_wanted(event.name)):
            self._put(event.wd, event)

    def on_watch_deleted(self, wd: int) -> None:
        """InotifyFD calls this when a watched folder is gone."""
        self._put(wd, None)

    def on_queue_overflow(self) -> None:
        """InotifyFD calls this when the kernel dropped events."""
        self.overflowed = True

    def _is_wanted(self, name: bytes) -> bool:
        return self._names.why_not_file(os.fsdecode(name)) is None

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
            del self._folder_of[descriptor]
            self._watch_of.pop(folder)
            self.lost_root |= folder == self._root
            return
        path = os.path.join(folder, os.fsdecode(event.name))
        if not event.is_directory:
            yield FolderEvent.CREATED if event.is_create else FolderEvent.CLOSED, path
        elif event.is_moved_from:
            self.forget(path)
        elif self._names.why_not_folder(os.fsdecode(event.name)) is None:
            yield FolderEvent.FOLDER_MADE if event.is_create else FolderEvent.FOLDER_MOVED_IN, path
