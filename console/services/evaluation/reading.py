"""Reads the documents of a file as the stages do, without a mill."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.blobs.members import DocumentReader, Found, find_documents
from ingest.blobs.store import BlobStore
from ingest.cleaning.clean import clean
from ingest.cleaning.length import require_words
from ingest.containers.locator import Locator
from ingest.documents import CleanDocument
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY
from ingest.kinds import HEAD_BYTES
from newsmill.errors import NoArticleError, TerminalError

__all__ = ["Outcome", "Reader", "reader"]

_PAGE_DOCUMENTS = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document of a file: the article, or why there is none."""

    article: CleanDocument | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Located:
    sha256: bytes
    locator: Locator | None
    offset_bytes: int
    size_bytes: int


class Reader:
    """Reads files through a blob store of its own, as containers are read from there."""

    def __init__(self, store: BlobStore, min_words: int) -> None:
        self._store = store
        self._min_words = min_words

    def read(self, path: Path) -> Iterator[Outcome]:
        """Yields the documents of a file in their order; a container's own damage at its end.

        Raises OSError for a file that cannot be read.
        """
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            stream.seek(0)
            blob = self._store.stage(stream)
        self._store.commit([blob])
        media_type = detect(head, path.name)
        container = REGISTRY.containers.get(media_type)
        if container is None:
            whole = _Located(blob.sha256, None, 0, blob.size_bytes)
            with DocumentReader(self._store, [whole]) as documents:
                yield self._outcome(documents, whole, media_type)
            return
        page: list[Found] = []
        damage: Outcome | None = None
        try:
            with self._store.open(blob.sha256) as stream:
                for one in find_documents(stream, container, file_name=path.name):
                    page += [one] if one.skipped is None else []
                    if len(page) == _PAGE_DOCUMENTS:
                        yield from self._outcomes(blob.sha256, page)
                        page = []
        except TerminalError as error:
            damage = Outcome(None, str(error))
        yield from self._outcomes(blob.sha256, page)
        if damage is not None:
            yield damage

    def _outcomes(self, blob: bytes, page: Sequence[Found]) -> Iterator[Outcome]:
        located = [_Located(blob, one.locator, 0, one.size_bytes) for one in page]
        with DocumentReader(self._store, located) as documents:
            for one, where in zip(page, located, strict=True):
                yield self._outcome(documents, where, one.media_type)

    def _outcome(self, documents: DocumentReader, located: _Located, media_type: str) -> Outcome:
        try:
            article = clean(parse(documents.read(located), media_type))
            return Outcome(require_words(article, self._min_words))
        except (TerminalError, NoArticleError) as error:
            return Outcome(None, str(error))


@contextmanager
def reader(min_words: int) -> Iterator[Reader]:
    """A reader with a folder that goes with it. Articles of fewer words than `min_words` are none."""
    with tempfile.TemporaryDirectory(prefix="newsmill-evaluate-") as folder:
        yield Reader(BlobStore(folder), min_words)
