"""Texts in TEI, as https://tei-c.org/release/doc/tei-p5-doc/en/html/ writes them."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.xml.tei import FORMAT
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

HEADER = (
    "<teiHeader><fileDesc><titleStmt><title type='sub'>A letter</title><title type='main'>Old"
    " bridge closes</title><author>"
    "<persName>Jane Doe</persName><affiliation>Amberford</affiliation></author></titleStmt><publicationStmt><publisher>"
    "Amber Archive</publisher><date when='2040'/><idno type='URI'>https://amber.example/1</idno></publicationStmt>"
    "<sourceDesc><bibl><title level='j'>The Amber Post</title><date when='1931-03-04'/></bibl></sourceDesc></fileDesc>"
    "<profileDesc><abstract><p>It closes.</p></abstract><langUsage><language"
    " ident='en'/></langUsage></profileDesc></teiHeader>"
)
BODY = (
    "<body><div><head>Old bridge closes</head><p>The coun<lb break='no'/>cil has<lb/>decided to"
    " <choice><sic>clsoe</sic>"
    "<corr>close</corr></choice> it.<note>A note.</note></p><fw>Page 1</fw><figure><head>A picture</head></figure>"
    "<table><row><cell>For</cell><cell>9</cell></row></table></div></body>"
)


def tei(text: str = BODY, header: str = HEADER) -> bytes:
    return f"<TEI xmlns='http://www.tei-c.org/ns/1.0'>{header}<text>{text}</text></TEI>".encode()


def test_a_text() -> None:
    assert detect(tei(), "a.xml") == FORMAT.media_type
    assert FORMAT.parse(tei()) == ParsedDocument(
        facts(
            FactSource.XML,
            title="Old bridge closes",
            byline="Jane Doe",
            publisher="The Amber Post",
            published=parse_date("1931-03-04"),
            language="en",
            url="https://amber.example/1",
        ),
        ("Old bridge closes", "The council has decided to close it.", "For | 9"),
    )


def test_an_abstract_is_the_text_where_there_is_no_body() -> None:
    assert FORMAT.parse(tei("")).paragraphs == ("It closes.",)
    with pytest.raises(TerminalError, match="neither a text nor an abstract"):
        FORMAT.parse(tei("", header=""))
