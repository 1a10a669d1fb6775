"""A record of a web archive: the page that a crawler got, with its address."""

import re
from dataclasses import replace
from typing import Final, NamedTuple

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument, Removal
from ingest.formats.format import Format
from ingest.metadata.fields import make_metadata
from ingest.text.captures.http_body import decoded_body
from ingest.text.captures.web_records import RecordHead, parse_arc_head, parse_http_head, parse_warc_head
from ingest.text.decode import declared_charset, decode
from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_HTML_MARKS = (b"<!doctype html", b"<html", b"<head", b"<body")
_PROBED_BYTES = 1024
_MAX_TITLE_CHARACTERS = 300


class _Answer(NamedTuple):
    """What a record holds: its head, the type that the server or the crawler gave, and the text of the body."""

    head: RecordHead
    is_html: bool
    text: str


def _parse(data: bytes) -> ParsedDocument:
    answer = _read(data)
    if answer.is_html:
        from ingest.markup import page

        document = page.parse_text(answer.text, answer.head.url)
    else:
        document = ParsedDocument(_first_line_title(answer), split_paragraphs(answer.text))
    noted = make_metadata(
        url=Fact(answer.head.url, FactSource.CAPTURE), captured=Fact.of(answer.head.captured, FactSource.CAPTURE)
    )
    return replace(document, metadata=noted.completed_by(document.metadata))


def _first_line_title(answer: _Answer) -> Metadata:
    """Returns the title of a page that was converted to text: what Common Crawl and others write as its first line."""
    first = answer.text.lstrip().partition("\n")[0].strip()
    if answer.head.kind != "conversion" or len(first) > _MAX_TITLE_CHARACTERS:
        return Metadata()
    return make_metadata(title=Fact.of(first, FactSource.TITLE_ELEMENT))


def _left_out(data: bytes) -> tuple[Removal, ...]:
    answer = _read(data)
    if not answer.is_html:
        return ()
    from ingest.markup import page

    return page.left_out(answer.text.encode())


def _read(data: bytes) -> _Answer:
    head = parse_warc_head(data) or parse_arc_head(data)
    if head is None:
        raise TerminalError("the record of the web archive is damaged: it has no head")
    block = data[head.block_offset :]
    if not block[head.block_bytes :].strip(b"\r\n"):  # else its length is not true
        block = block[: head.block_bytes]
    http = parse_http_head(block) if head.kind in {"response", "revisit"} else None
    said = head.content_type
    if http is not None:
        said = http.fields.get("content-type", "")
        block = decoded_body(block[http.body_offset :], http.fields)
    charset = _CHARSET.search(said[:_PROBED_BYTES])
    begins = block[:_PROBED_BYTES].lstrip().lower()
    is_html = not said.lower().startswith("text/plain") or begins.startswith(_HTML_MARKS)
    declared = charset[1] if charset else (declared_charset(block) if is_html else None)
    return _Answer(head, is_html, decode(block, declared))


FORMAT: Final = Format(
    media_type="application/x-web-record",
    label="a record of a web archive",
    description="the article on the page, as of a web page; its address and when it was seen are those of the record",
    parse=_parse,
    left_out=_left_out,
    preloaded=("ingest.markup.page",),
)
