"""The demo's samples are dropped whole, and are waited for no longer than it takes."""

from pathlib import Path

import pytest

from console.services.samples import NotSettledError, drop, wait_until_done


class FakeDatabase:
    """Done at the last of so many questions."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def run(self, *_: object, **__: object) -> bool:
        self.left -= 1
        return self.left <= 0


def test_samples_lie_in_the_inbox_under_their_names(tmp_path: Path) -> None:
    sample = tmp_path / "a.txt"
    sample.write_text("a story")
    (tmp_path / "inbox").mkdir()
    drop([sample], tmp_path / "inbox")
    assert {path.name: path.read_text() for path in (tmp_path / "inbox").iterdir()} == {"a.txt": "a story"}


def test_samples_are_waited_for_until_they_are_done() -> None:
    waits: list[float] = []
    wait_until_done(FakeDatabase(3), 1, wait=waits.append)  # type: ignore[arg-type]
    assert len(waits) == 2


def test_samples_that_do_not_settle_are_given_up() -> None:
    with pytest.raises(NotSettledError, match="the demo did not settle within 0 s"):
        wait_until_done(FakeDatabase(10**9), 1, limit_seconds=0, wait=lambda _: None)  # type: ignore[arg-type]
