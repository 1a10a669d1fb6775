"""What was typed after `--since`, `--path` and the other filters, and what it means."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.cli.filters import moment, selection
from db.reads.dead_letters import Selection
from newsmill.errors import UsageError

NOW = datetime(2024, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "back"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("15 min", timedelta(minutes=15)),
        ("1.5h", timedelta(minutes=90)),
        (" 3D ", timedelta(days=3)),
        ("1w", timedelta(days=7)),
        ("0s", timedelta(0)),
    ],
)
def test_duration_counts_back_from_now(words: str, back: timedelta) -> None:
    assert moment("--since", words, day_ends=False, now=NOW) == NOW - back


def test_time_is_local_unless_it_says_otherwise() -> None:
    assert moment("--since", "2024-05-01T12:30+02:00", day_ends=True) == datetime(2024, 5, 1, 10, 30, tzinfo=UTC)
    assert moment("--since", "2024-05-01 12:30", day_ends=True) == datetime(2024, 5, 1, 12, 30).astimezone()


def test_date_alone_is_its_beginning_or_its_end() -> None:
    midnight = datetime(2024, 5, 1).astimezone()
    next_midnight = datetime(2024, 5, 2).astimezone()
    assert moment("--since", "2024-05-01", day_ends=False) == midnight
    assert moment("--until", "2024-05-01", day_ends=True) == next_midnight


@pytest.mark.parametrize(
    "words", ["", "yesterday", "2h30", "-2h", "2", "2024-13-01", "9999999999999d", "9999-12-31", "²h"]
)
def test_anything_else_is_refused_with_examples(words: str) -> None:
    with pytest.raises(UsageError, match=r"^--until .*: give a date or time such as 2024-05-01"):
        moment("--until", words, day_ends=True)


NONE = dict.fromkeys(("stage", "reason", "path", "since", "until"))


def test_no_option_selects_everything() -> None:
    assert selection(**NONE) == Selection()


def test_pattern_from_here_is_made_absolute(tmp_path: Path) -> None:
    assert selection(**NONE | {"path": "./inbox/*.json"}).path == f"{tmp_path}/inbox/*.json"
    assert selection(**NONE | {"path": "inbox/*.json"}).path == "inbox/*.json"


def test_bytes_that_are_no_text_are_looked_for_as_the_ledger_writes_them() -> None:
    chosen = selection(**NONE | {"path": "caf\udce9.txt", "reason": "caf\udce9"})
    assert (chosen.path, chosen.reason) == ("caf\\xe9.txt", "caf\\xe9")


@pytest.mark.parametrize(
    ("option", "value"), [("stage", "nowhere"), ("reason", " "), ("path", ""), ("since", "soon"), ("until", "soon")]
)
def test_what_cannot_be_meant_names_its_option(option: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"^--{option}"):
        selection(**NONE | {option: value})
