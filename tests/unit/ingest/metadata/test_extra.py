"""What a record has besides: small, canonical, and nothing that a database cannot hold."""

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Extra
from ingest.metadata.extra import MAX_EXTRA_BYTES, extra_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3000),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(record=st.dictionaries(st.text(max_size=9), VALUES, max_size=20), seed=st.integers())
def test_it_is_small_canonical_and_can_be_stored(record: dict[str, Any], seed: int) -> None:
    shuffled = list(record.items())
    random.Random(seed).shuffle(shuffled)
    extra = extra_of(record)
    assert extra_of(dict(shuffled)) == extra
    if extra is not None:
        text = str(extra)
        value = json.loads(text)
        assert json.dumps(value, ensure_ascii=False, sort_keys=True) == text
        assert len(text.encode()) <= MAX_EXTRA_BYTES + 2
        assert "\\u0000" not in text
        assert "NaN" not in value.values()


def test_the_largest_fields_are_left_out_where_there_is_no_room() -> None:
    record = {f"field {n}": "x" * 1900 for n in range(9)} | {
        "id": 7,
        "tags": ["a", None, ""],
        "none": None,
        "empty": {},
    }
    kept = json.loads(str(extra_of(record)))
    assert kept.keys() == {"id", "tags", *(f"field {n}" for n in range(8))}
    assert kept["tags"] == ["a"]
    assert extra_of({"none": None, "text": "x" * 5000}) is None
    assert extra_of({"a\0b": "c\ud800d"}) == Extra('{"ab": "cd"}')
