"""What is printed cannot steer a terminal, whatever it is called."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.printing import ago, counted, json_text, print_json, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("plain “text” – with ümlauts, 漢字 and 👍", "plain “text” – with ümlauts, 漢字 and 👍"),
        ("two\nlines\tand\rmore", "two\\nlines\\tand\\rmore"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("right\u202eto left", "right\\u202eto left"),
        ("\udcff from a name that is no UTF-8", "\\udcff from a name that is no UTF-8"),
    ],
)
def test_control_characters_are_escaped(text: str | None, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_what_is_shown_is_printable_and_can_be_written(text: str) -> None:
    assert visible(text).isprintable()
    visible(text).encode("utf-8")


def test_json_is_one_document_with_plain_times_and_paths(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2024, 5, 1, tzinfo=UTC), "path": Path("/in/ü")})
    assert json.loads(capsys.readouterr().out) == {"at": "2024-05-01T00:00:00+00:00", "path": "/in/ü"}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s ago"), (-50, "0 s ago"), (119, "119 s ago"), (120, "2 min ago"), (7200, "2 h ago"), (3e5, "3 d ago")],
)
def test_ago_uses_one_unit(seconds: float, said: str) -> None:
    assert ago(datetime.now(UTC) - timedelta(seconds=seconds)) == said
    assert ago(None) == "-"


def test_json_is_the_same_value_and_cannot_steer_a_terminal() -> None:
    value = {"path": "a\x1b[2J\x9b2J\u202egnp.\u2066x", "é": "“”"}
    assert json.loads(json_text(value)) == value
    assert json_text(value) == '{"path": "a\\u001b[2J\\u009b2J\\u202egnp.\\u2066x", "é": "“”"}'


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_000_000, "1,000,000 files")]
)
def test_nouns_are_counted(number: int, said: str) -> None:
    assert counted(number, "file") == said
