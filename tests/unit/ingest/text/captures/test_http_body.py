"""Bodies of answers, as crawlers store them: encoded as their heads say, or decoded already."""

import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text.captures.http_body import MAX_BODY_BYTES, decoded_body
from newsmill.errors import TerminalError

BODY = b"<html><p>The bridge is shut." * 9


def chunked(data: bytes, size: int) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("identity", bytes),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    ],
)
def test_what_is_encoded_is_decoded_and_what_is_decoded_stays(coding: str, encode) -> None:
    fields = {"content-encoding": coding}
    assert decoded_body(encode(BODY), fields) == BODY
    assert decoded_body(BODY, fields) == BODY
    assert decoded_body(chunked(encode(BODY), 50), fields | {"transfer-encoding": "chunked"}) == BODY


@given(st.binary(max_size=300), st.integers(1, 99))
def test_chunks_are_joined(data: bytes, size: int) -> None:
    joined = decoded_body(chunked(data, size), {"transfer-encoding": "chunked"})
    assert joined == data or data.startswith(b"\x1f\x8b")


def test_what_is_cut_off_gives_what_came_before() -> None:
    whole = b"".join(b"%d " % number for number in range(9999))
    for coding, encode in (("gzip", gzip.compress), ("br", brotli.compress)):
        part = decoded_body(encode(whole)[:-200], {"content-encoding": coding})
        assert whole.startswith(part)
        assert len(part) > len(whole) // 4
    assert decoded_body(chunked(whole, 100)[:-400], {"transfer-encoding": "chunked"})[:9000] == whole[:9000]


@pytest.mark.parametrize(
    ("coding", "encode"), [("gzip", gzip.compress), ("br", brotli.compress), ("deflate", zlib.compress)]
)
def test_a_bomb_is_refused(coding: str, encode) -> None:
    with pytest.raises(TerminalError, match="decompression bomb"):
        decoded_body(encode(bytes(MAX_BODY_BYTES + 1)), {"content-encoding": coding})
