"""The processes that run, and the settings in force."""

import re
from typing import Any

from pydantic import SecretStr

from db import processes
from db.processes import ProcessState, View
from db.sessions import Database
from newsmill.settings import Settings

__all__ = ["ProcessState", "View", "problems", "settings_in_force", "view"]

_SECONDS = 5.0


def view(database: Database, settings: Settings) -> View:
    """What the rule of `newsmill health` looks at: the processes, and what is due."""
    return database.run(processes.look, settings, statement_seconds=_SECONDS, retry_seconds=0)


def problems(found: View, settings: Settings) -> tuple[str, ...]:
    """What is wrong, a line each; nothing where work moves."""
    return tuple(processes.problems(found, settings))


def settings_in_force(settings: Settings) -> dict[str, Any]:
    """The settings of this process by name; of secrets only whether they are set."""
    return {name: _shown(value) for name, value in settings}


def _shown(value: object) -> object:
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, str):
        return re.sub(r"//[^/@\s]*@", "//(set)@", value)
    return value if isinstance(value, bool | int | float | None) else str(value)
