"""How the records of WARC and of ARC files are told: by the first line of each."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from ingest.text.captures.web_records import RecordHead, parse_arc_head, parse_warc_head

__all__ = ["ARC", "MARK_BYTES", "RECORD_TYPE", "WARC", "Grammar"]

RECORD_TYPE: Final = "application/x-web-record"
"""The media type of a record."""

MARK_BYTES: Final = 64
"""So much of a record says whether one begins there; an ARC record may need its whole first line."""

_WARC_LINE: Final = re.compile(rb"WARC/[01]\.\d{1,2}\r?\n")


class Grammar(NamedTuple):
    """`label` is what messages call such a file. `find` returns where the next record begins, or -1.

    It looks from a place on, within some bytes that the record's first line must be in.
    """

    media_type: str
    label: str
    parse: Callable[[bytes], RecordHead | None]
    begins: Callable[[bytes], bool]
    find: Callable[[bytes, int], int]


def _warc_begins(data: bytes) -> bool:
    return _WARC_LINE.match(data) is not None


def _find_warc(data: bytes, at: int) -> int:
    while (at := data.find(b"\nWARC/", at)) >= 0:
        if _WARC_LINE.match(data, at + 1):
            return at + 1
        at += 1
    return -1


def _arc_begins(data: bytes) -> bool:
    return parse_arc_head(data) is not None


def _find_arc(data: bytes, at: int) -> int:
    """Looks at lines with a colon near their beginning."""
    while (at := data.find(b"\n", at)) >= 0:
        at += 1
        if b":" in data[at : at + 16] and _arc_begins(data[at : at + 4096]):
            return at
    return -1


WARC: Final = Grammar("application/warc", "the WARC file", parse_warc_head, _warc_begins, _find_warc)
ARC: Final = Grammar("application/x-arc", "the ARC file", parse_arc_head, _arc_begins, _find_arc)
