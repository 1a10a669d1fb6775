"""XML without an article says what it is."""

import pytest

from ingest.formats.detect import detect
from ingest.formats.xml.other_xml import FORMAT
from newsmill.errors import TerminalError


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "this is a sitemap, a list of addresses; drop the pages themselves"),
        ("<mets:mets xmlns:mets='http://www.loc.gov/METS/'/>", "this is METS, the structure of a scanned object"),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "this is a drawing \\(SVG\\)"),
        ("<opml version='2.0'/>", "this is a list of feeds \\(OPML\\)"),
        ("<packageItem xmlns='http://iptc.org/std/nar/2006-10-01/'/>", "this is a NewsML-G2 package"),
        ("<?xml version='1.0'?><invoice/>", "this is XML that begins with <invoice>, which is no kind of article that Newsmill knows; convert it"),
        ("<a:invoice xmlns:a='urn:b'/>", "begins with <invoice> of urn:b,"),
        ("<?xml version='1.0'?><!-- nothing -->", "this is XML in which there is no element; convert it"),
    ],
)  # fmt: skip
def test_the_reason_names_it(data: str, reason: str) -> None:
    assert detect(data.encode(), "a.xml") == FORMAT.media_type
    with pytest.raises(TerminalError, match=f"^{reason}" if reason.startswith("this") else reason):
        FORMAT.parse(data.encode())


def test_a_web_page_is_none() -> None:
    data = (
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p>The council met.</p></body></html>"
    )
    assert detect(data, "a.xml") == "text/html"
