"""The documents of a file, as the mill finds them: the file itself, or what a container holds."""

from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import BinaryIO, NamedTuple

from ingest.blobs.members import find_documents
from ingest.containers.locator import Locator
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY

__all__ = ["RawBytes", "documents_of", "each_document"]


class RawBytes(NamedTuple):
    """A document's bytes and media type, and its number in a container; a file of one document has none."""

    data: bytes
    media_type: str
    ordinal: int | None = None


def documents_of(data: bytes, name: str) -> list[RawBytes]:
    return list(each_document(data, name))


def each_document(data: bytes, name: str) -> Iterator[RawBytes]:
    """Yields the documents. Raises TerminalError behind the last one where the file says that others are missing."""
    media_type = detect(data, name)
    container = REGISTRY.containers.get(media_type)
    if container is None:
        yield RawBytes(data, media_type)
        return
    for found in find_documents(BytesIO(data), container, file_name=name):
        if found.skipped is None:
            yield RawBytes(_read(data, found.locator), found.media_type, found.ordinal)


def _read(data: bytes, locator: Locator) -> bytes:
    with ExitStack() as opened:
        stream: BinaryIO = BytesIO(data)
        for step in locator[:-1]:
            contents = opened.enter_context(REGISTRY.containers[step.container].contents(stream))
            stream = opened.enter_context(contents.open(step.place))
        last = opened.enter_context(REGISTRY.containers[locator[-1].container].contents(stream))
        return last.read(locator[-1].place)
