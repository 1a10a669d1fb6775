"""What `newsmill` lists is what there is, and a command loads nothing that it does not need."""

import subprocess
import sys
from typing import Any

import pytest
import typer

from console.cli.app import COMMANDS, app

_LOADED = "import sys; print(*sorted(set(name.partition('.')[0] for name in sys.modules)))"


def test_every_command_that_is_listed_is_there() -> None:
    group: Any = typer.main.get_command(app)
    assert [(name, command.name) for name, command in group.commands.items()] == [(name, name) for name in COMMANDS]


@pytest.mark.parametrize(
    ("runs", "needless"),
    [
        (
            "from console.cli.app import app; app(['--help'], standalone_mode=False)",
            "rich pydantic structlog sqlalchemy",
        ),
        (
            "import console.cli.status, console.processes.opening, console.services.overview",
            "alembic celery kombu lxml numpy redis",
        ),
        ("import console.cli.health, console.processes.running, console.services.checks.probe", "alembic celery lxml"),
    ],
)
def test_what_is_slow_to_import_is_imported_by_whom_it_serves(runs: str, needless: str) -> None:
    ran = subprocess.run([sys.executable, "-c", f"{runs}\n{_LOADED}"], capture_output=True, text=True, check=True)
    assert set(ran.stdout.splitlines()[-1].split()) & set(needless.split()) == set()
