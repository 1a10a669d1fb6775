"""PowerPoint presentations: what slides show, in their order."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.pptx import parse
from newsmill.errors import TerminalError
from tests.data.office_files import docx, pptx, zipped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def shape(*lines: str, kind: str = "body") -> str:
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>'


def slide(*shapes: str, attributes: str = "") -> str:
    return f"<p:sld{attributes}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"


def test_slides_are_read_in_their_order_the_title_of_each_first() -> None:
    number = '<p:sp><p:txBody><a:p><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p></p:txBody></p:sp>'
    cell = "<a:tc><a:txBody><a:p><a:r><a:t>cell</a:t></a:r></a:p></a:txBody></a:tc>"
    runs = "<a:r><a:t>One </a:t></a:r><a:r><a:t>line</a:t></a:r><a:br/><a:r><a:t>two</a:t></a:r>"
    data = pptx(
        slide(shape("Where it stands"), shape("The old bridge", kind="title"), shape("7", kind="sldNum"), number),
        slide(shape("Old bridge", "closes", kind="ctrTitle"), shape("Amberford City Council", kind="subTitle")),
        slide(shape("Not to be shown"), attributes=' show="0"'),
        slide(
            f"<p:graphicFrame><a:tbl><a:tr>{cell}</a:tr></a:tbl></p:graphicFrame>",
            f"<p:sp><p:txBody><a:p>{runs}</a:p></p:txBody></p:sp>",
            "<Fallback><a:p><a:r><a:t>once more</a:t></a:r></a:p></Fallback>",
        ),
        core="<dc:title>PowerPoint Presentation</dc:title><dc:creator>Office</dc:creator>",
        order=(2, 1, 3, 4, 1),
    )
    assert detect(data, "a.zip") == MEDIA_TYPE
    assert parse(data) == ParsedDocument(
        Metadata(title=Fact("Old bridge closes", FactSource.HEADING)),
        (
            "Old bridge closes",
            "Amberford City Council",
            "The old bridge",
            "Where it stands",
            "cell",
            "One line",
            "two",
        ),
    )


def test_without_a_title_on_a_slide_it_is_what_properties_say() -> None:
    data = pptx(slide(shape("Where it stands")), core="<dc:title>Old bridge closes</dc:title>")
    assert parse(data).metadata.title == Fact("Old bridge closes", FactSource.PROPERTIES)


def test_it_is_told_by_its_parts_wherever_they_lie() -> None:
    data = pptx(slide(shape("Where it stands")), folder="other")
    assert detect(data, "a") == MEDIA_TYPE
    assert parse(data).paragraphs == ("Where it stands",)
    untyped = zipped({"docProps/app.xml": "<a/>", "ppt/presentation.xml": "<a/>"})
    assert detect(untyped, "a") == MEDIA_TYPE


@pytest.mark.parametrize("make", [docx, pptx])
def test_the_documents_in_it_do_not_make_it_one_of_theirs(make: Callable[[str], bytes]) -> None:
    """A chart has its numbers in a spreadsheet, which archivers leave as it is."""
    names = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "[Content_Types].xml")
    inner = zipped(dict.fromkeys(names, "<a/>"), stored=names)
    with zipfile.ZipFile(BytesIO(make(slide(shape("Where it stands"))))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    kind = detect(make(slide()), "a")
    data = zipped({"_rels/.rels": b"<a/>", "media/sheet.xlsx": inner, **parts}, stored=["media/sheet.xlsx"])
    assert detect(data, "a") == kind


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pptx(slide())[:-40], "the PowerPoint presentation is cut off or damaged: it has no list of its parts"),
        (
            zipped({"ppt/slides/slide1.xml": "<a/>", "_rels/.rels": "<a/>"}),
            "the PowerPoint presentation has no part with",
        ),
        (
            zipped({"ppt/presentation.xml": "<a/>"}),
            "the PowerPoint presentation has no part ppt/_rels/presentation.xml.rels",
        ),
        (pptx("<p:sld><a:p>"), "the PowerPoint presentation is damaged: its XML is not well-formed"),
        (pptx(*[slide()] * 5001), "the PowerPoint presentation has 5,001 slides, many times those of a talk"),
    ],
    ids=["cut off", "no main", "no relations", "open", "many"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)
