"""Items survive a message, and what cannot ride in one is recomputed rather than trusted."""

from dataclasses import replace
from datetime import timedelta, timezone
from hashlib import sha256
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import ClaimedItem
from ingest.containers.locator import Range, Step
from ingest.documents import (
    CleanDocument,
    DatePrecision,
    Fact,
    FactSource,
    Metadata,
    ParsedDocument,
    PublicationDate,
)
from newsmill import __version__
from tests.support.metadata import day, facts
from worker import payload
from worker.payload import Item, content_mark, decode_item, encode_item, matched

_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_dates = st.builds(PublicationDate, st.datetimes(timezones=_zones), st.sampled_from(DatePrecision))


def _facts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(Fact, values, st.sampled_from(FactSource))


_metadata = st.builds(
    Metadata,
    title=_facts(_words),
    byline=_facts(_words),
    publisher=_facts(_words),
    published=_facts(_dates),
    language=_facts(_words),
    url=_facts(_words),
)
_paragraphs = st.lists(_words, max_size=5).map(tuple)
_results = st.builds(ParsedDocument, _metadata, _paragraphs) | st.builds(CleanDocument, _metadata, _paragraphs)
_journeys = st.lists(st.tuples(_words, st.integers(0, 2**60), st.floats(0, 1e9)).map(list), max_size=4)

_RESULT = CleanDocument(facts(FactSource.META, title="A title", published=day(2024, 5, 1)), ("One.", "Two."))


def _through_a_message(values: list[Any]) -> list[Any]:
    unpacked: list[Any] = msgpack.unpackb(msgpack.packb(values))
    return unpacked


@given(st.integers(1, 2**62), st.integers(0, 2**31 - 1), st.none() | _results, _journeys)
def test_item_survives_a_message(
    id_: int, generation: int, result: ParsedDocument | CleanDocument | None, journey: list[list[Any]]
) -> None:
    item = Item(id_, generation, result, 7 if isinstance(result, CleanDocument) else None, journey, b"the mark")
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
        other_version.setattr(payload, "RESULT_VERSION", "0.0.0-other")
        values = encode_item(Item(1, 2, _RESULT, 7, [["parse", 5, 0.5]]), 10**6)
    assert decode_item(values) == Item(1, 2, None, None, [["parse", 5, 0.5]])


def test_workers_that_compare_the_version_of_the_code_drop_a_result() -> None:
    """Version 0.1.0 had metadata without sources: it finds its own version, and four values, in what it can read."""
    version, *rest = msgpack.unpackb(encode_item(Item(1, 2, _RESULT), 10**6)[2])
    assert version != __version__
    assert len(rest) == 3
    of_plain_metadata = [__version__, "CleanDocument", ["A title", None, None, None, None, None, None], ["One."]]
    values = [1, 2, msgpack.packb(of_plain_metadata), b"hash", None, []]
    assert decode_item(values) == Item(1, 2)


def test_older_workers_find_each_value_where_they_look_for_it() -> None:
    assert encode_item(Item(1, 2, journey=[["parse", 5, 0.5]]), 10**6) == [1, 2, None, None, None, [["parse", 5, 0.5]]]
    assert decode_item([1, 2, None, None, 99, [["parse", 5, 0.5]]]) == Item(1, 2, journey=[["parse", 5, 0.5]])


_CLAIMED = ClaimedItem(
    id=1,
    generation=2,
    sha256=sha256(b"a file").digest(),
    media_type="application/json",
    ordinal=3,
    locator=(Step("application/x-ndjson", Range(40, 20)),),
    offset_bytes=40,
    size_bytes=20,
    cursors=(),
    waits=0,
    strikes=0,
)
_OTHERS = [
    replace(_CLAIMED, sha256=sha256(b"another file").digest()),
    replace(_CLAIMED, media_type="text/plain"),
    replace(_CLAIMED, locator=(Step("application/x-ndjson", Range(60, 20)),)),
    replace(_CLAIMED, locator=None),
    replace(_CLAIMED, offset_bytes=60),
    replace(_CLAIMED, size_bytes=21),
]


def test_what_a_message_says_counts_for_the_content_that_it_was_made_of() -> None:
    item = Item(1, 2, _RESULT, b"hash", [["parse", 5, 0.5]], content_mark(_CLAIMED))
    assert matched(item, _CLAIMED) == item
    assert matched(item, replace(_CLAIMED, waits=4, strikes=2)) == item


@pytest.mark.parametrize("other", _OTHERS)
def test_nothing_is_kept_of_another_document_that_had_the_id(other: ClaimedItem) -> None:
    item = Item(1, 2, _RESULT, b"hash", [["parse", 5, 0.5]], content_mark(other))
    assert matched(item, _CLAIMED) == Item(1, 2, content=content_mark(_CLAIMED))


def test_nothing_is_kept_of_a_message_that_does_not_say_what_it_is_of() -> None:
    assert matched(Item(1, 2, _RESULT, b"hash"), _CLAIMED) == Item(1, 2, content=content_mark(_CLAIMED))
