"""A document of a Nexis Uni or Lexis Advance download: headline, publication, date, labels, "Body" and the text."""

import re
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.export_facts import date_in, is_rights_line, labelled_metadata
from ingest.text.paragraphs import split_paragraphs
from ingest.text.slices import decode_slice

__all__ = ["FORMAT", "parse"]

_BODY = re.compile(
    r"(?:Body|Full Text|Volltext|Texte intégral|Texto completo|Testo integrale|Volledige tekst)", re.IGNORECASE
)
# Lines alone that end the text.
_BELOW = re.compile(
    r"(?:Graphic|Classification|Notes|Load-Date:.*|(?:Language|Sprache|Langue|Idioma|Lingua|Taal):.*|Publication-Type:.*"
    r"|Journal Code:.*)"
)
_LABELLED = re.compile(
    r"(?P<label>[^\W\d_][^\W\d_-]{0,30}(?:-[^\W\d_]{1,30})?(?: [^\W\d_]{1,30}){0,2}): ?(?P<value>.*)"
)
_MEANINGS: Final = {
    "byline": "byline",
    "author": "byline",
    "autor": "byline",
    "auteur": "byline",
    "autore": "byline",
    "sprache": "language",
    "langue": "language",
    "idioma": "language",
    "lingua": "language",
    "taal": "language",
    "language": "language",
    "highlight": "highlight",
    "headline": "title",
    "url": "url",
}
_ABOVE: Final = frozenset(
    [
        "section",
        "length",
        "byline",
        "dateline",
        "highlight",
        "series",
        "column",
        "author",
        "headline",
        "copyright",
        "url",
        *("autor", "auteur", "autore"),
        *("rubrik", "rubrique", "sección", "sezione", "sectie"),
        *("länge", "longueur", "longitud", "lunghezza", "lengte"),
    ]
)
_MAX_DATE_LINES = 8


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of one document of the download. Raises TerminalError for bytes that are no text."""
    lines = [line.strip() for line in decode_slice(data).splitlines()]
    said: dict[str, str] = {}
    body = next((number for number, line in enumerate(lines) if _BODY.fullmatch(line)), None)
    labels = _first_label(lines[:body])
    _read_head(lines[:labels], said)
    end = len(lines)
    if body is not None:
        below = (n for n in range(body + 1, len(lines)) if not lines[n - 1] and _BELOW.fullmatch(lines[n]))
        end = next(below, len(lines))
    for line in (*lines[labels:body], *lines[end:]):
        _read_label(line, said)
    text = "\n".join(lines[(labels if body is None else body + 1) : end])
    if highlight := said.pop("highlight", None):
        text = f"{highlight}\n\n{text}"
    return ParsedDocument(labelled_metadata(**said), split_paragraphs(text))


def _first_label(lines: list[str]) -> int:
    """Returns the number of the first line with rights or a label of the head."""
    for number, line in enumerate(lines):
        match = _LABELLED.fullmatch(line)
        if is_rights_line(line) or (match and match["label"].lower() in _ABOVE):
            return number
    return len(lines)


def _read_head(lines: list[str], said: dict[str, str]) -> None:
    """Reads the date, the publication above it, and the headline above that."""
    filled = [line for line in lines if line]
    dated = next(
        (n for n in range(len(filled) - 1, max(-1, len(filled) - _MAX_DATE_LINES), -1) if date_in(filled[n])), -1
    )
    if dated < 0:
        dated = len(filled)
    else:
        said["published"] = date_in(filled[dated]) or ""
    if dated > 1:
        said["publisher"] = filled[dated - 1]
        said["title"] = filled[dated - 2]
    elif dated == 1:
        said["title"] = filled[0]


def _read_label(line: str, said: dict[str, str]) -> None:
    match = _LABELLED.fullmatch(line)
    meaning = _MEANINGS.get(match["label"].lower()) if match else None
    if match and meaning and match["value"]:
        said.setdefault(meaning, match["value"])


FORMAT: Final = Format(
    media_type="text/x-nexis-uni-document",
    label="a document of a Nexis Uni download",
    description="what stands below `Body`; headline, publication, date and byline as they stand above it",
    parse=parse,
)
