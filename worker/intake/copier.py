"""Large files are copied to the blob store beside everything else, so that what is dropped meanwhile need not wait.

A file of 5 GB takes half a minute or more to copy and hash. One thread copies such files one after the other; the
intake loop registers each when its copy is whole.
"""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

from ingest.blobs.store import BlobStore, StagedBlob
from ingest.inbox.files import FileStat, SeenFile
from newsmill.errors import NewsmillError

__all__ = ["LARGE_BYTES", "Copier"]

LARGE_BYTES = 64 * 1024 * 1024  # copied in less than a second
_WAITING_LIMIT = 1000

Staged = StagedBlob | NewsmillError


class Copier:
    """The copies under way and those that are done. The thread begins with the first file, and ends with the process.

    `copy` returns the copy of a file or why there is none; None where the process is told to stop. `ready` is called in
    the thread with each file that is done.
    """

    def __init__(
        self, blobs: BlobStore, copy: Callable[[SeenFile], Staged | None], ready: Callable[[SeenFile], None]
    ) -> None:
        self._blobs = blobs
        self._copy = copy
        self._ready = ready
        self._waiting: deque[SeenFile] = deque()
        self._done: dict[str, tuple[FileStat, Staged]] = {}
        self._under_way: set[tuple[str, FileStat]] = set()
        self._changed = Condition()
        self._thread: Thread | None = None

    def begin(self, seen_file: SeenFile) -> bool:
        """Has the file copied, unless that is under way. Returns False if too many wait."""
        with self._changed:
            if (seen_file.path, seen_file.stat) in self._under_way:
                return True
            if len(self._waiting) >= _WAITING_LIMIT:
                return False
            self._under_way.add((seen_file.path, seen_file.stat))
            self._waiting.append(seen_file)
            self._changed.notify()
            if self._thread is None:
                self._thread = Thread(target=self._run, name="copier", daemon=True)
                self._thread.start()
        return True

    def take(self, seen_file: SeenFile) -> Staged | None:
        """Returns and forgets what became of the copy of this very file; None if it is not done."""
        with self._changed:
            stat, staged = self._done.pop(seen_file.path, (None, None))
        if stat == seen_file.stat:
            return staged
        if isinstance(staged, StagedBlob):  # the file has changed since
            self._blobs.discard([staged])
        return None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                seen_file = self._waiting.popleft()
            staged = self._copy(seen_file)
            if staged is None:
                return
            self.take(seen_file)  # of an older state of the file nobody wants the copy
            with self._changed:
                self._done[seen_file.path] = (seen_file.stat, staged)
                self._under_way.discard((seen_file.path, seen_file.stat))
            self._ready(seen_file)
