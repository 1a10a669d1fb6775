"""`newsmill demo`: a mill on a temporary home works through the sample articles and prints what became of them."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.opening import opened_mill
from console.printing import visible
from console.supervisor import running_roles
from db.history import overview
from db.models import Stage
from db.status import status
from newsmill.errors import TransientError
from newsmill.settings import Settings
from seeds import sample_files
from worker.mill import Mill

__all__ = ["run_demo"]

_LIMIT_SECONDS = 120
_POLL_SECONDS = 0.1


def run_demo(out: Console, err: Console) -> int:
    """Prints the table; 0 if every sample was taken and settled."""
    with TemporaryDirectory(prefix="newsmill-demo-") as folder:
        home, inbox = Path(folder) / "home", Path(folder) / "inbox"
        # Servers of its own, whatever else is configured here.
        settings = Settings(home=home, inbox=inbox, database_url=None, redis_url=None, blob_url=None)
        home.mkdir()
        inbox.mkdir()
        samples = sample_files()
        err.print("newsmill: starting PostgreSQL, Valkey, watcher, workers and sweeper on a temporary home …")
        with (
            (home / "demo.log").open("wb") as log,
            running_roles(settings, ["watch", "worker", "sweep"], output=log) as supervisor,
            supervisor.in_background(),
            opened_mill(settings, "demo") as mill,
        ):
            err.print(f"newsmill: dropping {len(samples)} files into {inbox}", markup=False)
            _drop(samples, inbox)
            _wait(mill, len(samples), home / "demo.log")
            with mill.database.transaction() as connection:
                rows = overview(connection)
        out.print(_table(rows, inbox))
        out.print(_summary(rows, len(samples)))
    return 0


def _drop(samples: list[Path], inbox: Path) -> None:
    for sample in samples:
        # As a careful program drops a file: written under a temporary name, then renamed.
        partial = inbox / f".{sample.name}.part"
        shutil.copyfile(sample, partial)
        os.rename(partial, inbox / sample.name)


def _wait(mill: Mill, files: int, log: Path) -> None:
    deadline = monotonic() + _LIMIT_SECONDS
    while monotonic() < deadline:
        with mill.database.transaction() as connection:
            now = status(connection)
        settled = all(
            counts.by_state["done"] + counts.by_state["failed"] == counts.total for counts in (now.files, now.documents)
        )
        if now.files.total >= files and settled:
            return
        sleep(_POLL_SECONDS)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise TransientError(f"the demo did not settle within {_LIMIT_SECONDS} s; the end of its log:\n{tail}")


def _table(rows: list[dict[str, Any]], inbox: Path) -> Table:
    table = Table(title="What became of the samples")
    stages = [stage.value for stage in Stage if stage is not Stage.UNPACK]
    for column in ("file", "title", "date", "outcome", "cluster"):
        table.add_column(column, overflow="fold")
    for stage in stages:
        table.add_column(f"{stage} ms", justify="right")
    for row in rows:
        spent = {stage: f"{milliseconds:.1f}" for stage, _, milliseconds in row["journey"] or []}
        name = visible(os.path.relpath(row["path"], inbox)) + (f" line {row['ordinal']}" if row["is_container"] else "")
        table.add_row(
            Text(name),
            Text(visible(row["title"]) or "-"),
            row["published_at"] or "-",
            row["outcome"],
            str(row["cluster_id"] or "-"),
            *(spent.get(stage, "-") for stage in stages),
        )
    return table


def _summary(rows: list[dict[str, Any]], files: int) -> str:
    stories = len({row["cluster_id"] for row in rows if row["cluster_id"] is not None})
    without = sum(row["cluster_id"] is None for row in rows)
    return f"{files} files, {len(rows)} documents: {stories} stories, each once; {without} without an article"
