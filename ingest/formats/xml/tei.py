"""A text in TEI, of the Text Encoding Initiative: https://tei-c.org/release/doc/tei-p5-doc/en/html/."""

from collections.abc import Iterator
from typing import Final

from ingest.documents import Fact, FactSource, ParsedDocument
from ingest.formats.format import Format
from ingest.formats.xml.tree import Element, child, children, first, flat_text, load, paragraphs, within
from ingest.kinds import Head
from ingest.metadata.dates import parse_date
from ingest.metadata.fields import make_metadata
from ingest.text.xml_head import read_head
from newsmill.errors import TerminalError

__all__ = ["FORMAT"]

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ROOTS: Final = frozenset({"TEI", "TEI.2"})
# Notes, running heads and pictures; readings that a critical edition sets aside; lists of works.
_SKIPPED: Final = frozenset({"note", "fw", "figure", "graphic", "teiHeader", "orig", "sic", "abbr", "listBibl", "rdg"})
_DATES: Final = ("when", "notBefore", "from")


def _sniff(head: Head) -> bool:
    return head.body.startswith("<") and read_head(head.data).root_name in _ROOTS


def _parse(data: bytes) -> ParsedDocument:
    tei = first(load(data), *_ROOTS)
    if tei is None:
        raise TerminalError("there is no <TEI> in it")
    header = child(tei, "teiHeader")
    text = child(tei, "text")
    body = first(text, "body")
    found = paragraphs(body, skipped=_SKIPPED) or paragraphs(child(header, "profileDesc", "abstract"))
    if not found:
        raise TerminalError("the TEI document holds neither a text nor an abstract")
    about = child(header, "fileDesc")
    language = first(child(header, "profileDesc", "langUsage"), "language")
    metadata = make_metadata(
        published=_fact(_published(header)),
        title=_fact(_title(about)),
        byline=_fact(", ".join(_authors(about))),
        publisher=_fact(_publisher(about)),
        language=_fact((language.get("ident") if language is not None else "") or _languages(tei, text, header)),
        url=_fact(_address(about)),
    )
    return ParsedDocument(metadata, found)


def _fact(text: str | None) -> Fact[str] | None:
    return Fact.of(text, FactSource.XML)


def _languages(*elements: Element | None) -> str:
    return next((tag for one in elements if one is not None and (tag := one.get(_LANG))), "")


def _title(about: Element | None) -> str:
    titles = list(children(child(about, "titleStmt"), "title"))
    main = [one for one in titles if one.get("type", "main") == "main"] or titles
    return flat_text(main[0]) if main else ""


def _authors(about: Element | None) -> Iterator[str]:
    """Yields the authors' names, of the file or else of the article that it is from."""
    stated = list(children(child(about, "titleStmt"), "author"))
    for author in stated or within(child(about, "sourceDesc"), "author"):
        person = first(author, "persName")
        name = flat_text(person) if person is not None else " ".join((author.text or "").split()) or flat_text(author)
        if name:
            yield name


def _publisher(about: Element | None) -> str:
    """Returns the paper that the text is from, or else who published the file."""
    papers = (one for one in within(child(about, "sourceDesc"), "title") if one.get("level") in {"j", "s"})
    return next(filter(None, map(flat_text, papers)), "") or flat_text(child(about, "publicationStmt", "publisher"))


def _published(header: Element | None) -> str:
    """Returns the date of the source, or of the text, or else of the file."""
    about = child(header, "fileDesc")
    places = (child(about, "sourceDesc"), child(header, "profileDesc", "creation"), child(about, "publicationStmt"))
    for place in places:
        for date in within(place, "date"):
            stated = next((date.get(name) for name in _DATES if date.get(name)), "") or flat_text(date)
            if parse_date(stated):
                return str(stated)
    return ""


def _address(about: Element | None) -> str:
    numbers = (one for one in within(about, "idno") if (one.get("type") or "").lower() in {"url", "uri"})
    return next(filter(None, map(flat_text, numbers)), "")


FORMAT: Final = Format(
    media_type="application/tei+xml",
    label="a text in TEI",
    description="the paragraphs of the body, or else the abstract; title, authors, date and source of the header",
    extensions=(".tei",),
    content_only=True,
    sniff=_sniff,
    parse=_parse,
    preloaded=("lxml.etree",),
)
