"""A watcher in a thread of the test's own, on a real file system."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from ingest.inbox.files import FileStat, SeenFile
from ingest.inbox.watch import watch

__all__ = ["PATIENCE_SECONDS", "Watching"]

PATIENCE_SECONDS = 60.0
_LONG_SECONDS = 3600.0


class Watching:
    """A watcher in a thread of its own, and what it handed on so far."""

    def __init__(self, inbox: Path, *, accept: bool = True, **options: float) -> None:
        self.inbox = inbox
        self.groups: list[list[SeenFile]] = []
        self.accepted: dict[str, FileStat] = {}
        self.pages_asked: list[int] = []
        self.stop, self.rescan = threading.Event(), threading.Event()
        self._accept = accept
        self._changed = threading.Condition()
        self._options = {"quiet_ms": 20, "settle_seconds": 0.05, "rescan_seconds": _LONG_SECONDS, "group_limit": 200}
        self._options |= options
        self.thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watching":
        self.thread.start()
        self.wait_for(lambda: self.groups)  # the file that was there: the first scan is over, events are on
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()

    def wait_for(self, condition: object) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_SECONDS), self.taken()  # type: ignore[arg-type]

    def wait_for_files(self, number: int) -> None:
        self.wait_for(lambda: len(self.taken()) >= number)

    def taken(self) -> list[tuple[str, int]]:
        """Name below the inbox and size of each file handed on, in order."""
        return [
            (os.path.relpath(seen_file.path, self.inbox), seen_file.stat.size_bytes)
            for group in self.groups
            for seen_file in group
            if not seen_file.path.endswith("/first")
        ]

    def _known(self, page: Sequence[SeenFile]) -> set[str]:
        with self._changed:
            self.pages_asked.append(len(page))
            self._changed.notify_all()
        return {seen_file.path for seen_file in page if self.accepted.get(seen_file.path) == seen_file.stat}

    def _run(self) -> None:
        for group in watch(self.inbox, known=self._known, stop=self.stop, rescan=self.rescan, **self._options):
            with self._changed:
                self.groups.append(group)
                if self._accept:
                    self.accepted |= {seen_file.path: seen_file.stat for seen_file in group}
                self._changed.notify_all()
