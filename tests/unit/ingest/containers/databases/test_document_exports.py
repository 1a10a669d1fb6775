"""Word and RTF documents and mails with many articles: unpacked through their text, or refused with the reason."""

from email.message import EmailMessage

import pytest

from ingest.documents import FactSource, value_of
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.data.office_files import Shown, docx, odt, pdf, zipped
from tests.data.page_exports import PROQUEST
from tests.support.documents import documents_of
from tests.support.metadata import day, facts

TITLES = ["Old bridge closes", "A second story"]
COVER = ["Job Number: 7", "Documents (2)", "1. Old bridge closes", "Client/Matter: -None-", "2. A second story",
         "Client/Matter: -None-"]  # fmt: skip


def article(title: str) -> list[str]:
    return [title, "Harbour Courier", "March 4, 2031 Tuesday", "Copyright 2031 Harbour Press", "Section: NEWS",
            "Length: 24 words", "Byline: Jane Doe", "Body", "The council of Amberford has decided to close a bridge.",
            "Load-Date: March 5, 2031", "End of Document"]  # fmt: skip


LINES = [*COVER, *article(TITLES[0]), *article(TITLES[1])]


def word(lines: list[str], **parts: str) -> bytes:
    return docx("".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines), **parts)


def rtf(lines: list[str]) -> bytes:
    return b"{\\rtf1\\ansi " + b"\\par ".join(line.encode() for line in lines) + b"}"


FACTIVA = [
    line
    for number, title in enumerate(TITLES)
    for line in ("HD", title, "WC", "24 words", "PD", "4 March 2031", "SN", "Harbour Courier", "LP",
                 "The council of Amberford has decided to close a bridge.",
                 "AN",
 f"Document HARBC00020310304e734000{number}a")
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "media_type", "inner"),
    [
        (word(LINES), "application/x-database-docx", "text/x-nexis-uni-document"),
        (rtf(LINES), "application/x-database-rtf", "text/x-nexis-uni-document"),
        (word(FACTIVA), "application/x-database-docx", "text/x-factiva-document"),
        (rtf(FACTIVA), "application/x-database-rtf", "text/x-factiva-document"),
    ],
)
def test_each_article_of_a_document_is_one(data: bytes, media_type: str, inner: str) -> None:
    assert detect(data, "a.doc") == media_type
    documents = documents_of(data, "a.docx")
    assert [one.media_type for one in documents] == [inner, inner]
    parsed = [parse(one.data, one.media_type) for one in documents]
    assert [value_of(one.metadata.title) for one in parsed] == TITLES
    assert {value_of(one.metadata.publisher) for one in parsed} == {"Harbour Courier"}
    assert {one.paragraphs for one in parsed} == {("The council of Amberford has decided to close a bridge.",)}


def test_all_that_is_stated_of_an_article_of_lexis_is_read() -> None:
    (one, _) = documents_of(word(LINES), "a.docx")
    assert parse(one.data, one.media_type).metadata == facts(
        FactSource.LABEL, title=TITLES[0], byline="Jane Doe", publisher="Harbour Courier", published=day(2031, 3, 4)
    )


def test_a_download_is_told_by_its_properties_where_its_text_stands_far_down() -> None:
    property_ = '<Properties><property name="LADocCount"/></Properties>'
    parts = {"docProps/custom.xml": property_, "word/media/image1.png": b"\0" * 10}
    assert detect(zipped({**parts, "word/document.xml": "<a/>"}), "a") == "application/x-database-docx"
    with pytest.raises(TerminalError, match=r"^it seems to hold articles of a database, which cannot be told apart"):
        documents_of(zipped({**parts, "word/document.xml": "<a/>", "_rels/.rels": "<a/>"}), "a")


def test_what_the_cover_counts_and_the_text_lacks_is_told() -> None:
    first, rest = documents_of(word([*COVER, *article(TITLES[0])]), "a.docx")
    assert value_of(parse(first.data, first.media_type).metadata.title) == TITLES[0]
    with pytest.raises(TerminalError, match=r"it states 2 and holds 1"):
        parse(rest.data, rest.media_type)


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64"])
def test_a_mail_of_a_database_is_its_articles(encoding: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "noreply@proquest.example", "a@b.example", "Your documents"
    message["Message-ID"] = "<1@proquest.example>"
    message.set_content(PROQUEST.decode(), subtype="html", cte=encoding)
    data = message.as_bytes()
    assert detect(data, "a") == "application/x-database-mail"
    parsed = [parse(one.data, one.media_type) for one in documents_of(data, "a.eml")]
    assert [value_of(one.metadata.title) for one in parsed] == TITLES
    message.set_content("\n".join(FACTIVA))
    assert [one.media_type for one in documents_of(message.as_bytes(), "a.eml")] == ["text/x-factiva-document"] * 2


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pdf([Shown(60, 800 - 12 * number, line) for number, line in enumerate(LINES)]), "application/pdf"),
        (odt("".join(f"<text:p>{line}</text:p>" for line in LINES)), "application/vnd.oasis.opendocument.text"),
    ],
    ids=["pdf", "odt"],
)
def test_articles_that_cannot_be_told_apart_are_not_one(data: bytes, media_type: str) -> None:
    assert detect(data, "a") == media_type
    with pytest.raises(TerminalError, match=r"^it holds 2 or more documents of Nexis Uni that cannot be told apart"):
        parse(data, media_type)


def test_an_ordinary_letter_is_none() -> None:
    assert detect(word(["End of Document", "Dear Sir"]), "a").endswith("wordprocessingml.document")
    assert detect(rtf(["Document 1", "End of Document"]), "a") == "application/rtf"
