"""Finds the documents in a container, also in containers within it, and reads a document from where it is."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from ingest.blobs.store import BlobRange, BlobStore
from ingest.containers.container import MAX_DEPTH, START, Container, Contents, Cursor
from ingest.containers.locator import Locator, Range, Step
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY, Registry
from newsmill.errors import TerminalError, TransientError

__all__ = ["DocumentReader", "Found", "Located", "find_documents"]


class Found(NamedTuple):
    """A document in a container: its number in the file, where it is, its size in bytes and its media type.

    Unpacking goes on after it from `cursors`: one for each of the containers that it lies in, outermost first.
    """

    ordinal: int
    locator: Locator
    size_bytes: int
    media_type: str
    cursors: tuple[Cursor, ...]


def find_documents(
    stream: BinaryIO, container: Container, cursors: Sequence[Cursor] = (), registry: Registry = REGISTRY
) -> Iterator[Found]:
    """Yields the documents of a container in their order, after the one that left these cursors.

    The documents of a container within take the numbers from its own on, and what follows it takes the next ones. Where
    a container within is damaged, or lies deeper than MAX_DEPTH, it is a document itself, behind those that were found
    in it: parsing it fails with the reason, and the others go on. Raises TerminalError if the outermost is damaged.
    """
    walk = _Walk(registry)
    _, damage = yield from walk.through(lambda: nullcontext(stream), container, cursors)
    if damage is not None:
        raise damage


class _Walk:
    """Goes through containers within containers."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def through(
        self,
        open_stream: Callable[[], AbstractContextManager[BinaryIO]],
        container: Container,
        cursors: Sequence[Cursor],
        *,
        way: Locator = (),
        above: tuple[Cursor, ...] = (),
        base: int = 0,
    ) -> Generator[Found, None, tuple[int, TerminalError | None]]:
        """Yields a container's documents, numbered from `base` on; returns the last number less that, and the damage.

        `way` leads to the container, and from `above` on it is the next member of each container around it.
        """
        before, *within = cursors or (START,)
        last, shift = before.ordinal, 0  # the containers within have so many documents more than they are members
        try:
            with open_stream() as stream, container.contents(stream) as contents:
                for member in contents.members(before):
                    ordinal, damage = member.ordinal + shift, None
                    media_type = member.media_type or detect(member.head, member.name or "", self._registry)
                    locator = (*way, Step(container.media_type, member.place))
                    inner = self._registry.containers.get(media_type) if len(locator) < MAX_DEPTH else None
                    if inner is None:
                        last = ordinal
                    else:
                        counted, damage = yield from self.through(
                            partial(contents.open, member.place),
                            inner,
                            within,
                            way=locator,
                            above=(*above, before),
                            base=base + ordinal - 1,
                        )
                        last = ordinal - 1 + counted + (damage is not None)
                        shift = last - member.ordinal
                    within, before = [], Cursor(member.next_position, last)
                    if inner is None or damage is not None:
                        yield Found(base + last, locator, member.length_bytes, media_type, (*above, before))
        except TerminalError as error:
            return last, error
        return last, None


class Located(Protocol):
    """A document by where its bytes are."""

    @property
    def sha256(self) -> bytes:
        """Returns the hash of the blob that holds it."""

    @property
    def locator(self) -> Locator | None:
        """Returns the way to it; None where it is a range of the blob."""

    @property
    def offset_bytes(self) -> int:
        """Returns where that range begins."""

    @property
    def size_bytes(self) -> int:
        """Returns how long it is."""


class DocumentReader:
    """Reads the bytes of some documents: what are ranges of blobs at once, the others when they are asked for.

    Of these it keeps the containers open that the last one lies in: documents that are read in their order open each
    container once.
    """

    def __init__(self, blobs: BlobStore, documents: Iterable[Located], registry: Registry = REGISTRY) -> None:
        """Reads the ranges; what goes wrong with one is raised when that document is asked for."""
        self._blobs = blobs
        self._registry = registry
        ranges = [one for one in map(_blob_range, documents) if one is not None]
        self._ranges = dict(zip(ranges, blobs.read_many(ranges), strict=True))
        self._opened = ExitStack()
        self._around: tuple[bytes, Locator] | None = None
        self._contents: Contents | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def read(self, document: Located) -> bytes:
        """Returns the bytes of one of the documents.

        Raises TransientError where the store does not give them, TerminalError where a container does not.
        """
        range_ = _blob_range(document)
        if range_ is None:
            return self._read_within(document.sha256, document.locator or ())
        data = self._ranges[range_]
        if isinstance(data, Exception):
            raise data
        return data

    def _read_within(self, sha256: bytes, locator: Locator) -> bytes:
        around = (sha256, locator[:-1])
        if self._contents is None or around != self._around:
            self._close()
            stream = self._opened.enter_context(self._blobs.open(sha256))
            for step in locator[:-1]:
                contents = self._enter(step, stream)
                stream = self._opened.enter_context(contents.open(step.place))
            self._contents, self._around = self._enter(locator[-1], stream), around
        return self._contents.read(locator[-1].place)

    def _enter(self, step: Step, stream: BinaryIO) -> Contents:
        container = self._registry.containers.get(step.container)
        if container is None:
            raise TransientError(
                f"it lies in a container of media type {step.container!r}, which this version does not know:"
                " upgrade Newsmill"
            )
        return self._opened.enter_context(container.contents(stream))

    def _close(self) -> None:
        self._contents = self._around = None
        self._opened.close()


def _blob_range(document: Located) -> BlobRange | None:
    """Returns the range of the blob that the document is; None if it is to be read from a container."""
    if document.locator is None:
        return BlobRange(document.sha256, document.offset_bytes, document.size_bytes)
    (_, place), *deeper = document.locator
    return BlobRange(document.sha256, *place) if isinstance(place, Range) and not deeper else None
