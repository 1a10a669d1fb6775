"""A folder of files that a mill takes in, and what a user sees of them."""

import os
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from console.cli.show import run_show
from console.cli.status import run_status
from tests.support.book import exported_rows
from tests.support.inline import InlineQueue
from worker.services import Services

__all__ = ["BODY", "NEIGHBOUR", "OTHER", "Dropped"]

BODY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)

OTHER = "A ferry that had been lost for three days came back to Quellmar with all nine of its crew in good health."
NEIGHBOUR = "neighbour.txt"


@dataclass
class Dropped:
    """The folder, its mill, and the messages of it."""

    mill: Services
    folder: Path
    queue: InlineQueue

    def write(self, name: str | bytes, data: bytes) -> str:
        """The path of the new file, as the operating system takes it."""
        path = os.path.join(os.fsencode(self.folder), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(data)
        return os.fsdecode(path)

    def settle(self) -> dict[str, dict[str, Any]]:
        """Takes all in, and returns the export's rows by path and, in containers, line."""
        self.queue.take_in(self.folder)
        self.queue.settle()
        return self.rows()

    def rows(self) -> dict[str, dict[str, Any]]:
        """The export's rows by path and, in containers, line."""
        rows = exported_rows(self.mill.database, everything=True)
        files = Counter(row["file"] for row in rows)
        return {f"{row['file']}:{row['ordinal']}" if files[row["file"]] > 1 else row["file"]: row for row in rows}

    def status(self) -> str:
        """What `newsmill status` prints."""
        out = StringIO()
        run_status(self.mill.settings, as_json=False, follow=False, out=Console(file=out, width=10_000))
        return out.getvalue()

    def show(self, path: str) -> str:
        """What `newsmill show PATH` prints."""
        out = StringIO()
        run_show(self.mill.settings, path, as_json=False, out=Console(file=out, width=10_000))
        return out.getvalue()

    def contents(self) -> dict[bytes, bytes]:
        """The files that lie in the folder, and their bytes, by name."""
        return {
            entry.name: Path(os.fsdecode(entry.path)).read_bytes() for entry in os.scandir(os.fsencode(self.folder))
        }
