"""Web archives, compressed record by record or not at all: pages are members, all other records are counted."""

import gzip
from io import BytesIO
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.blobs.members import Found, find_documents
from ingest.containers.container import Cursor
from ingest.documents import value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY
from newsmill.errors import TerminalError
from tests.support.containers.captures import Capture, capture_record, page_of, written
from tests.support.documents import documents_of

OTHERS = {
    "an image": Capture("https://news.example/a.png", b"\x89PNG", content_type="image/png"),
    "another address (301)": Capture("https://news.example/old", b"", "301 Moved"),
    "an answer without a page (404)": Capture("https://news.example/gone", status="404 Not Found"),
    "an answer without a page (nothing)": Capture("https://news.example/nothing", b""),
    "a robots.txt": Capture("https://news.example/robots.txt", b"User-agent: *", content_type="text/plain"),
    "a request": Capture("https://news.example/1", b"", kind="request"),
    "a record about another": Capture("https://news.example/1", b"a: b", kind="metadata", content_type="text/plain"),
}
CAPTURES = [
    Capture("https://news.example/1"),
    *OTHERS.values(),
    Capture("https://news.example/2", page_of("Two").encode()),
]


def found_in(data: bytes, cursors: tuple[Cursor, ...] = ()) -> list[Found]:
    return list(find_documents(BytesIO(data), REGISTRY.containers[detect(data, "a")], cursors))


@pytest.mark.parametrize("packed", [False, True])
def test_answers_with_pages_are_members_and_the_others_are_counted(packed: bool) -> None:
    data = written(CAPTURES, gzip=packed)
    assert detect(data, "a.bin") == ("application/warc+gzip" if packed else "application/warc")
    found = found_in(data)
    assert [one.skipped for one in found] == [None, *OTHERS, None]
    documents = [parse(one.data, one.media_type) for one in documents_of(data, "a.warc")]
    told = [
        (value_of(one.metadata.url), value_of(one.metadata.title), str(value_of(one.metadata.captured)))
        for one in documents
    ]
    assert told == [
        ("https://news.example/1", "Bridge is shut", "2031-03-04T05:06:07+00:00"),
        ("https://news.example/2", "Two", "2031-03-04T05:06:07+00:00"),
    ]
    assert [one.metadata.published for one in documents] == [None, None]


@pytest.mark.parametrize("packed", [False, True])
def test_from_any_cursor_on_the_rest_is_found(packed: bool) -> None:
    data = written(CAPTURES, gzip=packed)
    found = found_in(data)
    for number, one in enumerate(found):
        assert found_in(data, one.cursors) == found[number + 1 :]


@given(st.lists(st.text(st.characters(codec="utf-8", categories=("L", "Zs")), max_size=80), max_size=5), st.booleans())
def test_bodies_come_back_byte_by_byte(texts: list[str], packed: bool) -> None:
    bodies = [page_of("A", text).encode() for text in texts]
    data = written([Capture(f"https://news.example/{n}", body) for n, body in enumerate(bodies)], gzip=packed)
    if bodies:
        assert [
            one.data.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[2].rstrip(b"\r\n")
            for one in documents_of(data, "a")
        ] == bodies


def test_one_gzip_stream_around_all_records_is_read_too() -> None:
    data = gzip.compress(written(CAPTURES, gzip=False))
    assert len(documents_of(data, "a.warc.gz")) == 2


@pytest.mark.parametrize("length", [1, 10, 400, 10_000])
def test_a_record_that_lies_about_its_length_leaves_its_neighbours_alone(length: int) -> None:
    data = (
        capture_record()
        + capture_record(page_of("Two").encode(), length=length)
        + capture_record(page_of("Three").encode())
    )
    titles = [value_of(parse(one.data, one.media_type).metadata.title) for one in documents_of(data, "a.warc")]
    assert (titles[0], titles[-1]) == ("Bridge is shut", "Three")


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_cut_off_gives_what_is_there_and_says_where(packed: bool) -> None:
    data = written([Capture(f"https://news.example/{n}") for n in range(3)], gzip=packed)[:-20]
    documents = find_documents(BytesIO(data), REGISTRY.containers[detect(data, "a")])
    assert [one.ordinal for one in islice(documents, 3)] == [1, 2, 3]
    with pytest.raises(TerminalError, match="ends within the record at byte") as told:
        next(documents)
    for one in [*islice(find_documents(BytesIO(data), REGISTRY.containers[detect(data, "a")]), 3)]:
        with pytest.raises(TerminalError, match=f"^{told.value}$"):  # wherever unpacking goes on, also behind the last
            found_in(data, one.cursors)


def test_a_damaged_record_fails_alone() -> None:
    one, two, three = (
        gzip.compress(capture_record(page_of(title).encode()), mtime=0) for title in ("One", "Two", "Three")
    )
    damaged = two[:40] + bytes(8) + two[48:]
    found = found_in(one + damaged + three)
    assert [f.skipped for f in found if f.skipped is None] == [None] * 3
    contents = REGISTRY.containers["application/warc+gzip"].contents(BytesIO(one + damaged + three))
    with pytest.raises(TerminalError, match=f"the record at byte {len(one)}"):
        contents.read(found[1].locator[-1].place)


def test_a_conversion_is_a_text_with_its_title_above() -> None:
    text = b"Bridge is shut\nThe council of Varnholt shut the bridge.\nNobody said why."
    data = written([Capture("https://news.example/1", text, kind="conversion", content_type="text/plain")], gzip=True)
    (one,) = documents_of(data, "a.warc.wet.gz")
    document = parse(one.data, one.media_type)
    assert (value_of(document.metadata.title), document.paragraphs[-1]) == ("Bridge is shut", "Nobody said why.")


def test_a_home_page_is_called_what_its_site_is() -> None:
    page = page_of("Bridge is shut").replace("<title>Bridge is shut", "<title>Varnholt News - Bridge is shut").encode()
    data = written([Capture("https://news.example/1", page), Capture("https://news.example/", page)], gzip=True)
    titles = [value_of(parse(one.data, one.media_type).metadata.title) for one in documents_of(data, "a.warc.gz")]
    assert titles == ["Bridge is shut", "Varnholt News - Bridge is shut"]
