"""A container without some of its documents."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from ingest.containers.locator import Range
from ingest.containers.redaction import Redacted

RANGES = st.lists(st.builds(Range, st.integers(0, 40), st.integers(0, 12)), max_size=5)


def read(content: bytes, ranges: list[Range], size: int) -> bytes:
    blanked = Redacted(BytesIO(content), ranges)  # type: ignore[arg-type]
    return b"".join(iter(lambda: blanked.read(size), b""))


def test_lines_become_spaces() -> None:
    assert read(b"one\ntwo\nthree\n", [Range(4, 3)], 100) == b"one\n   \nthree\n"


def test_a_range_within_another_takes_no_byte_away() -> None:
    assert read(bytes(16), [Range(3, 12), Range(4, 9)], 2) == bytes(3) + b" " * 12 + bytes(1)


@given(st.binary(max_size=50), RANGES, st.integers(1, 60))
def test_only_what_is_named_is_blanked_however_it_is_read(content: bytes, ranges: list[Range], size: int) -> None:
    within = {place for offset, length, _ in ranges for place in range(offset, offset + length)}
    expected = bytes(0x20 if place in within else byte for place, byte in enumerate(content))
    assert read(content, ranges, size) == expected
