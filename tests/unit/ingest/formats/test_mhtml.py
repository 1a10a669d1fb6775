"""Pages that browsers saved as MHTML."""

from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.mhtml import parse
from ingest.metadata.dates import parse_date
from newsmill.errors import TerminalError

PAGE = (
    "<html><head><title>Old bridge closes</title></head><body><nav><a href=/>Home</a></nav><article><h1>Old bridge"
    " closes</h1><p>The council of Amberford has decided – at last – to close the old bridge for repairs.</p></article>"
    "</body></html>"
)
ADDRESS = "https://amber.example/bridge"
PARAGRAPHS = (
    "Old bridge closes",
    "The council of Amberford has decided – at last – to close the old bridge for repairs.",
)


def saved(
    *,
    start: str = "",
    by: str = "<Saved by Blink>",
    charset: str = "utf-8",
    html: str = PAGE,
    address: str = ADDRESS,
) -> bytes:
    message = MIMEMultipart("related", type="text/html", **({"start": start} if start else {}))
    message["From"], message["Date"], message["Subject"] = by, "Tue, 04 Mar 2031 09:30:00 -0000", "Old bridge closes"
    message["Snapshot-Content-Location"] = address
    frame = MIMEText("<p>An advertisement.</p>", "html", "utf-8")
    frame["Content-ID"] = "<frame@x>"
    page = MIMEText(html, "html", charset)
    page["Content-ID"], page["Content-Location"] = "<page@x>", address
    for part in (frame, page) if start else (page, frame):
        message.attach(part)
    message.attach(MIMEImage(b"GIF89a", "gif"))
    return message.as_bytes()


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
@pytest.mark.parametrize("start", ["", "<page@x>"])
def test_the_page_is_read_and_when_it_was_saved_is_not_when_it_was_published(start: str, charset: str) -> None:
    data = saved(start=start, charset=charset)
    assert detect(data, "a.txt") == "multipart/related"
    assert parse(data) == ParsedDocument(
        Metadata(
            title=Fact("Old bridge closes", FactSource.HEADING),
            url=Fact(ADDRESS, FactSource.CAPTURE),
            captured=Fact(parse_date("2031-03-04T09:30:00Z"), FactSource.CAPTURE),
        ),
        PARAGRAPHS,
    )


def test_a_home_page_is_called_what_its_site_is() -> None:
    html = PAGE.replace("<title>Old bridge closes", "<title>The Amber Post - Old bridge closes")
    home = saved(html=html, address="https://amber.example/")
    assert parse(saved(html=html)).metadata.title == Fact("Old bridge closes", FactSource.HEADING)
    assert parse(home).metadata.title == Fact("The Amber Post - Old bridge closes", FactSource.TITLE_ELEMENT)


def test_a_mail_with_pictures_is_no_saved_page() -> None:
    mail = saved(by="Jane Doe <jane@amber.example>").replace(b"Snapshot-Content-Location", b"Received: by x\nTo")
    assert detect(mail, "a.mht") == "message/rfc822"


@pytest.mark.parametrize("data", [saved()[:250], saved().replace(b"text/html", b"image/gif")], ids=["cut", "picture"])
def test_one_without_a_page_says_so(data: bytes) -> None:
    with pytest.raises(TerminalError, match=r"^the saved page \(MHTML\) holds no web page"):
        parse(data)
