"""Plain text: paragraphs, and labels at the head read as metadata."""

import re
from typing import Final

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.named_fields import FIELD_NAMES, LEAD, TEXT, folded, named_metadata
from ingest.text.decode import decode
from ingest.text.entities import unescape_prose
from ingest.text.paragraphs import split_paragraphs

__all__ = ["FORMAT", "parse"]

_MAX_HEAD_LINES = 30
_LABELS = frozenset().union(*(names for kind, names in FIELD_NAMES.items() if kind not in {TEXT, LEAD}))
_LABELLED = re.compile(r"(?P<label>[^\W\d_][\w -]{1,22}?)\s?[:：]\s*(?P<value>\S.*)")
_TEXT_LABEL = re.compile(
    r"(?:article|body|content|text|texte|texto|testo|artikel|inhalt|текст|本文|正文)\s?[:：] *", re.IGNORECASE
)


def parse(data: bytes) -> ParsedDocument:
    """Returns the paragraphs of a plain-text file, and the metadata of a head with labels ("Title: …", "Date: …").

    Raises TerminalError for bytes that are no text.
    """
    fields, body = _split_labels(decode(data))
    return ParsedDocument(named_metadata(fields, FactSource.LABEL), split_paragraphs(unescape_prose(body)))


def _split_labels(text: str) -> tuple[dict[str, str], str]:
    """Returns the fields that labelled lines at the head name, by folded name, and the text after them.

    It takes nothing without a title, nor where the text does not begin after a blank line or a label of its own. A
    title alone is enough: headlines do not begin with that word.
    """
    lines = text.lstrip().split("\n", _MAX_HEAD_LINES)
    fields: dict[str, str] = {}
    taken, blank = 0, False
    for line in lines:
        match = _LABELLED.fullmatch(line.rstrip())
        name = folded(match["label"]) if match else ""
        if match and name in _LABELS and name not in fields:
            fields[name] = match["value"]
        elif line.strip():
            break
        taken, blank = taken + 1, not line.strip()
    label = _TEXT_LABEL.match(lines[taken]) if taken < len(lines) else None
    if not (label or blank) or fields.keys().isdisjoint(FIELD_NAMES["title"]):
        return {}, text
    body = "\n".join(lines[taken:])[label.end() if label else 0 :]
    return (fields, body) if body.strip() else ({}, text)


FORMAT: Final = Format(
    media_type="text/plain",
    label="plain text",
    description="a paragraph a line, hard-wrapped lines joined; lines at its head such as `Title: …` are metadata",
    extensions=(".txt", ".text"),
    parse=parse,
)
