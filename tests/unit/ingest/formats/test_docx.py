"""Word documents: what is text of them, and what titles and properties say."""

import zipfile
from io import BytesIO

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument, value_of
from ingest.formats.detect import detect
from ingest.formats.docx import parse
from newsmill.errors import TerminalError
from tests.data.office_files import docx, zipped
from tests.support.metadata import day

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "The council of Amberford has decided to close the old bridge for repairs. " * 4


def p(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def test_paragraphs_title_date_and_language() -> None:
    body = p("Press release") + p("Old bridge closes", "Titel") + p("4 March 2031") + p(TEXT.strip())
    data = docx(
        body, core="<dc:title>Template 7</dc:title><dc:creator>Office</dc:creator><dc:language>en-GB</dc:language>"
    )
    assert detect(data, "a.zip") == MEDIA_TYPE
    assert parse(data) == ParsedDocument(
        Metadata(
            title=Fact("Old bridge closes", FactSource.HEADING),
            published=Fact(day(2031, 3, 4), FactSource.DATELINE),
            language=Fact("en", FactSource.PROPERTIES),
        ),
        ("Press release", "Old bridge closes", "4 March 2031", TEXT.strip()),
    )


@pytest.mark.parametrize(
    ("body", "core", "title"),
    [
        (p("A") + p("Old bridge closes", "berschrift1"), "", Fact("Old bridge closes", FactSource.HEADING)),
        (p("A"), "<dc:title>Old bridge closes</dc:title>", Fact("Old bridge closes", FactSource.PROPERTIES)),
        (p("A"), "<dc:title>bridge_v2_final.docx</dc:title>", None),
        (p("A"), "<dc:title>Microsoft Word - bridge</dc:title>", None),
        (p("Old bridge closes") + p(TEXT), "", Fact("Old bridge closes", FactSource.HEADLINE)),
        (
            p("PRESS RELEASE") + p("Amberford, 4 March 2031") + p("Old bridge closes") + p(TEXT),
            "",
            Fact("Old bridge closes", FactSource.HEADLINE),
        ),
        (p("4 March 2031") * 4 + p("Old bridge closes") + p(TEXT), "", None),
        (p("Dear Sir or Madam,") + p(TEXT), "", None),
        (p("4 March 2031, Amberford") + p(TEXT), "", None),
    ],
)
def test_title_is_what_is_set_so_else_what_is_stated_else_the_first_line(
    body: str, core: str, title: Fact[str] | None
) -> None:
    assert parse(docx(body, core=core)).metadata.title == title


LARGE = "<w:rPr><w:b/><w:sz w:val='32'/></w:rPr>"
LOOKS = (
    "<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val='22'/></w:rPr></w:rPrDefault></w:docDefaults>"
    "<w:style w:styleId='N' w:default='1'><w:name w:val='Normal'/><w:rPr><w:sz w:val='{plain}'/></w:rPr></w:style>"
    "<w:style w:styleId='H'><w:name w:val='House'/><w:basedOn w:val='N'/><w:rPr><w:b/></w:rPr></w:style>"
    "<w:style w:styleId='L'><w:name w:val='Large'/><w:basedOn w:val='H'/><w:rPr><w:sz w:val='32'/></w:rPr></w:style>"
    "<w:style w:styleId='C1'><w:basedOn w:val='C2'/></w:style><w:style w:styleId='C2'><w:basedOn w:val='C1'/></w:style>"
)


def run(text: str, properties: str = "", paragraph: str = "") -> str:
    return f"<w:p><w:pPr>{paragraph}</w:pPr><w:r>{properties}<w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("head", "core", "title"),
    [
        (run("Old bridge closes", LARGE), "", Fact("Old bridge closes", FactSource.HEADLINE)),
        (run("Old bridge closes") + run("What comes", LARGE), "", Fact("What comes", FactSource.HEADLINE)),
        (run("City news") + run("Old bridge closes", "<w:rPr><w:b w:val='1'/></w:rPr>"), "",
         Fact("Old bridge closes", FactSource.HEADLINE)),
        (run("City news") + p("Old bridge closes", "L"), "", Fact("Old bridge closes", FactSource.HEADLINE)),
        (run("City news") + p("Old bridge closes", "H"), "", Fact("Old bridge closes", FactSource.HEADLINE)),
        (run("City news") + run("Old bridge closes", "<w:rPr><w:b w:val='0'/></w:rPr>"), "", None),
        (run("City news") + run("Old bridge closes", "", LARGE), "", None),  # that is the mark at the paragraph's end
        (run("City news") + p("Old bridge closes", "C1"), "", None),
        (run("Old bridge closes", LARGE), "<dc:title>What a template says</dc:title>",
         Fact("Old bridge closes", FactSource.HEADLINE)),
        (run("The Amber Post", LARGE) + run("Old bridge closes"), "<dc:title>Old bridge closes</dc:title>",
         Fact("Old bridge closes", FactSource.PROPERTIES)),
        (run("Old bridge closes for two years", LARGE), "<dc:title>Old bridge closes</dc:title>",
         Fact("Old bridge closes for two years", FactSource.HEADLINE)),
    ],
)  # fmt: skip
def test_what_is_larger_or_bolder_than_the_text_is_the_title(head: str, core: str, title: Fact[str] | None) -> None:
    body = head + run("What comes next is open.") * 4 + run(TEXT.strip())
    assert parse(docx(body, core=core, styles=LOOKS.format(plain=24))).metadata.title == title


def test_the_size_of_plain_paragraphs_is_that_of_their_style() -> None:
    body = p("City news") + p("Old bridge closes", "L") + p("What comes next is open.") * 4 + p(TEXT.strip())
    assert parse(docx(body, styles=LOOKS.format(plain=32))).metadata.title == Fact(
        "Old bridge closes", FactSource.HEADLINE
    )
    large = body.replace('"L"', '"N"')
    assert parse(docx(large, styles=LOOKS.format(plain=32))).metadata.title is None


@pytest.mark.parametrize("style", ["Titel", ""])
def test_a_title_of_two_lines_is_one(style: str) -> None:
    head = (
        "".join(p(line, style) for line in ("Old bridge closes", "for two years"))
        if style
        else run("Old bridge closes", LARGE) + run("for two years", LARGE)
    )
    document = parse(docx(p("4 March 2031") + head + p(TEXT.strip())))
    assert value_of(document.metadata.title) == "Old bridge closes for two years"
    assert document.paragraphs == ("4 March 2031", "Old bridge closes for two years", TEXT.strip())


def test_keywords_or_else_the_subject_are_tags() -> None:
    stated = "<cp:keywords>bridges; Amberford, bridges</cp:keywords><dc:subject>Docks</dc:subject>"
    metadata = parse(docx(p("A"), core=stated + "<dc:description>Why it closes.</dc:description>")).metadata
    assert metadata == Metadata(
        description=Fact("Why it closes.", FactSource.PROPERTIES),
        tags=Fact("bridges, Amberford", FactSource.PROPERTIES),
    )
    subject = "<dc:subject>Docks</dc:subject><dc:description>generated by a program</dc:description>"
    assert parse(docx(p("A"), core=subject)).metadata == Metadata(tags=Fact("Docks", FactSource.PROPERTIES))


def test_what_is_no_text_is_left_out() -> None:
    body = (
        p("Contents 1", "V1")
        + "<w:p><w:r><w:t>The</w:t><w:tab/><w:t>old</w:t><w:br/><w:t xml:space='preserve'>bridge </w:t></w:r>"
        "<w:del><w:r><w:delText>never</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>closes</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    note = p("A note.")
    assert parse(docx(body, footnotes=note, comments=p("A comment."), header1=p("A head."))).paragraphs == (
        "The old",
        "bridge closes",
        "cell",
        "A note.",
    )


def test_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
    body = f"<w:p><w:r><w:t>Around</w:t><Choice>{box}</Choice><Fallback>{box}</Fallback><w:t> it.</w:t></w:r></w:p>"
    assert parse(docx(body)).paragraphs == ("In a box.", "Around it.")


def test_it_is_told_whatever_stands_first_in_the_archive() -> None:
    with zipfile.ZipFile(BytesIO(docx(p("A bridge.")))) as archive:
        parts = {name: archive.read(name) for name in reversed(archive.namelist())}
    data = zipped({"docProps/app.xml": b"<a/>", "word/media/image1.png": bytes(70_000), **parts}, stored=())
    assert detect(data, "a") == MEDIA_TYPE
    assert parse(data).paragraphs == ("A bridge.",)


def test_other_documents_of_office_programs_are_no_word_documents() -> None:
    sheet = zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<a/>", "visio/document.xml": "<a/>"})
    assert detect(sheet, "a.docx") == "application/octet-stream"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (docx(p("A"))[:-40], "the Word document is cut off or damaged: it has no list of its parts"),
        (zipped({"word/styles.xml": "<a/>", "_rels/.rels": "<a/>"}), "the Word document has no part with a text"),
        (docx("<w:p><w:t>A"), "the Word document is damaged: its XML is not well-formed"),
        (docx("<!DOCTYPE a>"), "the Word document is damaged: its XML is not well-formed"),
        (
            zipped({"word/document.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}),
            "the document has XML with a document type, which no office program writes",
        ),
        (
            zipped({"word/document.xml": b"<a>" + b" " * (80 << 20)}),
            "the Word document unpacks to more than [0-9]+ MiB at its part word/document.xml",
        ),
        (docx("<w:p>" * 60), "the Word document has text boxes within text boxes without end"),
    ],
    ids=["cut off", "no text", "open", "doctype", "entity", "bomb", "nested"],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}"):
        parse(data)


def test_an_encrypted_part_says_so() -> None:
    data = bytearray(docx(p("A")))
    for magic, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := data.find(magic, at)) >= 0:
            data[at + flag] |= 1
            at += 4
    with pytest.raises(TerminalError, match=r"^the Word document is protected by a password; save it without one$"):
        parse(bytes(data))
