"""Articles in XML of any names."""

import pytest

from ingest.documents import FactSource, ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.xml.news_record import FORMAT
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

PARAGRAPHS = ("The council has decided to close it.", "The work begins in May.")


@pytest.mark.parametrize(
    "text",
    [
        "<text>The council has decided to close it.\n\nThe work begins in May.</text>",
        "<body><p>The council has decided to close it.</p><p>The work begins in May.</p></body>",
        "<content><![CDATA[<p>The council has decided to close it.</p><p>The work begins in May.</p>]]></content>",
        "<leadParagraph>The council has decided to close it.</leadParagraph><tailParagraphs>The work begins in May."
        "</tailParagraphs>",
    ],
)
def test_an_article_is_read_by_the_names_of_its_elements(text: str) -> None:
    data = (
        "<?xml version='1.0'?><article language='en'><headline>Old bridge closes</headline><author>Jane Doe</author>"
        f"<source>The Amber Post</source><date>2031-03-04</date><url>https://amber.example/1</url>{text}</article>"
    ).encode()
    assert detect(data, "a.xml") == FORMAT.media_type
    document = FORMAT.parse(data)
    assert document.paragraphs == PARAGRAPHS
    said = facts(
        FactSource.XML,
        title="Old bridge closes",
        byline="Jane Doe",
        publisher="The Amber Post",
        published=parse_date("2031-03-04"),
        language="en",
        url="https://amber.example/1",
    )
    assert document == ParsedDocument(said, PARAGRAPHS)


def test_what_is_not_to_be_used_or_has_no_text_fails() -> None:
    data = b"<article><title>A</title><pubStatus>canceled</pubStatus><text>B.</text></article>"
    with pytest.raises(TerminalError, match="has canceled this item"):
        FORMAT.parse(data)
    assert value_of(FORMAT.parse(data.replace(b"canceled", b"usable")).metadata.title) == "A"
    with pytest.raises(TerminalError, match="the article holds no text"):
        FORMAT.parse(b"<article><title>A</title><text/></article>")
    with pytest.raises(TerminalError, match="no element in it has a headline and a text"):
        FORMAT.parse(b"<article><title>A</title></article>")
