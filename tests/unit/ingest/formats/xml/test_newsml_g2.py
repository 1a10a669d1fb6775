"""News items of NewsML-G2, as https://iptc.org/standards/newsml-g2/ writes them."""

from base64 import b64encode

import pytest

from ingest.documents import FactSource, ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.xml.newsml_g2 import FORMAT
from ingest.metadata.dates import parse_date
from ingest.metadata.extra import extra_of
from newsmill.errors import TerminalError
from tests.support.metadata import facts

META = "<itemMeta><itemClass qcode='ninat:text'/><firstCreated>2031-03-04T09:15:00+01:00</firstCreated>%s</itemMeta>"
CONTENT = (
    "<contentMeta><headline role='hld:subHeadline'>By a vote of nine to two</headline><headline>Old bridge closes"
    "</headline><by>By Jane Doe</by><creditline>Amber Press</creditline><infoSource literal='AP1'><name>Amber Press"
    "</name></infoSource><language tag='en-GB'/></contentMeta>"
)
HTML = (
    "<inlineXML contenttype='application/xhtml+xml'><html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title>"
    "</head><body><p>The council has decided to <b>close</b> it.</p><p>The work begins in May.</p></body></html>"
    "</inlineXML>"
)
PARAGRAPHS = ("The council has decided to close it.", "The work begins in May.")


def item(content: str, *, meta: str = "", about: str = CONTENT) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><newsItem xmlns='http://iptc.org/std/nar/2006-10-01/' guid='urn:a:1'"
        f" version='2' standard='NewsML-G2' standardversion='2.34' xml:lang='en'>{META % meta}{about}"
        f"<contentSet>{content}</contentSet></newsItem>"
    ).encode()


def test_an_item_with_its_text_in_xhtml() -> None:
    data = item(HTML)
    assert detect(data, "a.xml") == FORMAT.media_type
    document = FORMAT.parse(data)
    said = facts(
        FactSource.XML,
        title="Old bridge closes",
        byline="Jane Doe",
        publisher="Amber Press",
        published=parse_date("2031-03-04T09:15:00+01:00"),
        language="en",
        credits="Amber Press",
        extra=extra_of({"guid": "urn:a:1", "version": "2", "creditline": "Amber Press"}),
    )
    assert document == ParsedDocument(said, PARAGRAPHS)


@pytest.mark.parametrize(
    "content",
    [
        "<inlineData contenttype='text/plain'>The council has decided to close it.\n\nThe work begins"
        " in May.</inlineData>",
        "<inlineData contenttype='text/html'><![CDATA[<p>The council has decided to close it.</p><p>The work begins in"
        " May.</p>]]></inlineData>",
        f"<inlineData contenttype='text/plain' encoding='base64'>{b64encode((2 * chr(10)).join(PARAGRAPHS).encode()).decode()}"
        "</inlineData>",
        "<inlineXML contenttype='application/nitf+xml'><nitf><body><body.content><p>The council has"
        " decided to close it."
        "</p><p>The work begins in May.</p></body.content></body></nitf></inlineXML>",
        "<remoteContent href='a.jpg' contenttype='image/jpeg'/>" + HTML,
    ],
)
def test_a_text_is_the_same_in_every_form(content: str) -> None:
    assert FORMAT.parse(item(content)).paragraphs == PARAGRAPHS


def test_subjects_version_and_marks() -> None:
    about = (
        "<contentMeta><urgency>4</urgency><headline>A</headline><slugline>bridge-closes</slugline><dateline>AMBERFORD, March 4"
        "</dateline><subject qcode='medtop:20000763'><name xml:lang='en'>bridges</name><name"
        " xml:lang='de'>Brücken</name>"
        "</subject><subject qcode='medtop:1'/><keyword>council</keyword><description role='drol:summary'>It closes."
        "</description></contentMeta>"
    )
    meta = "<versionCreated>2031-03-04T11:00:00Z</versionCreated>"
    marks = {"urgency": "4", "dateline": "AMBERFORD, March 4", "slugline": "bridge-closes"}
    assert FORMAT.parse(item(HTML, meta=meta, about=about)).metadata == facts(
        FactSource.XML,
        title="A",
        published=parse_date("2031-03-04T09:15:00+01:00"),
        updated=parse_date("2031-03-04T11:00:00Z"),
        language="en",
        description="It closes.",
        tags="bridges, council",
        extra=extra_of({"guid": "urn:a:1", "version": "2", **marks}),
    )


def test_of_renditions_the_first_with_a_text_is_read() -> None:
    other = "<inlineXML><html xmlns='http://www.w3.org/1999/xhtml'><body/></html></inlineXML>"
    again = "<inlineData contenttype='text/plain'>The same, plain.</inlineData>"
    assert FORMAT.parse(item(other + HTML + again)).paragraphs == PARAGRAPHS


def test_of_a_picture_its_caption() -> None:
    about = "<contentMeta><headline>Bridge</headline><description role='drol:caption'>The old bridge.</description></contentMeta>"
    picture = FORMAT.parse(item("<remoteContent href='a.jpg' contenttype='image/jpeg'/>", about=about))
    assert picture == ParsedDocument(picture.metadata, ("The old bridge.",))
    assert value_of(picture.metadata.title) == "Bridge"


@pytest.mark.parametrize(
    ("content", "meta", "reason"),
    [
        (HTML, "<pubStatus qcode='stat:canceled'/>", "the agency has canceled this item: it is not to be used"),
        (HTML, "<pubStatus qcode='stat:withheld'/>", "the agency withholds this item until further notice"),
        (HTML, "<pubStatus uri='http://cv.iptc.org/newscodes/pubstatusg2/canceled'/>", "has canceled this item"),
        (HTML, "<embargoed>2099-01-01T00:00:00Z</embargoed>", "embargoed until 2099-01-01T00:00:00"),
        ("<remoteContent contenttype='video/mp4'/>", "", "names video/mp4 elsewhere"),
        ("<inlineXML><sports-content xmlns='a'>1:0</sports-content></inlineXML>", "", "SportsML: results"),
        ("<inlineData encoding='base64'>@</inlineData>", "", "the item's text is no base64"),
        ("", "", "the news item holds no text"),
    ],
)
def test_what_is_not_to_be_used_or_has_no_text_fails(content: str, meta: str, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        FORMAT.parse(item(content, meta=meta, about=""))
