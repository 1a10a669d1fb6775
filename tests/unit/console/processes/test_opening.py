"""What a `newsmill up` leaves for others to read: that it runs, and what it watches."""

from pathlib import Path

import pytest

from console.processes.opening import inbox_of_up, sole_up
from newsmill.errors import ConfigurationError


@pytest.mark.parametrize("name", ["inbox", "in box\nwith a line break", "t\udcfcr"])
def test_others_learn_which_inbox_is_watched_while_it_runs(tmp_path: Path, name: str) -> None:
    home, inbox = tmp_path / "home", tmp_path / name
    assert inbox_of_up(home) is None
    with sole_up(home, inbox):
        assert inbox_of_up(home) == inbox
        with pytest.raises(ConfigurationError, match=r"runs on .* already, as process \d+; for more workers"):
            sole_up(home, inbox).__enter__()


def test_a_dead_one_watches_nothing(tmp_path: Path) -> None:
    with sole_up(tmp_path, tmp_path / "inbox"):
        (lock,) = tmp_path.glob("up-*.lock")
        kept = lock.read_bytes().partition(b"\n")[2]
    lock.write_bytes(b"999999999\n" + kept)
    assert inbox_of_up(tmp_path) is None
