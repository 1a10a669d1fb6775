"""The parse stage: any bytes of any media type become a ParsedDocument or a TerminalError."""

from collections.abc import Callable
from typing import NoReturn

from ingest.documents import ParsedDocument
from ingest.formats import json_object, markdown, text
from ingest.formats.media_types import FOREIGN, OFFICE_DOCUMENTS, MediaType, describe_binary
from ingest.markup import page
from newsmill.errors import TerminalError

__all__ = ["parse"]

_BLANK = b" \t\n\r\v\f\0\xef\xbb\xbf\xff\xfe"  # white space, in UTF-16 too, and byte order marks
_MAX_REASON_CHARACTERS = 300
_MAX_PARAGRAPHS = 250_000  # cleaning looks at each some times, for 5 to 15 µs

_PARSERS: dict[MediaType, Callable[[bytes], ParsedDocument]] = {
    MediaType.TEXT: text.parse,
    MediaType.HTML: page.parse,
    MediaType.MARKDOWN: markdown.parse,
    MediaType.JSON: json_object.parse,
}


def parse(data: bytes, media_type: MediaType) -> ParsedDocument:
    """The document in `data`: a file, or one line of a JSON Lines file as MediaType.JSON.

    Raises TerminalError for what cannot be read; its message names the next step if there is one. The only other
    exception is MemoryError: whose fault that is, the caller has to judge.
    """
    if not data.lstrip(_BLANK):
        raise TerminalError("the file holds nothing but white space" if data else "the file is empty")
    if media_type is MediaType.OCTET_STREAM:
        _refuse_binary(data)
    if media_type in FOREIGN:
        raise TerminalError(f"this is {FOREIGN[media_type]}")
    if media_type not in _PARSERS:
        raise TerminalError(f"a {media_type} file holds many documents; its lines are parsed one by one")
    try:
        document = _PARSERS[media_type](data)
    except (TerminalError, MemoryError):
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:_MAX_REASON_CHARACTERS]
        raise TerminalError(f"the {media_type} document cannot be parsed: {type(error).__name__}: {reason}") from error
    if not document.paragraphs:
        raise TerminalError("the document holds no text")
    if len(document.paragraphs) > _MAX_PARAGRAPHS:
        raise TerminalError(
            f"it has {len(document.paragraphs):,} paragraphs, many times those of an article;"
            " drop its articles one by one"
        )
    return document


def _refuse_binary(data: bytes) -> NoReturn:
    description = describe_binary(data)
    if description in OFFICE_DOCUMENTS:
        raise TerminalError(f"this is {description}, not text; convert it to plain text or HTML")
    packed = any(word in description for word in ("archive", "gzip", "bzip2", "xz", "Zstandard"))
    step = "unpack it and drop the files in it" if packed else "convert it to plain text, Markdown, HTML or JSON"
    raise TerminalError(f"this is {description}, not text; {step}")
