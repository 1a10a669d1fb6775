"""Plain text: a paragraph a line, hard-wrapped blocks joined again, and labels at the head read as metadata."""

import re
from itertools import pairwise

from ingest.documents import FactSource, ParsedDocument
from ingest.metadata.named_fields import FIELD_NAMES, folded, named_metadata
from ingest.text.decode import decode
from newsmill.errors import TerminalError

__all__ = ["parse", "split_paragraphs"]

_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_MAX_LINES = 1_000_000  # they take some 100 MB; a file of 32 MiB may have 11 million of two letters

_MAX_HEAD_LINES = 30
_LABELS = frozenset().union(*(names for kind, names in FIELD_NAMES.items() if kind != "text"))
_LABELLED = re.compile(r"(?P<label>[^\W\d_][\w -]{1,18}) ?: *(?P<value>\S.*)")
_TEXT_LABEL = re.compile(r"(?:article|body|content|text) ?: *", re.IGNORECASE)

_MIN_WIDTH, _MAX_WIDTH = 55, 100
_MIN_WRAPPED_LINES = 3
_WIDTH_TOLERANCE = 5  # by so much the lines of a short block may all fall short


def parse(data: bytes) -> ParsedDocument:
    """The paragraphs of a plain-text file, and the metadata of a head with labels ("Title: …", "Date: …").

    Raises TerminalError for bytes that are no text.
    """
    fields, body = _split_labels(decode(data))
    return ParsedDocument(named_metadata(fields, FactSource.LABEL), split_paragraphs(body))


def _split_labels(text: str) -> tuple[dict[str, str], str]:
    """The fields that labelled lines at the head name, by folded name, and the text after them.

    Nothing is taken without a title, or where the text does not begin after a blank line or a label of its own. A
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


def split_paragraphs(text: str) -> tuple[str, ...]:
    """The lines of `text` that are not blank, stripped; lines of a hard-wrapped block become one paragraph.

    Raises TerminalError for many times the lines that an article has.
    """
    breaks = sum(map(text.count, _LINE_BREAKS)) if len(text) > _MAX_LINES else 0
    if breaks > _MAX_LINES:
        raise TerminalError(f"it has {breaks:,} lines, many times those of an article; drop its articles one by one")
    lines = [line.strip() for line in text.splitlines()]
    blocks = _blocks(lines)
    width = max((_width(block) for block in blocks if _is_wrapped(block)), default=None)
    if width is None:
        return tuple(line for line in lines if line)
    paragraphs: list[str] = []
    for block in blocks:
        if _is_wrapped(block):
            paragraphs.extend(map(_join, _parts(block)))
        elif _fills(block, width):
            paragraphs.append(_join(block))
        else:
            paragraphs.extend(block)
    return tuple(paragraphs)


def _blocks(lines: list[str]) -> list[list[str]]:
    """The runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def _width(block: list[str]) -> int:
    return len(max(block, key=len))


def _is_wrapped(block: list[str]) -> bool:
    """Whether a program broke these lines at a width of 55 to 100: where one ends, the next word would not have fitted.

    Three lines of a list may be alike in length by chance; in broken prose a third of the lines, at least, also go on
    in lower case. Where paragraphs end without a blank line, lines are shorter: up to three in four, and what follows
    those does not go on in lower case (but for one in ten lines, as lists and quotes may).
    """
    width = _width(block)
    if len(block) < _MIN_WRAPPED_LINES or not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return False
    breaks = [(_is_full(line, following, width), following[0].islower()) for line, following in pairwise(block)]
    full = sum(is_full for is_full, _ in breaks)
    go_on = sum(is_full and is_lower for is_full, is_lower in breaks)
    astray = sum(is_lower and not is_full for is_full, is_lower in breaks)
    enough = full == len(breaks) or full >= max(_MIN_WRAPPED_LINES, len(breaks) / 4)
    return enough and 3 * go_on >= full and 10 * astray <= len(breaks)


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word had no room in this line."""
    return len(line) + 1 + len(following.split(None, 1)[0]) > width


def _parts(block: list[str]) -> list[list[str]]:
    """The lines of a wrapped block, a list for each of its paragraphs."""
    width = _width(block)
    parts = [block[:1]]
    for line, following in pairwise(block):
        if _is_full(line, following, width):
            parts[-1].append(following)
        else:
            parts.append([following])
    return parts


def _fills(block: list[str], width: int) -> bool:
    """Whether two lines are one paragraph in a document whose wrapped blocks are `width` wide, or a few less."""
    own_width = _width(block)
    return (
        len(block) > 1
        and own_width <= min(width + _WIDTH_TOLERANCE, _MAX_WIDTH)
        and all(line[0].islower() for line in block[1:])
        and all(_is_full(line, following, max(width, own_width)) for line, following in pairwise(block))
    )


def _join(block: list[str]) -> str:
    # Programs also break at the hyphen of a compound: "long-" + "term" is "long-term".
    parts = [block[0]]
    for line, following in pairwise(block):
        compound = line.endswith("-") and not line.endswith((" -", "--")) and following[0].islower()
        parts.append(following if compound else f" {following}")
    return "".join(parts)
