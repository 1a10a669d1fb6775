"""A document of a Factiva download, with field codes ("HD", "TD") or without."""

import re
from itertools import dropwhile
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.export_facts import date_in, is_rights_line, labelled_metadata
from ingest.text.paragraphs import split_paragraphs
from ingest.text.slices import decode_slice
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

# Factiva's field codes, in the order in which they stand.
_CODES: Final = [
    "SE", "CLM", "HD", "BY", "CR", "WC", "PD", "ET", "SN", "SC", "NGC", "GC", "ED", "PG", "VOL", "LA", "CY", "CX", "LP",
    "TD", "ART", "CT", "RF", "CO", "TIC", "DLN", "IN", "NS", "RE", "IPC", "IPD", "PUB", "AN",
]  # fmt: skip
_PLACES = {code: place for place, code in enumerate(_CODES)}
_TEXT_CODES = ("LP", "TD")
_FIRST_INDEX = _PLACES["ART"]
_ALONE = re.compile(rf"({'|'.join(_CODES)})")
_WITH_VALUE = re.compile(rf"({'|'.join(_CODES)})(?:\t+ *| {{2,}}\t*)(\S.*)")
_CLOSE_VALUE = re.compile(rf"({'|'.join(_CODES)}) (\S.*)")
_CODED_VALUE = re.compile(r"[\w./-]{1,24} : \S.*")

_ACCESSION = re.compile(r"\S{4,12}[ \t]+[A-Za-z0-9]{8}\d{8}[A-Za-z0-9]{7,11}")
_WORDS = re.compile(r"\d[\d.,' \u00a0\u202f]{0,8} ?[^\W\d_]{1,9}")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?: ?[AaPp]\.?[Mm]\.?)?(?: \w{2,5})?")
_NAME = r"[^\W\d_a-zß-öø-ÿа-я][\w.'’-]{0,20}"
_NAMES = re.compile(
    r"(?:[Bb]y|BY|[Vv]on|[Pp]or|[Pp]ar|[Dd]i|[Dd]oor) \S.{1,200}"
    rf"|{_NAME}(?: (?:{_NAME}|de|der|den|da|di|van|von|du|la)){{1,3}}"
    rf"(?:(?:[;,]| and| und| y| et) {_NAME}(?: {_NAME}){{0,3}}){{0,5}}"
    r"|[A-Z]{2,4}|\(?[a-z]{2,4}\)?"
)
_SECTION_AND_NAME = 2
_COMPANY = re.compile(r".{1,60} (?:Inc|Ltd|LLC|PLC|GmbH|AG|SE|KG|S\.A|SA|Corp|Co|Limited|B\.V)\.?")
_MAX_HEAD_LINES = 15
_MAX_FACTS = 12
_MIN_PROSE = 80  # characters: longer than a publication, an edition or a page


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of one document of the download.

    Raises TerminalError for bytes that are no text, and for a document of which neither fields nor a count of words
    tell where its text begins.
    """
    lines = [line.strip(" \f\r") for line in decode_slice(data).splitlines()]
    fields = _fields(lines)
    if "HD" in fields:
        return _from_fields(fields)
    return _from_layout([line.strip() for line in lines])


def _fields(lines: list[str]) -> dict[str, list[str]]:
    """Returns the lines of each field, by code; nothing for a document without codes.

    Codes stand alone on their lines, or before their values, as the first one of the document does. In the text, only
    what is written like the first one is a code, and codes of the index come in their order.
    """
    style = _style(lines)
    fields: dict[str, list[str]] = {}
    if style is None:
        return fields
    current: list[str] = []
    place = -1
    for line in lines:
        match = style.fullmatch(line) or _ALONE.fullmatch(line)
        if match and _begins_field(match, place):
            place = _PLACES[match[1]]
            current = fields.setdefault(match[1], [])
            if match.re is not _ALONE:
                current.append(match[2].strip())
        else:
            current.append(line.strip())
    return fields


def _begins_field(match: re.Match[str], place: int) -> bool:
    """Tells whether a code begins a field: it stands behind those that it follows, and no word of the text is it."""
    code = match[1]
    if _PLACES[code] <= place and code != "SE":
        return False
    if match.re is not _CLOSE_VALUE or _PLACES[code] < _FIRST_INDEX or code in {"AN", "PUB", "IPC", "IPD"}:
        return True
    return _CODED_VALUE.match(match[2]) is not None


def _style(lines: list[str]) -> re.Pattern[str] | None:
    """Returns how the document writes its codes, by that of its headline."""
    for line in lines:
        for style in (_ALONE, _WITH_VALUE, _CLOSE_VALUE):
            match = style.fullmatch(line)
            if match and match[1] == "HD":
                return style
    return None


def _from_fields(fields: dict[str, list[str]]) -> ParsedDocument:
    said = {code: " ".join(filter(None, lines)) for code, lines in fields.items() if code not in _TEXT_CODES}
    metadata = labelled_metadata(
        title=said.get("HD"),
        byline=said.get("BY"),
        published=date_in(f"{said.get('PD', '')} {said.get('ET', '')}"),
        publisher=said.get("SN"),
        language=said.get("LA"),
    )
    text = "\n\n".join("\n".join(fields[code]) for code in _TEXT_CODES if code in fields)
    return ParsedDocument(metadata, split_paragraphs(text))


def _from_layout(lines: list[str]) -> ParsedDocument:
    """Reads headline and byline above the count of words, date, source and language below it, and then the text."""
    filled = [line for line in lines if line]
    counted = next((n for n in range(1, len(filled[:_MAX_HEAD_LINES])) if _is_count(filled, n)), None)
    if counted is None:
        raise TerminalError("this part of a Factiva download has no headline, date and text that can be told")
    above, below = filled[:counted], filled[counted + 1 :]
    headline = _headline_of(above)
    rights = next((n for n, line in enumerate(below[:_MAX_FACTS]) if is_rights_line(line)), None)
    end_of_facts = rights + 1 if rights is not None else _first_prose(below)
    facts = below[:end_of_facts]
    named = list(dropwhile(lambda line: bool(date_in(line) or _CLOCK.fullmatch(line)), facts))
    metadata = labelled_metadata(
        title=above[headline],
        byline=next(iter(above[headline + 1 :]), None),
        published=_published(facts),
        publisher=next(iter(named), None),
        language=facts[rights - 1] if rights else None,
    )
    marker = below[end_of_facts - 1] if end_of_facts else filled[counted]
    start = lines.index(marker, lines.index(filled[counted])) + 1
    text = lines[start:]
    while text and (not text[-1] or _ACCESSION.fullmatch(text[-1])):
        text.pop()
    if text and rights is not None and (text[-1] in below[rights] or _COMPANY.fullmatch(text[-1])):
        text.pop()  # the publisher, whose copyright it is
    return ParsedDocument(metadata, split_paragraphs("\n".join(text)))


def _published(facts: list[str]) -> str | None:
    """Returns the date, with the time where that is the line below it."""
    return date_in(" ".join([*facts[:1], *filter(_CLOCK.fullmatch, facts[1:2])]))


def _headline_of(above: list[str]) -> int:
    """Returns which of the lines above the count of words is the headline: a section may stand above, names below."""
    number = len(above) - 1
    while number and _is_byline(above[number], above[number - 1]):
        number -= 1
    is_section = number == 0 and len(above) > _SECTION_AND_NAME and " " not in above[0]
    return 1 if is_section else number


def _is_byline(line: str, before: str) -> bool:
    """Tells whether a line is who wrote it: names or initials; in a script without capitals, what is much shorter."""
    if _NAMES.fullmatch(line):
        return True
    return line.lower() == line.upper() and 2 * len(line) < len(before)


def _is_count(filled: list[str], number: int) -> bool:
    """Tells whether the line counts words: the next one is a date."""
    return (
        _WORDS.fullmatch(filled[number]) is not None
        and number + 1 < len(filled)
        and date_in(filled[number + 1]) is not None
    )


def _first_prose(lines: list[str]) -> int:
    return next((number for number, line in enumerate(lines) if len(line) >= _MIN_PROSE), min(1, len(lines)))


FORMAT: Final = Format(
    media_type="text/x-factiva-document",
    label="a document of a Factiva download",
    description="headline, byline, date, source and language as its fields or lines say; codes and index go",
    parse=parse,
)
