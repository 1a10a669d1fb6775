"""The content of a message: the items of a batch, each with the previous stage's result and its journey so far.

The next stage recomputes a result from the raw bytes if it is missing, too large, of another code version, or another
document's. An id does not say which document it names: a database that goes back in time (a failover to a replica that
lags, a recovery to a point in time) gives the same ids to other documents, while Redis keeps its messages. So what
rides in a message rides with the mark of the content that it was made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import msgpack

from db.records import ClaimedItem
from ingest.documents import CleanDocument, ParsedDocument
from ingest.metadata.codec import METADATA
from newsmill import __version__

__all__ = ["RESULT_VERSION", "Item", "JourneyStep", "content_mark", "decode_item", "encode_item", "matched"]

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
    only messages from deduplicate to store have it. `content` is the mark of what these were made of (`content_mark`).
    """

    id: int
    generation: int
    result: ParsedDocument | CleanDocument | None = None
    text_hash: bytes | None = None
    journey: list[JourneyStep] = field(default_factory=list)
    content: bytes | None = None


def content_mark(claimed: ClaimedItem) -> bytes:
    """Returns 16 bytes that say which bytes a claimed item is, and how they are read: all that its results hang on."""
    place = f"{claimed.media_type}\0{claimed.offset_bytes}\0{claimed.size_bytes}\0{claimed.locator!r}"
    return blake2b(claimed.sha256 + place.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def matched(item: Item, claimed: ClaimedItem) -> Item:
    """Returns the item with the mark of what was claimed; without result and journey if these are of something else."""
    mark = content_mark(claimed)
    return item if item.content == mark else Item(claimed.id, claimed.generation, content=mark)


def encode_item(item: Item, limit_bytes: int) -> list[Any]:
    """Returns the item as plain values for a message, without a result over the limit."""
    packed = None if item.result is None else _pack(item.result)
    if packed is not None and len(packed) > limit_bytes:
        packed = None
    # Workers of older code expect six values, and do not look at the fifth.
    return [item.id, item.generation, packed, None if packed is None else item.text_hash, item.content, item.journey]


def decode_item(values: Sequence[Any]) -> Item:
    """Returns the item of such values, without a result that another version of the code made."""
    id_, generation, packed, text_hash, content, journey = values
    result = None if packed is None else _unpack(packed)
    mark = content if isinstance(content, bytes) else None  # older code may have written a number here
    return Item(id_, generation, result, None if result is None else text_hash, journey, mark)


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
