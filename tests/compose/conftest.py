"""One deployment for all tests of this folder, brought up once and taken down at the end, with all that it made."""

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.support.servers.compose import Compose


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """The deployment of docker-compose.yml, up and healthy."""
    compose = Compose(f"newsmill-test-{os.getpid()}", tmp_path_factory.mktemp("deployment"))
    compose.prepare()
    try:
        compose("up", "--detach", "--wait")
        yield compose
    finally:
        compose(
            "--profile",
            "monitoring",
            "--profile",
            "web",
            "down",
            "--volumes",
            "--remove-orphans",
            "--timeout",
            "5",
            code=None,
        )


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure that was measured; none is a criterion."""

    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n    {line}")

    return say
