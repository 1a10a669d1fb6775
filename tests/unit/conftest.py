"""Unit tests are values, small fakes and files: what needs a server is an integration test."""

from typing import NoReturn

import pytest


@pytest.fixture(scope="session")
def server_urls() -> NoReturn:
    """In place of the run's servers, which take seconds to start."""
    pytest.fail("a unit test starts no servers: move it to tests/integration")
