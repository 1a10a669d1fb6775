"""Metadata as tests write it down."""

from datetime import UTC, datetime
from typing import Any

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, PublicationDate
from ingest.metadata.codec import METADATA

__all__ = ["day", "facts", "values"]


def facts(source: FactSource, **values: Any) -> Metadata:
    """Metadata whose values all have this source."""
    return Metadata(**{name: Fact(value, source) for name, value in values.items()})


def day(year: int, month: int, day: int) -> PublicationDate:
    """A date of which no time of day is known."""
    return PublicationDate(datetime(year, month, day, tzinfo=UTC), DatePrecision.DAY)


def values(metadata: Metadata) -> dict[str, str]:
    """What is known, as exports have it."""
    return {name: text for name, text in METADATA.texts(metadata).items() if text is not None}
