"""Metadata as tests write it down."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lxml.html import document_fromstring

from ingest.documents import DatePrecision, Fact, FactSource, Metadata, ParsedDocument, PublicationDate
from ingest.markup.declared import read_metadata
from ingest.metadata.codec import METADATA

__all__ = ["core", "day", "facts", "metadata_of", "script", "values"]


def facts(source: FactSource, **values: Any) -> Metadata:
    """Metadata whose values all have this source."""
    return Metadata(**{name: Fact(value, source) for name, value in values.items()})


def day(year: int, month: int, day: int) -> PublicationDate:
    """A date of which no time of day is known."""
    return PublicationDate(datetime(year, month, day, tzinfo=UTC), DatePrecision.DAY)


def core(document: ParsedDocument) -> ParsedDocument:
    """The document without what its record says of the article besides."""
    beside = dict.fromkeys(("description", "section", "tags", "credits", "updated", "captured", "extra"))
    return replace(document, metadata=replace(document.metadata, **beside))


def values(metadata: Metadata) -> dict[str, str]:
    """What is known, as exports have it."""
    return {name: text for name, text in METADATA.texts(metadata).items() if text is not None}


def metadata_of(head: str = "", body: str = "", attributes: str = "", address: str = "") -> Metadata:
    """What a page with this head and body says of itself."""
    return read_metadata(
        document_fromstring(f"<html {attributes}><head>{head}</head><body>{body}<p>x</p></body></html>"), address
    )


def script(value: Any) -> str:
    """A page's JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'
