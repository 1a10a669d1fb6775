"""Finding the lines of a JSON Lines file."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.container import START, Cursor, Member
from ingest.containers.json_lines import CONTAINER, iter_lines
from ingest.containers.locator import Range
from newsmill.errors import TerminalError


def lines_of(data: bytes) -> list[bytes]:
    return [data[m.offset_bytes : m.offset_bytes + m.length_bytes] for m in iter_lines(io.BytesIO(data))]


def test_lines_have_numbers_positions_and_no_line_breaks() -> None:
    data = b'\xef\xbb\xbf{"a":1}\r\n\n \t\r\n{"b":2}\n{"c":3}'

    assert list(iter_lines(io.BytesIO(data), 0, 1)) == [
        Member(ordinal=1, offset_bytes=3, length_bytes=7, next_position=12, media_type="application/json"),
        Member(ordinal=4, offset_bytes=17, length_bytes=7, next_position=25, media_type="application/json"),
        Member(ordinal=5, offset_bytes=25, length_bytes=7, next_position=32, media_type="application/json"),
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"  \r\n\t", b"\xef\xbb\xbf", b"\r"])
def test_nothing_but_white_space_has_no_lines(data: bytes) -> None:
    assert list(iter_lines(io.BytesIO(data))) == []


@pytest.mark.parametrize("form", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_the_next_step(form: str) -> None:
    with pytest.raises(TerminalError, match=r"UTF-8.*iconv"):
        list(iter_lines(io.BytesIO('{"text": "It closes."}\n'.encode(form))))


FILES = st.lists(
    st.sampled_from([b"\n", b"\r\n", b"\r", b" ", b"x", b"{}", b"\xc3\xa9", b"abc", b"\t"]), max_size=40
).map(b"".join)


@given(data=FILES, bom=st.booleans(), chunk_bytes=st.integers(3, 9))
def test_members_are_the_lines_that_are_not_blank_whatever_the_chunks(data: bytes, bom: bool, chunk_bytes: int) -> None:
    data = b"\xef\xbb\xbf" * bom + data
    expected = [
        (number, line.removesuffix(b"\r"))
        for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
        if line.strip()
    ]

    members = list(iter_lines(io.BytesIO(data), chunk_bytes=chunk_bytes))

    assert [(m.ordinal, data[m.offset_bytes : m.offset_bytes + m.length_bytes]) for m in members] == expected


@given(data=FILES, bom=st.booleans(), chunk_bytes=st.integers(3, 9))
def test_reading_goes_on_after_any_member(data: bytes, bom: bool, chunk_bytes: int) -> None:
    data = b"\xef\xbb\xbf" * bom + data
    members = list(iter_lines(io.BytesIO(data), chunk_bytes=chunk_bytes))
    for position, member in enumerate(members, 1):
        after = (member.next_position, member.ordinal + 1)
        assert list(iter_lines(io.BytesIO(data), *after, chunk_bytes=chunk_bytes)) == members[position:]


class EndlessLine(io.RawIOBase):
    """A line of so many bytes that are made as they are read."""

    def __init__(self, length_bytes: int) -> None:
        self.length_bytes = self.left = length_bytes

    def seek(self, offset: int, _whence: int = 0) -> int:
        self.left = self.length_bytes - offset
        return offset

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return b" " * size if self.left else b" " * (size - 1) + b"x" * bool(size)


def test_a_long_line_does_not_take_its_length_in_memory() -> None:
    tracemalloc.start()
    members = list(iter_lines(EndlessLine(64 * 1024 * 1024)))  # type: ignore[arg-type]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert members == [Member(1, 0, 64 * 1024 * 1024, 64 * 1024 * 1024, "application/json")]
    assert peak_bytes < 4 * 1024 * 1024


def test_the_last_line_needs_no_line_break() -> None:
    assert lines_of(b"{}\n{}") == lines_of(b"{}\n{}\n") == [b"{}", b"{}"]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\n", b"\n\v\f\r\n"])
def test_blank_lines_are_counted_in_bulk(blank: bytes) -> None:
    data = b"{}\n" + blank * 1_000_000 + b" {}"
    first, last = iter_lines(io.BytesIO(data))
    assert first == Member(1, 0, 2, 3, "application/json")
    assert last == Member(data.count(b"\n") + 1, len(data) - 3, 3, len(data), "application/json")


def test_container_gives_each_line_back_and_goes_on_behind_it() -> None:
    data = b'{"a":1}\n\n {"b":2}\r\n{"c":3}'
    with CONTAINER.contents(io.BytesIO(data)) as contents:
        members = list(contents.members())
        assert [contents.read(member.place) for member in members] == [b'{"a":1}', b' {"b":2}', b'{"c":3}']
        assert list(contents.members(START)) == members
        assert list(contents.members(Cursor(members[0].next_position, 1))) == members[1:]


def test_file_without_one_of_its_documents_keeps_the_others_where_they_are() -> None:
    data = b'{"a":1}\n{"b":2}\n{"c":3}\n'
    assert CONTAINER.redact is not None
    redacted = CONTAINER.redact(io.BytesIO(data), [Range(8, 7)]).read()
    assert redacted == b'{"a":1}\n       \n{"c":3}\n'
    assert [m.ordinal for m in iter_lines(io.BytesIO(redacted))] == [1, 3]


def test_run_of_lines_that_is_taken_out_leaves_the_others_their_numbers() -> None:
    data = b'{}\n[]\n{"text": "A"}\n'
    assert CONTAINER.redact is not None
    redacted = CONTAINER.redact(io.BytesIO(data), [Range(0, 5)]).read()
    assert redacted == b'  \n  \n{"text": "A"}\n'
    assert [(one.ordinal, one.place) for one in iter_lines(io.BytesIO(redacted))] == [(3, Range(6, 13))]
