"""The body of an HTTP answer as a crawler stored it: chunks joined and what is compressed decompressed, if it is so.

Crawlers differ in whether they store a body as it came or decoded, and keep the same fields of the head. So each
encoding is tried, and a body that is none of it is taken as it is.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Final

import brotli

from newsmill.errors import TerminalError

__all__ = ["MAX_BODY_BYTES", "decoded_body"]

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
"""A body may decompress to so much."""

_MAX_LAYERS = 3
_SIZE_DIGITS = 8
_HEX = frozenset(b"0123456789abcdefABCDEF")
_GZIP_MAGIC = b"\x1f\x8b"


def decoded_body(body: bytes, fields: Mapping[str, str]) -> bytes:
    """Returns the body without the encodings that these fields name. Raises TerminalError for a bomb."""
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _unchunked(body)
    codings = [one.strip().lower() for one in fields.get("content-encoding", "").split(",")][:_MAX_LAYERS]
    for coding in reversed(codings):
        body = _DECODERS.get(coding, bytes)(body)
    return _gunzipped(body) if body.startswith(_GZIP_MAGIC) else body


def _unchunked(body: bytes) -> bytes:
    """Returns the chunks joined (RFC 9112, 7.1), as far as they are right; the body where it has no chunks."""
    parts: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\n", at, at + 1024)
        size = _chunk_size(body[at:end]) if end >= 0 else None
        if size is None:
            return b"".join([*parts, body[at:]])  # decoded already, or damaged from here on
        if not size:
            break
        parts.append(body[end + 1 : end + 1 + size])
        at = end + 1 + size
        at += 2 if body.startswith(b"\r\n", at) else int(body.startswith(b"\n", at))
    return b"".join(parts)


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > _SIZE_DIGITS or not _HEX.issuperset(digits):
        return None
    return int(digits, 16)


def _inflated(body: bytes, *window_bits: int) -> bytes:
    for bits in window_bits:
        decoder = zlib.decompressobj(bits)
        parts: list[bytes] = []
        size = 0
        data = body
        try:
            while data and not decoder.eof:
                part = decoder.decompress(data, MAX_BODY_BYTES - size + 1)
                size += len(part)
                _require_bounded(size)
                parts.append(part)
                data = decoder.unconsumed_tail
        except zlib.error:
            if not size:
                continue
        return b"".join(parts)
    return body


def _gunzipped(body: bytes) -> bytes:
    return _inflated(body, 16 + zlib.MAX_WBITS) if body.startswith(_GZIP_MAGIC) else body


def _deflated(body: bytes) -> bytes:
    """Returns what is in a zlib stream or, as some servers take the word, in Deflate without a header."""
    return _inflated(body, zlib.MAX_WBITS, -zlib.MAX_WBITS)


def _unbrotlied(body: bytes) -> bytes:
    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        data = body
        while True:
            part = decoder.process(data, output_buffer_limit=1 << 20)
            data = b""
            size += len(part)
            _require_bounded(size)
            parts.append(part)
            if decoder.is_finished() or (not part and decoder.can_accept_more_data()):
                break
    except brotli.error:
        return b"".join(parts) if size else body
    return b"".join(parts) if size else body


def _require_bounded(size: int) -> None:
    if size > MAX_BODY_BYTES:
        raise TerminalError(f"the page is a decompression bomb: it has more than {MAX_BODY_BYTES:,} bytes")


_DECODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _deflated,
    "br": _unbrotlied,
}
