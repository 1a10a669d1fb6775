"""Web archives as warcio writes them, and records that are written by hand."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

__all__ = ["PAGE", "Capture", "capture_record", "page_of", "written"]

HTML = "text/html; charset=utf-8"


def page_of(title: str, text: str = "The council of Varnholt shut the bridge on Tuesday, and nobody said why.") -> str:
    """A web page with one paragraph."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"


PAGE = page_of("Bridge is shut")


class Capture(NamedTuple):
    """What a crawler got from an address."""

    url: str
    body: bytes = PAGE.encode()
    status: str = "200 OK"
    content_type: str = HTML
    kind: str = "response"
    fields: tuple[tuple[str, str], ...] = ()


def written(captures: Sequence[Capture], *, gzip: bool) -> bytes:
    """Returns a WARC file with these, each compressed by itself with `gzip`."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=gzip)
    for one in captures:
        head = None
        if one.kind in {"response", "request", "revisit"}:
            line = "GET / HTTP/1.1" if one.kind == "request" else one.status
            protocol = "" if one.kind == "request" else "HTTP/1.1"
            head = StatusAndHeaders(line, [("Content-Type", one.content_type), *one.fields], protocol=protocol)
        record = writer.create_warc_record(
            one.url,
            one.kind,
            payload=BytesIO(one.body),
            http_headers=head,
            warc_content_type="" if head else one.content_type,
            warc_headers_dict={"WARC-Date": "2031-03-04T05:06:07Z"},
        )
        writer.write_record(record)
    return stream.getvalue()


def capture_record(body: bytes = PAGE.encode(), *, length: int | None = None, fields: str = "") -> bytes:
    """Returns one record written by hand, whose length may be a lie."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {HTML}\r\n{fields}\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/a\r\n"
        "WARC-Date: 2031-03-04T05:06:07Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {length or len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"
