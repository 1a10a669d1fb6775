"""Texts in OpenDocument."""

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.odt import parse
from newsmill.errors import TerminalError
from tests.data.office_files import odt, zipped
from tests.support.metadata import day

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
SHEET = "application/vnd.oasis.opendocument.spreadsheet"
STYLES = '<style:style style:name="P1" style:parent-style-name="Title"/>'
BODY = (
    '<text:sequence-decls/><text:p text:style-name="P1">Old <text:span>bridge</text:span> closes</text:p>'
    "<text:p>Amberford, 4 March 2031</text:p><text:table-of-content><text:p>Contents</text:p></text:table-of-content>"
    '<text:p>The<text:s text:c="3"/>council<text:tab/>met.<text:note><text:note-citation>1</text:note-citation>'
    "<text:note-body><text:p>A note.</text:p></text:note-body></text:note>"
    "<office:annotation><text:p>A comment.</text:p></office:annotation>\n It\n voted.<text:line-break/>Twice.</text:p>"
    "<text:tracked-changes><text:p>Gone.</text:p></text:tracked-changes>"
)


@pytest.mark.parametrize("last", [False, True])
def test_paragraphs_title_date_and_notes(last: bool) -> None:
    data = odt(BODY, styles=STYLES, meta="<dc:language>en-US</dc:language>", last=last)
    assert detect(data, "a.zip") == MEDIA_TYPE
    assert parse(data) == ParsedDocument(
        Metadata(
            title=Fact("Old bridge closes", FactSource.HEADING),
            published=Fact(day(2031, 3, 4), FactSource.DATELINE),
            language=Fact("en", FactSource.PROPERTIES),
        ),
        ("Old bridge closes", "Amberford, 4 March 2031", "The council met. It voted.", "Twice.", "A note."),
    )


def test_a_heading_is_the_title_else_what_is_stated() -> None:
    heading = '<text:p>Press</text:p><text:h text:outline-level="1">Old bridge closes</text:h>'
    assert parse(odt(heading)).metadata.title == Fact("Old bridge closes", FactSource.HEADING)
    stated = parse(odt("<text:p>It closes.</text:p>", meta="<dc:title>Old bridge closes</dc:title>"))
    assert stated.metadata.title == Fact("Old bridge closes", FactSource.PROPERTIES)


def own(name: str, properties: str, parent: str = "Standard", family: str = "paragraph") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" style:parent-style-name="{parent}">'
        f"<style:text-properties {properties}/></style:style>"
    )


COMMON = (
    '<style:default-style style:family="paragraph"><style:text-properties fo:font-size="11pt"/></style:default-style>'
    + own("Standard", "", "")
    + own("House", 'fo:font-size="150%"')
    + '<text:list-style style:name="L"><style:text-properties fo:font-size="90pt"/></text:list-style>'
    + own("Frame", 'fo:font-size="90pt"', "", "graphic")
)


@pytest.mark.parametrize(
    ("head", "styles", "title"),
    [
        ('<text:p text:style-name="P1">Old bridge closes</text:p>', own("P1", 'fo:font-size="16pt"'),
         "Old bridge closes"),
        ('<text:p text:style-name="P1">Old bridge closes</text:p>', own("P1", "", "House"), "Old bridge closes"),
        ('<text:p><text:span text:style-name="T1">Old bridge</text:span> to go</text:p>',
         own("T1", 'fo:font-weight="bold"', "", "text"), "Old bridge to go"),
        ('<text:p>A <text:span text:style-name="T1">bridge</text:span> goes away</text:p>',
         own("T1", 'fo:font-weight="bold"', "", "text"), None),
        ('<text:p text:style-name="P1">Old bridge closes</text:p>', own("P1", 'fo:font-weight="normal"'), None),
        ('<text:p text:style-name="P1">Old bridge closes</text:p>', own("P1", 'fo:font-size="11.5pt"'), None),
        ('<text:p text:style-name="P1">Old bridge closes</text:p>', own("P1", "", "P1"), None),
    ],
)  # fmt: skip
def test_what_is_larger_or_bolder_than_the_text_is_the_title(head: str, styles: str, title: str | None) -> None:
    text = "<text:p>City news is open.</text:p>" * 4 + f"<text:p>{'The council of Amberford closes it. ' * 8}</text:p>"
    document = parse(odt("<text:p>City news</text:p>" + head + text, styles=styles, common=COMMON))
    assert document.metadata.title == (Fact(title, FactSource.HEADLINE) if title else None)


def test_keywords_or_else_the_subject_are_tags() -> None:
    stated = "<meta:keyword>bridges</meta:keyword><meta:keyword>Amberford</meta:keyword><dc:subject>Docks</dc:subject>"
    assert parse(
        odt("<text:p>A</text:p>", meta=stated + "<dc:description>Why it closes.</dc:description>")
    ).metadata == (
        Metadata(
            description=Fact("Why it closes.", FactSource.PROPERTIES),
            tags=Fact("bridges, Amberford", FactSource.PROPERTIES),
        )
    )
    subject = parse(odt("<text:p>A</text:p>", meta="<dc:subject>Docks</dc:subject>")).metadata
    assert subject == Metadata(tags=Fact("Docks", FactSource.PROPERTIES))


def test_a_sheet_is_no_text() -> None:
    data = odt("", kind=SHEET)
    assert detect(data, "a.odt") == "application/octet-stream"
    with pytest.raises(TerminalError, match=f"^this is an OpenDocument file that is no text \\({SHEET}\\); convert it"):
        parse(odt("", kind=SHEET, last=True))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (odt("<text:p>A</text:p>")[:-9], "the OpenDocument text is cut off or damaged"),
        (odt("<text:p>A</text:p>", manifest="<encryption-data/>"), "the OpenDocument text is protected by a password"),
        (odt("<text:p>"), "the OpenDocument text is damaged: its XML is not well-formed"),
        (odt("<text:p>" * 60), "the OpenDocument text has frames within frames without end"),
        (zipped({"content.xml": "<a/>", "meta.xml": "<a/>"}), "this is an OpenDocument file that is no text"),
        (zipped({"mimetype": MEDIA_TYPE}), "the OpenDocument text has no part content.xml"),
    ],
    ids=["cut off", "encrypted", "open", "nested", "no text", "no content"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)
