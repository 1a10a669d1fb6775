"""How metadata is written down; a field that is added needs only its declaration."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate
from ingest.metadata.codec import METADATA, SOURCES, Column, MetadataCodec
from ingest.metadata.extra import extra_of
from tests.support.metadata import day, facts

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DATES = st.builds(PublicationDate, st.datetimes(timezones=ZONES), st.sampled_from(DatePrecision))


def stated(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.builds(Fact, values, st.none() | st.sampled_from(FactSource))


METADATA_OF_ALL_KINDS = st.builds(
    Metadata,
    title=stated(WORDS),
    byline=stated(WORDS),
    publisher=stated(WORDS),
    published=stated(DATES),
    language=stated(WORDS),
    url=stated(WORDS),
    language_declared=stated(WORDS),
    description=stated(WORDS),
    section=stated(WORDS),
    tags=stated(WORDS),
    updated=stated(DATES),
    captured=stated(DATES),
    extra=stated(
        st.dictionaries(WORDS, WORDS | st.booleans() | st.lists(WORDS), min_size=1).map(extra_of).filter(bool)
    ),
)


@given(METADATA_OF_ALL_KINDS)
def test_metadata_survives_a_message_and_a_row(metadata: Metadata) -> None:
    assert METADATA.from_message(msgpack.unpackb(msgpack.packb(METADATA.to_message(metadata)))) == metadata
    row = METADATA.to_row(metadata)
    assert METADATA.from_row({**row, SOURCES: json.loads(json.dumps(row[SOURCES]))}) == metadata


@given(METADATA_OF_ALL_KINDS)
def test_what_is_written_agrees(metadata: Metadata) -> None:
    row, texts, sources = METADATA.to_row(metadata), METADATA.texts(metadata), METADATA.sources(metadata)
    known = {key for key, text in texts.items() if text is not None}
    assert known == {key for key in METADATA.keys if row[key] is not None}
    assert sources.keys() <= known
    assert METADATA.count(metadata) == len(known.intersection(METADATA.ranking_columns))


def test_columns_of_the_first_version_stay() -> None:
    assert {column.name: column.type for column in METADATA.columns}.items() >= {
        "title": str, "byline": str, "publisher": str, "published_at": datetime, "published_precision": str,
        "language": str, "url": str,
    }.items()  # fmt: skip


def test_fields_that_rank_are_those_of_the_first_version() -> None:
    """Another would rank documents that are stored already by another rule than new ones."""
    assert METADATA.ranking_columns == ("title", "byline", "publisher", "published_at", "language", "url")


@pytest.mark.parametrize(
    ("precision", "text"),
    [
        (DatePrecision.YEAR, "2024"),
        (DatePrecision.MONTH, "2024-07"),
        (DatePrecision.DAY, "2024-07-30"),
        (DatePrecision.MINUTE, "2024-07-30T12:05:00+00:00"),
        (DatePrecision.SECOND, "2024-07-30T12:05:00+00:00"),
    ],
)
def test_date_is_written_to_the_precision_of_its_source(precision: DatePrecision, text: str) -> None:
    published = PublicationDate(datetime(2024, 7, 30, 12, 5, tzinfo=UTC), precision)
    assert METADATA.texts(facts(FactSource.META, published=published))["published_at"] == text


def test_row_of_an_older_version_has_no_sources() -> None:
    row = {**METADATA.to_row(facts(FactSource.META, title="a", published=day(2024, 7, 30))), SOURCES: None}
    assert METADATA.from_row(row) == Metadata(title=Fact("a", None), published=Fact(day(2024, 7, 30), None))
    assert METADATA.sources(METADATA.from_row(row)) == {}


def test_source_that_only_a_later_version_knows_is_none() -> None:
    row = {**METADATA.to_row(facts(FactSource.META, title="a", url="b")), SOURCES: {"title": "pdf", "url": "meta"}}
    assert METADATA.from_row(row) == Metadata(title=Fact("a", None), url=Fact("b", FactSource.META))


@pytest.mark.parametrize("values", [[], [None] * 6, [["nowhere", "a"], *[None] * 6]])
def test_message_of_another_version_is_refused(values: list[Any]) -> None:
    with pytest.raises((ValueError, KeyError), match=r"zip|nowhere"):
        METADATA.from_message(values)


# A field more: this declaration is all that it takes.
@dataclass(frozen=True, slots=True)
class WithMore(Metadata):
    toy_word: Fact[str] | None = None
    toy: Fact[PublicationDate] | None = None


def test_field_that_is_added_is_written_everywhere() -> None:
    codec = MetadataCodec(WithMore)
    metadata = WithMore(
        title=Fact("a", FactSource.META),
        toy_word=Fact("Ports", FactSource.FIELD),
        toy=Fact(day(2024, 7, 30), FactSource.VISIBLE),
    )
    assert codec.columns[len(METADATA.columns) :] == (
        Column("toy_word", str),
        Column("toy_at", datetime),
        Column("toy_precision", str),
    )
    assert codec.from_message(codec.to_message(metadata)) == metadata
    assert codec.from_row(codec.to_row(metadata)) == metadata
    assert {key: text for key, text in codec.texts(metadata).items() if text} == {
        "title": "a", "toy_word": "Ports", "toy_at": "2024-07-30",
    }  # fmt: skip
    assert codec.sources(metadata) == {"title": "meta", "toy_word": "field", "toy_at": "visible"}
    assert codec.count(metadata) == METADATA.count(metadata) == 1
    assert codec.ranking_columns == METADATA.ranking_columns
    assert codec.version != METADATA.version


def test_field_that_is_added_is_completed_and_repaired() -> None:
    given_metadata = WithMore(toy_word=Fact(" Ports ", FactSource.FIELD))
    other = WithMore(toy_word=Fact("b", FactSource.META), toy=Fact(day(2024, 7, 30), FactSource.META))
    assert given_metadata.completed_by(other) == replace(other, toy_word=given_metadata.toy_word)
    assert other.with_texts(str.upper) == replace(other, toy_word=Fact("B", FactSource.META))
    assert given_metadata.with_texts(lambda text: text.strip("Ports ") or None) == WithMore()


def test_every_field_may_be_missing() -> None:
    assert METADATA.from_row(METADATA.to_row(Metadata())) == Metadata()
    assert METADATA.to_message(Metadata()) == [None] * len(fields(Metadata))
