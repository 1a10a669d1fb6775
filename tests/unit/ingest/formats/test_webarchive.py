"""Pages that Safari saved."""

import plistlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Fact, FactSource, Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.webarchive import parse
from newsmill.errors import TerminalError

PAGE = (
    "<html><head><title>Old bridge closes</title></head><body><article><h1>Old bridge closes</h1><p>The council of"
    " Amberford has decided – at last – to close the old bridge for repairs.</p></article></body></html>"
)
ADDRESS = "https://amber.example/bridge"


def archive(page: bytes, form: plistlib.PlistFormat, **resource: object) -> bytes:
    main = {
        "WebResourceData": page,
        "WebResourceURL": ADDRESS,
        "WebResourceMIMEType": "text/html",
        "WebResourceTextEncodingName": "windows-1252",
        **resource,
    }
    picture = {"WebResourceData": bytes(90_000), "WebResourceMIMEType": "image/png"}
    return plistlib.dumps({"WebMainResource": main, "WebSubresources": [picture]}, fmt=form)


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_the_page_is_read(form: plistlib.PlistFormat) -> None:
    data = archive(PAGE.encode("cp1252"), form)
    assert detect(data, "a.txt") == "application/x-webarchive"
    assert parse(data) == ParsedDocument(
        Metadata(title=Fact("Old bridge closes", FactSource.HEADING), url=Fact(ADDRESS, FactSource.CAPTURE)),
        (
            "Old bridge closes",
            "The council of Amberford has decided – at last – to close the old bridge for repairs.",
        ),
    )


def test_a_home_page_is_called_what_its_site_is() -> None:
    page = PAGE.replace("<title>", "<title>The Amber Post - ").encode()
    home = archive(page, plistlib.FMT_BINARY, WebResourceURL="https://amber.example/")
    assert parse(archive(page, plistlib.FMT_BINARY)).metadata.title == Fact("Old bridge closes", FactSource.HEADING)
    assert parse(home).metadata.title == Fact("The Amber Post - Old bridge closes", FactSource.TITLE_ELEMENT)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (archive(b"\x89PNG", plistlib.FMT_BINARY, WebResourceMIMEType="image/png"), "holds no web page"),
        (plistlib.dumps([1], fmt=plistlib.FMT_BINARY), "holds no web page"),
        (archive(b"<p>A", plistlib.FMT_BINARY)[:-20], "is cut off or damaged"),
        (b"bplist00", "is cut off or damaged"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><plist>&b;</plist>", "is cut off or damaged"),
        (b"<?xml version='1.0'?><plist>" + b"<array>" * 50_000, "is cut off or damaged"),
    ],
)
def test_what_is_broken_says_so(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=f"^the Safari webarchive {message}"):
        parse(data)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=12))
def test_a_damaged_list_ends_as_a_page_or_an_error_of_ours(place: int, noise: bytes) -> None:
    data = archive(PAGE.encode(), plistlib.FMT_BINARY)
    data = data[:200] + data[-400:]
    at = place % len(data)
    try:
        parse(data[:at] + noise + data[at + len(noise) :])
    except TerminalError:
        return
