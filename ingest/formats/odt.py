"""Texts in OpenDocument (.odt): the paragraphs, notes last; comments, indexes and deleted text are left out."""

from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.package import entries_at_head, is_zip

__all__ = ["FORMAT", "parse"]

_TYPE = b"application/vnd.oasis.opendocument.text"
_OLD_TYPE = b"application/vnd.sun.xml.writer"
# What stands beside content.xml in such a package, where its type does not stand at the head.
_COMPANIONS = frozenset(["styles.xml", "meta.xml", "settings.xml", "META-INF/manifest.xml"])


def _sniff(head: Head) -> bool:
    """Tells it by its type, wherever that stands; without one, by parts that only OpenDocument has."""
    if not is_zip(head.data):
        return False
    entries = {entry.name: entry.beginning for entry in entries_at_head(head.data)}
    kind = entries.get("mimetype")
    if kind:
        return kind.startswith((_TYPE, _OLD_TYPE))
    return "content.xml" in entries and not _COMPANIONS.isdisjoint(entries)


def parse(data: bytes) -> ParsedDocument:
    """Returns the document. Its title is told by a style, by what its properties say, or by how the head is set."""
    from ingest.office.opendocument.open_document import TEXT, read_open_document
    from ingest.office.written import read_written

    document = read_open_document(data, TEXT)
    said = document.properties
    names = {"author": said.get("initial-creator") or said.get("creator", ""), "keywords": said.get("keyword", "")}
    return read_written(document.paragraphs, {**said, **names})


FORMAT: Final = Format(
    media_type="application/vnd.oasis.opendocument.text",
    label="a text in OpenDocument",
    description="the paragraphs, notes last; no comments, no indexes, nothing that was deleted; its title by style or"
    " look",
    extensions=(".odt", ".ott", ".sxw"),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
