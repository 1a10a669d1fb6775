"""Presentations in OpenDocument (.odp): what the slides show, in their order."""

from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.package import entries_at_head, is_zip

__all__ = ["FORMAT", "parse"]

_TYPES: Final = (b"application/vnd.oasis.opendocument.presentation", b"application/vnd.sun.xml.impress")


def _sniff(head: Head) -> bool:
    """Tells it by its type, wherever that stands."""
    if not is_zip(head.data):
        return False
    return any(one.name == "mimetype" and one.beginning.startswith(_TYPES) for one in entries_at_head(head.data))


def parse(data: bytes) -> ParsedDocument:
    """Returns the presentation. Its title is the first title on a slide, else what its properties say."""
    from ingest.office.opendocument.open_document import PRESENTATION, read_open_document
    from ingest.office.written import read_written

    document = read_open_document(data, PRESENTATION)
    said = document.properties
    names = {"author": said.get("initial-creator") or said.get("creator", ""), "keywords": said.get("keyword", "")}
    return read_written(document.paragraphs, {**said, **names})


FORMAT: Final = Format(
    media_type="application/vnd.oasis.opendocument.presentation",
    label="a presentation in OpenDocument",
    description="the text of its slides in their order; no notes; the title of the first slide",
    extensions=(".odp", ".otp", ".sxi"),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
