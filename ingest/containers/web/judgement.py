"""Which records of a crawl are pages; of the others, why they are none."""

from typing import Final
from urllib.parse import urlsplit

from ingest.text.captures.web_records import HttpHead, RecordHead, parse_http_head

__all__ = ["skip_reason"]

_OK = 200
_REDIRECT = range(300, 400)
_PAGES: Final = ("response", "resource", "conversion")
_KINDS: Final = {
    "request": "a request",
    "metadata": "a record about another",
    "warcinfo": "a record about the file",
    "revisit": "an answer that is the same as one before",
    "continuation": "a part of a record in another file",
    "dns": "an answer about a name (DNS)",
}
_TEXTS: Final = ("text/html", "application/xhtml+xml", "text/plain", "application/vnd.wap.xhtml+xml")
_UNTOLD: Final = (
    "",
    "unk",
    "no-type",
    "application/octet-stream",
    "content/unknown",
    "application/x-unknown-content-type",
)
_OTHERS: Final = (
    ("image/", "an image"),
    ("video/", "a film"),
    ("audio/", "sound"),
    ("font/", "a font"),
    ("application/font", "a font"),
    ("application/x-font", "a font"),
    ("application/vnd.ms-font", "a font"),
    ("text/css", "a style sheet"),
    ("text/javascript", "a script"),
    ("application/javascript", "a script"),
    ("application/x-javascript", "a script"),
    ("text/ecmascript", "a script"),
    ("application/json", "JSON"),
    ("application/ld+json", "JSON"),
    ("application/pdf", "a PDF document"),
    ("text/xml", "XML"),
    ("application/xml", "XML"),
    ("application/rss", "XML"),
    ("application/atom", "XML"),
)
_HTML_MARKS: Final = (b"<!doctype html", b"<html", b"<head", b"<body")
_PROBED_BYTES = 1024


def skip_reason(head: RecordHead, block: bytes) -> str | None:
    """Returns why a record is no page, in a few words; None if it is one. `block` is the beginning of its block."""
    if head.kind not in _PAGES:
        return _KINDS.get(head.kind, "a record of another kind")
    if not head.block_bytes:
        return "an answer without a page (nothing)"
    scheme = head.url.partition(":")[0].lower()
    if scheme in {"dns", "metadata", "warcinfo", "urn", "screenshot", "thumbnail"}:
        return "a record about another"
    http = parse_http_head(block) if head.kind == "response" else None
    if http is not None:
        if http.status != _OK:
            what = "another address" if http.status in _REDIRECT else "an answer without a page"
            return f"{what} ({http.status})"
        if http.body_offset >= head.block_bytes:
            return "an answer without a page (nothing)"
    if _path(head.url) == "/robots.txt":
        return "a robots.txt"
    return _type_reason(head, http, block)


def _path(url: str) -> str:
    """Returns the path of an address; "" for one that is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _type_reason(head: RecordHead, http: HttpHead | None, block: bytes) -> str | None:
    said = head.content_type if http is None else http.fields.get("content-type", "")
    media_type = said.partition(";")[0].partition(",")[0].strip().lower()
    if media_type in _TEXTS:
        return None
    if media_type in _UNTOLD:
        body = block[http.body_offset if http else 0 :][:_PROBED_BYTES].lstrip().lower()
        return None if body.startswith(_HTML_MARKS) else "an answer of unknown type"
    for beginning, what in _OTHERS:
        if media_type.startswith(beginning):
            return what
    return "an answer of another type"
