"""`newsmill demo`: a mill on a temporary home works through the sample articles and prints what became of them."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from console.cli.command import command, err, out
from console.cli.printing import visible
from newsmill.errors import TransientError
from newsmill.settings import Settings
from newsmill.vocabulary import Role, Stage

if TYPE_CHECKING:
    from rich.table import Table

    from console.services.samples import SampleDocument

__all__ = ["demo", "outcomes_table", "run_demo"]

_LOG_CHARS = 2000


@command("demo")
def demo() -> int:
    """Run the sample articles through a mill of their own, and print what became of them."""
    return run_demo(out, err)


def run_demo(out: Console, err: Console) -> int:
    """Prints the table; 0 if every sample was taken and settled."""
    from console.processes.opening import opened_services
    from console.processes.supervisor import running_roles
    from console.services import samples
    from seeds import sample_files

    with TemporaryDirectory(prefix="newsmill-demo-") as folder:
        home, inbox = Path(folder) / "home", Path(folder) / "inbox"
        # Servers of its own, whatever else is configured here.
        settings = Settings(home=home, inbox=inbox, database_url=None, redis_url=None, blob_url=None)
        home.mkdir()
        inbox.mkdir()
        files = sample_files()
        err.print("newsmill: starting PostgreSQL, Valkey, watcher, workers and sweeper on a temporary home …")
        with (
            (home / "demo.log").open("wb") as log,
            running_roles(settings, [Role.WATCH, Role.WORKER, Role.SWEEP], output=log) as supervisor,
            supervisor.in_background(),
            opened_services(settings, "demo") as services,
        ):
            err.print(f"newsmill: dropping {len(files)} files into {inbox}", markup=False)
            samples.drop(files, inbox)
            try:
                samples.wait_until_done(services.database, len(files))
            except samples.NotSettledError as error:
                tail = (home / "demo.log").read_text(encoding="utf-8", errors="replace")[-_LOG_CHARS:]
                raise TransientError(f"{error}; the end of its log:\n{tail}") from error
            documents = samples.documents(services.database)
        out.print(outcomes_table(documents, inbox, out.width))
        out.print(_summary(documents, len(files)))
    return 0


def outcomes_table(documents: "Sequence[SampleDocument]", inbox: Path, width: int) -> "Table":
    """A row a document; `width` is that of the terminal, in columns."""
    from rich.box import SIMPLE
    from rich.table import Table

    fixed = {"date": 10, "outcome": 15, "cluster": 7, "ms in each stage": 24}
    left = max(30, width - sum(fixed.values()) - 3 * (len(fixed) + 2))
    table = Table(box=SIMPLE, title="What became of the samples", title_justify="left", pad_edge=False)
    table.add_column("file", no_wrap=True, width=left * 2 // 5)
    table.add_column("title, or why there is none", no_wrap=True, width=left * 3 // 5)
    for column, cells in fixed.items():
        table.add_column(column, no_wrap=True, width=cells)
    for one in documents:
        name = visible(os.path.relpath(one.path, inbox)) + (f":{one.ordinal}" if one.is_container else "")
        reason = (one.reason or "").removeprefix(one.path).lstrip(" :")
        spent = [f"{one.milliseconds[stage]:.1f}" for stage in _stages() if stage in one.milliseconds]
        table.add_row(
            Text(name),
            Text(visible(one.title or reason) or "(no headline)"),
            (one.published_at or "-")[:10],
            one.outcome.replace("_", " "),
            str(one.cluster_id or "-"),
            " + ".join(spent) or "-",
        )
    return table


def _summary(documents: "Sequence[SampleDocument]", files: int) -> str:
    stories = len({one.cluster_id for one in documents if one.cluster_id is not None})
    without = sum(one.cluster_id is None for one in documents)
    return (
        f"The stages: {', '.join(_stages())}.\n"
        f"{files} files, {len(documents)} documents: {stories} stories, each once; {without} without an article"
    )


def _stages() -> list[Stage]:
    return [stage for stage in Stage if stage is not Stage.UNPACK]
