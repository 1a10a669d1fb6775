"""A document of a corpus in SGML: TREC, Gigaword, Reuters-21578, WikiExtractor; or a text with a word a line.

Such files need not be well-formed, and nobody has their document types: tags are found one by one.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final, NamedTuple

from ingest.documents import FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.word_lines import is_word_lines, read_word_lines
from ingest.formats.xml.wrapped import wrapped_paragraphs
from ingest.metadata.export_facts import date_in
from ingest.metadata.named_fields import folded, named_metadata
from ingest.text.decode import decode, drop_unstorable
from ingest.text.slices import decode_slice
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w.-]{0,40})((?:\s[^<>]{0,4000})?)/?>")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z][\w:.-]{0,40})\s{0,3}=\s{0,3}(?:\"([^\"<>]{0,2000})\"|'([^'<>]{0,2000})')")
_DECLARATION: Final = re.compile(r"\s{0,100}<\?xml[^<>]{0,200}\?>|\s{0,100}<![A-Za-z][^<>]{0,400}>")

# By what the collections call them: https://trec.nist.gov/data/docs_eng.html, the LDC's Gigaword, Reuters-21578.
_TITLES: Final = ("HEADLINE", "HEAD", "HL", "TITLE", "TI", "H3", "HT", "DOCTITLE")
_DATES: Final = ("DATE", "DATE1", "DD", "DATE_TIME", "PUBDATE", "DATETIME", "PUB_DATE")
_BYLINES: Final = ("BYLINE", "AUTHOR", "BY", "AU")
_SOURCES: Final = ("SOURCE", "SO", "PUB", "PUBLICATION")
_TEXTS: Final = ("BODY", "TEXT", "LEADPARA", "LP")
_CAPTIONS: Final = ("CORRECTION", "GRAPHIC", "CAPTION")
_OTHERS: Final = ("DOCNO", "DOCID", "DATELINE", "LANGUAGE", "URL", "DOCURL", "ABSTRACT", "TOPICS")
_SECTIONS: Final = frozenset((*_TITLES, *_DATES, *_BYLINES, *_SOURCES, *_TEXTS, *_CAPTIONS, *_OTHERS, "AUTHOR", "TYPE"))
_ROWS: Final = frozenset({"TABLEROW", "TR"})
_CELLS: Final = frozenset({"TABLECELL", "TD", "TH"})
_INLINE: Final = frozenset({"A", "B", "EM", "F", "FI", "FN", "I", "ID", "SPAN", "STRONG", "SUB", "SUP", "TF", "U"})
_MIN_TEXT_OF_HEADLINE = 200  # characters: a longer one is all the text that a document has

_TWO_DIGITS: Final = re.compile(r"(\d\d)/(\d\d)/(\d\d)")
_SIX_DIGITS: Final = re.compile(r"(\d\d)(\d\d)(\d\d)")
_DATED_ID: Final = re.compile(r"[A-Z]{2,4}_[A-Z]{3}_((?:19|20)\d{6})\.|(?:AP|WSJ)(\d{6})-|LA(\d{2})(\d{2})(\d{2})-")


class _Part(NamedTuple):
    """A section of the document: its name, and its text with a line break for each element that stands by itself."""

    name: str
    text: str


def _parse(data: bytes) -> ParsedDocument:
    head = read_head(data)
    text = decode(data, head.encoding) if head.encoding or head.form.codec else decode_slice(data)
    while match := _DECLARATION.match(text):
        text = text[match.end() :]
    text = drop_unstorable(text)
    root = _TAG.search(text)
    if root is None:
        raise TerminalError("there is no document of a corpus in it")
    attributes = {folded(match[1]): unescape(match[2] or match[3] or "") for match in _ATTRIBUTE.finditer(root[3])}
    if is_word_lines(text):
        return ParsedDocument(_metadata({}, attributes), read_word_lines(text[root.end() :]))
    parts: dict[str, str] = {}
    for part in _parts(text[root.end() :]):
        parts[part.name] = f"{parts[part.name]}\n\n{part.text}" if part.name in parts else part.text
    metadata = _metadata(parts, attributes)
    return ParsedDocument(metadata, _text(parts, metadata))


def _parts(text: str) -> Iterator[_Part]:
    """Yields the sections; "" is the name of what stands in none."""
    text = _without_comments(text).replace("<![CDATA[", "").replace("]]>", "")
    pieces: list[str] = []
    name, depth_of_name = "", 0
    at = 0
    for match in _TAG.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        tag, closing = match[2].upper(), bool(match[1])
        if tag in _SECTIONS and not (depth_of_name and tag not in _TEXTS and not (closing and tag == name)):
            yield _Part(name, "".join(pieces))
            pieces = []
            name, depth_of_name = ("", 0) if closing else (tag, int(tag not in _TEXTS))
        elif tag in _CELLS:
            pieces.append("" if closing or not pieces or pieces[-1].endswith("\n") else " | ")
        elif tag not in _INLINE:
            pieces.append("\n" if tag in _ROWS else "\n\n")
    pieces.append(text[at:])
    yield _Part(name, "".join(pieces))


def _without_comments(text: str) -> str:
    kept: list[str] = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin)) >= 0:
        kept.append(text[at:begin])
        at = end + 3
    kept.append(text[at:])
    return "".join(kept)


def _first(parts: Mapping[str, str], names: tuple[str, ...]) -> str:
    found = (" ".join(unescape(parts[name]).split()) for name in names if name in parts)
    return next(filter(None, found), "")


def _metadata(parts: Mapping[str, str], attributes: Mapping[str, str]) -> Metadata:
    """Returns what the sections say, and then what the attributes of the document's tag do."""
    created = attributes.get("datecreated") or attributes.get("created") or ""
    of_tag = {"date": created, **attributes} if created else dict(attributes)
    of_tag.pop("topics", None)  # of Reuters-21578: whether somebody looked for topics
    fields = {
        "title": _first(parts, _TITLES),
        "date": _date(_first(parts, _DATES)) or _dated(_first(parts, ("DOCNO", "DOCID")) or attributes.get("id", "")),
        "byline": _first(parts, _BYLINES),
        "source": _first(parts, _SOURCES),
        "language": _first(parts, ("LANGUAGE",)),
        "url": _first(parts, ("URL", "DOCURL")),
        "tags": ", ".join(filter(None, map(str.strip, unescape(parts.get("TOPICS", "")).split("\n")))),
    }
    fields = {name: value for name, value in fields.items() if value}
    return named_metadata(fields, FactSource.XML).completed_by(named_metadata(of_tag, FactSource.XML))


def _date(said: str) -> str:
    """Returns a date as `parse_date` reads it: papers of the 1980s and 1990s write two digits of the year."""
    if found := date_in(said):
        return found
    if match := _TWO_DIGITS.match(said):
        return f"19{match[3]}-{match[1]}-{match[2]}"
    if match := _SIX_DIGITS.fullmatch(said):
        return f"19{match[1]}-{match[2]}-{match[3]}"
    return said


def _dated(number: str) -> str:
    """Returns the date that a document's number begins with."""
    match = _DATED_ID.match(number)
    if match is None:
        return ""
    if match[3]:
        return f"19{match[5]}-{match[3]}-{match[4]}"
    day = match[1] or f"19{match[2]}"
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _text(parts: Mapping[str, str], metadata: Metadata) -> tuple[str, ...]:
    """Returns the text, or of a picture its caption, or of what has neither a headline that is one."""
    for names in (_TEXTS, _CAPTIONS):
        found = tuple(
            paragraph
            for name in dict.fromkeys(("LEADPARA", "LP", "TEXT", "BODY") if names is _TEXTS else names)
            if name in parts
            for paragraph in _paragraphs(parts[name])
        )
        if found:
            return found
    headline = _first(parts, _TITLES)
    if len(headline) >= _MIN_TEXT_OF_HEADLINE:
        return (headline,)
    rest = _paragraphs(parts.get("", ""))
    if not rest or parts.keys() & {"DOCNO", "DOCID", *_TITLES}:
        raise TerminalError("the document of the corpus holds no text")
    title = metadata.title.value if metadata.title else ""
    return rest[1:] if len(rest) > 1 and rest[0] == title else rest


def _paragraphs(text: str) -> tuple[str, ...]:
    return wrapped_paragraphs(unescape(text).replace("\x02", "").replace("\x03", ""))


FORMAT: Final = Format(
    media_type="application/x-corpus-document",
    label="a document of a corpus in SGML",
    description="headline, byline, date and text by the tags that TREC, Gigaword and Reuters-21578 have; words a line"
    " are joined to sentences",
    parse=_parse,
)
