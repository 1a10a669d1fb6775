"""Elements of JSON arrays: found in chunks of any size, from any of them on."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.json_stream import Element, arrays_in, iter_elements
from newsmill.errors import TerminalError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", '\\"', "]}", "{[,"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(
    values=st.lists(VALUES, max_size=6),
    chunk_bytes=st.integers(1, 9),
    indent=st.sampled_from([None, 1]),
    ascii_only=st.booleans(),
)
def test_elements_come_back_from_any_one_on_in_chunks_of_any_size(
    values: list[Any], chunk_bytes: int, indent: int | None, ascii_only: bool
) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode() + b" behind it ]"
    expected = [(number, value) for number, value in enumerate(values, 1) if value is not None]

    found = list(iter_elements(io.BytesIO(data), 1, chunk_bytes=chunk_bytes))

    assert [(one.ordinal, json.loads(cut(data, one))) for one in found] == expected
    for number, one in enumerate(found, 1):
        rest = iter_elements(io.BytesIO(data), one.next_position, one.ordinal + 1, chunk_bytes=chunk_bytes)
        if one.ordinal < len(values):
            assert list(rest) == found[number:]


def cut(data: bytes, element: Element) -> bytes:
    return data[element.offset_bytes : element.offset_bytes + element.length_bytes]


def test_blank_elements_and_nulls_are_counted_and_left_out() -> None:
    data = b"[{}," + b" " * 200 + b"null,,{},\n]"
    assert list(iter_elements(io.BytesIO(data), 1)) == [Element(1, 1, 2, 4), Element(4, 210, 2, 213)]


@pytest.mark.parametrize(
    ("data", "whole", "reason"),
    [
        (b'[{"a": 1}, {"a": 2', 1, "ends within element 2 of its array, which begins at byte 11"),
        (b'[{"a": 1}, {"a": "2', 1, "ends within element 2"),
        (b'[{"a": 1}, "', 1, "at its end: behind element 2"),
        (b'[{"a": 1},', 1, "at its end"),
        (b'[{"a": 1} {"a": 2}]', 1, "invalid at byte 10: behind element 1"),
        (b'[{"a": 1}}', 1, "invalid at byte 9"),
        (b"[" + b"[" * 100_000, 0, "ends within element 1"),
    ],
)
def test_what_is_broken_is_told_behind_what_is_whole(data: bytes, whole: int, reason: str) -> None:
    found: list[Element] = []
    with pytest.raises(TerminalError, match=reason):
        found.extend(iter_elements(io.BytesIO(data), 1))
    # `extend` keeps what came before the error
    assert len(found) == whole


def test_memory_does_not_grow_with_an_element() -> None:
    class Endless(io.RawIOBase):
        position = 0

        def seek(self, offset: int, _whence: int = 0) -> int:
            self.position = offset
            return offset

        def read(self, size: int = -1) -> bytes:
            self.position += size
            if self.position > 64 << 20:
                return b""
            return (b'{"text": "' if self.position == size + 1 else b"") + b"words " * (size // 6)

    tracemalloc.start()
    with pytest.raises(TerminalError, match="ends within element 1"):
        list(iter_elements(Endless(), 1, chunk_bytes=1 << 16))  # type: ignore[arg-type]
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_arrays_are_told_by_the_names_that_lead_to_them() -> None:
    head = b'{"status": "ok", "data": {"items": [{"t": 1, "doc": {"x": 2}, "by": {"name": 1}}, {"u": ["v"]'

    (found,) = arrays_in(head, lambda name: name == "doc")

    assert (found.path, found.start) == (("data", "items"), head.index(b'{"t"'))
    assert found.keys == [{"t", "doc", "x", "by"}, {"u"}]
    assert found.outer == {"status", "data", "items"}
