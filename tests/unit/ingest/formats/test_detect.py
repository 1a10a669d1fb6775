"""Media types come from content; extensions settle only what content leaves open."""

import base64
import gzip
import io
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY

PROSE = b"The council of Amberford voted on Monday to close the old bridge.\n\nRepairs begin in May.\n"
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("a.txt", PROSE)


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (PROSE, "a.txt", "text/plain"),
        (PROSE, "a.html", "text/plain"),
        (PROSE, "a.json", "text/plain"),
        (PROSE, "a.jsonl", "text/plain"),
        (PROSE, "a.pdf", "text/plain"),
        (PROSE, "a.md", "text/markdown"),
        (PROSE, "A.MARKDOWN", "text/markdown"),
        (PROSE.replace(b" ", b"\0", 4), "a.txt", "text/plain"),
        (PROSE.decode().encode("utf-16"), "a.txt", "text/plain"),
        (PROSE.decode().encode("utf-16-le"), "a.txt", "text/plain"),
        (PROSE.decode().encode("utf-16-be"), "a", "text/plain"),
        ("<html><p>Hi there, this is a page".encode("utf-16-le"), "a.txt", "text/html"),
        ('{"title": "A bridge", "text": "It closes."}'.encode("utf-16-be"), "a", "application/json"),
        ("Мост закрыт. ".encode("cp1251") * 20, "a", "text/plain"),
        (b"[Updated] The council voted.", "a.txt", "text/plain"),
        (b"[1] The council voted.", "a.txt", "text/plain"),
        (b"{Amberford} The council voted.", "a.txt", "text/plain"),
        (b"2 < 3 and 5 > 4, said the <b>council</b>.", "a.txt", "text/plain"),
        (b"", "a.txt", "text/plain"),
        (b" \n", "a", "text/plain"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><html><p>Hi", "a.txt", "text/html"),
        ("<html><p>Hi".encode("utf-16"), "a.txt", "text/html"),
        (b"<!-- a -->\n<!-- b --><HTML lang=en>", "a.json", "text/html"),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="y">', "a.xml", "text/html"),
        (b"<p>The council voted.</p>", "a.txt", "text/html"),
        (b"<div class=x>The council voted.</div>", "a", "text/html"),
        (b"<html><body><p>Hi", "a.md", "text/html"),
        (b'<p align="center">logo</p>\n\n# Title', "a.md", "text/markdown"),
        (b"The council<br>voted", "a.html", "text/html"),
        (b"<?xml version='1.0'?><rss><channel>", "a.txt", "application/rss+xml"),
        (b'{"title": "A", "text": "B"}', "a.txt", "application/json"),
        (b'{"title": "A", "text": "B"}', "a.jsonl", "application/x-ndjson"),
        (b'{"title": "A", "text": "B"}\n', "a.NDJSON", "application/x-ndjson"),
        (b'{\n  "title": "A",\n  "text": "B"\n}', "a.jsonl", "application/json"),
        (b'{"title": "A", "text": ', "a.txt", "application/json"),
        (b'[{"text": "A"}, {"text": "B"}]', "a.txt", "application/x-json-array"),
        (b'[\n{"text": "A"},\n{"text": "B"}\n]', "a.jsonl", "application/x-json-array"),
        (b'{"text": "A"}\n{"text": "B"}\n', "a.txt", "application/x-ndjson"),
        (b'{"text": "A"}\r\n\r\n{"text": "B"}\r\n', "a.json", "application/x-ndjson"),
        (b'{"text": "A"}\n{"text": broken\n{"text": "C"}\n', "a.txt", "application/x-ndjson"),
        (b'{"text": broken\n{"text": "B"}\n{"text": "C"}\n', "a.jsonl", "application/x-ndjson"),
        (b'{"text": "' + b"x" * 65_536, "a.jsonl", "application/x-ndjson"),
        (b'{"text": "' + b"x" * 65_536, "a.txt", "application/json"),
        (b'{"text": "A"}\n{"text": "' + b"x" * 65_536, "a.txt", "application/x-ndjson"),
        (b"%PDF-1.7\n", "a.txt", "application/pdf"),
        (ZIP.getvalue(), "a.html", "application/zip"),
        (gzip.compress(PROSE, mtime=0), "a.txt", "application/gzip"),
        (b"\x89PNG\r\n\x1a\n", "a.md", "application/octet-stream"),
        (bytes(range(256)) * 4, "a.txt", "application/octet-stream"),
    ],
)
def test_the_type_is_the_contents(head: bytes, name: str, expected: str) -> None:
    assert detect(head, name) == expected


MAIL = b"Received: from mx.example.org by mail.example.org;\r\n\tMon, 4 Mar 2024 10:00:00 +0000\r\nSubject: Bridge\r\n"
MAIL += b"From: Ada <ada@example.org>\r\n\r\n" + PROSE
NEWSLETTER = b"From: The Amber Post\nSubject: Bridge closes\nDate: 4 March 2024\nReceived: 5 March 2024\n\n" + PROSE


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (MAIL, "a.txt", "message/rfc822"),
        (MAIL, "a.html", "message/rfc822"),
        (b"MIME-Version: 1.0\nDate: Mon, 4 Mar 2024\nContent-Type: text/plain\n\n" + PROSE, "a", "message/rfc822"),
        (b"Message-ID: <1@example.org>\nFrom: a\nTo: b\n\n", "a", "message/rfc822"),
        (
            b"From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n type=x\n\n",
            "a",
            "multipart/related",
        ),
        (b"From ada@example.org Mon Mar  4 10:00:00 2024\n" + MAIL, "a.txt", "application/mbox"),
        (b"From - Mon Mar 04 10:00:00 2024\nX-Status: 0\n\n" + PROSE, "a", "application/mbox"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n", "a.txt", "application/warc"),
        (base64.encodebytes(bytes(range(256)) * 2), "a.txt", "text/x-base64"),
        (base64.b64encode(bytes(range(256)) * 300), "a", "text/x-base64"),
        (PROSE, "a.eml", "message/rfc822"),
        (PROSE, "a.mbox", "application/mbox"),
        (PROSE, "a.MHT", "multipart/related"),
        (PROSE, "a.yml", "application/yaml"),
        (PROSE, "a.tex", "application/x-tex"),
        (PROSE, "a.srt", "text/vtt"),
        (PROSE, "a.log", "text/x-log"),
        (PROSE, "a.ini", "text/x-configuration"),
        (PROSE, "a.py", "text/x-source"),
    ],
)
def test_text_that_is_no_article_is_told_by_what_programs_write_and_by_its_extension(
    head: bytes, name: str, expected: str
) -> None:
    assert detect(head, name) == expected
    assert expected in REGISTRY.media_types


@pytest.mark.parametrize(
    "head",
    [
        PROSE,
        NEWSLETTER,
        b"Message-ID: <1@example.org>\nFrom: a\n\n" + PROSE,  # two fields
        b"From: a\nTo: b\nMIME-Version: 1.0\nThe council of Amberford voted.\n\n" + PROSE,
        b"From Amberford Mon Mar 4 the bridge is closed.\n\n" + PROSE,
        b"From Amberford, Monday Mar 4 10:00:00 2024\nTitle: The bridge\n\n" + PROSE,
        PROSE + MAIL,
        b"WARC/1.0 is a format of archives.\n",
        b"Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft1\n" + PROSE,
        b"x" * 100_000,
    ],
)
@pytest.mark.parametrize("extension", ["", ".txt", ".text", ".rst", ".org", ".5"])
def test_news_is_text_though_it_begins_like_a_mail(head: bytes, extension: str) -> None:
    assert detect(head, f"a{extension}") == "text/plain"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"text": "A"}\n{"text": "B"}\n', "application/x-ndjson"),
        (b"<!DOCTYPE html><html><p>Hi", "text/html"),
    ],
)
def test_content_goes_before_an_extension(head: bytes, expected: str) -> None:
    assert {detect(head, f"a{extension}") for extension in (".csv", ".log", ".py", ".eml")} == {expected}


def test_a_head_cut_inside_a_character_is_still_text() -> None:
    head = ("é" * 40_000).encode()[:65_535]

    assert detect(head, "a.txt") == "text/plain"


def test_only_the_head_is_looked_at() -> None:
    assert detect(PROSE * 1000 + b"\0" * 10**6, "a.txt") == "text/plain"


@given(st.binary(max_size=200), st.text(max_size=12))
def test_any_bytes_under_any_name_have_a_type_and_a_directory_changes_nothing(head: bytes, name: str) -> None:
    name = name.replace(os.sep, "_")

    assert detect(head, name) == detect(head, f"elsewhere/{name}")


@given(st.text(alphabet="<>{}[]\"':,\n! -abphtml?x", max_size=60))
def test_markup_in_any_order_has_a_type(text: str) -> None:
    assert detect(text.encode(), "a.html") in REGISTRY.media_types


def test_a_broken_json_file_is_no_prose() -> None:
    assert detect(b"{", "a.json") == "application/json"
    assert detect(b"{sic} he said", "a.txt") == "text/plain"


def test_a_head_of_nothing_but_declarations_is_read_in_one_go() -> None:
    head = b"<?xml?>" * 9000
    assert detect(head + b"<html>", "a.txt") == "text/html"
    assert detect(head, "a.txt") == "text/plain"
