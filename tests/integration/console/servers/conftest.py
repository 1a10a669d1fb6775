"""A home with a PostgreSQL folder, copied: making one takes a second."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.servers.embedded import servers
from tests.support.servers.embedded import answers, configured


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped PostgreSQL folder; tests copy it rather than make their own."""
    home = tmp_path_factory.mktemp("cluster")
    with servers(configured(home, redis_url="redis://unused")):
        pass
    return home / "postgres"


@pytest.fixture
def home(tmp_path: Path, cluster: Path) -> Iterator[Path]:
    path = tmp_path / "home"
    shutil.copytree(cluster, path / "postgres")
    yield path
    assert not any(answers(path)), "the test left a server behind"
