"""Word documents (.docx): the paragraphs, notes last; headers, comments and what was deleted are left out."""

import re
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.package import entries_at_head, is_zip

__all__ = ["FORMAT", "parse"]

_TYPES = "[Content_Types].xml"
_MAIN_TYPE = re.compile(rb"wordprocessingml\.(?:document|template)\.main|ms-word\.(?:document|template)\.macroEnabled")
_PARTS = frozenset(["_rels/.rels", _TYPES, "docProps/app.xml", "docProps/core.xml", "word/document.xml"])


def _sniff(head: Head) -> bool:
    """Tells it by its list of types; where that stands farther down, by the folder of its parts."""
    if not is_zip(head.data):
        return False
    names = set()
    for name, beginning in entries_at_head(head.data):
        if name == _TYPES and _MAIN_TYPE.search(beginning):
            return True
        names.add(name)
    return any(name.startswith("word/") for name in names) and not names.isdisjoint(_PARTS)


def parse(data: bytes) -> ParsedDocument:
    """Returns the document. Its title is told by a style, by what its properties say, or by how the head is set."""
    from ingest.office.word_document import read_word
    from ingest.office.written import read_written

    word = read_word(data)
    author = {"author": word.properties.get("creator", "")}
    return read_written(word.paragraphs, {**word.properties, **author})


FORMAT: Final = Format(
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    label="a Word document",
    description="the paragraphs, footnotes last; no headers, no comments, nothing that was deleted; its title by style"
    " or look",
    extensions=(".docx", ".docm", ".dotx"),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
