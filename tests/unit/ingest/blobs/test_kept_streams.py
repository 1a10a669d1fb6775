"""What was decompressed is kept for the next reader, within bounds, and not across a fork."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from ingest.blobs import members
from ingest.blobs.kept_streams import KEPT, KeptStreams
from ingest.blobs.members import DocumentReader, find_documents
from ingest.blobs.store import BlobStore
from ingest.containers.archives.compressed import GZIP
from ingest.containers.locator import Range, Step
from ingest.containers.spool import Slice, Spool, spooled
from tests.unit.ingest.blobs.test_members import Document, stored


def spool(data: bytes) -> Spool:
    return spooled(iter([data]))


def way(number: int) -> tuple[bytes, tuple[Step, ...]]:
    return b"blob", (Step("application/gzip", Range(number, 1)),)


def test_the_last_ones_are_kept_up_to_their_bytes_and_number() -> None:
    kept = KeptStreams(max_bytes=10, max_streams=3)
    for number, size in enumerate((4, 4, 4, 1)):
        kept.give_back(way(number), spool(bytes(size)))  # type: ignore[arg-type]
    assert [kept.take(way(0)), kept.size_bytes] == [None, 9]
    stream = kept.take(way(1))
    assert stream is not None
    assert (stream.read(), kept.take(way(1)), kept.size_bytes) == (bytes(4), None, 5)
    kept.give_back(way(1), stream)
    assert kept.take(way(1)).read() == bytes(4)  # type: ignore[union-attr]
    large = spool(bytes(11))
    kept.give_back(way(5), large)  # type: ignore[arg-type]
    assert (large.closed, kept.size_bytes) == (True, 0)


def test_parts_of_other_streams_are_closed() -> None:
    kept = KeptStreams()
    part = Slice(io.BytesIO(b"0123"), 1, 2)
    kept.give_back(way(0), part)
    assert (part.closed, kept.take(way(0))) == (True, None)


def test_what_was_decompressed_for_one_batch_is_not_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    KEPT.forget()
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in ("a.txt", "b.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = 5
            archive.addfile(entry, io.BytesIO(name.encode()))
    data, blobs = gzip.compress(target.getvalue()), BlobStore(str(tmp_path))
    sha256 = stored(blobs, data)
    found = list(find_documents(io.BytesIO(data), GZIP, blob=sha256))
    (first, second) = (Document(sha256, one.locator) for one in found)
    monkeypatch.setattr(blobs, "open", None)
    for document, expected in ((second, b"b.txt"), (first, b"a.txt")):
        with DocumentReader(blobs, [document]) as reader:
            assert reader.read(document) == expected
    child = os.fork()
    if child == 0:
        os._exit(KEPT.size_bytes)
    assert (os.waitpid(child, 0)[1], KEPT.size_bytes > 0) == (0, True)
    assert members.KEPT is KEPT
