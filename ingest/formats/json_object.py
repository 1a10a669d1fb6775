"""A JSON object, also one line of a JSON Lines file: fields by the names that feeds and exports give them."""

import json
import re
from dataclasses import replace
from typing import Any, NoReturn

from ingest.decode import decode, drop_unstorable
from ingest.documents import Metadata, ParsedDocument
from ingest.formats import html
from ingest.formats.fields import as_text, make_metadata
from ingest.formats.text import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["parse"]

_BODY = ("text", "content", "body", "articlebody", "maintext")
_TITLE = ("title", "headline")
_DATE = ("date", "published_at", "published", "pubdate", "datepublished")
_BYLINE = ("author", "byline", "authors", "creator")
_URL = ("url", "link", "canonical_url")
_PUBLISHER = ("source", "publisher", "site_name")
_LANGUAGE = ("language", "lang")

_TAG = re.compile(
    r"<(?:/?(?:p|div|br|article|section|h[1-6]|ul|ol|li|blockquote|span|html|body)|img|a)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_MAX_PART_CHARACTERS = 60


def parse(data: bytes) -> ParsedDocument:
    """The article in a JSON object; raises TerminalError for other JSON, broken JSON and an object without text.

    Names of fields are taken in any case. A body that holds HTML is read as HTML; what the object says of itself
    goes before what its HTML says.
    """
    fields = _read_object(data)
    body = _body_text(fields)
    metadata = make_metadata(
        title=_field(fields, _TITLE),
        byline=_field(fields, _BYLINE),
        publisher=_field(fields, _PUBLISHER),
        date=_field(fields, _DATE),
        language=_field(fields, _LANGUAGE),
        url=_field(fields, _URL),
    )
    if not _TAG.search(body):
        return ParsedDocument(metadata, split_paragraphs(body))
    page = html.parse_text(body)
    return ParsedDocument(_merge(metadata, page.metadata), page.paragraphs)


def _read_object(data: bytes) -> dict[str, Any]:
    """The object's fields by lower-case name; of equal names the first with a value counts. Numbers are strings."""
    try:
        # Numbers stay as they are written: no digit is lost, and a huge one costs nothing.
        value = json.loads(decode(data), parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=False)
    except json.JSONDecodeError as error:
        raise TerminalError(
            f"the JSON is invalid: {error.msg.removesuffix(' at')}"
            f" at line {error.lineno}, column {error.colno} (character {error.pos})"
        ) from error
    except RecursionError as error:
        raise TerminalError("the JSON is nested too deeply to be read") from error
    if not isinstance(value, dict):
        _refuse(value)
    fields: dict[str, Any] = {}
    for name, content in value.items():
        if fields.get(name.lower()) in (None, "", [], {}):
            fields[name.lower()] = content
    return fields


def _refuse(value: object) -> NoReturn:
    if isinstance(value, list):
        raise TerminalError(
            f"the JSON is an array of {len(value)}, not one document; "
            "put one document a line: jq -c '.[]' FILE.json > FILE.jsonl"
        )
    raise TerminalError("the JSON is a bare value, not an object with a text")


def _body_text(fields: dict[str, Any]) -> str:
    for name in _BODY:
        value = fields.get(name)
        if isinstance(value, list):  # a list of paragraphs
            value = "\n\n".join(text for item in value if (text := as_text(item)))
        if text := as_text(value):
            return drop_unstorable(text)
    present = [name for name in _BODY if name in fields]
    if present:
        raise TerminalError(f'the JSON object\'s "{present[0]}" holds no text')
    names = ", ".join(f'"{name[:_MAX_PART_CHARACTERS]}"' for name in list(fields)[:5])
    raise TerminalError(
        f'the JSON object has no text: no field is called "text", "content" or "body" (there is {names or "none"})'
    )


def _field(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := as_text(fields.get(name)))), None)


def _merge(first: Metadata, second: Metadata) -> Metadata:
    """`first`, and what it does not know from `second`; a date and its precision come from the same one."""
    dated = first if first.published_at else second
    return replace(
        first,
        title=first.title or second.title,
        byline=first.byline or second.byline,
        publisher=first.publisher or second.publisher,
        published_at=dated.published_at,
        published_precision=dated.published_precision,
        language=first.language or second.language,
        url=first.url or second.url,
    )
