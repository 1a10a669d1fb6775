"""Hostile archives and web archives: bombs, directories and lengths that lie, files that end too early."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from functools import reduce

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["ARCHIVES"]

_PAGE = f"<html><body><p>{PROSE}</p></body></html>".encode()


def _zip(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return written.getvalue()


def _tar(*members: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return written.getvalue()


def _record(body: bytes, length: int | None = None, fields: str = "") -> bytes:
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{fields}\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/a\r\n"
        f"WARC-Date: 2031-03-04T05:06:07Z\r\nContent-Length: {len(answer) if length is None else length}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


ARCHIVES: dict[str, Callable[[int], bytes]] = {
    "of_zeros.zip": lambda size: _zip(("a.txt", bytes(100 * size))),
    "of_many_names.zip": lambda size: _zip(*((f"../{n}/a.html", _PAGE) for n in range(size // 300))),
    "within_zips.zip": lambda size: reduce(lambda inner, n: _zip((f"{n}.zip", inner)), range(9), _PAGE * (size // 999)),
    "cut_off.zip": lambda size: _zip(("a.html", _PAGE * (size // len(_PAGE) + 1)))[:-30],
    "no_zip.zip": lambda size: b"PK\x03\x04" + fill("PK\x01\x02", size),
    "many_ends.zip": lambda size: _zip(("a.html", _PAGE)) + fill("PK\x05\x06", size),
    "of_nothing.tar": lambda size: _tar(*((f"{n}.txt", b"") for n in range(size // 512))),
    "sizes_lie.tar": lambda size: _tar(("a.txt", _PAGE)).replace(b"00000000", b"77777777") + bytes(size),
    "long_names.tar": lambda size: _tar((f"{'a' * (size // 4)}.txt", _PAGE)),
    "of_zeros.gz": lambda size: gzip.compress(bytes(100 * size), mtime=0),
    "members_of_nothing.gz": lambda size: gzip.compress(b"", mtime=0) * (size // 20),
    "cut_off.bz2": lambda size: bz2.compress(_PAGE * (size // len(_PAGE) + 1))[:-9],
    "damaged.xz": lambda size: lzma.compress(fill("a b ", size)).replace(b"\0\0", b"\xff\0", 3),
    "lengths_lie.warc": lambda size: b"".join(_record(_PAGE, n * 7919 % 90_000) for n in range(size // 400)),
    "marks_alone.warc": lambda size: _record(_PAGE, 10**9) + fill("\nWARC/1.0\r\n", size),
    "heads_without_end.warc": lambda size: _record(_PAGE) + b"WARC/1.0\r\n" + fill("A: b\r\n", size),
    "chunks_lie.warc": lambda size: _record(fill("fffffff\r\na\r\n", size), fields="Transfer-Encoding: chunked\r\n"),
    "bodies_of_zeros.warc": lambda size: _record(
        gzip.compress(bytes(100 * size), mtime=0), fields="Content-Encoding: gzip\r\n"
    ),
    "false_marks.warc.gz": lambda size: gzip.compress(_record(_PAGE), mtime=0) + fill("\x1f\x8b\x08", size),
}
"""Makers by file name."""
