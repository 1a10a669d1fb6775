"""Finds the documents in a container, also in containers within it, and reads a document from where it is."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from hashlib import sha256
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from ingest.blobs.kept_streams import KEPT
from ingest.blobs.store import BlobRange, BlobStore
from ingest.containers.container import MAX_DEPTH, START, Container, Contents, Cursor, Member
from ingest.containers.locator import Locator, Range, Step
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY, Registry
from newsmill.errors import TerminalError, TransientError

__all__ = ["DocumentReader", "Found", "Located", "find_documents"]


class Found(NamedTuple):
    """A document in a container: its number in the file, where it is, its size in bytes and its media type.

    Unpacking goes on after it from `cursors`: one for each of the containers that it lies in, outermost first.
    `hollow`: it is tiny and cannot be read. With a reason in `skipped` it is no document, has no number and is only
    counted.
    """

    ordinal: int
    locator: Locator
    size_bytes: int
    media_type: str
    cursors: tuple[Cursor, ...]
    hollow: bool = False
    skipped: str | None = None


def find_documents(
    stream: BinaryIO,
    container: Container,
    cursors: Sequence[Cursor] = (),
    registry: Registry = REGISTRY,
    *,
    file_name: str = "",
    blob: bytes | None = None,
) -> Iterator[Found]:
    """Yields the documents of a container in their order, after the one that left these cursors.

    The documents of a container within take the numbers from its own on, and what follows it takes the next ones. Where
    a container within is damaged, or lies deeper than MAX_DEPTH, it is a document itself, behind those that were found
    in it: parsing it fails with the reason, and the others go on. Tiny members in a row of which none can be read are
    one document, under the number of the first. Raises TerminalError if the outermost is damaged.

    `file_name` is what the file is called: what is compressed as a whole has that name without its ending. With the
    hash of the `blob` that is read, what had to be decompressed for containers within is kept for who reads it next.
    """
    walk = _Walk(registry, blob)
    ended: list[TerminalError | None] = []

    def documents() -> Iterator[Found]:
        _, damage = yield from walk.through(lambda: nullcontext(stream), container, cursors, file_name=file_name)
        ended.append(damage)

    yield from _joined(documents())
    if ended[0] is not None:
        raise ended[0]


_RUN_MEMBERS = 10_000
_RUN_BYTES = 256 * 1024


def _joined(documents: Iterator[Found]) -> Iterator[Found]:
    """Yields the documents, with those in a row that cannot be read as one; a run has a length that memory can take."""
    run: Found | None = None
    members = 0
    for found in documents:
        if run is not None:
            longer = _longer(run, found) if members < _RUN_MEMBERS else None
            if longer is not None:
                run, members = longer, members + 1
                continue
            yield run
            run = None
        if found.hollow:
            run, members = found, 1
        else:
            yield found
    if run is not None:
        yield run


def _longer(run: Found, found: Found) -> Found | None:
    """Returns the run with the document that follows it; None if that is no part of it."""
    if found.skipped is not None:
        return None
    *way, (container, begin) = run.locator
    *its_way, (_, place) = found.locator
    if not found.hollow or way != its_way or not isinstance(begin, Range) or not isinstance(place, Range):
        return None
    size_bytes = place.offset_bytes + place.length_bytes - begin.offset_bytes
    if size_bytes > _RUN_BYTES:
        return None
    locator = (*way, Step(container, Range(begin.offset_bytes, size_bytes)))
    return Found(run.ordinal, locator, size_bytes, run.media_type, found.cursors, hollow=True)


class _Walk:
    """Goes through containers within containers."""

    def __init__(self, registry: Registry, blob: bytes | None) -> None:
        self._registry = registry
        self._blob = blob
        self._hollow: tuple[bytes, bool] = (b"", False)
        """The tiny member that was looked at last, and whether it cannot be read: many are alike."""

    def _kind_of(self, member: Member) -> str:
        return member.media_type or detect(member.head, member.name or member.file_name, self._registry)

    def _is_hollow(self, data: bytes, media_type: str) -> bool:
        if not data:
            return False
        if self._hollow[0] != data:
            try:
                parse(data, media_type, self._registry)
            except TerminalError:
                self._hollow = (data, True)
            else:
                self._hollow = (data, False)
        return self._hollow[1]

    @contextmanager
    def _opened(self, contents: Contents, locator: Locator) -> Iterator[BinaryIO]:
        """Opens a container within; what had to be decompressed for it is kept."""
        key = None if self._blob is None else (self._blob, locator)
        stream = (key and KEPT.take(key)) or contents.open(locator[-1].place)
        try:
            yield stream
        finally:
            KEPT.give_back(key, stream)

    def through(
        self,
        open_stream: Callable[[], AbstractContextManager[BinaryIO]],
        container: Container,
        cursors: Sequence[Cursor],
        *,
        way: Locator = (),
        above: tuple[Cursor, ...] = (),
        base: int = 0,
        file_name: str = "",
    ) -> Generator[Found, None, tuple[int, TerminalError | None]]:
        """Yields a container's documents, numbered from `base` on; returns the last number less that, and the damage.

        `way` leads to the container, and from `above` on it is the next member of each container around it.
        """
        before, *within = cursors or (START,)
        last, shift = before.ordinal, 0  # the containers within have so many documents more than they are members
        try:
            with open_stream() as stream, container.contents(stream) as contents:
                contents.file_name = file_name
                for member in contents.members(before):
                    if member.skipped is not None:
                        before = Cursor(member.next_position, before.ordinal)
                        yield Found(0, way, 0, "", (*above, before), skipped=member.skipped)
                        continue
                    ordinal, damage = member.ordinal + shift, None
                    media_type = self._kind_of(member)
                    locator = (*way, Step(container.media_type, member.place))
                    inner = self._registry.containers.get(media_type) if len(locator) < MAX_DEPTH else None
                    if inner is None:
                        last = ordinal
                    else:
                        name = member.name or member.file_name
                        opened, around = partial(self._opened, contents, locator), (*above, before)
                        counted, damage = yield from self.through(
                            opened, inner, within, way=locator, above=around, base=base + ordinal - 1, file_name=name
                        )
                        last = ordinal - 1 + counted + (damage is not None)
                        shift = last - member.ordinal
                    within, before = [], Cursor(member.next_position, last)
                    if damage is not None and container.transparent:
                        return last - 1, damage
                    if inner is None or damage is not None:
                        hollow = container.joins and self._is_hollow(member.head, media_type)
                        size = contents.size_bytes(member)
                        yield Found(base + last, locator, size, media_type, (*above, before), hollow)
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
    container once. What had to be decompressed for that, the next reader finds again.
    """

    def __init__(
        self,
        blobs: BlobStore,
        documents: Iterable[Located],
        registry: Registry = REGISTRY,
        *,
        max_bytes: int | None = None,
    ) -> None:
        """Reads the ranges; what goes wrong with one is raised when that document is asked for.

        A document that a container has to decompress may have `max_bytes`; None is as many as containers give.
        """
        self._blobs = blobs
        self._max_bytes = max_bytes
        self._registry = registry
        ranges = [one for one in map(self._blob_range, documents) if one is not None]
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

        Raises TransientError where the store does not give them, DamagedBlobError where a blob that is the document is
        not what it was, TerminalError where a container does not give them.
        """
        range_ = self._blob_range(document)
        if range_ is None:
            return self._read_within(document.sha256, document.locator or ())
        data = self._ranges[range_]
        if isinstance(data, Exception):
            raise data
        if document.locator is None and not document.offset_bytes and sha256(data).digest() != document.sha256:
            self._blobs.require_intact(document.sha256)  # of older code's rows, the first line of a file has no locator
        return data

    def _read_within(self, blob: bytes, locator: Locator) -> bytes:
        around = (blob, locator[:-1])
        if self._contents is None or around != self._around:
            self._close()
            stream, rest = self._nearest(blob, locator)
            for way in rest:
                contents = self._enter(way[-1], stream)
                stream = contents.open(way[-1].place)
                self._opened.callback(KEPT.give_back, (blob, way), stream)
            self._contents, self._around = self._enter(locator[-1], stream), around
        return self._contents.read(locator[-1].place)

    def _nearest(self, blob: bytes, locator: Locator) -> tuple[BinaryIO, list[Locator]]:
        """Returns the innermost container on the way to a member that is open, and the ways to those in it."""
        ways = [locator[:depth] for depth in range(1, len(locator))]
        for depth in range(len(ways), 0, -1):
            if stream := KEPT.take((blob, ways[depth - 1])):
                self._opened.callback(KEPT.give_back, (blob, ways[depth - 1]), stream)
                return stream, ways[depth:]
        return self._opened.enter_context(self._blobs.open(blob)), ways

    def _enter(self, step: Step, stream: BinaryIO) -> Contents:
        container = self._registry.containers.get(step.container)
        if container is None:
            raise TransientError(
                f"it lies in a container of media type {step.container!r}, which this version does not know:"
                " upgrade Newsmill"
            )
        contents = self._opened.enter_context(container.contents(stream))
        if self._max_bytes is not None:
            contents.limit_bytes = self._max_bytes
        return contents

    def _blob_range(self, document: Located) -> BlobRange | None:
        """Returns the range of the blob that the document is; None if it is to be read from a container."""
        if document.locator is None:
            return BlobRange(document.sha256, document.offset_bytes, document.size_bytes)
        (media_type, place), *deeper = document.locator
        container = self._registry.containers.get(media_type)
        if deeper or not isinstance(place, Range) or (container and not container.verbatim):
            return None
        return BlobRange(document.sha256, place.offset_bytes, place.length_bytes)

    def _close(self) -> None:
        self._contents = self._around = None
        self._opened.close()
