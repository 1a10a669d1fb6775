"""The web console over a mill in this process, and somebody who asks."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from console.web.application import application
from newsmill.settings import Settings
from tests.support.servers.web import USERS
from worker.services import Services


@pytest.fixture
def with_users(settings: Settings) -> Settings:
    """Settings with a reader and an operator."""
    settings.inbox.mkdir(exist_ok=True)
    return settings.model_copy(update={"web_users": SecretStr(USERS)})


@pytest.fixture
def app(mill: Services, with_users: Settings) -> FastAPI:
    """The application, which people have to log in to."""
    return application(mill.database, with_users)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody who has not logged in and follows no redirect."""
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        yield client
