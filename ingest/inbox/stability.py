"""Which of the files that were seen are finished: a small state machine that is given the events and the time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import sep, stat_result

from ingest.inbox import files
from ingest.inbox.files import FileStat, SeenFile
from ingest.inbox.names import printable

__all__ = ["Stability"]

# How long a file must not change if it was seen in writing, its close was not seen, and nobody knows whether it is
# still open (has_writer returns None). An upload may stall for longer than settle_seconds.
_PATIENCE_SECONDS = 60.0
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    stat: FileStat
    still_since: float
    looked: float
    fresh: bool
    opened: bool = False
    """Whether a process writes it, as far as is known, so that its close is still to come."""
    told: bool = False


class Stability:
    """Files that wait until they are finished. Times are seconds of one monotonic clock.

    A file that was closed or moved in is finished when its stat did not change for `quiet_seconds`, any other when it
    did not for `settle_seconds`. No file is finished while a process has it open for writing. A path has one entry at
    most, from when it is put in until `due` takes it out. No link is followed below `root`.
    """

    def __init__(
        self,
        *,
        quiet_seconds: float,
        settle_seconds: float,
        root: str = sep,
        look: Callable[[str], stat_result | None] | None = None,
        has_writer: Callable[[str, int], bool | None] | None = None,
        is_local: Callable[[str, int], bool] | None = None,
    ) -> None:
        self._quiet_seconds = quiet_seconds
        self._settle_seconds = settle_seconds
        self._root = root
        self._look = look or partial(files.look, root=root)
        self._has_writer = has_writer or partial(files.has_writer, root=root)
        self._is_local = is_local or partial(files.is_local, root=root)
        # All entries of one of these wait equally long from `looked` on, and go to the end when that is set. So the
        # first entry is always the next one due.
        self._quiet: dict[str, _Waiting] = {}
        self._still: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._quiet) + len(self._still)

    def __contains__(self, path: str) -> bool:
        return path in self._quiet or path in self._still

    def closed(self, path: str, now: float, *, fresh: bool = True) -> None:
        """Notes that a writer closed the file, or that it was moved to this name whole."""
        if (result := self._enter(path)) is not None:
            self._quiet[path] = _Waiting(FileStat.of(result), now, now, fresh)

    def created(self, path: str, now: float, *, fresh: bool = True) -> None:
        """Notes that the file has this name now: opened for writing, or linked, after which nothing more may come."""
        if path not in self and (result := self._enter(path)) is not None:
            self._still[path] = _Waiting(FileStat.of(result), now, now, fresh, opened=_may_be_in_writing(result))

    def found(self, seen_file: SeenFile, now: float) -> None:
        """Notes that a scan found the file, which is too young or too busy to take at once."""
        if seen_file.path not in self:
            self._still[seen_file.path] = _Waiting(seen_file.stat, now, now, seen_file.fresh)

    def is_finished(self, seen_file: SeenFile, wall_ns: int) -> bool:
        """Tells whether a file that a scan found need not wait, as the times of its stat compare to `wall_ns`.

        On a file system of another machine every file waits: a late clock there makes a file in writing look old.
        """
        last_change_ns = max(seen_file.stat.mtime_ns, seen_file.stat.ctime_ns)
        still = last_change_ns + self._settle_seconds * 1e9 <= wall_ns
        path, device = seen_file.path, seen_file.stat.device
        return still and self._is_local(path, device) and self._has_writer(path, device) is not True

    def next_due(self) -> float | None:
        """Returns when to call `due` again, or None if nothing waits."""
        times = [waiting.looked + self._quiet_seconds for waiting in _first(self._quiet)]
        times += [waiting.looked + self._settle_seconds for waiting in _first(self._still)]
        return min(times, default=None)

    def due(self, now: float, limit: int) -> list[SeenFile]:
        """Takes out at most `limit` files that are finished by `now`, and drops those that vanished."""
        finished: list[SeenFile] = []
        for entries, seconds, examine in (
            (self._quiet, self._quiet_seconds, self._examine_quiet),
            (self._still, self._settle_seconds, self._examine_still),
        ):
            while entries and len(finished) < limit:
                path, waiting = next(iter(entries.items()))
                if waiting.looked + seconds > now:
                    break
                del entries[path]
                result = self._look(path)
                if result is not None and examine(path, waiting, result, now):
                    finished.append(SeenFile(path, waiting.stat, waiting.fresh, self._root))
        return finished

    def _enter(self, path: str) -> stat_result | None:
        self._quiet.pop(path, None)
        self._still.pop(path, None)
        return self._look(path)

    def _examine_quiet(self, path: str, waiting: _Waiting, result: stat_result, now: float) -> bool:
        stat = FileStat.of(result)
        writer = self._has_writer(path, stat.device)
        if writer is not True and stat == waiting.stat:
            return True
        in_writing = writer is True or (writer is None and _may_be_in_writing(result))
        entries = self._still if in_writing else self._quiet  # it was only touched, or its next close will be reported
        entries[path] = _Waiting(stat, now, now, waiting.fresh, opened=in_writing)
        return False

    def _examine_still(self, path: str, waiting: _Waiting, result: stat_result, now: float) -> bool:
        stat = FileStat.of(result)
        writer = self._has_writer(path, stat.device)
        if stat != waiting.stat:
            waiting.stat, waiting.still_since = stat, now
        still_seconds = now - waiting.still_since
        needed_seconds = _PATIENCE_SECONDS if waiting.opened and writer is None else self._settle_seconds
        if writer is not True and still_seconds >= needed_seconds:
            return True
        if writer is True and still_seconds >= _PATIENCE_SECONDS and not waiting.told:
            waiting.told = True
            _logger.warning(
                "%s did not change for a minute and is still open for writing: it waits for its close", printable(path)
            )
        waiting.looked = now
        self._still[path] = waiting
        return False


def _may_be_in_writing(result: stat_result) -> bool:
    """Tells whether the last change of the file can have been a write, rather than a link, chmod or touch."""
    return result.st_nlink == 1 and result.st_mtime_ns == result.st_ctime_ns


def _first(entries: dict[str, _Waiting]) -> list[_Waiting]:
    return [next(iter(entries.values()))] if entries else []
