"""Locators, and how the ledger writes them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.locator import Locator, Range, Step, locator_from_json, locator_to_json

PLACES = st.text(max_size=9) | st.builds(Range, st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
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
    ],
)
def test_json_has_the_places_and_the_types_between_them(locator: Locator, expected: str) -> None:
    assert json.dumps(locator_to_json(locator)) == expected


@given(st.lists(STEPS, min_size=1, max_size=5).map(tuple))
def test_locator_comes_back_from_json(locator: Locator) -> None:
    written = json.loads(json.dumps(locator_to_json(locator)))
    assert locator_from_json(written, locator[0].container) == locator


def test_no_locator_is_none() -> None:
    assert locator_from_json(None, "text/plain") is None
