"""The files that scans find, a page at a time: so a long scan goes on between fresh files, in bounded memory."""

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
"""Returns the paths of those of these files that were accepted before with the very stat they have now."""

_PAGE_FILES = 1000
_FOLDERS_LIMIT = 1000


class Backlog:
    """The scans that are going on. Scans of new folders go before the scan of the whole inbox.

    Unfinished files go to `stability`. While that has `waiting_limit` files, scans pause.
    """

    def __init__(
        self,
        scan: Callable[[str], Iterator[SeenFile]],
        stability: Stability,
        known: Known,
        *,
        waiting_limit: int,
        clock: Callable[[], float],
    ) -> None:
        self._scan = scan
        self._stability = stability
        self._known = known
        self._clock = clock
        self._waiting_limit = waiting_limit
        self._new_folders: deque[tuple[str, int]] = deque()
        self._folder: Iterator[list[SeenFile]] | None = None
        self._all: Iterator[list[SeenFile]] | None = None
        self._found: deque[SeenFile] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether all scans are over and all that they found is taken."""
        return not (self._found or self._new_folders or self._folder or self._all)

    @property
    def is_scanning_all(self) -> bool:
        """Whether the scan of the whole inbox goes on."""
        return self._all is not None

    @property
    def has_to_wait(self) -> bool:
        """Whether `take` can do nothing now."""
        return self.is_empty or (not self._found and len(self._stability) >= self._waiting_limit)

    def add_folder(self, folder: str, fresh_files: int) -> bool:
        """Plans the scan of a new folder; `fresh_files` of it count as fresh. False if too many folders wait."""
        if len(self._new_folders) >= _FOLDERS_LIMIT:
            return False
        self._new_folders.append((folder, fresh_files))
        return True

    def scan_all(self, root: str, fresh_files: int) -> None:
        """Ends all scans and begins one of everything below `root`."""
        self._new_folders.clear()
        self._found.clear()
        self._folder = None
        self._all = self._pages(root, fresh_files)

    def take(self, limit: int) -> list[SeenFile]:
        """Returns at most `limit` files; none also when the present page of a scan has nothing new."""
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
            if self._stability.is_finished(seen_file, wall_ns):
                self._found.append(seen_file)
            else:
                self._stability.found(seen_file, self._clock())

    def _pages(self, root: str, fresh_files: int) -> Iterator[list[SeenFile]]:
        """Yields the files of a scan that neither wait already nor are known, a page at a time."""
        files = self._scan(root)
        while page := _next_page(files):
            unseen = [seen_file for seen_file in page if seen_file.path not in self._stability]
            known = self._known(unseen) if unseen else set()
            unseen = [seen_file for seen_file in unseen if seen_file.path not in known]
            yield [replace(seen_file, fresh=index < fresh_files) for index, seen_file in enumerate(unseen)]
            fresh_files -= len(unseen)


def _next_page(files: Iterator[SeenFile]) -> list[SeenFile]:
    try:
        return list(islice(files, _PAGE_FILES))
    except (VanishedError, TerminalError):  # the folder is gone, or is no folder now
        return []
