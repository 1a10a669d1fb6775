"""Which kind of file some bytes are: their content says so, and their name only where the content leaves it open."""

from ingest.formats.registry import REGISTRY, Registry
from ingest.kinds import Head

__all__ = ["detect"]


def detect(data: bytes, name: str, registry: Registry = REGISTRY) -> str:
    """Returns the media type of a file that begins with `data` and is called `name`.

    It looks at HEAD_BYTES of `data` at the most, and at the extension of the name.
    """
    head = Head.of(data, name)
    for kind in registry.kinds:
        if kind.sniff is not None and kind.sniff(head):
            return kind.media_type
    return registry.by_extension.get(head.extension, registry.fallback).media_type
