"""What every command has: two consoles, logging, an exit code, and errors of one line."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import IO, ParamSpec

import structlog
import typer
from rich.console import Console

from newsmill.errors import NewsmillError, UsageError
from newsmill.logs import configure_logging
from newsmill.settings import Settings, load_settings, unknown_variables
from newsmill.terminal_text import visible, visible_lines

__all__ = ["command", "err", "named_path", "out", "settings_with", "usage_of_options"]

log = structlog.get_logger(__name__)

# In a pipe or a file there is no reason to wrap.
out = Console(highlight=False, width=None if os.isatty(1) else 160)
err = Console(stderr=True, highlight=False, width=None if os.isatty(2) else 160)

P = ParamSpec("P")

_ROLE_VARIABLE = "NEWSMILL_PROCESS_TOKEN"  # worker.leases.heartbeat.TOKEN_VARIABLE, whose import takes long


class _WrongUsageError(typer.BadParameter):
    """Wrong usage that one line explains."""

    def show(self, file: IO[str] | None = None) -> None:  # noqa: ARG002 - always standard error
        err.print(f"newsmill: {visible(self.message)}", markup=False, soft_wrap=True)


def command(
    role: str, *, quiet: bool = True, interrupted: str = ""
) -> Callable[[Callable[P, int | None]], Callable[P, None]]:
    """Gives a command logging, its exit code, and errors of one line; `interrupted` says what a Ctrl-C leaves."""

    def decorate(function: Callable[P, int | None]) -> Callable[P, None]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            signal.signal(signal.SIGTERM, _interrupt)
            in_log = False
            try:
                settings = load_settings()
                configure_logging(settings, role=role, quiet=quiet)
                in_log = settings.log_format == "json" and not quiet
                _tell_unknown_variables(in_log=in_log)
                code = function(*args, **kwargs) or 0
            except NewsmillError as error:
                if in_log:  # who collects a role's log takes every line for JSON
                    log.critical(str(error), error=type(error).__name__)
                else:
                    err.print(f"newsmill: {visible_lines(str(error))}", markup=False, soft_wrap=True)
                code = 2 if isinstance(error, UsageError) else 1
            except KeyboardInterrupt:
                err.print("newsmill: interrupted" + (f"; {interrupted}" if interrupted else ""), soft_wrap=True)
                code = 130
            raise typer.Exit(code)

        return run

    return decorate


def _tell_unknown_variables(*, in_log: bool) -> None:
    unknown = unknown_variables()
    if not unknown or _ROLE_VARIABLE in os.environ:  # who started this role has said so
        return
    said = f"no such setting: {', '.join(unknown)}"
    if in_log:
        log.warning(said)
    else:
        err.print(f"newsmill: {visible(said)}", markup=False, soft_wrap=True)


@contextmanager
def usage_of_options(hint: str | None = None) -> Iterator[None]:
    """Shows what a use case refuses of the options below the command's usage; `hint` names the option."""
    try:
        yield
    except UsageError as error:
        raise typer.BadParameter(str(error), param_hint=hint) from error


def named_path(text: str) -> Path:
    """Returns a typed path. Refuses an empty one, as of a variable that is not set: it means the working directory."""
    if not text:
        raise _WrongUsageError("a path is empty: name a file or folder ('.' is the working directory)")
    return Path(text)


def settings_with(**overrides: object) -> Settings:
    """Returns the settings of this process, with what the command line says in their place (None says nothing)."""
    given = {name: value for name, value in overrides.items() if value is not None}
    settings = load_settings()
    return Settings.model_validate(settings.model_dump() | given) if given else settings


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # so that `with` blocks end, and with them the servers if nobody else uses them
