"""Lists, objects and missing values that other programs wrote as text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata.printed_values import is_no_value, printed_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['Jane Doe', 'Richard Roe']", ["Jane Doe", "Richard Roe"]),
        ('["Jane Doe", "Richard Roe"]', ["Jane Doe", "Richard Roe"]),
        ("['Jane Doe' 'Richard Roe']", ["Jane Doe", "Richard Roe"]),
        ("('Jane Doe',)", ["Jane Doe"]),
        ("""["Jane O'Brien", nan, None]""", ["Jane O'Brien"]),
        (r"['J\xe9r\u00f4me']", ["Jérôme"]),
        ("{'id': None, 'name': 'Amber Courier'}", {"id": None, "name": "Amber Courier"}),
        ('[{"name": "Jane Doe"}]', [{"name": "Jane Doe"}]),
        ("[]", []),
        ("[Updated] The council voted", "[Updated] The council voted"),
        ("['Jane Doe'", "['Jane Doe'"),
        ("[open(1)]", "[open(1)]"),
        ("[" * 3000 + "]" * 3000, "[" * 3000 + "]" * 3000),
        ("Jane Doe", "Jane Doe"),
    ],
)
def test_what_is_written_as_text(text: str, value: Any) -> None:
    assert printed_value(text) == value


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_pythons_lists_come_back(texts: list[str]) -> None:
    assert printed_value(repr(texts)) == texts


@given(st.text(alphabet="[]{}()'\",\\ anN:1", max_size=60))
def test_any_text_gives_a_value(text: str) -> None:
    assert isinstance(printed_value(text), str | list | dict)


@pytest.mark.parametrize(
    ("text", "missing"),
    [("nan", True), (" NaT ", True), ("None", True), ("null", True), ("[]", True), ("Null Island", False), ("", False)],
)
def test_no_values(text: str, missing: bool) -> None:
    assert is_no_value(text) is missing
