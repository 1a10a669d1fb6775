"""`newsmill demo`: a mill on a temporary home works through the sample articles and prints what became of them."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.cli.printing import visible
from console.processes.opening import opened_services
from console.processes.supervisor import running_roles
from db.reads.history import overview
from db.reads.status import status
from newsmill.errors import TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Stage
from seeds import sample_files
from worker.services import Services

__all__ = ["outcomes_table", "run_demo"]

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
            opened_services(settings, "demo") as services,
        ):
            err.print(f"newsmill: dropping {len(samples)} files into {inbox}", markup=False)
            _drop(samples, inbox)
            _wait(services, len(samples), home / "demo.log")
            with services.database.transaction() as connection:
                rows = overview(connection)
        out.print(outcomes_table(rows, inbox, out.width))
        out.print(_summary(rows, len(samples)))
    return 0


def _drop(samples: list[Path], inbox: Path) -> None:
    for sample in samples:
        # As a careful program drops a file: written under a temporary name, then renamed.
        partial = inbox / f".{sample.name}.part"
        shutil.copyfile(sample, partial)
        os.rename(partial, inbox / sample.name)


def _wait(services: Services, files: int, log: Path) -> None:
    deadline = monotonic() + _LIMIT_SECONDS
    while monotonic() < deadline:
        with services.database.transaction() as connection:
            now = status(connection)
        settled = all(
            counts.by_state["done"] + counts.by_state["failed"] == counts.total for counts in (now.files, now.documents)
        )
        if now.files.total >= files and settled:
            return
        sleep(_POLL_SECONDS)
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise TransientError(f"the demo did not settle within {_LIMIT_SECONDS} s; the end of its log:\n{tail}")


def outcomes_table(rows: list[dict[str, Any]], inbox: Path, width: int) -> Table:
    """What became of each document, a row each."""
    stages = [stage.value for stage in Stage if stage is not Stage.UNPACK]
    fixed = {"date": 10, "outcome": 15, "cluster": 7, "ms in each stage": 24}
    left = max(30, width - sum(fixed.values()) - 3 * (len(fixed) + 2))
    table = Table(box=SIMPLE, title="What became of the samples", title_justify="left", pad_edge=False)
    table.add_column("file", no_wrap=True, width=left * 2 // 5)
    table.add_column("title, or why there is none", no_wrap=True, width=left * 3 // 5)
    for column, cells in fixed.items():
        table.add_column(column, no_wrap=True, width=cells)
    for row in rows:
        name = visible(os.path.relpath(row["path"], inbox)) + (f":{row['ordinal']}" if row["is_container"] else "")
        spent = {stage: milliseconds for stage, _, milliseconds in row["journey"] or []}
        reason = (row["reason"] or "").removeprefix(row["path"]).lstrip(" :")
        table.add_row(
            Text(name),
            Text(visible(row["title"] or reason) or "(no headline)"),
            (row["published_at"] or "-")[:10],
            row["outcome"].replace("_", " "),
            str(row["cluster_id"] or "-"),
            " + ".join(f"{spent[stage]:.1f}" for stage in stages if stage in spent) or "-",
        )
    return table


def _summary(rows: list[dict[str, Any]], files: int) -> str:
    stories = len({row["cluster_id"] for row in rows if row["cluster_id"] is not None})
    without = sum(row["cluster_id"] is None for row in rows)
    stages = ", ".join(stage for stage in Stage if stage is not Stage.UNPACK)
    return (
        f"The stages: {stages}.\n"
        f"{files} files, {len(rows)} documents: {stories} stories, each once; {without} without an article"
    )
