"""A JSON object, also one line of a JSON Lines file: fields by the names that feeds and exports give them."""

import json
import re
from typing import Any, Final, NoReturn

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.named_fields import FIELD_NAMES, folded, named_metadata
from ingest.text.decode import decode, drop_unstorable
from ingest.text.json_text import is_json
from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

# An object of one of these names may be the article: Elasticsearch's "_source", the Guardian's "fields".
_WRAPPERS = ("source", "fields", "article", "document", "doc", "data", "item", "post", "record")
# Where the text of an object is: WordPress, parsed feeds, parsed XML, corpora of typed paragraphs.
_PARTS = ("rendered", "value", "#text", "content", "text")

_TAG = re.compile(
    r"<(?:/?(?:p|div|br|article|section|h[1-6]|ul|ol|li|blockquote|span|html|body)|img|a)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_MAX_PART_CHARACTERS = 60

_OBJECT_START = re.compile(r"\{\s*[\"}]")
_ARRAY_START = re.compile(r"\[\s*(?:[\[{\]\"]|-?\d[\d.eE+-]*\s*[,\]]|(?:true|false|null)\s*[,\]])")


def _sniff(head: Head) -> bool:
    """Tells an object or an array by its beginning; "[Updated] The council…" is prose."""
    text, is_named = head.body, head.extension == ".json"
    if text.startswith("["):
        begins = _ARRAY_START.match(text) is not None
        return is_json(text) or (is_named and begins) if head.is_whole else begins
    if _OBJECT_START.match(text):
        return True
    return is_named and text.startswith("{")  # broken beyond recognition, and yet no prose


def parse(data: bytes) -> ParsedDocument:
    """Returns the article in a JSON object, or in an object within it ("_source" of Elasticsearch).

    `named_fields` says under which names it looks for what. A body that holds HTML is read as HTML; what the object
    says of itself goes before what its HTML says. Raises TerminalError for other JSON, broken JSON and an object
    without text.
    """
    value = _read_object(data)
    fields = _named_fields(value)
    body = next(filter(None, (_body(fields.get(name)) for name in FIELD_NAMES["text"])), "")
    if not body:
        _refuse_empty(value)
    body = drop_unstorable(body)
    metadata = named_metadata(fields, FactSource.FIELD)
    if not _TAG.search(body):
        return ParsedDocument(metadata, split_paragraphs(body))
    from ingest.markup import page

    of_page = page.parse_text(body)
    return ParsedDocument(metadata.completed_by(of_page.metadata), of_page.paragraphs)


def _read_object(data: bytes) -> dict[str, Any]:
    """Returns the object, its numbers as strings."""
    try:
        # Numbers stay as they are written: no digit is lost, and a huge one costs nothing.
        value = json.loads(decode(data), parse_int=str, parse_float=str, parse_constant=lambda _: None, strict=False)
    except json.JSONDecodeError as error:
        # Of one line there is no number to tell; a line of a container has its own, in the file.
        line = f"line {error.lineno}, " if "\n" in error.doc.strip() else ""
        where = f"{line}column {error.colno} (character {error.pos})"
        raise TerminalError(f"the JSON is invalid: {error.msg.removesuffix(' at')} at {where}") from error
    except RecursionError as error:
        raise TerminalError("the JSON is nested too deeply to be read") from error
    if not isinstance(value, dict):
        _refuse(value)
    return value


def _named_fields(value: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields by folded name; those of an object within as well, where only that one holds a text."""
    fields = _folded_fields(value)
    if _holds_text(fields):
        return fields
    for name in _WRAPPERS:
        inner = _folded_fields(_object(fields.get(name)))
        if _holds_text(inner):
            del fields[name]  # or it would count as the article's publisher, if it is the "_source"
            return fields | inner
    return fields


def _folded_fields(value: dict[str, Any]) -> dict[str, Any]:
    """Returns the fields by folded name; of equal names the first with a value counts."""
    fields: dict[str, Any] = {}
    for name, content in value.items():
        if fields.get(key := folded(name)) in (None, "", [], {}):
            fields[key] = content
    return fields


def _holds_text(fields: dict[str, Any]) -> bool:
    return any(not _object(value := fields.get(name)) and _body(value) for name in FIELD_NAMES["text"])


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _body(value: object, depth: int = 3) -> str:
    """Returns the text of a field: as it is, or a paragraph for each item of a list; "" where there is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and depth:
        return "\n\n".join(filter(None, (_body(item, depth - 1) for item in value)))
    if isinstance(value, dict) and depth:
        return next(filter(None, (_body(value.get(name), depth - 1) for name in _PARTS)), "")
    return ""


def _refuse(value: object) -> NoReturn:
    if value == []:
        raise TerminalError("the JSON is an empty array: there is no document in it")
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        raise TerminalError(f"the JSON is an array of {len(value)} in which there is no object with a text")
    if isinstance(value, list):
        raise TerminalError(
            f"the JSON is an array of {len(value)}, not one document; "
            "put one document a line: jq -c '.[]' FILE.json > FILE.jsonl"
        )
    raise TerminalError("the JSON is a bare value, not an object with a text")


def _refuse_empty(value: dict[str, Any]) -> NoReturn:
    present = [name for name in value if folded(name) in FIELD_NAMES["text"]]
    if present:
        raise TerminalError(f'the JSON object\'s "{present[0]}" holds no text')
    names = ", ".join(f'"{name[:_MAX_PART_CHARACTERS]}"' for name in list(value)[:5])
    raise TerminalError(
        f'the JSON object has no text: no field is called "text", "content" or "body" (there is {names or "none"})'
    )


FORMAT: Final = Format(
    media_type="application/json",
    label="a JSON object",
    description="the article in one of its fields, as text, a list of paragraphs or HTML; other fields are metadata",
    extensions=(".json",),
    content_only=True,
    sniff=_sniff,
    parse=parse,
    preloaded=("ingest.markup.page",),
)
