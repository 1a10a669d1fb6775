"""Documents in NITF, as https://iptc.org/standards/nitf/ writes them."""

import pytest

from ingest.documents import FactSource, ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.xml.nitf import FORMAT
from ingest.metadata.dates import parse_date
from ingest.metadata.extra import extra_of
from newsmill.errors import TerminalError
from tests.support.metadata import facts

HEAD = (
    "<body.head><hedline><hl1>Old bridge <em>closes</em></hl1><hl2>By nine to"
    " two</hl2></hedline><byline>By <person>Jane"
    " Doe</person> <byttl>Staff writer</byttl></byline><distributor>Amber Press</distributor></body.head>"
)
TEXT = (
    "<body.content><block><p>The council has decided to close it.</p><media"
    " media-type='image'><media-caption>The bridge."
    "</media-caption></media><table><tr><td>For</td><td>9</td></tr></table></block><p>The work"
    " begins in May.</p><p>jd/rr"
    "</p></body.content><body.end><tagline>jd</tagline></body.end>"
)
PARAGRAPHS = ("The council has decided to close it.", "For | 9", "The work begins in May.")


def nitf(data: str = "", *, head: str = HEAD, text: str = TEXT) -> bytes:
    return (
        "<?xml version='1.0'?><!DOCTYPE nitf SYSTEM 'nitf-3-6.dtd'><nitf xml:lang='en-US'><head><title>Bridge</title>"
        f"<docdata><date.issue norm='20310304T091500+0100'/>{data}</docdata></head><body>{head}{text}</body></nitf>"
    ).encode()


def test_a_document() -> None:
    data = nitf()
    assert detect(data, "a.xml") == FORMAT.media_type
    assert FORMAT.parse(data) == ParsedDocument(
        facts(
            FactSource.XML,
            title="Old bridge closes",
            byline="Jane Doe",
            publisher="Amber Press",
            published=parse_date("2031-03-04T09:15:00+01:00"),
            language="en",
        ),
        PARAGRAPHS,
    )


def test_what_the_head_lacks_stands_elsewhere() -> None:
    document = FORMAT.parse(nitf("<doc.copyright holder='Amber Press'/>", head="<body.head/>"))
    assert document == ParsedDocument(
        facts(
            FactSource.XML,
            title="Bridge",
            publisher="Amber Press",
            published=parse_date("2031-03-04T09:15:00+01:00"),
            language="en",
        ),
        PARAGRAPHS,
    )


def test_keywords_section_abstract_and_marks() -> None:
    data = (
        "<doc-id id-string='a-1'/><urgency ed-urg='4'/><du-key version='2'/><key-list><keyword key='bridges'/><keyword"
        " key='council'/></key-list>"
    )
    head = "<body.head><dateline><location>AMBERFORD</location></dateline><abstract><p>It closes.</p></abstract></body.head>"
    document = nitf(data, head=head).replace(b"</head>", b"<pubdata position.section='City'/></head>", 1)
    assert FORMAT.parse(document).metadata == facts(
        FactSource.XML,
        title="Bridge",
        published=parse_date("2031-03-04T09:15:00+01:00"),
        language="en",
        description="It closes.",
        section="City",
        tags="bridges, council",
        extra=extra_of({"guid": "a-1", "version": "2", "urgency": "4", "dateline": "AMBERFORD"}),
    )


def test_a_status_beside_another_documents_id_is_that_ones() -> None:
    marks = "management-status='canceled' management-doc-idref='other'"
    data = nitf("<doc-id id-string='own'/>").replace(b"<docdata>", f"<docdata {marks}>".encode())
    assert value_of(FORMAT.parse(data).metadata.title) == "Old bridge closes"
    with pytest.raises(TerminalError, match="has canceled this item"):
        FORMAT.parse(data.replace(b"idref='other'", b"idref='own'"))


@pytest.mark.parametrize(
    ("marks", "data", "reason"),
    [
        ("management-status='killed'", "", "has killed this item"),
        ("management-status='embargoed'", "<date.release norm='20990101T000000Z'/>", "embargoed until 2099-01-01"),
        ("management-status='embargoed'", "", "does not say until when"),
    ],
)
def test_what_is_not_to_be_used_fails(marks: str, data: str, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        FORMAT.parse(nitf(data).replace(b"<docdata>", f"<docdata {marks}>".encode()))


def test_without_a_body_the_abstract_is_the_text() -> None:
    head = "<body.head><abstract><p>A bridge closes.</p></abstract></body.head>"
    assert FORMAT.parse(nitf(head=head, text="")).paragraphs == ("A bridge closes.",)
    with pytest.raises(TerminalError, match="holds no text in its body"):
        FORMAT.parse(nitf(text=""))
