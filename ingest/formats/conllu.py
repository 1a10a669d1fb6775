"""A document of a CoNLL-U treebank: its sentences as they were written, and what its comments say of it."""

import re
from typing import Final

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.named_fields import folded, named_metadata
from ingest.text.slices import decode_slice

__all__ = ["FORMAT"]

_COMMENT: Final = re.compile(r"# ?(?:meta::)?([\w:.-]{1,60}) ?= ?(.*)")
_NEW_PARAGRAPH: Final = re.compile(r"# ?newpar\b")
_WORD: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?\t([^\t]*)\t")
_SENTENCE_TEXT: Final = "text"


def _parse(data: bytes) -> ParsedDocument:
    """Returns a paragraph for each `# newpar`; where there is none, for each sentence."""
    text = decode_slice(data).replace("\r", "")
    fields: dict[str, str] = {}
    paragraphs: list[list[str]] = [[]]
    marked = False
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        comments = [line for line in lines if line.startswith("#")]
        said = {match[1]: match[2].strip() for line in comments if (match := _COMMENT.match(line))}
        if any(map(_NEW_PARAGRAPH.match, comments)):
            marked = True
            paragraphs.append([])
        if sentence := said.get(_SENTENCE_TEXT) or _written(lines):
            if not any(paragraphs):
                fields = {folded(name): value for name, value in said.items() if name != _SENTENCE_TEXT and value}
            paragraphs[-1].append(sentence)
        if not marked:
            paragraphs.append([])
    joined = tuple(" ".join(sentences) for sentences in paragraphs if sentences)
    return ParsedDocument(named_metadata(fields, FactSource.FIELD), joined)


def _written(lines: list[str]) -> str:
    """Returns the sentence that tokens make, with the spaces that their last column tells."""
    parts: list[str] = []
    last = 0  # the number of the last token that is written already, as a part of a longer one
    for line in lines:
        match = _WORD.match(line)
        if match is None or int(match[1]) <= last:
            continue
        last = int(match[2] or match[1])
        parts.append(match[3])
        parts.append("" if "SpaceAfter=No" in line.rpartition("\t")[2] else " ")
    return "".join(parts).strip()


FORMAT: Final = Format(
    media_type="text/x-conllu-document",
    label="a document of a treebank",
    description="the sentences of `# text`, a paragraph for each `# newpar`; title, date and url as its comments say",
    parse=_parse,
)
