"""An article in XML of any names: of an agency's or a database's answer, such as Factiva's, or a file by itself."""

from typing import Final

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.bodies import element_paragraphs, one_line
from ingest.formats.xml.standing import require_usable
from ingest.formats.xml.tree import Element, load, local, text_of
from ingest.formats.xml.wrapped import wrapped_paragraphs
from ingest.kinds import Head
from ingest.metadata.named_fields import folded, named_metadata
from ingest.metadata.xml_records import TEXT_NAMES, TITLE_NAMES, first_record
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

# Factiva writes a text in two: https://developer.dowjones.com.
_IN_PARTS: Final = ("leadparagraph", "tailparagraphs")
_STATUS: Final = ("pubstatus", "status", "managementstatus")
_EMBARGO: Final = ("embargo", "embargoed", "embargodate", "embargountil")
_NAMED_AS_SOURCE: Final = ("sourcename", "publishername")


def _sniff(head: Head) -> bool:
    if not head.body.startswith("<"):
        return False
    xml = read_head(head.data)
    record = first_record(xml)
    return record is not None and record == xml.root


def _parse(data: bytes) -> ParsedDocument:
    root = load(data)
    record = next((one for one in root.iter() if _is_record(one)), None)
    if record is None:
        raise TerminalError("no element in it has a headline and a text")
    fields: dict[str, str] = {}
    elements: dict[str, Element] = {}
    for one in record:
        name = folded(local(one))
        if name not in elements or (name not in fields and len(one)):
            elements[name] = one
            fields[name] = one_line(one)
        elif name not in TEXT_NAMES:
            fields[name] += f", {one_line(one)}"
    for attribute, value in record.attrib.items():
        name = folded(attribute.rpartition("}")[2])
        fields.setdefault(name, value)
    status = next((fields[name] for name in _STATUS if name in fields), "")
    require_usable(status, next((fields[name] for name in _EMBARGO if fields.get(name)), ""))
    text = _text(elements)
    if not text:
        raise TerminalError("the article holds no text")
    said = {name: value for name, value in fields.items() if value and name not in TEXT_NAMES}
    if "baselanguage" in said:
        said.setdefault("language", said["baselanguage"])
    return ParsedDocument(named_metadata(said, FactSource.XML), text)


def _is_record(element: Element) -> bool:
    names = {folded(local(one)) for one in element}
    return bool(names & TITLE_NAMES) and not names.isdisjoint(TEXT_NAMES)


def _text(elements: dict[str, Element]) -> tuple[str, ...]:
    parts = [elements[name] for name in _IN_PARTS if name in elements]
    if parts:
        return tuple(
            line
            for part in parts
            for line in (element_paragraphs(part) if len(part) else wrapped_paragraphs(text_of(part)))
        )
    return next(filter(None, (element_paragraphs(elements[name]) for name in TEXT_NAMES if name in elements)), ())


FORMAT: Final = Format(
    media_type="application/x-news-record+xml",
    label="an article in XML",
    description="the text, headline, byline, date and source, by the names that JSON has for them, and Factiva's",
    sniff=_sniff,
    parse=_parse,
    preloaded=("ingest.markup.page",),
)
