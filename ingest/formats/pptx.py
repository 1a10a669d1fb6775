"""PowerPoint presentations (.pptx): what the slides show, in their order."""

import re
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.package import entries_at_head, is_zip

__all__ = ["FORMAT", "parse"]

_TYPES = "[Content_Types].xml"
_MAIN_TYPE = re.compile(
    rb"presentationml\.(?:presentation|slideshow|template)\.main"
    rb"|ms-powerpoint\.(?:presentation|slideshow|template)\.macroEnabled"
)
_PARTS = frozenset(["_rels/.rels", _TYPES, "docProps/app.xml", "docProps/core.xml", "ppt/presentation.xml"])


def _sniff(head: Head) -> bool:
    """Tells it by its list of types; where that stands farther down, by the folder of its parts."""
    if not is_zip(head.data):
        return False
    names = set()
    for name, beginning in entries_at_head(head.data):
        if name == _TYPES and _MAIN_TYPE.search(beginning):
            return True
        names.add(name)
    return any(name.startswith("ppt/") for name in names) and not names.isdisjoint(_PARTS)


def parse(data: bytes) -> ParsedDocument:
    """Returns the presentation. Its title is the first title on a slide, else what its properties say."""
    from ingest.office.powerpoint import read_powerpoint
    from ingest.office.written import read_written

    shown = read_powerpoint(data)
    return read_written(shown.paragraphs, {**shown.properties, "author": shown.properties.get("creator", "")})


FORMAT: Final = Format(
    media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
    label="a PowerPoint presentation",
    description="the text of its slides in their order; no notes, no hidden slides; the title of the first slide",
    extensions=(".pptx", ".pptm", ".ppsx", ".potx"),
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
