"""PowerPoint presentations before 2007 (.ppt): what the slides show, in their order."""

from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.office.compound.binary_powerpoint import read_binary_powerpoint
from ingest.office.compound.compound_file import MAGIC
from ingest.office.written import read_written
from ingest.text.decode import drop_unstorable

__all__ = ["FORMAT", "parse"]

_STREAM_NAME: Final = "PowerPoint Document".encode("utf-16-le")
_EXTENSIONS: Final = (".ppt", ".pps", ".pot")


def _sniff(head: Head) -> bool:
    """Tells it by the name of its slides, which may stand far down: then by the name of the file."""
    return head.data.startswith(MAGIC) and (_STREAM_NAME in head.data or head.extension in _EXTENSIONS)


def parse(data: bytes) -> ParsedDocument:
    """Returns the presentation. Its title is the first title on a slide, else what its properties say."""
    shown = read_binary_powerpoint(data)
    paragraphs = [one._replace(text=drop_unstorable(one.text)) for one in shown.paragraphs]
    return read_written(paragraphs, {"title": shown.stated.title, "author": shown.stated.author})


FORMAT: Final = Format(
    media_type="application/vnd.ms-powerpoint",
    label="a PowerPoint presentation from before 2007",
    description="the text of its slides in their order; no notes; PowerPoint 97 and later",
    extensions=_EXTENSIONS,
    content_only=True,
    sniff=_sniff,
    parse=parse,
)
