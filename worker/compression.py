"""Decompresses messages up to a size: whoever writes to Redis could fill a worker's parent by a few kilobytes."""

import sys
from collections.abc import Callable

from kombu import compression
from kombu.exceptions import DecodeError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["limit_messages"]

_OURS = "application/zstd"


def limit_messages(limit_bytes: int) -> None:
    """Has this process refuse messages that are larger than this when decompressed, or not compressed as ours are.

    Such a message is dropped, as one that is damaged; the sweeper sends what it named again.
    """
    for content_type in compression.encoders():  # type: ignore[no-untyped-call]
        if content_type != _OURS:
            compression.register(_refuse, _refuse, content_type)  # type: ignore[no-untyped-call]
    compression.register(  # type: ignore[no-untyped-call]
        zstd.compress, _decompressor(limit_bytes), _OURS, aliases=["zstd", "zstandard"]
    )


def _decompressor(limit_bytes: int) -> Callable[[bytes], bytes]:
    def decompress(data: bytes) -> bytes:
        stream = zstd.ZstdDecompressor()
        body = stream.decompress(data, max_length=limit_bytes)
        if not stream.eof:
            raise DecodeError(f"a message of more than {limit_bytes:,} bytes, or a damaged one")
        return body

    return decompress


def _refuse(_data: bytes) -> bytes:
    raise DecodeError("a message that is not compressed as Newsmill's are")
