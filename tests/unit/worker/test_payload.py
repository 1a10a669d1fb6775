"""Items survive a message, and what cannot ride in one is recomputed rather than trusted."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import CleanDocument, DatePrecision, Metadata, ParsedDocument
from worker import payload
from worker.payload import Item, decode_item, encode_item

_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_metadata = st.builds(
    Metadata,
    title=st.none() | _words,
    byline=st.none() | _words,
    publisher=st.none() | _words,
    published_at=st.none() | st.datetimes(timezones=_zones),
    published_precision=st.none() | st.sampled_from(DatePrecision),
    language=st.none() | _words,
    url=st.none() | _words,
)
_paragraphs = st.lists(_words, max_size=5).map(tuple)
_results = st.builds(ParsedDocument, _metadata, _paragraphs) | st.builds(CleanDocument, _metadata, _paragraphs)
_journeys = st.lists(st.tuples(_words, st.integers(0, 2**60), st.floats(0, 1e9)).map(list), max_size=4)

_RESULT = CleanDocument(Metadata(title="A title", published_at=datetime(2024, 5, 1, tzinfo=UTC)), ("One.", "Two."))


def _through_a_message(values: list[Any]) -> list[Any]:
    unpacked: list[Any] = msgpack.unpackb(msgpack.packb(values))
    return unpacked


@given(st.integers(1, 2**62), st.integers(0, 2**31 - 1), st.none() | _results, _journeys)
def test_item_survives_a_message(
    id_: int, generation: int, result: ParsedDocument | CleanDocument | None, journey: list[list[Any]]
) -> None:
    item = Item(id_, generation, result, 7 if isinstance(result, CleanDocument) else None, journey)
    decoded = decode_item(_through_a_message(encode_item(item, 10**6)))
    assert decoded == item
    assert type(decoded.result) is type(result)


def test_result_over_the_cap_is_left_out_with_what_depends_on_it() -> None:
    item = Item(1, 2, _RESULT, 7, [["parse", 5, 0.5]])
    size_bytes = len(encode_item(item, 10**6)[2])
    assert decode_item(encode_item(item, size_bytes)) == item
    assert decode_item(encode_item(item, size_bytes - 1)) == Item(1, 2, None, None, [["parse", 5, 0.5]])


def test_result_of_another_version_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other_version:
        other_version.setattr(payload, "__version__", "0.0.0-other")
        values = encode_item(Item(1, 2, _RESULT, 7, [["parse", 5, 0.5]]), 10**6)
    assert decode_item(values) == Item(1, 2, None, None, [["parse", 5, 0.5]])


def test_older_workers_find_each_value_where_they_look_for_it() -> None:
    assert encode_item(Item(1, 2, journey=[["parse", 5, 0.5]]), 10**6) == [1, 2, None, None, None, [["parse", 5, 0.5]]]
    assert decode_item([1, 2, None, None, 99, [["parse", 5, 0.5]]]) == Item(1, 2, journey=[["parse", 5, 0.5]])
