"""Documents in containers: found in their order also within one another, resumed anywhere, read from where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs.members import DocumentReader, Found, find_documents
from ingest.blobs.store import BlobStore, DamagedBlobError
from ingest.containers.container import MAX_DEPTH, START, Container, Contents, Cursor, Member
from ingest.containers.json_lines import CONTAINER as LINES
from ingest.containers.locator import Locator, Place, Range, Step
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY, Registry
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


@pytest.mark.parametrize("at", [0, 3, len(NOTE) - 1])
def test_a_document_whose_blob_has_lost_a_bit_waits_for_its_bytes(blobs: BlobStore, tmp_path: Path, at: int) -> None:
    sha256 = stored(blobs, NOTE)
    (path,) = (path for path in tmp_path.rglob(sha256.hex()) if path.is_file())
    path.write_bytes(NOTE[:at] + bytes([NOTE[at] ^ 1]) + NOTE[at + 1 :])
    document = Document(sha256, None, 0, len(NOTE))
    with DocumentReader(blobs, [document]) as reader, pytest.raises(DamagedBlobError, match=sha256.hex()):
        reader.read(document)
    stored(blobs, NOTE)
    with DocumentReader(blobs, [document]) as reader:
        assert reader.read(document) == NOTE


def test_the_first_line_of_a_file_is_a_part_of_its_blob_also_in_rows_of_older_code(blobs: BlobStore) -> None:
    document = Document(stored(blobs, FEED[1:]), None, 0, 13)
    with DocumentReader(blobs, [document]) as reader:
        assert reader.read(document) == FEED[1:14]


# Tiny lines in a row that cannot be read


def lines_in(data: bytes, cursors: Sequence[Cursor] = ()) -> list[Found]:
    return list(find_documents(BytesIO(data), LINES, cursors))


def spans(found: Sequence[Found]) -> list[tuple[int, int, int]]:
    """The number of each document, and the range of bytes that it is."""
    return [(one.ordinal, *one.locator[-1].place[:2]) for one in found]  # type: ignore[misc]


def test_run_of_lines_that_hold_nothing_is_one_document() -> None:
    article = b'{"text": "It rains in Osterveld."}\n'
    data = b"{}\n" * 3 + article + b'[]\n\n"a"\n{"id": 4}\n' + article
    found = lines_in(data)
    assert spans(found) == [(1, 0, 8), (4, 9, 34), (5, 44, 17), (9, 62, 34)]
    assert [one.cursors for one in found] == [
        (Cursor(9, 3),), (Cursor(44, 4),), (Cursor(62, 8),), (Cursor(97, 9),),
    ]  # fmt: skip
    with pytest.raises(TerminalError) as error:
        parse(data[:8], "application/json")
    assert str(error.value).startswith("3 short lines from here on hold no article, such as the first: the JSON object")


def test_run_is_no_longer_than_memory_takes() -> None:
    found = lines_in(b"{}\n" * 25_000)
    assert [one.ordinal for one in found] == [1, 10_001, 20_001]
    assert sum(one.size_bytes for one in lines_in((b'{"id": ' + b"7" * 50 + b"}\n") * 9_000)) == 9_000 * 59 - 3
    assert max(one.size_bytes for one in lines_in((b'{"id": ' + b"7" * 50 + b"}\n") * 9_000)) <= 256 * 1024


_LINES = st.sampled_from([
    b"{}", b"[]", b"", b"  ", b"{", b"7", b'{"id": 1}', b'{"text": ""}',
    b'{"text": "It rains."}', b'{"title": "Rain", "text": "It rains in the whole of the Osterveld and will not stop."}',
])  # fmt: skip


@given(st.lists(_LINES, max_size=30), st.sampled_from([b"\n", b"\r\n"]))
def test_joining_takes_no_document_away_and_goes_on_from_anywhere(lines: list[bytes], ending: bytes) -> None:
    data = ending.join(lines)
    with LINES.contents(BytesIO(data)) as contents:
        members = list(contents.members())
    found = lines_in(data)
    readable = {one.ordinal for one in members if b"rains" in data[one.offset_bytes :][: one.length_bytes]}
    assert readable <= {one.ordinal for one in found}
    covered = [
        [member.ordinal for member in members if begin <= member.offset_bytes < begin + length]
        for _, begin, length in spans(found)
    ]
    assert [ordinal for run in covered for ordinal in run] == [member.ordinal for member in members]
    assert all(len(run) == 1 or not readable & set(run) for run in covered)
    for place, one in enumerate(found):
        assert lines_in(data, one.cursors) == found[place + 1 :]


class _Records(Contents):
    """Letters: each is a document in lower case, and its file has it in upper case; dashes are no documents."""

    def members(self, cursor: Cursor = START) -> Iterator[Member]:
        before = cursor
        self._stream.seek(before.position)
        for at, letter in enumerate(self._stream.read().decode(), before.position):
            if letter == "-":
                yield Member.skip(before, at + 1, "a dash")
                continue
            before = Cursor(at + 1, before.ordinal + 1)
            yield Member(before.ordinal, at, 1, at + 1, "text/plain", file_name=f"{letter}.txt")

    def read(self, place: Place) -> bytes:
        assert isinstance(place, Range)
        self._stream.seek(place.offset_bytes)
        return self._stream.read(place.length_bytes).lower()


_RECORDS = Container(
    media_type="application/x-letters",
    label="letters",
    description="a letter each",
    emptiness="there is none",
    contents=_Records,
    verbatim=False,
)
_WITH_RECORDS = Registry((_RECORDS, *REGISTRY.kinds), REGISTRY.fallback)


def test_what_is_no_document_is_counted_and_has_no_number() -> None:
    found = list(find_documents(BytesIO(b"-A--B"), _RECORDS, registry=_WITH_RECORDS))
    dash = (0, "a dash")
    assert [(one.ordinal, one.skipped) for one in found] == [dash, (1, None), dash, dash, (2, None)]
    for number, one in enumerate(found):
        rest = list(find_documents(BytesIO(b"-A--B"), _RECORDS, one.cursors, _WITH_RECORDS))
        assert rest == found[number + 1 :]
    places = [one.locator[-1].place for one in found if not one.skipped]
    assert places == [Range(1, 1, "A.txt"), Range(4, 1, "B.txt")]


def test_what_is_not_verbatim_is_made_by_its_container(blobs: BlobStore) -> None:
    _, first, *_ = find_documents(BytesIO(b"-A--B"), _RECORDS, registry=_WITH_RECORDS)
    wanted = Document(stored(blobs, b"-A--B"), first.locator)
    with DocumentReader(blobs, [wanted], _WITH_RECORDS) as reader:
        assert reader.read(wanted) == b"a"
