"""The records of crawlers, WARC (ISO 28500) and ARC: what stands at the head of one, and of the HTTP answer in it."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["MAX_HEAD_BYTES", "HttpHead", "RecordHead", "parse_arc_head", "parse_http_head", "parse_warc_head"]

MAX_HEAD_BYTES: Final = 64 * 1024
"""A longer head is none."""

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE = re.compile(rb"(?:HTTP(?:/\d(?:\.\d)?)?|ICY)[ \t]+(\d{3})\b[^\r\n]*\r?\n?")
_WARC_LINE = re.compile(rb"WARC/\d\.\d{1,2}[ \t]*\r?\n")
_ARC_DATE = re.compile(rb"\d{12}(?:\d\d)?\Z")
_SCHEME = re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]{1,15}:")
_MAX_NAME_BYTES = 100
_MAX_VALUE_BYTES = 8 * 1024
_MAX_ARC_LINE = 16 * 1024
_DIGITS = 15
_VERSION_1, _VERSION_2 = 5, 10  # so many fields has the line of a record


class RecordHead(NamedTuple):
    """What a record says of itself: its kind, such as `response`, the address, when it was captured, its block's type.

    The block begins at `block_offset` of the record and is `block_bytes` long, if that is true. `captured` is as it is
    written, and "" where nothing is.
    """

    kind: str
    url: str
    captured: str
    content_type: str
    block_offset: int
    block_bytes: int


class HttpHead(NamedTuple):
    """The head of an HTTP answer: its status, its fields by their names in lower case, and where the body begins."""

    status: int
    fields: Mapping[str, str]
    body_offset: int


def parse_warc_head(data: bytes) -> RecordHead | None:
    """Returns the head of the WARC record that begins there; None if none does, or if it is incomplete."""
    line = _WARC_LINE.match(data)
    end = _END_OF_HEAD.search(data, line.end() - 1, MAX_HEAD_BYTES) if line else None
    if line is None or end is None:
        return None
    fields = _fields(data, line.end(), end.end())
    length = fields.get("content-length", "")
    if not length.isdecimal() or len(length) > _DIGITS:
        return None
    return RecordHead(
        fields.get("warc-type", "").lower(),
        fields.get("warc-target-uri", "").strip("<>"),
        fields.get("warc-date", ""),
        fields.get("content-type", ""),
        end.end(),
        int(length),
    )


def parse_arc_head(data: bytes) -> RecordHead | None:
    """Returns the head of the ARC record that begins there, of version 1 or 2; None if none does."""
    line, end, _ = data[:_MAX_ARC_LINE].partition(b"\n")
    if not end or _SCHEME.match(line) is None:
        return None
    words = line.rstrip(b"\r").split(b" ")
    for count in (_VERSION_1, _VERSION_2):
        if len(words) >= count and words[-1].isdigit() and len(words[-1]) <= _DIGITS:
            date, content_type = words[2 - count], words[3 - count]
            if _ARC_DATE.match(date):
                url = b" ".join(words[: 1 - count]).decode("latin-1")
                kind = {"filedesc": "warcinfo", "dns": "dns"}.get(url.partition(":")[0], "response")
                media_type = content_type.decode("latin-1")
                return RecordHead(kind, url, _arc_moment(date.decode()), media_type, len(line) + 1, int(words[-1]))
    return None


def _arc_moment(digits: str) -> str:
    """Returns a moment that ARC writes as 20310304050607, in ISO 8601."""
    year, *rest = digits[:4], *(digits[at : at + 2] for at in range(4, 14, 2))
    month, day, hour, minute, second = (*rest[:-1], rest[-1] or "00")  # some crawlers leave the seconds out
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def parse_http_head(data: bytes, begin: int = 0) -> HttpHead | None:
    """Returns the head of the HTTP answer that begins at `begin`; None if none does. A head that is cut off is one."""
    status = _STATUS_LINE.match(data, begin)
    if status is None:
        return None
    end = _END_OF_HEAD.search(data, status.end() - 1, begin + MAX_HEAD_BYTES)
    body = end.end() if end else min(len(data), begin + MAX_HEAD_BYTES)
    return HttpHead(int(status[1]), _fields(data, status.end(), body), body)


def _fields(data: bytes, begin: int, end: int) -> dict[str, str]:
    """Returns the fields of a head by their names in lower case; of one that occurs twice, the first.

    A line that begins with white space goes on with the one before (RFC 9112, 5.2).
    """
    fields: dict[str, str] = {}
    name = ""
    for line in data[begin:end].split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            if name:
                fields[name] = f"{fields[name]} {_value(line)}".strip()
            continue
        said, colon, value = line.partition(b":")
        name = said.strip().decode("latin-1").lower() if colon and len(said) <= _MAX_NAME_BYTES else ""
        if name in fields:
            name = ""
        elif name:
            fields[name] = _value(value)
    return fields


def _value(data: bytes) -> str:
    return " ".join(data[:_MAX_VALUE_BYTES].decode("utf-8", "replace").split())
