"""The documents of a file, as the mill finds them: the file itself, or what a container holds."""

from io import BytesIO
from typing import NamedTuple

from ingest.blobs.members import find_documents
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY

__all__ = ["RawBytes", "documents_of"]


class RawBytes(NamedTuple):
    """A document's bytes and media type, and its number in a container; a file of one document has none."""

    data: bytes
    media_type: str
    ordinal: int | None = None


def documents_of(data: bytes, name: str) -> list[RawBytes]:
    media_type = detect(data, name)
    container = REGISTRY.containers.get(media_type)
    if container is None:
        return [RawBytes(data, media_type)]
    contents = container.contents(BytesIO(data))
    return [
        RawBytes(contents.read(found.locator[-1].place), found.media_type, found.ordinal)
        for found in find_documents(BytesIO(data), container)
    ]
