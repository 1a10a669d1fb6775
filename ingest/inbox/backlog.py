"""The files that scans come across, page by page: a long scan goes on between fresh files, in bounded memory."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ingest.inbox.files import SeenFile, VanishedError
from ingest.inbox.stability import Stability
from newsmill.errors import TerminalError

__all__ = ["Backlog", "Known"]

Known = Callable[[Sequence[SeenFile]], set[str]]
"""Tells which of these files were accepted before with the very stat they have now: their paths."""

_PAGE_FILES = 1000
_FOLDERS_LIMIT = 1000


class Backlog:
    """Scans that were begun; those of new folders go before the one of the whole inbox.

    Files that are not finished yet are passed to `settling`; while that holds `waiting_limit` files, scans pause.
    """

    def __init__(
        self,
        scan: Callable[[str], Iterator[SeenFile]],
        settling: Stability,
        known: Known,
        *,
        waiting_limit: int,
        clock: Callable[[], float],
    ) -> None:
        self._scan = scan
        self._settling = settling
        self._known = known
        self._clock = clock
        self._waiting_limit = waiting_limit
        self._new_folders: deque[tuple[str, int]] = deque()
        self._folder: Iterator[list[SeenFile]] | None = None
        self._all: Iterator[list[SeenFile]] | None = None
        self._found: deque[SeenFile] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether all scans are over and everything they found was taken."""
        return not (self._found or self._new_folders or self._folder or self._all)

    @property
    def is_scanning_all(self) -> bool:
        """Whether the scan of the whole inbox is still going on."""
        return self._all is not None

    @property
    def has_to_wait(self) -> bool:
        """Whether `take` cannot do anything now."""
        return self.is_empty or (not self._found and len(self._settling) >= self._waiting_limit)

    def add_folder(self, folder: str, fresh_files: int) -> bool:
        """Scan a new folder; so many of its files count as fresh. False if too many folders wait already."""
        if len(self._new_folders) >= _FOLDERS_LIMIT:
            return False
        self._new_folders.append((folder, fresh_files))
        return True

    def scan_all(self, root: str, fresh_files: int) -> None:
        """Forget what was going on and scan everything."""
        self._new_folders.clear()
        self._found.clear()
        self._folder = None
        self._all = self._pages(root, fresh_files)

    def take(self, limit: int) -> list[SeenFile]:
        """At most `limit` files; empty also when the present page of a scan held nothing new."""
        if not self._found and not self.has_to_wait:
            self._read_page()
        return [self._found.popleft() for _ in range(min(limit, len(self._found)))]

    def _read_page(self) -> None:
        if self._folder is None and self._new_folders:
            self._folder = self._pages(*self._new_folders.popleft())
        pages = self._folder or self._all
        page = next(pages, None) if pages else None
        if page is None and pages is self._folder:
            self._folder = None
        elif page is None:
            self._all = None
        wall_ns = time.time_ns()
        for seen_file in page or []:
            if self._settling.is_finished(seen_file, wall_ns):
                self._found.append(seen_file)
            else:
                self._settling.found(seen_file, self._clock())

    def _pages(self, root: str, fresh_files: int) -> Iterator[list[SeenFile]]:
        """The files of a scan that neither wait already nor are known, a page at a time."""
        files = self._scan(root)
        while page := _next_page(files):
            unseen = [seen_file for seen_file in page if seen_file.path not in self._settling]
            known = self._known(unseen) if unseen else set()
            unseen = [seen_file for seen_file in unseen if seen_file.path not in known]
            yield [replace(seen_file, fresh=index < fresh_files) for index, seen_file in enumerate(unseen)]
            fresh_files -= len(unseen)


def _next_page(files: Iterator[SeenFile]) -> list[SeenFile]:
    try:
        return list(islice(files, _PAGE_FILES))
    except (VanishedError, TerminalError):  # the folder is gone, or no folder any more
        return []
