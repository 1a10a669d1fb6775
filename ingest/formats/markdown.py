"""Markdown (CommonMark with tables) to plain paragraphs, with the metadata of its front matter."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.fields import as_text, tidy
from ingest.metadata.named_fields import folded, named_metadata
from ingest.text.decode import decode
from ingest.text.paragraphs import split_paragraphs

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["FORMAT", "parse"]

# The parser takes up to 20 seconds, or 600 MiB, for a hostile MiB: of a larger file the markup stays in the text.
_MAX_PARSED_CHARACTERS = 512 * 1024
_MAX_FRONT_MATTER_LINES = 200
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}


def parse(data: bytes) -> ParsedDocument:
    """Returns the article in a Markdown file; its title is the front matter's, else its first top-level heading.

    Raises TerminalError for bytes that are no text.
    """
    fields, body = _split_front_matter(decode(data))
    if len(body) <= _MAX_PARSED_CHARACTERS:
        blocks = [(tag, text) for tag, text in _blocks(_parser().parse(body)) if text]
    else:
        blocks = [("p", text) for text in split_paragraphs(body)]
    metadata = named_metadata(fields, FactSource.FRONT_MATTER)
    if metadata.title is None:
        heading = next((index for index, (tag, _) in enumerate(blocks) if tag == "h1"), None)
        title = tidy(blocks.pop(heading)[1]) if heading is not None else None
        metadata = replace(metadata, title=Fact.of(title, FactSource.HEADING))
    return ParsedDocument(metadata, tuple(text for _, text in blocks))


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def _split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Returns the fields of the front matter by folded name, YAML (`---`) or TOML (`+++`), and the text after it."""
    mark = text[:3]
    if mark not in _ENDS:
        return {}, text
    lines = text.split("\n", _MAX_FRONT_MATTER_LINES)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in _ENDS[mark]), None)
    if lines[0].rstrip() != mark or end is None:
        return {}, text
    read = _yaml_fields if mark == "---" else _toml_fields
    return read(lines[1:end]), "\n".join(lines[end + 1 :])


def _yaml_fields(lines: list[str]) -> dict[str, str]:
    """Reads plain and quoted scalars and flat lists, joined by commas; of other YAML there is no need here."""
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        item = line.strip()
        if item.startswith("- ") and name:
            fields[name] = ", ".join(filter(None, (fields[name], _scalar(item[2:]))))
        elif line[:1].isalpha() and ":" in line:
            name, _, value = line.partition(":")
            name = folded(name)
            fields[name] = _scalar(value)
    return fields


def _toml_fields(lines: list[str]) -> dict[str, str]:
    """Reads the texts, dates and flat lists of Hugo's front matter; nothing where it is no TOML."""
    try:
        values = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    texts = ((name, str(value) if isinstance(value, date) else as_text(value)) for name, value in values.items())
    return {folded(name): text for name, text in texts if text}


def _scalar(value: str) -> str:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(filter(None, (_plain_scalar(item.strip()) for item in value[1:-1].split(","))))
    return _plain_scalar(value)


def _plain_scalar(value: str) -> str:
    if value[:1] in {'"', "'"} and (end := value.rfind(value[0])) > 0:
        return value[1:end].replace('\\"', '"').replace("''", "'")
    return value.partition(" #")[0].strip()


def _blocks(tokens: "Sequence[Token]") -> Iterator[tuple[str, str]]:
    """Yields the text of each block that has some, with the tag of its element; a table's row is one block."""
    tag = ""
    row: list[str] | None = None
    for token in tokens:
        if token.type in {"heading_open", "paragraph_open"}:
            tag = token.tag
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            cells = row or []
            while cells and not cells[-1]:  # rows are filled up to the width of the head: 600 bytes gave 30 kB
                cells.pop()
            if cells:
                yield "tr", " | ".join(cells)
            row = None
        elif row is None:
            yield from ((tag, line) for line in _lines(token))
        elif token.type == "inline":
            row.append(" ".join(_lines(token)))


def _lines(token: "Token") -> tuple[str, ...]:
    """Returns the lines of text in a token, none of them blank."""
    if token.type == "html_block":
        from ingest.markup.page import visible_lines

        return visible_lines(token.content)
    if token.type == "inline":
        text = _inline_text(token.children or ())
    else:
        text = token.content if token.type in {"fence", "code_block"} else ""
    return tuple(" ".join(line.split()) for line in text.split("\n") if not line.isspace() and line)


def _inline_text(tokens: "Sequence[Token]") -> str:
    """Returns the text without markup and images; a hard line break is a line break."""
    parts = []
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            parts.append(token.content)
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak" or (token.type == "html_inline" and token.content[:3].lower() == "<br"):
            parts.append("\n")
    return "".join(parts)


FORMAT: Final = Format(
    media_type="text/markdown",
    label="Markdown",
    description="the text without markup; front matter (`---` YAML, `+++` TOML) is metadata",
    extensions=(".md", ".markdown"),
    parse=parse,
    preloaded=("ingest.markup.page", "markdown_it"),
)
