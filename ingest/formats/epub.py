"""EPUB books: all chapters as one document, in the order of the spine."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.format import Format
from ingest.kinds import Head
from ingest.metadata.fields import make_metadata
from ingest.office.package import entries_at_head, is_zip
from ingest.text.decode import declared_charset, decode

__all__ = ["FORMAT", "parse"]

_TYPE = b"application/epub+zip"
# The kind of a page, on its body or on the one section in it: "frontmatter titlepage".
_KIND = re.compile(r"<(?:body|section)\b[^<>]{0,500}?\bepub:type\s*=\s*[\"']([^\"'<>]{1,200})[\"']", re.IGNORECASE)
_NO_TEXT: Final = frozenset([
    "cover", "toc", "titlepage", "copyright-page", "colophon", "imprint", "halftitlepage", "landmarks", "loi", "lot",
    "page-list",
])  # fmt: skip
_SECTION = re.compile(r"<section\b", re.IGNORECASE)
_KIND_CHARACTERS = 20_000


def _sniff(head: Head) -> bool:
    """Tells it by its type, wherever that stands, or by the file that says where its package is."""
    if not is_zip(head.data):
        return False
    entries = {entry.name: entry.beginning for entry in entries_at_head(head.data)}
    kind = entries.get("mimetype")
    if kind:
        return kind.startswith(_TYPE)
    return "META-INF/container.xml" in entries and any(name.lower().endswith(".opf") for name in entries)


def parse(data: bytes) -> ParsedDocument:
    """Returns the book: cover, contents and imprint are left out where it says which these are."""
    from ingest.office.book import read_book

    book = read_book(data)
    return ParsedDocument(_metadata(book.metadata), tuple(_paragraphs(book.pages)))


def _paragraphs(pages: tuple[bytes, ...]) -> Iterator[str]:
    from ingest.markup.page import visible_lines

    for page in pages:
        text = decode(page, declared_charset(page))
        if not _is_no_text(text):
            yield from visible_lines(text)


def _is_no_text(page: str) -> bool:
    """Tells whether a page says of itself that it is the imprint or the like; one of several sections does not."""
    head = page[:_KIND_CHARACTERS]
    kind = _KIND.search(head)
    return kind is not None and len(_SECTION.findall(page)) <= 1 and not _NO_TEXT.isdisjoint(kind[1].lower().split())


def _metadata(said: Mapping[str, tuple[str, ...]]) -> Metadata:
    first = {name: texts[0] for name, texts in said.items()}

    def fact(text: str | None) -> Fact[str] | None:
        return Fact.of(text, FactSource.PROPERTIES)

    return make_metadata(
        title=fact(first.get("title")),
        byline=fact(", ".join(said.get("creator", ())[:10])),
        publisher=fact(first.get("publisher")),
        published=fact(first.get("date")),
        language=fact(first.get("language")),
        description=fact(first.get("description")),
        tags=fact(", ".join(dict.fromkeys(said.get("subject", ())))),
        url=fact(next(filter(_is_address, (*said.get("source", ()), *said.get("identifier", ()))), None)),
    )


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


FORMAT: Final = Format(
    media_type="application/epub+zip",
    label="an EPUB book",
    description="all chapters as one document; no cover, contents or imprint; title, authors, date as its package says",
    extensions=(".epub",),
    content_only=True,
    sniff=_sniff,
    parse=parse,
    preloaded=("ingest.markup.page",),
)
