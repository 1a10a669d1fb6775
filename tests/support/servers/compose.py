"""Runs a docker compose project in a folder of its own, as a user has it after copying the compose files."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import eventually
from tests.support.corpus import GeneratedFile, generate, write

__all__ = ["REPOSITORY", "Compose", "clusters_of", "run_program"]

REPOSITORY = Path(__file__).parents[3]
_IMAGE = "newsmill:test"
_SETTINGS = {
    "NEWSMILL_IMAGE": _IMAGE,
    "NEWSMILL_WORKERS": "1",
    "NEWSMILL_STALL_SECONDS": "5",
    "NEWSMILL_BATCH_DOCUMENTS": "10",  # as many batches among two thousand documents as else among twenty thousand
    "NEWSMILL_FLOWER_PORT": "0",
    "NEWSMILL_CONSOLE_PORT": "0",
}


@dataclass(frozen=True)
class Compose:
    """Runs `docker compose` on the project."""

    name: str
    folder: Path
    files: tuple[str, ...] = ("docker-compose.yml",)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def prepare(self) -> None:
        """Builds the image, and fills the folder as the README says."""
        run_program("docker", "build", "--quiet", "--tag", _IMAGE, str(REPOSITORY), timeout=300)
        for name in ("docker-compose.yml", "docker-compose.stages.yml"):
            shutil.copy(REPOSITORY / name, self.folder)
        example = (REPOSITORY / ".env.example").read_text()
        (self.folder / ".env").write_text(example + "".join(f"{k}={v}\n" for k, v in _SETTINGS.items()))
        self.inbox.mkdir()
        run_program("make", "--silent", "-C", str(REPOSITORY), "compose-secrets", f"SECRETS={self.folder / 'secrets'}")

    def __call__(self, *arguments: str, code: int | None = 0) -> str:
        """Returns the standard output of a command; fails the test on another exit code than this (None: any)."""
        files = [word for file in self.files for word in ("--file", str(self.folder / file))]
        done = run_program(
            "docker", "compose", "--project-name", self.name, "--project-directory", str(self.folder), *files,
            *arguments, code=code,
        )  # fmt: skip
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A one-off container of a role that starts and ends by itself."""
        return run_program(
            "docker", "compose", "--project-name", self.name, "--project-directory", str(self.folder),
            "run", "--rm", "--no-deps", "--no-TTY", *arguments, code=None, timeout=60,
        )  # fmt: skip

    def containers(self, service: str | None = None) -> dict[str, dict[str, Any]]:
        """What `docker inspect` says of the project's containers, by name without the project's."""
        ids = self("ps", "--all", "--quiet", *([service] if service else [])).split()
        found = json.loads(run_program("docker", "inspect", *ids).stdout) if ids else []
        return {container["Name"].removeprefix(f"/{self.name}-"): container for container in found}

    def health(self, service: str) -> str:
        """What `docker compose ps` says of a service's first container: healthy, unhealthy, starting."""
        return str(json.loads(self("ps", "--format", "json", service).splitlines()[0])["Health"])

    def newsmill(self, *arguments: str) -> str:
        """Output of `docker compose exec watcher newsmill …`."""
        return self("exec", "--no-TTY", "watcher", "newsmill", *arguments)

    def logs(self, service: str) -> list[dict[str, Any]]:
        """The lines of a service's containers, all of which have to be JSON; `container` is added."""
        lines = self("logs", "--no-color", service).splitlines()
        split = [re.split(r"\s+\| ", line, maxsplit=1) for line in lines]
        return [{"container": name.strip()} | json.loads(line) for name, line in split]

    def sql(self, query: str) -> int | None:
        """The single number that a query gives; None while PostgreSQL gives no answer."""
        command = ("exec", "--no-TTY", "postgres", "psql", "-U", "newsmill", "-XqAt", "-c", query)
        out = self(*command, code=None).strip()
        return int(out) if out else None

    def drop(self, folder: str, seed: int, count: int) -> list[GeneratedFile]:
        """Drops generated files, a fifth of them copies of others; the folder is theirs alone."""
        files = generate(seed, count, copies_share=0.2)
        write(files, self.inbox / folder)
        return files

    def finished(self, folder: str = "") -> int:
        """How many documents of a folder of the inbox have finished; -1 while PostgreSQL gives no answer."""
        found = self.sql(
            "select count(distinct d.id) from documents d join sightings s using (file_id)"
            f" where d.finished_at is not null and s.path like '/inbox/{folder}%'"
        )
        return -1 if found is None else found

    def wait_for(self, folder: str, count: int, *, seconds: float = 120) -> None:
        """Until so many documents of the folder have finished."""
        eventually(lambda: self.finished(folder) >= count, seconds=seconds, what=f"{count} of {folder} have finished")

    def exported(self, folder: str) -> list[dict[str, Any]]:
        """The documents of a folder, by `newsmill export --all`."""
        rows = [json.loads(line) for line in self.newsmill("export", "--all").splitlines()]
        return [row for row in rows if row["file"].startswith(f"/inbox/{folder}/")]

    def check(self, folder: str, files: list[GeneratedFile]) -> None:
        """Fails unless each file is exactly one document with an article, in clusters as planted."""
        rows = self.exported(folder)
        assert sorted(row["file"] for row in rows) == sorted(f"/inbox/{folder}/{file.name}" for file in files)
        assert [row for row in rows if row["error"]] == []
        found = {Path(row["file"]).name: row["cluster_id"] for row in rows}
        assert clusters_of(found) == clusters_of({file.name: file.cluster for file in files})
        assert self.sql("select count(*) from leases") == 0


def clusters_of(labels: dict[str, Any]) -> set[frozenset[str]]:
    """The partition that labels make."""
    members: dict[Any, set[str]] = {}
    for name, label in labels.items():
        members.setdefault(label, set()).add(name)
    return {frozenset(names) for names in members.values()}


def run_program(*command: str, code: int | None = 0, timeout: float = 280) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; fails the test on another exit code than this (None: any)."""
    # Nothing of this shell may set what .env says.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSMILL_", "COMPOSE_"))}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=timeout)
    assert code is None or done.returncode == code, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done
