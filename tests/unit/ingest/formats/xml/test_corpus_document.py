"""Documents of corpora in SGML, as their collections write them."""

import pytest

from ingest.documents import FactSource, ParsedDocument
from ingest.formats.xml.corpus_document import FORMAT
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError
from tests.support.metadata import facts

LINES = "   The council has decided to close\nthe old bridge.\n   The work begins in May &amp; ends\nin June.\n"
PARAGRAPHS = ("The council has decided to close the old bridge.", "The work begins in May & ends in June.")


def test_a_document_of_trec() -> None:
    data = (
        "<DOC>\n<DOCNO> AP310304-0001 </DOCNO>\n<HEAD>Old Bridge\nCloses</HEAD>\n<BYLINE>By Jane Doe</BYLINE>\n"
        f"<!-- a comment -->\n<TEXT>\n{LINES}</TEXT>\n</DOC>\n"
    )
    document = FORMAT.parse(data.encode())
    assert document == ParsedDocument(
        facts(FactSource.XML, title="Old Bridge Closes", byline="Jane Doe", published=parse_date("1931-03-04")),
        PARAGRAPHS,
    )


def test_a_document_of_gigaword() -> None:
    data = (
        '<DOC id="AMB_ENG_20010304.0001" type="story" >\n<HEADLINE>\nOld bridge'
        " closes\n</HEADLINE>\n<DATELINE>\nAMBERFORD\n"
        "</DATELINE>\n<TEXT>\n<P>\nThe council has decided to close\nthe old bridge.\n</P>\n<P>\nThe"
        " work begins in May &AMP;"
        " ends\nin June.\n</P>\n</TEXT>\n</DOC>\n"
    )
    assert FORMAT.parse(data.encode()) == ParsedDocument(
        facts(FactSource.XML, title="Old bridge closes", published=parse_date("2001-03-04")), PARAGRAPHS
    )


def test_a_document_of_reuters() -> None:
    data = (
        '<REUTERS TOPICS="YES" OLDID="1" NEWID="1">\n<DATE> 4-MAR-1987'
        " 09:15:00.00</DATE>\n<TOPICS><D>docks</D><D>ship</D></TOPICS>\n<PLACES><D>amberland</D></PLACES>\n"
        "<TEXT>&#2;\n<TITLE>OLD BRIDGE CLOSES</TITLE>\n<DATELINE>    AMBERFORD, March 4 - </DATELINE><BODY>"
        f"{LINES}&#3;</BODY></TEXT>\n</REUTERS>\n"
    )
    assert FORMAT.parse(data.encode()) == ParsedDocument(
        facts(
            FactSource.XML, title="OLD BRIDGE CLOSES", published=parse_date("1987-03-04T09:15:00"), tags="docks, ship"
        ),
        PARAGRAPHS,
    )


def test_a_text_with_a_word_a_line() -> None:
    data = (
        '<text title="Old bridge closes" date="2031-03-04">\n<p>\n<s>\nThe\tDT\tthe\ncouncil\tNN\tcouncil\ndecided\tVBD\tdecide\n'
        ".\t.\t.\n</s>\n</p>\n<p>\nIt\tPRP\tit\n<g/>\n's\tVBZ\tbe\nover\tRB\tover\n!\t!\t!\n</p>\n</text>\n"
    )
    assert FORMAT.parse(data.encode()) == ParsedDocument(
        facts(FactSource.XML, title="Old bridge closes", published=parse_date("2031-03-04")),
        ("The council decided.", "It's over!"),
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no tag", "there is no document of a corpus in it"),
        (b"<DOC><DOCNO>1</DOCNO></DOC>", "the document of the corpus holds no text"),
    ],
)
def test_what_holds_no_text_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        FORMAT.parse(data)
