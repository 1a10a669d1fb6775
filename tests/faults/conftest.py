"""Fixtures that the fault tests share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import tests
from ingest.inbox.files import SeenFile
from ingest.inbox.scan import scan
from newsmill.settings import ServerUrls, Settings
from tests.conftest import Roles
from tests.support.corpus import GeneratedFile, write
from tests.support.inboxes import WatchedInbox
from worker.intake.accept import accept
from worker.services import Services


@pytest.fixture
def ledger(urls: ServerUrls) -> Iterator[psycopg.Connection[Any]]:
    """Opens the test's own connection to its database."""
    with psycopg.connect(urls.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def inbox(settings: Settings, roles: Roles, ledger: psycopg.Connection[Any]) -> WatchedInbox:
    """Returns the inbox of the test's settings, for which watchers can be started."""
    return WatchedInbox(settings, roles, ledger)


@pytest.fixture
def importable_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets child processes import `tests.support.programs.poison`."""
    monkeypatch.setenv("PYTHONPATH", str(Path(tests.__file__).parents[1]))


@pytest.fixture
def drop(mill: Services, tmp_path: Path) -> "Drop":
    """Returns a function that takes files in at once, as one group."""
    return Drop(mill, tmp_path / "dropped")


class Drop:
    """Writes files and registers them."""

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder
        self._groups = 0

    def __call__(self, files: list[GeneratedFile]) -> None:
        self._groups += 1
        folder = self._folder / str(self._groups)
        write(files, folder)
        group: list[SeenFile] = sorted(scan(folder), key=lambda seen_file: seen_file.path)
        assert accept(self._services, group).errors == {}
