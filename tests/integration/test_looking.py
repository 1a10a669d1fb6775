"""What `newsmill show` and `newsmill status` say, line by line."""

import re
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from console.failed import run_failed
from console.looking import run_show
from db.dead_letters import Selection
from newsmill.settings import Settings
from tests.support.inline import InlineQueue, inline_queue
from worker.mill import Mill

STORY = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel. "
    "The work begins in May, costs four million crowns and will take two years, the mayor said."
)


@pytest.fixture
def queue(mill: Mill, settings: Settings) -> InlineQueue:
    """A story and a file that cannot be read."""
    queue = inline_queue(mill)
    settings.inbox.mkdir()
    (settings.inbox / "story.txt").write_text(f"A bridge for Varnholt\n\n{STORY}\n")
    (settings.inbox / "bad.json").write_text("{}")
    queue.take_in(settings.inbox)
    queue.settle()
    return queue


@pytest.fixture
def in_delhi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of this user is 5:30 h before UTC."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(settings: Settings, item: object) -> list[str]:
    out = Console(file=StringIO(), width=1000)
    run_show(settings, str(item), as_json=False, out=out)
    return out.file.getvalue().splitlines()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("in_delhi")
def test_times_are_those_of_the_users_clock_everywhere(queue: InlineQueue, settings: Settings) -> None:
    with queue.mill.database.transaction() as connection:
        for statement in (
            "update sightings set seen_at = '2024-05-01 20:00:00+00'",
            "update documents set registered_at = '2024-05-01 20:00:01+00', finished_at = '2024-05-01 20:00:02+00'",
            "update failures set occurred_at = '2024-05-01 20:00:03+00'",
        ):
            connection.exec_driver_sql(statement)
    said = "\n".join(shown(settings, settings.inbox / "bad.json"))
    assert re.findall(r"(\w+) +(2024-\S+ \d\d:\d\d:\d\d)", said) == [
        ("seen", "2024-05-02 01:30:00"),
        ("registered", "2024-05-02 01:30:01"),
        ("finished", "2024-05-02 01:30:02"),
        ("failure", "2024-05-02 01:30:03"),
    ]
    out = Console(file=StringIO(), width=1000)
    run_failed(settings, Selection(), as_json=False, single=True, out=out)
    assert "2024-05-02 01:30:02" in out.file.getvalue()  # type: ignore[attr-defined]
