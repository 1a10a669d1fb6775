"""Documents in containers: found in their order also within one another, resumed anywhere, read from where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs.members import DocumentReader, Found, find_documents
from ingest.blobs.store import BlobStore
from ingest.containers.container import MAX_DEPTH, Cursor
from ingest.containers.json_lines import CONTAINER as LINES
from ingest.containers.locator import Locator, Range, Step
from ingest.formats.parse import parse
from newsmill.errors import TerminalError, TransientError
from tests.support.parcels import PARCELS, REGISTRY_WITH_PARCELS, packed

PAGE, NOTE = b"<html><p>A page.", b"A note."
FEED = b'\n{"text": "A"}\n\n{"text": "B"}\n'


@dataclass(frozen=True)
class Document:
    """Where a document is, for the reader."""

    sha256: bytes
    locator: Locator | None
    offset_bytes: int = 0
    size_bytes: int = 0


def found_in(data: bytes, cursors: Sequence[Cursor] = ()) -> list[Found]:
    return list(find_documents(BytesIO(data), PARCELS, cursors, REGISTRY_WITH_PARCELS))


def steps(*places: str | Range) -> Locator:
    """A locator through parcels, whose last step is into JSON Lines if that is a range."""
    return tuple(Step((LINES if isinstance(place, Range) else PARCELS).media_type, place) for place in places)


def read_all(blobs: BlobStore, data: bytes, documents: Sequence[Found]) -> list[bytes]:
    sha256 = stored(blobs, data)
    wanted = [Document(sha256, found.locator) for found in documents]
    with DocumentReader(blobs, wanted, REGISTRY_WITH_PARCELS) as reader:
        return [reader.read(document) for document in wanted]


def stored(blobs: BlobStore, data: bytes) -> bytes:
    blob = blobs.stage(BytesIO(data))
    blobs.commit([blob])
    return blob.sha256


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(str(tmp_path))


def test_each_member_has_its_own_type_by_its_bytes_and_by_its_name(blobs: BlobStore) -> None:
    data = packed(("page", PAGE), ("a.md", NOTE), ("note", NOTE), ("mail.eml", NOTE))
    found = found_in(data)
    assert [(one.ordinal, one.locator, one.size_bytes, one.media_type) for one in found] == [
        (1, steps("page"), len(PAGE), "text/html"),
        (2, steps("a.md"), len(NOTE), "text/markdown"),
        (3, steps("note"), len(NOTE), "text/plain"),
        (4, steps("mail.eml"), len(NOTE), "message/rfc822"),
    ]
    assert read_all(blobs, data, found) == [PAGE, NOTE, NOTE, NOTE]


def test_containers_within_give_their_documents_in_their_place(blobs: BlobStore) -> None:
    inner = packed(("feed.jsonl", FEED), ("deep", NOTE))
    data = packed(("a", PAGE), ("in.parcels", inner), ("empty", packed()), ("z", NOTE))
    found = found_in(data)
    assert [(one.ordinal, one.locator, one.media_type) for one in found] == [
        (1, steps("a"), "text/html"),
        (3, steps("in.parcels", "feed.jsonl", Range(1, 13)), "application/json"),  # lines 2 and 4 of a feed
        (5, steps("in.parcels", "feed.jsonl", Range(16, 13)), "application/json"),
        (6, steps("in.parcels", "deep"), "text/plain"),
        (7, steps("z"), "text/plain"),
    ]
    assert read_all(blobs, data, found) == [PAGE, b'{"text": "A"}', b'{"text": "B"}', NOTE, NOTE]


TREES: st.SearchStrategy[bytes] = st.recursive(
    st.sampled_from([PAGE, NOTE, FEED, b"PARCELS\ndamaged", packed(("a", NOTE)) + b"damaged"]),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: packed(*((str(n), p) for n, p in enumerate(parts)))),
    max_leaves=12,
)


@given(st.lists(TREES, max_size=4).map(lambda parts: packed(*((str(n), p) for n, p in enumerate(parts)))))
def test_unpacking_goes_on_after_any_document_and_numbers_rise(data: bytes) -> None:
    found = found_in(data)
    assert [one.ordinal for one in found] == sorted({one.ordinal for one in found})
    assert len({one.locator for one in found}) == len(found)
    for position, one in enumerate(found, 1):
        assert found_in(data, one.cursors) == found[position:]


def nested(depth: int) -> bytes:
    """A note in so many containers."""
    data = NOTE
    for _ in range(depth):
        data = packed(("in", data))
    return data


def test_what_lies_too_deep_is_a_document_that_says_so(blobs: BlobStore) -> None:
    (deepest,) = found_in(nested(MAX_DEPTH))
    assert (deepest.media_type, len(deepest.locator)) == ("text/plain", MAX_DEPTH)
    data = packed(("deep", nested(MAX_DEPTH)), ("after", NOTE))
    too_deep, after = found_in(data)
    assert (too_deep.media_type, len(too_deep.locator), after.ordinal) == (PARCELS.media_type, MAX_DEPTH, 2)
    with pytest.raises(TerminalError, match=r"^this is a file of parcels within 4 containers, which holds many docum"):
        parse(read_all(blobs, data, [too_deep])[0], too_deep.media_type, REGISTRY_WITH_PARCELS)


def test_damaged_container_within_is_a_document_that_says_so_behind_those_that_were_found(blobs: BlobStore) -> None:
    data = packed(("a", packed(("note", NOTE)) + b"rubbish"), ("b", PAGE))
    note, damaged, page = found_in(data)
    assert [one.ordinal for one in (note, damaged, page)] == [1, 2, 3]
    assert [one.locator for one in (note, damaged, page)] == [steps("a", "note"), steps("a"), steps("b")]
    with pytest.raises(TerminalError, match=r"^a parcel is damaged$"):
        parse(read_all(blobs, data, [damaged])[0], damaged.media_type, REGISTRY_WITH_PARCELS)


def test_outermost_container_that_is_damaged_is_an_error_behind_what_was_found() -> None:
    walk = find_documents(BytesIO(packed(("a", NOTE)) + b"rubbish"), PARCELS, (), REGISTRY_WITH_PARCELS)
    assert next(walk).locator == steps("a")
    with pytest.raises(TerminalError, match=r"^a parcel is damaged$"):
        next(walk)


def test_lines_and_files_are_ranges_that_are_read_at_once(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = stored(blobs, FEED)
    lines = [Document(sha256, found.locator) for found in find_documents(BytesIO(FEED), LINES)]
    wanted = [*lines, Document(sha256, None, 1, 13), Document(sha256, None, 0, len(FEED))]
    with DocumentReader(blobs, wanted) as reader:
        monkeypatch.setattr(blobs, "open", None)
        assert [reader.read(one) for one in wanted] == [b'{"text": "A"}', b'{"text": "B"}', b'{"text": "A"}', FEED]


def test_what_cannot_be_read_is_the_error_of_its_document_alone(blobs: BlobStore) -> None:
    data = packed(("a", NOTE), ("in", packed(("b", PAGE))))
    sha256 = stored(blobs, data)
    a, b = (Document(sha256, found.locator) for found in found_in(data))
    gone = Document(sha256, steps("in", "gone"))
    missing = Document(bytes(32), None, 0, 1)
    later = Document(sha256, (Step("application/x-later", "a"),))
    with DocumentReader(blobs, [b, gone, missing, later, a], REGISTRY_WITH_PARCELS) as reader:
        assert reader.read(b) == PAGE
        with pytest.raises(TerminalError, match=r"^there is no parcel gone$"):
            reader.read(gone)
        with pytest.raises(TransientError, match="is not in the blob store"):
            reader.read(missing)
        with pytest.raises(TransientError, match="'application/x-later', which this version does not know"):
            reader.read(later)
        assert (reader.read(a), reader.read(b)) == (NOTE, PAGE)
