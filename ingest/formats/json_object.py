"""A JSON object, also one line of a JSON Lines file: fields by the names that feeds and exports give them."""

import json
import re
from dataclasses import replace
from typing import Any, Final, NoReturn

from ingest.documents import Extra, Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.extra import extra_of
from ingest.metadata.named_fields import (
    FIELD_NAMES,
    LEAD,
    TEXT,
    folded,
    is_headline_alone,
    named_metadata,
    read_fields,
    text_fields,
)
from ingest.metadata.printed_values import is_no_value, printed_value
from ingest.text.decode import decode, drop_unstorable
from ingest.text.entities import unescape_prose
from ingest.text.json_text import is_json
from ingest.text.paragraphs import split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

# An object of one of these names may be the article: Elasticsearch's "_source", the Guardian's "fields", the post that
# one of Mastodon passes on.
_WRAPPERS = (
    "source",
    "fields",
    "article",
    "document",
    "doc",
    "data",
    "item",
    "post",
    "record",
    "contentmetadata",
    "response",
    "result",
    "content",
    "reblog",
)
# Objects of these names say more of the article beside them: datatrove, Media Cloud, fundus, webz.io, research corpora.
_METADATA = (
    "metadata", "contentmetadata", "articlemetadata", "meta", "thread", "html", "rssentry", "httpmetadata", "info",
    "attributes", "properties", "extra",
)  # fmt: skip
# Parts of a text, in their order, where an object has paragraphs or sections: fundus, and corpora of sections.
_SECTIONS = ("sections", "paragraphs", "blocks")
_ORDERED_PARTS = ("summary", "headline", "heading", "title", "paragraphs", "blocks", "sections")
# Where the text of an object is: WordPress, parsed feeds, parsed XML, corpora of typed paragraphs.
_PARTS = ("rendered", "value", "#text", "content", "text")
# What an agency says of an item that is not to be published: ninjs, NewsML-G2.
_UNUSABLE = frozenset({"canceled", "cancelled", "withheld"})
_NEWSAPI_CUT = re.compile(r"(?:…|\.\.\.)? ?\[\+\d{1,9} chars\]\Z")  # the free NewsAPI gives the first 200 characters

_TAG = re.compile(
    r"<(?:/?(?:p|div|br|article|section|h[1-6]|ul|ol|li|blockquote|span|html|body)|img|a)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_MAX_PART_CHARACTERS = 60
_MAX_WRAPPERS = 3  # the Guardian's "response", "content", "fields"
_MAX_DEPTH = 6  # a text, of sections, in a list, of paragraphs, in a list, of texts
_MAX_LINE_BYTES = 4096  # of a member of a run: `ingest.containers.container`

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

    `named_fields` says under which names it looks for what; an object of metadata beside the text completes what the
    object says itself. A body that holds HTML is read as HTML; what the object
    says of itself goes before what its HTML says. Of a record that gives a headline and a summary, and has no summary,
    the headline is the text. Raises TerminalError for other JSON, broken JSON and an object
    without text.
    """
    value = _read_lines_or_object(data)
    fields = _named_fields(value)
    _refuse_unusable(fields)
    found = ((name, _body(fields[name])) for name in text_fields(fields))
    name_of_text, body = next((one for one in found if one[1]), ("", ""))
    metadata, used = read_fields(fields, FactSource.FIELD)
    if not body and metadata.title and is_headline_alone(fields):
        return ParsedDocument(metadata, (metadata.title.value,))
    if not body:
        _refuse_empty(value)
    body = _NEWSAPI_CUT.sub("…", drop_unstorable(body)) if body.endswith(" chars]") else drop_unstorable(body)
    for name in _METADATA:
        if beside := _object(fields.get(name)):
            metadata = metadata.completed_by(named_metadata(_folded_fields(beside), FactSource.FIELD))
    metadata = replace(metadata, extra=Fact.of(_extra(value, fields, used), FactSource.FIELD))
    if name_of_text in FIELD_NAMES[LEAD]:
        metadata = replace(metadata, description=None)  # it is the text
    if not _TAG.search(body):
        return ParsedDocument(metadata, split_paragraphs(unescape_prose(body)))
    from ingest.markup import page

    of_page = page.parse_text(body)
    return ParsedDocument(metadata.completed_by(of_page.metadata), of_page.paragraphs)


def _extra(value: dict[str, Any], fields: dict[str, Any], used: set[str]) -> Extra | None:
    """Returns what the object has besides the text and what is read, under its own names."""
    kept: dict[str, Any] = {}
    levels = [value]
    for _ in range(_MAX_WRAPPERS + 1):
        inner = []
        for level in levels:
            for name, one in level.items():
                key = folded(name)
                if fields.get(key) is not one:
                    inner += [one] if key in _WRAPPERS and isinstance(one, dict) else []
                elif key not in used and key not in FIELD_NAMES[TEXT]:
                    kept.setdefault(name, one)
        levels = inner
    return extra_of(kept)


def _refuse_unusable(fields: dict[str, Any]) -> None:
    """Raises TerminalError for what its agency took back."""
    status = fields.get("pubstatus")
    if isinstance(status, str) and status.rpartition(":")[2].strip().lower() in _UNUSABLE:
        raise TerminalError(f'its agency took it back: "pubstatus" is "{_shown(status)}"')


def _read_lines_or_object(data: bytes) -> dict[str, Any]:
    """Returns the object; tells of a run of tiny members (`Container.joins`) what is wrong with the first."""
    try:
        return _read_object(data)
    except TerminalError:
        for members, one in ((data.split(b"\n"), "lines"), (_elements(data), "elements")):
            present = [member for member in members if member.strip()]
            if len(present) < 2 or len(present[0]) > _MAX_LINE_BYTES:  # noqa: PLR2004 - one is no run
                continue
            if is_json(present[0].decode("utf-8", "replace")):
                _refuse_run(present, one)
        raise


def _elements(data: bytes) -> list[bytes]:
    """Returns the elements of a part of an array; none where it is no such part."""
    try:
        values = json.loads(b"[" + data.strip(b", \t\r\n") + b"]") if data.startswith(b"{") else []
    except (ValueError, RecursionError):
        return []
    return [json.dumps(value).encode() for value in values]


def _refuse_run(members: list[bytes], one: str) -> NoReturn:
    try:
        parse(members[0])
    except TerminalError as error:
        raise TerminalError(
            f"{len(members):,} short {one} from here on hold no article, such as the first: {error}"
        ) from error
    if one == "lines":
        raise TerminalError(f"{len(members):,} lines of JSON, which hold a document each: name the file .jsonl")
    raise TerminalError(f"{len(members):,} objects of JSON one behind the other: write them as an array")


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


def _named_fields(value: dict[str, Any], depth: int = _MAX_WRAPPERS) -> dict[str, Any]:
    """Returns the fields by folded name; those of an object within as well, where only that one holds a text."""
    fields = _folded_fields(value)
    if _holds_text(fields) or not depth:
        return fields
    for name in _WRAPPERS:
        if inner := _named_fields(_object(fields.get(name)), depth - 1) if fields.get(name) else {}:
            if not _holds_text(inner):
                continue
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
    return any(not _object(value := fields.get(name)) and _body(value) for name in FIELD_NAMES[TEXT])


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _body(value: object, depth: int = _MAX_DEPTH) -> str:
    """Returns the text of a field: as it is, or a paragraph for each item of a list; "" where there is none."""
    if isinstance(value, str):
        printed = printed_value(value) if depth and value.startswith(("['", '["')) else value
        if isinstance(printed, list):
            return _body(printed, depth - 1)
        return "" if is_no_value(value) else value.strip()
    if isinstance(value, list) and depth:
        if len(value) > 1 and (best := _rendition(value)):
            return _body(best, depth - 1)
        return "\n\n".join(filter(None, (_body(item, depth - 1) for item in value)))
    if isinstance(value, dict) and depth:
        if any(isinstance(value.get(name), list) for name in _SECTIONS):
            return "\n\n".join(filter(None, (_body(value.get(name), depth - 1) for name in _ORDERED_PARTS)))
        return next(filter(None, (_body(value.get(name), depth - 1) for name in _PARTS)), "")
    return ""


def _rendition(value: list[Any]) -> str:
    """Returns the one text of which a list holds several renditions, as "bodies" of ninjs 2 and 3 do."""
    bodies = [one for one in value if isinstance(one, dict) and "value" in one and {"contenttype", "role"} & one.keys()]
    if len(bodies) < len(value):
        return ""
    main = [one for one in bodies if one.get("role") in {"main", None}] or bodies
    html = [one for one in main if "html" in str(one.get("contenttype"))]
    text = (html or main)[0].get("value")
    return text if isinstance(text, str) else ""


def _refuse(value: object) -> NoReturn:
    if value == []:
        raise TerminalError("the JSON is an empty array: there is no document in it")
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        raise TerminalError(f"the JSON is an array of {len(value)} in which there is no object with a text")
    if isinstance(value, list):
        first = next(item for item in value if isinstance(item, dict))
        if text_fields(_folded_fields(first)):
            raise TerminalError(
                f"the JSON is an array of {len(value)}, not one document; "
                "put one document a line: jq -c '.[]' FILE.json > FILE.jsonl"
            )
        names = ", ".join(f'"{_shown(name)}"' for name in list(first)[:5])
        raise TerminalError(
            f'the JSON is an array of {len(value)} objects without a text, such as "text" or "content"'
            f" (there is {names or 'none'})"
        )
    raise TerminalError("the JSON is a bare value, not an object with a text")


def _refuse_empty(value: dict[str, Any]) -> NoReturn:
    texts = text_fields(_folded_fields(value))
    present = [name for name in value if folded(name) in texts]
    if present:
        raise TerminalError(f'the JSON object\'s "{_shown(present[0])}" holds no text')
    names = ", ".join(f'"{_shown(name)}"' for name in list(value)[:5])
    raise TerminalError(
        f'the JSON object has no text: no field is called "text", "content" or "body" (there is {names or "none"})'
    )


def _shown(name: str) -> str:
    """Returns a name as a message may say it: one line, without what a terminal obeys."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name[:_MAX_PART_CHARACTERS])


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
