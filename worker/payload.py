"""The content of a message: the items of a batch, each with the previous stage's result and its journey so far.

The next stage recomputes a result from the raw bytes if it is missing, too large or of another code version.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgpack

from ingest.documents import CleanDocument, ParsedDocument
from ingest.metadata.codec import METADATA
from newsmill import __version__

__all__ = ["RESULT_VERSION", "Item", "JourneyStep", "decode_item", "encode_item"]

RESULT_VERSION: Final = f"{__version__}+{METADATA.version}"
"""Stands in each packed result: what another version of the code or of the fields of metadata wrote is not read.

Workers that know no such suffix compare it with the version of their code, and drop the result as well.
"""

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
    # Workers of every version find the version first of four values.
    values = [RESULT_VERSION, type(result).__name__, METADATA.to_message(result.metadata), result.paragraphs]
    packed: bytes = msgpack.packb(values)
    return packed


def _unpack(packed: bytes) -> ParsedDocument | CleanDocument | None:
    version, kind, metadata, paragraphs = msgpack.unpackb(packed)
    if version != RESULT_VERSION:
        return None
    document = CleanDocument if kind == CleanDocument.__name__ else ParsedDocument
    return document(METADATA.from_message(metadata), tuple(paragraphs))
