"""Messages are decompressed up to a size, and only those that are compressed as ours are."""

import pytest
from kombu import compression
from kombu.exceptions import DecodeError

from worker.compression import limit_messages

LIMIT_BYTES = 1 << 20


@pytest.fixture(autouse=True)
def _limited() -> None:
    limit_messages(LIMIT_BYTES)


def test_message_comes_out_as_it_went_in() -> None:
    body = b"a message " * 1000
    assert compression.decompress(*compression.compress(body, "zstd")) == body
    assert compression.decompress(*compression.compress(b"x" * LIMIT_BYTES, "zstd")) == b"x" * LIMIT_BYTES


def test_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb, content_type = compression.compress(bytes(64 * LIMIT_BYTES), "zstd")
    assert len(bomb) < LIMIT_BYTES / 100
    with pytest.raises(DecodeError, match="a message of more than 1,048,576 bytes"):
        compression.decompress(bomb, content_type)


def test_damaged_message_is_refused() -> None:
    body, content_type = compression.compress(b"a message " * 1000, "zstd")
    with pytest.raises(DecodeError, match="or a damaged one"):
        compression.decompress(body[:-3], content_type)


@pytest.mark.parametrize("name", ["gzip", "bzip2", "xz"])
def test_message_that_is_compressed_otherwise_is_refused(name: str) -> None:
    with pytest.raises(DecodeError, match="not compressed as"):
        compression.decompress(b"\0", compression.get_encoder(name)[1])
