"""What exports of databases write above and below a text: dates among other words, names the other way round."""

import re
from typing import Final

from ingest.documents import Fact, FactSource, Metadata
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata

__all__ = ["Block", "blocks_of", "date_in", "is_rights_line", "labelled_metadata", "names_in_order"]

Block = list[str]
"""Lines without a blank one among them, as they stand in the file."""

_MAX_DATE_LINE = 160
_MONTH = r"[^\W\d_]{3,12}\.?"
_TIME = r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?)(?: (?P<zone>[A-Z]{2,5}\b)(?P<hours>[+-]\d{1,2}\b)?)?"
_DATE: Final = re.compile(
    rf"(?P<date>\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b"
    rf"|\b\d{{1,2}}(?:\.|er|st|nd|rd|th|\u00ba)?(?: de| of)? {_MONTH},?(?: de| del)? \d{{4}}\b"
    r"|\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b|\d{4} ?\u5e74 ?\d{1,2} ?\u6708 ?\d{1,2} ?\u65e5"
    rf"|\b\d{{4}} {_MONTH} \d{{1,2}}\b)",
    re.IGNORECASE,
)
_TIME_BEHIND = re.compile(rf"(?:,? [^\W\d_]{{2,14}}\.?,?)?,? (?:at |um )?{_TIME}", re.IGNORECASE)
_RIGHTS = re.compile(
    r"(?:copyright|copr\.?|\(c\)|\u00a9) ?.{0,120}|.{0,100}\b(?:all rights reserved|alle rechte vorbehalten"
    r"|tous droits r\u00e9serv\u00e9s|todos los derechos reservados|tutti i diritti riservati)\b.{0,40}",
    re.IGNORECASE,
)
_NAME_LAST_FIRST = re.compile(r"(?P<last>[^\W\d_][^,;\d]{0,40}), (?P<first>[^\W\d_][^,;\d]{0,40})")


def blocks_of(text: str) -> list[Block]:
    """Returns the runs of lines between blank ones, the lines without white space at their ends."""
    blocks: list[Block] = [[]]
    for line in text.splitlines():
        if stripped := line.rstrip():
            blocks[-1].append(stripped)
        elif blocks[-1]:
            blocks.append([])
    return blocks if blocks[-1] else blocks[:-1]


def date_in(line: str) -> str | None:
    """Returns the first date in a line as `parse_date` reads it, with a time that stands behind it; None for none.

    It passes over weekdays and editions: "March 4, 2031 Tuesday 9:33 AM GMT", "May 2, 2002, Thursday,, FINAL EDITION".
    """
    line = " ".join(line[:_MAX_DATE_LINE].split())
    for match in _DATE.finditer(line):
        date = match["date"]
        if time := _TIME_BEHIND.match(line, match.end()):
            zone = f"{int(time['hours']):+03d}:00" if time["hours"] else time["zone"] or ""  # "GMT+1"
            moment = f"{date} {time['time']} {zone}".rstrip()
            if parse_date(moment):
                return moment
        if parse_date(date):
            return date
    return None


def is_rights_line(line: str) -> bool:
    """Tells whether a line says who has the copyright, and nothing else."""
    return _RIGHTS.fullmatch(line.strip()) is not None


def names_in_order(text: str) -> str:
    """Returns names with the last name first, "Doe, Jane; Roe, Rick", as they are said: "Jane Doe, Rick Roe"."""
    return ", ".join(_in_order(name.strip(" .")) for name in text.split(";") if name.strip(" ."))


def _in_order(name: str) -> str:
    match = _NAME_LAST_FIRST.fullmatch(name)
    return f"{match['first']} {match['last']}" if match else name


def labelled_metadata(**said: str | None) -> Metadata:
    """Returns the metadata that an export states, by field."""
    return make_metadata(**{name: Fact.of(text, FactSource.LABEL) for name, text in said.items()})
