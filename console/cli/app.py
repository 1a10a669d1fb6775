"""The `newsmill` command. Exit codes: 0 done as said, 1 not (one line says why), 2 wrong usage.

Each command is a module beside this one. A module loads what its command needs when the command runs, so that none is
slow to start for another's sake.
"""

from collections.abc import Callable
from typing import Annotated

import typer

from console.cli.allow import allow
from console.cli.backup import backup
from console.cli.blobs import blobs
from console.cli.command import out
from console.cli.demo import demo
from console.cli.doctor import doctor
from console.cli.export import export
from console.cli.failed import failed
from console.cli.forget import forget
from console.cli.health import health
from console.cli.ingest import ingest
from console.cli.migrate import migrate
from console.cli.passages import passages_app
from console.cli.pause import pause, resume
from console.cli.prune import prune
from console.cli.restore import restore
from console.cli.retry import retry
from console.cli.show import show
from console.cli.status import status
from console.cli.sweep import sweep
from console.cli.up import up
from console.cli.verify import verify
from console.cli.watch import watch
from console.cli.worker import worker
from newsmill import __version__

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Newsmill: drop news files into a folder, get clean, deduplicated articles in PostgreSQL."""
    if version:
        out.print(__version__)
        raise typer.Exit


_COMMANDS: dict[Callable[..., None], str] = {
    up: "Run everything in this terminal",
    demo: "Run the samples through a mill of their own",
    ingest: "Register files and folders directly",
    migrate: "Bring the schema to this version",
    watch: "Role: watch the inbox",
    worker: "Role: work on the stages",
    sweep: "Role: bring back what got lost",
    status: "Where everything stands",
    show: "The whole history of a file or document",
    pause: "Hold back intake or stages",
    resume: "Let go on what was paused",
    failed: "What failed or was rejected, by reason",
    retry: "Send documents through the mill once more",
    export: "Write the corpus, or every document",
    verify: "Compare what is stored with the raw bytes",
    health: "Probe: exit 1 if work does not move",
    doctor: "Check servers, disk, progress and inbox",
}
_HOUSEKEEPING: dict[Callable[..., None], str] = {
    forget: "Take documents out, with their bytes",
    allow: "Let forgotten bytes be taken again",
    prune: "Take out what is old, with its bytes",
    blobs: "Compare the blob store with the ledger",
    backup: "Database and raw bytes into a folder",
    restore: "Bring a backup into an empty system",
}
"""The commands with their lines in `newsmill --help`, in that order; groups come between."""

housekeeping_app = typer.Typer(rich_markup_mode=None)
for _into, _commands in ((app, _COMMANDS), (housekeeping_app, _HOUSEKEEPING)):
    for _command, _line in _commands.items():
        _into.command(short_help=_line)(_command)
app.add_typer(passages_app, name="passages", short_help="What recurs and is taken out of articles")
app.add_typer(housekeeping_app)
