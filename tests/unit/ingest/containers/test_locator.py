"""Locators, and how the ledger writes them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.locator import (
    Locator,
    Range,
    Step,
    locator_from_json,
    locator_to_json,
    name_text,
    place_text,
)

_OFFSETS = st.integers(0, 2**63 - 1)
PLACES = st.text(max_size=9) | st.builds(Range, _OFFSETS, _OFFSETS, st.text("ab/", max_size=9))
STEPS = st.builds(Step, st.sampled_from(["application/zip", "application/x-ndjson"]), PLACES)


@pytest.mark.parametrize(
    ("locator", "expected"),
    [
        ((Step("application/x-ndjson", Range(17, 230)),), "[[17, 230]]"),
        ((Step("application/zip", "a.html"),), '["a.html"]'),
        (
            (Step("application/zip", "crawl.warc"), Step("application/warc", Range(512, 9000))),
            '["crawl.warc", "application/warc", [512, 9000]]',
        ),
        ((Step("application/zip", Range(40, 70, "a.html")),), '[[40, 70, "a.html"]]'),
        ((Step("application/zip", Range(40, 70, "\udce4\0" + 999 * "a")),), f'[[40, 70, "\\ufffd\\ufffd{198 * "a"}"]]'),
    ],
)
def test_json_has_the_places_and_the_types_between_them(locator: Locator, expected: str) -> None:
    assert json.dumps(locator_to_json(locator)) == expected


@given(st.lists(STEPS, min_size=1, max_size=5).map(tuple))
def test_locator_comes_back_from_json(locator: Locator) -> None:
    written = json.loads(json.dumps(locator_to_json(locator)))
    assert locator_from_json(written, locator[0].container) == locator


@pytest.mark.parametrize(
    ("value", "name", "place"),
    [
        (None, "", None),
        ([[1017, 230]], "", "byte 1,017"),
        (["row 7"], "row 7", "row 7"),
        ([[40, 9, "a.warc"], "application/warc", [512, 9]], "a.warc", "a.warc › byte 512"),
    ],
)
def test_people_read_names_and_else_offsets(value: list[Any] | None, name: str, place: str | None) -> None:
    assert (name_text(value), place_text(value)) == (name, place)


def test_no_locator_is_none() -> None:
    assert locator_from_json(None, "text/plain") is None
