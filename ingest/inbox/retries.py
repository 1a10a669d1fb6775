"""Files that could not be taken when they were handed on. Each comes again, and its wait doubles with each failure."""

import heapq
import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from ingest.inbox.files import SeenFile

__all__ = ["Retries"]

_LIMIT = 10_000  # files, about 5 MB; a scan finds those beyond it


@dataclass(slots=True)
class _Failed:
    seen_file: SeenFile
    failures: int
    due: float


class Retries:
    """What became of each group of files, noted by the process that takes them; `watch` hands on again what is due.

    A file waits `base_seconds` of the clock after its first failure, twice as long after each further one, and never
    more than `max_seconds`.
    """

    def __init__(
        self,
        *,
        base_seconds: float,
        max_seconds: float,
        limit: int = _LIMIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_seconds = base_seconds
        self._max_seconds = max_seconds
        self._limit = limit
        self._clock = clock
        self._failed: dict[str, _Failed] = {}
        self._queue: list[tuple[float, str]] = []  # a heap; an entry that `_failed` contradicts is out of date
        self._scan_at: float | None = None
        self._again: SimpleQueue[SeenFile] = SimpleQueue()

    def again(self, seen_file: SeenFile) -> None:
        """Has a file come again at once. Any thread may call this."""
        self._again.put(seen_file)

    def note(self, group: Sequence[SeenFile], failed: Collection[str]) -> None:
        """Notes that those of these files whose paths are in `failed` have to come again, and the others not."""
        for seen_file in group:
            if seen_file.path not in failed:
                self._failed.pop(seen_file.path, None)
                continue
            before = self._failed.get(seen_file.path)
            failures = before.failures + 1 if before is not None else 1
            due = self._clock() + min(self._max_seconds, self._base_seconds * 2 ** min(failures - 1, 60))
            if before is None and len(self._failed) >= self._limit:
                self._scan_at = self._scan_at or self._clock() + self._max_seconds
                continue
            self._failed[seen_file.path] = _Failed(seen_file, failures, due)
            heapq.heappush(self._queue, (due, seen_file.path))

    def due(self, limit: int) -> list[SeenFile]:
        """Returns at most `limit` files whose wait is over. Their failures are kept until the next note."""
        ready: list[SeenFile] = []
        while len(ready) < limit:
            try:
                ready.append(self._again.get_nowait())
            except Empty:
                break
        while self._queue and len(ready) < limit and self._queue[0][0] <= self._clock():
            due, path = heapq.heappop(self._queue)
            failed = self._failed.get(path)
            if failed is not None and failed.due == due:
                failed.due = math.inf
                ready.append(failed.seen_file)
        return ready

    def forget(self, path: str) -> None:
        """Drops a file, since it comes by itself."""
        self._failed.pop(path, None)

    def next_due(self) -> float | None:
        """Returns when to call `due` again, or None if nothing waits. It may be too early."""
        return self._queue[0][0] if self._queue else None

    def wants_scan(self) -> bool:
        """Tells, once, that files were left out that only a scan finds again."""
        if self._scan_at is None or self._clock() < self._scan_at:
            return False
        self._scan_at = None
        return True
