"""A document of a ProQuest export: a headline, labels, the text behind "Full text:", and labels once more."""

import re
from typing import Final

from ingest.documents import ParsedDocument
from ingest.formats.format import Format
from ingest.metadata.export_facts import date_in, labelled_metadata, names_in_order
from ingest.text.paragraphs import split_paragraphs
from ingest.text.slices import decode_slice
from newsmill.errors import TerminalError

__all__ = ["FORMAT", "parse"]

_ABOVE: Final = (
    "Author", "Publication info", "Abstract", "Abstract (summary)", "Abstract (English)", "Links", "Full text",
    "Document URL", "Corporate author", "Editor", "Translator",
)  # fmt: skip
_BELOW: Final = (
    "Subject", "Business indexing term", "Location", "People", "Person", "Company / organization",
    "Company/organization", "Classification", "Identifier / keyword", "Identifier/keyword", "Keyword", "Product name",
    "Title", "Alternate title", "Publication title", "Publication date", "Publication year", "Publication subject",
    "Volume", "Issue", "Pages", "First page", "Number of pages", "Section", "Column", "Edition", "Year", "Publisher",
    "Place of publication", "Country of publication", "ISSN", "e-ISSN", "ISBN", "CODEN", "Source type",
    "Language of publication", "Document type", "Document feature", "DOI", "Accession number", "ProQuest document ID",
    "Document URL", "Copyright", "Last updated", "Database", "Credit", "Dateline", "Source", "Source attribution",
    "References", "Supplement", "Special issue", "Medium", "Author affiliation", "Correspondence author",
)  # fmt: skip
_NAMES = "|".join(map(re.escape, sorted({*_ABOVE, *_BELOW}, key=len, reverse=True)))
_LABELLED = re.compile(rf"(?P<label>{_NAMES}) ?:(?: (?P<value>.*)|)")
_BELOW_TEXT = re.compile("|".join(map(re.escape, sorted(_BELOW, key=len, reverse=True))))
_NUMBER = re.compile(r"Document \d{1,7} of \d{1,7}")
_RULE = re.compile(r"_{40,120}")
_NOTHING = re.compile(r"(?:none|not|text not) available\.?|null|none", re.IGNORECASE)
_INFO = re.compile(r"(?P<name>[^;\[\]]{2,200}?) ?(?:;|\[|, (?=[A-Z]))")
_CLOSE_LABELS = 3  # lines: so near below the first label of the end is the second


def parse(data: bytes) -> ParsedDocument:
    """Returns the article of one document of the export; where it gives no full text, the abstract.

    Raises TerminalError for bytes that are no text, and where it gives neither.
    """
    lines = [line.strip() for line in decode_slice(data).splitlines()]
    fields = _fields(lines)
    text = _stated(fields, "Full text") or _stated(fields, *(name for name in _ABOVE if name.startswith("Abstract")))
    if not text:
        raise TerminalError("the export gives neither the full text of this document nor an abstract")
    info = _one_line(fields, "Publication info")
    name = _INFO.match(info)
    publication = _one_line(fields, "Publication title").partition(";")[0].strip()
    language = _one_line(fields, "Language of publication")
    metadata = labelled_metadata(
        title=_one_line(fields, "Title") or _headline(lines),
        byline=names_in_order(_one_line(fields, "Author")) or None,
        publisher=publication or (name["name"].strip() if name and not date_in(name["name"]) else None),
        published=date_in(_one_line(fields, "Publication date")) or date_in(_dated_end(info)),
        language=language,
        url=_one_line(fields, "Document URL") or None,
    )
    return ParsedDocument(metadata, split_paragraphs(text))


def _fields(lines: list[str]) -> dict[str, list[str]]:
    """Returns the lines behind each label, by label. Within the full text, only the labels at its end count."""
    fields: dict[str, list[str]] = {}
    current: list[str] = []
    in_text = False
    for number, line in enumerate(lines):
        match = _LABELLED.fullmatch(line)
        if match and not (in_text and not _ends_text(lines, number)):
            in_text = match["label"] == "Full text" or (in_text and match["label"] not in _BELOW)
            current = fields.setdefault(match["label"], [])
            current.append(match["value"] or "")
        elif not _RULE.fullmatch(line) or in_text:
            current.append(line)
    return fields


def _ends_text(lines: list[str], number: int) -> bool:
    """Tells whether the label on this line is below the text: behind a blank line, and with another one close below."""
    match = _LABELLED.fullmatch(lines[number])
    if not match or lines[number - 1] or not _BELOW_TEXT.fullmatch(match["label"]):
        return False
    below = [line for line in lines[number + 1 : number + 2 * _CLOSE_LABELS + 1] if line][:_CLOSE_LABELS]
    return not below or any(_LABELLED.fullmatch(line) for line in below)


def _headline(lines: list[str]) -> str | None:
    """Returns the lines above the first label."""
    above: list[str] = []
    for line in lines:
        if _LABELLED.fullmatch(line) or line.startswith(("http://", "https://")) or (above and not line):
            break
        if line and not _RULE.fullmatch(line) and not _NUMBER.fullmatch(line):
            above.append(line)
    return " ".join(above) or None


def _stated(fields: dict[str, list[str]], *names: str) -> str:
    """Returns the text of the first of these fields that holds one."""
    texts = ("\n".join(fields.get(name, ())).strip() for name in names)
    return next((text for text in texts if text and not _NOTHING.fullmatch(text)), "")


def _one_line(fields: dict[str, list[str]], name: str) -> str:
    """Returns what stands behind a label down to the next blank line."""
    lines = fields.get(name, [])
    end = lines.index("", 1) if "" in lines[1:] else len(lines)
    text = " ".join(lines[:end]).strip()
    return "" if _NOTHING.fullmatch(text) else text


def _dated_end(info: str) -> str:
    """Returns what is behind the place: "Harbour Courier ; Amberford [Amberford]04 Mar 2031."."""
    return info.rpartition("]")[2]


FORMAT: Final = Format(
    media_type="text/x-proquest-document",
    label="a document of a ProQuest export",
    description="the text behind `Full text:`, else the abstract; headline, author, publication and date as labelled",
    parse=parse,
)
