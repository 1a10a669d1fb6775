"""Debian's Chromium, and a mill that runs as users run it, with its web console."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pydantic import SecretStr

from newsmill.settings import Settings
from tests.conftest import Roles
from tests.support.servers.web import OPERATOR, USERS, serving


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; where there is none, Debian's package is installed."""
    found = shutil.which("chromium")
    if found is None:
        subprocess.run(["apt-get", "update", "--quiet"], check=True, capture_output=True)
        subprocess.run(
            ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium"],
            check=True,
            capture_output=True,
        )
        found = shutil.which("chromium")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with users."""
    settings.inbox.mkdir(exist_ok=True)
    return settings.model_copy(update={"web_users": SecretStr(USERS)})


@pytest.fixture
def address(roles: Roles) -> Iterator[str]:
    """The address of a web console that runs as a process."""
    with serving(roles) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which nobody has logged in; whatever a script says or fails with ends the test."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert said == []


@pytest.fixture
def operator(page: Page) -> Page:
    """The same, with an operator logged in."""
    log_in(page, *OPERATOR)
    return page


def log_in(page: Page, name: str, password: str) -> None:
    """Logs in as a person does."""
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")


def write_article(folder: Path, name: str, text: str) -> None:
    """Puts an article into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
