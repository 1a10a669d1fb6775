"""Items of NewsML 1, as https://iptc.org/standards/newsml-1/ writes them."""

import pytest

from ingest.documents import FactSource, ParsedDocument, value_of
from ingest.formats.xml.newsml_1 import FORMAT
from ingest.metadata.dates import parse_date
from ingest.metadata.extra import extra_of
from newsmill.errors import TerminalError
from tests.support.metadata import facts

LINES = "<NewsLines><HeadLine>Old bridge closes</HeadLine><ByLine>By Jane Doe</ByLine></NewsLines>"
ADMINISTRATION = (
    "<AdministrativeMetadata><Provider><Party FormalName='Amber Press'/></Provider></AdministrativeMetadata>"
)
LANGUAGE = "<DescriptiveMetadata><Language FormalName='en'/></DescriptiveMetadata>"
PARAGRAPHS = ("The council has decided to close it.", "The work begins in May.")
HTML = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)


def item(component: str, *, status: str = "<Status FormalName='Usable'/>") -> bytes:
    return (
        "<NewsML><NewsEnvelope><DateAndTime>20310304T081700Z</DateAndTime></NewsEnvelope><NewsItem><Identification>"
        "<NewsIdentifier><NewsItemId>1</NewsItemId></NewsIdentifier></Identification><NewsManagement>"
        "<NewsItemType FormalName='News'/><FirstCreated>20310304T091500+0100</FirstCreated>"
        f"{status}</NewsManagement><NewsComponent>{LINES}{ADMINISTRATION}{LANGUAGE}{component}"
        "</NewsComponent></NewsItem></NewsML>"
    ).encode()


def content(inner: str, kind: str = "Text", role: str = "Main") -> str:
    return (
        f"<NewsComponent><Role FormalName='{role}'/><ContentItem><MediaType FormalName='{kind}'/><DataContent>{inner}"
        "</DataContent></ContentItem></NewsComponent>"
    )


@pytest.mark.parametrize(
    "inner",
    [
        HTML,
        f"<![CDATA[<div>{HTML}</div>]]>",
        "\n\n".join(PARAGRAPHS),
        f"<html><head><title>T</title></head><body>{HTML}</body></html>",
        f"<nitf><body><body.content>{HTML}</body.content></body></nitf>",
        f"<![CDATA[<nitf><body><body.content>{HTML}</body.content></body></nitf>]]>",
    ],
)
def test_an_item_with_its_text_in_any_form(inner: str) -> None:
    document = FORMAT.parse(item(content(inner)))
    said = facts(
        FactSource.XML,
        title="Old bridge closes",
        byline="Jane Doe",
        publisher="Amber Press",
        published=parse_date("2031-03-04T09:15:00+01:00"),
        language="en",
        extra=extra_of({"guid": "1"}),
    )
    assert document == ParsedDocument(said, PARAGRAPHS)


def test_keywords_revision_and_marks() -> None:
    lines = (
        "<NewsLines><DateLine>AMBERFORD, March 4</DateLine><CreditLine>Amber Press</CreditLine><KeywordLine>bridges"
        "</KeywordLine><KeywordLine>council</KeywordLine></NewsLines>"
    )
    management = "<ThisRevisionCreated>20310304T110000Z</ThisRevisionCreated><Urgency FormalName='4'/>"
    data = item(lines + content(HTML), status=management).replace(
        b"</NewsItemId>", b"</NewsItemId><RevisionId>2</RevisionId><PublicIdentifier>urn:a:1</PublicIdentifier>"
    )
    marks = {"creditline": "Amber Press", "dateline": "AMBERFORD, March 4"}
    assert FORMAT.parse(data).metadata == facts(
        FactSource.XML,
        title="Old bridge closes",
        byline="Jane Doe",
        publisher="Amber Press",
        published=parse_date("2031-03-04T09:15:00+01:00"),
        updated=parse_date("2031-03-04T11:00:00Z"),
        language="en",
        tags="bridges, council",
        credits="Amber Press",
        extra=extra_of({"guid": "urn:a:1", "version": "2", "urgency": "4", **marks}),
    )


def test_captions_and_equivalents_are_no_second_text() -> None:
    both = f"<NewsComponent EquivalentsList='yes'>{content(HTML)}{content('The same.')}</NewsComponent>"
    caption = content("The old bridge.", role="Caption")
    assert FORMAT.parse(item(both + caption)).paragraphs == PARAGRAPHS
    alone = FORMAT.parse(item(caption))
    assert alone == ParsedDocument(alone.metadata, ("The old bridge.",))


def test_an_item_without_a_headline_has_its_first_paragraph() -> None:
    data = item(content(HTML)).replace(b"Old bridge closes", b"")
    assert value_of(FORMAT.parse(data).metadata.title) == PARAGRAPHS[0]


@pytest.mark.parametrize(
    ("component", "status", "reason"),
    [
        (content(HTML), "<Status FormalName='Canceled'/>", "has canceled this item"),
        (content(HTML), "<Status FormalName='Embargoed'/>", "does not say until when"),
        (
            content(HTML),
            "<Status FormalName='Embargoed'/><StatusWillChange><FutureStatus FormalName='Usable'/><DateAndTime>"
            "20990101T000000Z</DateAndTime></StatusWillChange>",
            "embargoed until 2099-01-01",
        ),
        (content("<sports-content/>"), "", "SportsML: results"),
        ("<NewsComponent><ContentItem Href='a.jpg'/></NewsComponent>", "", "it refers to 1 others"),
        (content("<svg/>", kind="Graphic"), "", "the NewsItem holds no text"),
    ],
)
def test_what_is_not_to_be_used_or_has_no_text_fails(component: str, status: str, reason: str) -> None:
    with pytest.raises(TerminalError, match=reason):
        FORMAT.parse(item(component, status=status))


def test_there_must_be_an_item() -> None:
    with pytest.raises(TerminalError, match="there is no NewsItem in it"):
        FORMAT.parse(b"<NewsML/>")
