"""The content of a message: the items of a batch, each with the previous stage's result and its journey so far.

The next stage recomputes a result from the raw bytes if it is missing, too large or of another code version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgpack

from ingest.documents import CleanDocument, DatePrecision, Metadata, ParsedDocument
from newsmill import __version__

__all__ = ["Item", "JourneyStep", "decode_item", "encode_item"]

JourneyStep = list[Any]
"""[stage, start in milliseconds since 1970 (UTC), duration in milliseconds]."""


@dataclass(frozen=True, slots=True)
class Item:
    """One document in a message.

    `result` is the previous stage's, or None if it has to be recomputed. `text_hash` is the hash of the result's text;
    only messages from deduplicate to store have it.
    """

    id: int
    generation: int
    result: ParsedDocument | CleanDocument | None = None
    text_hash: bytes | None = None
    journey: list[JourneyStep] = field(default_factory=list)


def encode_item(item: Item, limit_bytes: int) -> list[Any]:
    """Returns the item as plain values for a message, without a result over the limit."""
    packed = None if item.result is None else _pack(item.result)
    if packed is not None and len(packed) > limit_bytes:
        packed = None
    # Older workers may run beside this one, and expect a fifth value here.
    return [item.id, item.generation, packed, None if packed is None else item.text_hash, None, item.journey]


def decode_item(values: Sequence[Any]) -> Item:
    """Returns the item of such values, without a result that another version of the code made."""
    id_, generation, packed, text_hash, _, journey = values
    result = None if packed is None else _unpack(packed)
    return Item(id_, generation, result, None if result is None else text_hash, journey)


def _pack(result: ParsedDocument | CleanDocument) -> bytes:
    m = result.metadata
    published = None if m.published_at is None else m.published_at.isoformat()
    metadata = [m.title, m.byline, m.publisher, published, m.published_precision, m.language, m.url]
    packed: bytes = msgpack.packb([__version__, type(result).__name__, metadata, result.paragraphs])
    return packed


def _unpack(packed: bytes) -> ParsedDocument | CleanDocument | None:
    version, kind, metadata, paragraphs = msgpack.unpackb(packed)
    if version != __version__:
        return None
    title, byline, publisher, published, precision, language, url = metadata
    return (CleanDocument if kind == CleanDocument.__name__ else ParsedDocument)(
        Metadata(
            title=title,
            byline=byline,
            publisher=publisher,
            published_at=None if published is None else datetime.fromisoformat(published),
            published_precision=None if precision is None else DatePrecision(precision),
            language=language,
            url=url,
        ),
        tuple(paragraphs),
    )
