"""The `newsmill` command as a user runs it, with an environment, home and inbox of its own.

What runs on and what a shell calls is the installed script; what ends by itself is forked from a process that has the
modules imported (`tests.support.programs.preloaded`).
"""

import json
import os
import subprocess
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.processes.opening import opened_database
from db.reads.status import Status, status
from newsmill.settings import Settings
from tests.support.programs.preloaded import run_command

__all__ = ["SCRIPT", "Answer", "Commands"]

SCRIPT = Path(sysconfig.get_path("scripts")) / "newsmill"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output, which has to be one JSON document."""
        return json.loads(self.out)


@dataclass
class Commands:
    """Commands on one home, with embedded servers unless others are named."""

    folder: Path
    servers: dict[str, str] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "NEWSMILL_HOME": str(self.folder / "home"),
            "NEWSMILL_INBOX": str(self.inbox),
            "NEWSMILL_WORKERS": "1",
            "NEWSMILL_SWEEP_SECONDS": "0.2",
            "NEWSMILL_LOG_FORMAT": "json",
        }
        return (
            {name: value for name, value in os.environ.items() if not name.startswith("NEWSMILL_")}
            | ours
            | self.servers
        )

    def __call__(self, *arguments: str | Path) -> Answer:
        """Runs a command to its end."""
        code, out, err = run_command(
            [str(argument) for argument in arguments],
            environment=self.environment,
            folder=self.folder,
            timeout_seconds=120,
        )
        return Answer(code, out.decode(), err.decode())

    def status(self) -> Status:
        """What `newsmill status` would say, without a process."""
        servers = {name.removeprefix("NEWSMILL_").lower(): url for name, url in self.servers.items()}
        settings = Settings.model_validate({"home": self.folder / "home", **servers})
        with opened_database(settings, "test") as database, database.transaction() as connection:
            return status(connection)

    def settled(self, documents: int) -> bool:
        """Whether at least so many documents are registered, and all of them done or failed."""
        now = self.status()
        counts = now.documents
        return not any(now.again.values()) and (
            counts.by_state["done"] + counts.by_state["failed"] == counts.total >= documents
        )

    def shell(self, line: str) -> Answer:
        """Runs a line of bash in which $NEWSMILL is the command."""
        environment = self.environment | {"NEWSMILL": str(SCRIPT)}
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            check=False, env=environment, cwd=self.folder, capture_output=True, timeout=120,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Starts a command whose output goes to `log`."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [SCRIPT, *arguments], env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip
        self.running.append(process)
        return process

    def said(self, words: str) -> bool:
        """Whether these words stand in the log."""
        return words in self.log.read_text(errors="replace")

    def stop(self) -> None:
        """Ends what still runs."""
        for process in self.running:
            if process.poll() is None:
                process.terminate()
        for process in self.running:
            process.wait(timeout=60)
