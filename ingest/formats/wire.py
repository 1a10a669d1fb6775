"""A message of a news wire: IPTC 7901 (dpa, AFP, Reuters …) and ANPA 1312 (AP and what feeds American newspapers)."""

import re
from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument, PublicationDate
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata
from ingest.text.decode import decode
from ingest.text.paragraphs import join_blocks, split_paragraphs
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_STX, _ETX = b"\x02", b"\x03"
_HEAD: Final = re.compile(rb"[\x00\x16\s]{0,32}\x01[\x20-\x7e\x1f][^\x01\x02\x03]{1,400}\x02")
# Between priority, category and format: ANPA 1312, 4.1. AP's newsroom feed writes device controls 3 and 1 for 4 and 2.
_ANPA_MARKS: Final = (b"\x14", b"\x13\x11")
_DROPPED: Final = bytes(code for code in (*range(8), *range(11, 13), *range(14, 32), 127) if code not in (0x10, 0x1F))
_KEPT_MARKS: Final = bytes.maketrans(b"\x08\x10\x1f", b"\x1b  ")  # a row of a table; spaces of set widths
_ROW: Final = "\x1b"
_SPACES: Final = str.maketrans({_ROW: "", "\t": " "})

# What stands above a headline: how the message takes the place of another.
_REPEATED: Final = re.compile(
    r"(?:\d{1,2}(?:ST|ND|RD|TH)? ?LEAD|LEAD|REFILE|URGENT|EXTRA|ROUNDUP|CORRECTION|CORRECTED|UPDATE ?\d{0,2}|RPT|REPEAT"
    r"|KORR|EIL|BERICHTIGUNG|ZUSAMMENFASSUNG|WDH)(?:[ ,:/-].{0,60})?",
)
_BYLINE: Final = re.compile(r"(?:By|BY|Von|Par|Por|Di|Da|De|Door|Av|Af|Od) \S.{0,150}")
# What a story is called before it has a headline: "BC-AMB--Bridge,0120", "AP-Top-Headlines,0176".
_SLUG: Final = re.compile(r".{0,12}\b[A-Z]{2}-[^,]{1,80}(?:,[^,]{1,60})?,\d{1,5}")
_NOTE: Final = re.compile(r"\(?Eds[:.] .*|(?:AP|AFP|Reuters) (?:Photo|Video|Graphic)s?\b.*")
_AFFILIATION: Final = re.compile(r"\w[\w .'&-]{1,60}")
_END_MARKS: Final = re.compile(r"[ \t]{0,9}[<=]{1,2}[ \t]{0,9}\Z")
_BODY_ENDS: Final = re.compile(
    r"^(?:#{0,3} ?(?:Notebook|Notizblock|Editorial contacts|Redaktionelle Hinweise)[ \t]{0,9}$"
    r"|(?:\* ?){3,9}\n+The following information is not intended for publication)",
    re.MULTILINE,
)
_SIGN_OFF: Final = re.compile(
    r"(?:dpa|afp|apa|ap|ats|sda|ansa|efe|rtr|tass|pap|ntb|belga|anp|lusa)(?:[ /-][a-z0-9]{2,4}){1,8}"
)
_SENT: Final = re.compile(r"(\d\d)(\d\d)(\d\d) ?(?:GMT|UTC|Z)? ?([^\W\d]{3,9})\.? (\d\d(?:\d\d)?)\b")
_SENT_ANPA: Final = re.compile(r"(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)([A-Z]{3})")
_HOURS: Final = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_PIVOT_YEAR: Final = 70
_MAX_HEAD_LINES: Final = 12
_MAX_HEADLINE_CHARACTERS: Final = 300


def _sniff(head: Head) -> bool:
    return _HEAD.match(head.data) is not None


def _parse(data: bytes) -> ParsedDocument:
    """Returns headline, byline, the moment of sending, and the text without marks and notes to editors."""
    header, stx, rest = data.partition(_STX)
    if not stx:
        raise TerminalError("the wire message is cut off before its text (STX)")
    body, _, trailer = rest.partition(_ETX)
    text = decode(body.translate(_KEPT_MARKS, _DROPPED)).replace("\r\n", "\n").replace("\r", "\n")
    said = trailer.translate(None, _DROPPED).decode("latin-1")
    if any(mark in header for mark in _ANPA_MARKS):
        title, byline, paragraphs = _anpa(text)
        published = _sent_anpa(said)
    else:
        title, byline, paragraphs = _iptc(text)
        published = _sent(said)
    metadata = make_metadata(
        Fact.of(published, FactSource.LABEL),
        title=Fact.of(title, FactSource.HEADLINE),
        byline=Fact.of(byline, FactSource.BYLINE),
    )
    return ParsedDocument(metadata, paragraphs)


def _iptc(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Returns headline, byline and paragraphs; the lines down to one that ends with "=" are the head of a text."""
    text = text.replace(_ROW, "")
    if end := _BODY_ENDS.search(text):
        text = text[: end.start()]
    head, below = _head_lines(text.strip("\n"))
    title, byline = _titled(head)
    blocks = [block.strip("\n").split("\n") for block in re.split(r"\n[ \t]*+\n", below) if block.strip()]
    paragraphs = join_blocks(blocks) if len(blocks) > 1 else split_paragraphs(below)
    while paragraphs and _SIGN_OFF.fullmatch(paragraphs[-1]):
        paragraphs = paragraphs[:-1]
    return title, byline, tuple(paragraphs)


def _head_lines(text: str) -> tuple[list[str], str]:
    lines = text.split("\n", _MAX_HEAD_LINES)
    for number, line in enumerate(lines[:_MAX_HEAD_LINES]):
        if line.rstrip().endswith("="):
            return lines[: number + 1], "\n".join(lines[number + 1 :])
    blank = next((number for number, line in enumerate(lines) if not line.strip()), 0)
    if 0 < blank <= 4 and all(len(line) < 100 for line in lines[:blank]):  # noqa: PLR2004
        return lines[:blank], "\n".join(lines[blank:])
    return [], text


def _titled(lines: list[str]) -> tuple[str, str]:
    """Returns headline and byline of the lines above a text."""
    told = [stripped for line in lines if (stripped := _END_MARKS.sub("", line).strip())]
    while len(told) > 1 and _REPEATED.fullmatch(told[0]):
        told = told[1:]
    byline = next((line for line in told if _BYLINE.fullmatch(line)), "")
    title = told[: told.index(byline)] if byline else told
    return " ".join(title)[:_MAX_HEADLINE_CHARACTERS], byline


def _anpa(text: str) -> tuple[str, str, tuple[str, ...]]:
    """Returns headline, byline and paragraphs. "^" begins a line that is set alone; "<" and "=" end a paragraph."""
    paragraphs: list[str] = []
    head: list[str] = []
    current: list[str] = []

    def end() -> None:
        if current:
            paragraphs.append(" ".join(current))
            current.clear()

    for line in text.split("\n"):
        is_row = _ROW in line[:2]
        begins = line.startswith(("^", "\t", "   ")) or is_row
        told = _END_MARKS.sub("", line.translate(_SPACES).lstrip("^")).replace("``", "“").replace("''", "”")
        told = " ".join(told.split())
        if begins or not told:
            end()
        if line.startswith("^") and len(head) < _MAX_HEAD_LINES and not paragraphs and not current and told:
            head.append(told)
            continue
        if told.strip("_-"):
            current.append(told.replace(";", "\t").strip("\t") if is_row else told)
        if _END_MARKS.search(line) or is_row:
            end()
    end()
    head = [line for line in head if not _NOTE.fullmatch(line)]
    heads = [line for line in head if not ("--" in line or _SLUG.fullmatch(line)) or len(head) == 1] or head
    byline = next((line for line in heads if _BYLINE.fullmatch(line)), "")
    title = heads[0] if heads and heads[0] != byline else ""
    below = heads[heads.index(byline) + 1 :] if byline else []
    # Whom the author writes for stands alone below the byline: "Associated Press".
    affiliation = below[0] if len(below) == 1 and _AFFILIATION.fullmatch(below[0]) else ""
    above = [line for line in heads if line not in (title, byline, affiliation)]
    return title, byline, (*above, *paragraphs)


def _sent(trailer: str) -> PublicationDate | None:
    match = _SENT.search(trailer)
    if match is None:
        return None
    day, hour, minute, month, year = match.groups()
    return parse_date(f"{day} {month} {_full(year)} {hour}:{minute} GMT")


def _sent_anpa(trailer: str) -> PublicationDate | None:
    match = _SENT_ANPA.search(trailer)
    if match is None:
        return None
    month, day, year, hour, minute, zone = match.groups()
    return parse_date(f"{_full(year)}-{month}-{day}T{hour}:{minute}:00{_HOURS.get(zone, 0):+03d}:00")


def _full(year: str) -> str:
    if len(year) > 2:  # noqa: PLR2004
        return year
    return f"{'20' if int(year) < _PIVOT_YEAR else '19'}{year}"


FORMAT: Final = Format(
    media_type="text/x-wire",
    label="a message of a news wire (IPTC 7901, ANPA 1312)",
    description="headline, byline and text, the moment of sending as the date; header, marks and notes to editors go",
    extensions=(),
    content_only=True,
    sniff=_sniff,
    parse=_parse,
)
