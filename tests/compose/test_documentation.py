"""What docs/compose.md shows runs as it stands there, in order, in a clone of the repository; a restore is the same."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.conftest import eventually
from tests.support.corpus import generate
from tests.support.servers.compose import REPOSITORY

PAGE = (REPOSITORY / "docs/compose.md").read_text()


def test_what_the_how_to_shows_runs_and_a_restore_gives_back_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "newsmill"
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    articles = folder / "articles"
    articles.mkdir()
    for name, file in zip(("some-article.html", "other.txt"), generate(1, 2, copies_share=0), strict=True):
        (articles / name).write_text(file.text if name.endswith("txt") else f"<html><body><p>{file.text}</p></body>")
    (folder / "backup").mkdir()
    (folder / "backup").chmod(0o777)  # the image's user is not ours
    # What users may have set stays out, and this deployment apart from others; the port is whatever is free.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSMILL_", "COMPOSE_"))}
    environment |= {"COMPOSE_PROJECT_NAME": f"newsmill-docs-{os.getpid()}", "NEWSMILL_IMAGE": "newsmill:test-docs"}
    environment |= {"NEWSMILL_FLOWER_PORT": "0", "NEWSMILL_CONSOLE_PORT": "0"}

    def shell(line: str) -> str:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            check=False, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=280,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def exported() -> str:
        return shell("docker compose exec -T watcher newsmill export --all")

    def finished() -> bool:
        counts = json.loads(shell("docker compose exec -T watcher newsmill status --json"))["documents"]
        return bool(counts["by_state"]["done"] == counts["total"] == 2)

    lines = [match[1] for line in PAGE.splitlines() if (match := re.fullmatch("    (.*)", line))]
    assert lines[-1] == "docker compose down"
    lines.remove("git pull")
    before = ""
    try:
        for line in lines:
            if line.endswith("postgres redis"):  # what follows wants an empty deployment
                before = exported()
                shell("docker compose --profile '*' down --volumes")
            shell(line)
            if line.startswith("cp "):
                eventually(finished, what="both articles are stored")
        assert len((folder / "corpus.jsonl").read_text().splitlines()) == 2
        shell("docker compose up -d --wait")
        assert exported() == before != ""
    finally:
        shell("docker compose --profile '*' down --volumes --timeout 5; docker image rm newsmill:test-docs")
