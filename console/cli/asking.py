"""Questions before something is changed in bulk or for good."""

import sys
from collections.abc import Callable

import typer

__all__ = ["Ask", "asked_on_a_terminal", "asked_unless"]

Ask = Callable[[str], bool]
"""Shows a question; False where the answer is no."""


def asked_on_a_terminal(*, yes: bool) -> Ask | None:
    """Asks where somebody sits; with `--yes`, in a pipe or in a script it goes on at once (None)."""
    return None if yes or not sys.stdin.isatty() else typer.confirm


def asked_unless(*, yes: bool) -> Ask | None:
    """Asks before anything goes for good; where nobody can answer, that is wrong usage and not a yes."""
    if yes:
        return None
    return typer.confirm if sys.stdin.isatty() else _refuse


def _refuse(question: str) -> bool:
    raise typer.BadParameter(f"{question} This is not a terminal: say --yes", param_hint="--yes")
