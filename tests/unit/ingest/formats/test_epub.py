"""EPUB books: chapters in the order of the spine, and what is none of the text."""

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.epub import parse
from newsmill.errors import TerminalError
from tests.data.office_files import epub, zipped
from tests.support.metadata import day

MEDIA_TYPE = "application/epub+zip"
METADATA = (
    "<dc:title>Bridges</dc:title><dc:creator opf:role='aut'>Jane Doe</dc:creator><dc:creator>Rick Roe</dc:creator>"
    "<dc:creator opf:role='ill'>Ann Drawn</dc:creator><dc:date opf:event='modification'>2040-01-01</dc:date>"
    "<dc:date>2031-03-04</dc:date><dc:publisher>Amber Press</dc:publisher><dc:language>en</dc:language>"
    "<dc:identifier>urn:isbn:1</dc:identifier><dc:source>https://amber.example/bridges</dc:source>"
    "<dc:subject>Bridges</dc:subject><dc:subject>Amberford</dc:subject><dc:description>&lt;p&gt;On"
    " bridges.&lt;/p&gt;</dc:description>"
)


def page(body: str, attributes: str = "") -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"'
        ' xmlns:epub="http://www.idpf.org/2007/ops"><head><title>T</title></head>'
        f"<body{attributes}>{body}</body></html>"
    )


CHAPTERS = {
    "cover": page("<p>A cover.</p>"),
    "imprint": page("<p>Printed in Amberford.</p>", ' epub:type="frontmatter copyright-page"'),
    "nav": page('<nav><a epub:type="bodymatter toc" href="toc.xhtml">Contents</a></nav>'),
    "toc": page("<p>Contents</p>"),
    "one": page("<h1>One</h1><p>A bridge&#160;stood.</p><section epub:type='colophon'/><section/>"),
    "two": page("<h1>Two</h1><p>It fell.</p><script>x()</script>"),
}


def test_a_book_is_its_chapters() -> None:
    data = epub(CHAPTERS, metadata=METADATA, guide='<reference type="cover" href="cover.xhtml#a"/>')
    assert detect(data, "a.zip") == MEDIA_TYPE
    assert parse(data) == ParsedDocument(
        Metadata(
            title=Fact("Bridges", FactSource.PROPERTIES),
            byline=Fact("Jane Doe, Rick Roe", FactSource.PROPERTIES),
            publisher=Fact("Amber Press", FactSource.PROPERTIES),
            published=Fact(day(2031, 3, 4), FactSource.PROPERTIES),
            language=Fact("en", FactSource.PROPERTIES),
            url=Fact("https://amber.example/bridges", FactSource.PROPERTIES),
            description=Fact("On bridges.", FactSource.PROPERTIES),
            tags=Fact("Bridges, Amberford", FactSource.PROPERTIES),
        ),
        ("One", "A bridge stood.", "Two", "It fell."),
    )


def test_it_is_told_without_its_type_at_the_head() -> None:
    parts = {"META-INF/container.xml": "<a/>", "book.opf": "<package><manifest/></package>"}
    assert detect(zipped(parts), "a") == MEDIA_TYPE


ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData>'
    '<EncryptionMethod Algorithm="{}"/><CipherData><CipherReference URI="OPS/one.xhtml"/></CipherData></EncryptedData>'
    "</encryption>"
)


def test_fonts_may_be_obfuscated_and_chapters_not() -> None:
    fonts = ENCRYPTION.format("http://www.idpf.org/2008/embedding")
    assert parse(epub({"one": page("<p>A.</p>")}, encryption=fonts)).paragraphs == ("A.",)
    with pytest.raises(TerminalError, match=r"^the EPUB book is protected by digital rights management$"):
        parse(
            epub(
                {"one": page("<p>A.</p>")}, encryption=ENCRYPTION.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
            )
        )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (epub(CHAPTERS)[:-9], "the EPUB book is cut off or damaged"),
        (epub({}), "the EPUB book has no chapters: its spine leads nowhere"),
        (zipped({"mimetype": MEDIA_TYPE}), r"the EPUB book has no package document \(.opf\): it is damaged"),
        (
            zipped({"mimetype": MEDIA_TYPE, "a.opf": "<package>"}),
            "the EPUB book is damaged: its XML is not well-formed",
        ),
    ],
    ids=["cut off", "no chapters", "no package", "open"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)
