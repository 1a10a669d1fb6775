"""The `newsmill` command. Exit codes: 0 done as said, 1 not (one line says why), 2 wrong usage.

Each command is a module beside this one, which is imported when the command is called: the list of all of them
(`newsmill --help`) needs none, and none is slow to start for another's sake.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "up": "Run everything in this terminal",
    "demo": "Run the samples through a mill of their own",
    "ingest": "Register files and folders directly",
    "migrate": "Bring the schema to this version",
    "watch": "Role: watch the inbox",
    "worker": "Role: work on the stages",
    "sweep": "Role: bring back what got lost",
    "serve": "Role: the web console and the HTTP API",
    "status": "Where everything stands",
    "show": "The whole history of a file or document",
    "wait": "Until all that was registered has ended",
    "pause": "Hold back intake or stages",
    "resume": "Let go on what was paused",
    "search": "Articles that hold some words",
    "failed": "What failed or was rejected, by reason",
    "retry": "Send documents through the mill once more",
    "export": "Write the corpus, or every document",
    "verify": "Compare what is stored with the raw bytes",
    "evaluate": "How well a labelled set is read",
    "health": "Probe: exit 1 if work does not move",
    "doctor": "Check servers, disk, progress and inbox",
    "passages": "What recurs and is taken out of articles",
    "forget": "Take documents out, with their bytes",
    "allow": "Let forgotten bytes be taken again",
    "prune": "Take out what is old, with its bytes",
    "blobs": "Compare the blob store with the ledger",
    "backup": "Database and raw bytes into a folder",
    "restore": "Bring a backup into an empty system",
    "web-user": "The line of a user of the web console",
    "audit": "Who changed what through the web console",
}
"""The commands with their lines in `newsmill --help`, in this order; each a function of its name, or `NAME_app`."""

_MODULES = {"resume": "pause", "web-user": "web_user"}


class _Loaded(MutableMapping[str, Any]):
    """The commands by name, each imported at its first use."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = _load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


def _load(name: str) -> Any:
    module = import_module(f"console.cli.{_MODULES.get(name, name)}")
    group = getattr(module, f"{name}_app", None)
    if group is None:
        group = typer.Typer(add_completion=False, rich_markup_mode=None)
        group.command()(getattr(module, name.replace("-", "_")))
    command = typer.main.get_command(group)
    command.name = name
    return command


class _Group(TyperGroup):
    """Lists its commands without loading them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - what the base class takes
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=_Group,
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
        from newsmill import __version__

        typer.echo(__version__)
        raise typer.Exit
