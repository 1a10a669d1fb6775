"""Media types come from content; extensions settle only what content leaves open."""

import base64
import gzip
import io
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.media_types import FOREIGN, MediaType, describe_binary, detect_media_type, is_container, member_type

PROSE = b"The council of Amberford voted on Monday to close the old bridge.\n\nRepairs begin in May.\n"
ZIP = io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as archive:
    archive.writestr("a.txt", PROSE)


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (PROSE, "a.txt", MediaType.TEXT),
        (PROSE, "a.html", MediaType.TEXT),
        (PROSE, "a.json", MediaType.TEXT),
        (PROSE, "a.jsonl", MediaType.TEXT),
        (PROSE, "a.pdf", MediaType.TEXT),
        (PROSE, "a.md", MediaType.MARKDOWN),
        (PROSE, "A.MARKDOWN", MediaType.MARKDOWN),
        (PROSE.replace(b" ", b"\0", 4), "a.txt", MediaType.TEXT),
        (PROSE.decode().encode("utf-16"), "a.txt", MediaType.TEXT),
        (PROSE.decode().encode("utf-16-le"), "a.txt", MediaType.OCTET_STREAM),
        ("Мост закрыт. ".encode("cp1251") * 20, "a", MediaType.TEXT),
        (b"[Updated] The council voted.", "a.txt", MediaType.TEXT),
        (b"[1] The council voted.", "a.txt", MediaType.TEXT),
        (b"{Amberford} The council voted.", "a.txt", MediaType.TEXT),
        (b"2 < 3 and 5 > 4, said the <b>council</b>.", "a.txt", MediaType.TEXT),
        (b"", "a.txt", MediaType.TEXT),
        (b" \n", "a", MediaType.TEXT),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><html><p>Hi", "a.txt", MediaType.HTML),
        ("<html><p>Hi".encode("utf-16"), "a.txt", MediaType.HTML),
        (b"<!-- a -->\n<!-- b --><HTML lang=en>", "a.json", MediaType.HTML),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="y">', "a.xml", MediaType.HTML),
        (b"<p>The council voted.</p>", "a.txt", MediaType.HTML),
        (b"<div class=x>The council voted.</div>", "a", MediaType.HTML),
        (b"<html><body><p>Hi", "a.md", MediaType.HTML),
        (b'<p align="center">logo</p>\n\n# Title', "a.md", MediaType.MARKDOWN),
        (b"The council<br>voted", "a.html", MediaType.HTML),
        (b"<?xml version='1.0'?><rss><channel>", "a.txt", MediaType.OCTET_STREAM),
        (b'{"title": "A", "text": "B"}', "a.txt", MediaType.JSON),
        (b'{"title": "A", "text": "B"}', "a.jsonl", MediaType.NDJSON),
        (b'{"title": "A", "text": "B"}\n', "a.NDJSON", MediaType.NDJSON),
        (b'{\n  "title": "A",\n  "text": "B"\n}', "a.jsonl", MediaType.JSON),
        (b'{"title": "A", "text": ', "a.txt", MediaType.JSON),
        (b'[{"text": "A"}, {"text": "B"}]', "a.txt", MediaType.JSON),
        (b'[\n{"text": "A"},\n{"text": "B"}\n]', "a.jsonl", MediaType.JSON),
        (b'{"text": "A"}\n{"text": "B"}\n', "a.txt", MediaType.NDJSON),
        (b'{"text": "A"}\r\n\r\n{"text": "B"}\r\n', "a.json", MediaType.NDJSON),
        (b'{"text": "A"}\n{"text": broken\n{"text": "C"}\n', "a.txt", MediaType.NDJSON),
        (b'{"text": broken\n{"text": "B"}\n{"text": "C"}\n', "a.jsonl", MediaType.NDJSON),
        (b'{"text": "' + b"x" * 65_536, "a.jsonl", MediaType.NDJSON),
        (b'{"text": "' + b"x" * 65_536, "a.txt", MediaType.JSON),
        (b'{"text": "A"}\n{"text": "' + b"x" * 65_536, "a.txt", MediaType.NDJSON),
        (b"%PDF-1.7\n", "a.txt", MediaType.OCTET_STREAM),
        (ZIP.getvalue(), "a.html", MediaType.OCTET_STREAM),
        (gzip.compress(PROSE, mtime=0), "a.txt", MediaType.OCTET_STREAM),
        (b"\x89PNG\r\n\x1a\n", "a.md", MediaType.OCTET_STREAM),
        (bytes(range(256)) * 4, "a.txt", MediaType.OCTET_STREAM),
    ],
)
def test_the_type_is_the_contents(head: bytes, name: str, expected: MediaType) -> None:
    assert detect_media_type(head, name) is expected


MAIL = b"Received: from mx.example.org by mail.example.org;\r\n\tMon, 4 Mar 2024 10:00:00 +0000\r\nSubject: Bridge\r\n"
MAIL += b"From: Ada <ada@example.org>\r\n\r\n" + PROSE
NEWSLETTER = b"From: The Amber Post\nSubject: Bridge closes\nDate: 4 March 2024\nReceived: 5 March 2024\n\n" + PROSE


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (MAIL, "a.txt", MediaType.MAIL),
        (MAIL, "a.html", MediaType.MAIL),
        (b"MIME-Version: 1.0\nDate: Mon, 4 Mar 2024\nContent-Type: text/plain\n\n" + PROSE, "a", MediaType.MAIL),
        (b"Message-ID: <1@example.org>\nFrom: a\nTo: b\n\n", "a", MediaType.MAIL),
        (
            b"From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n type=x\n\n",
            "a",
            MediaType.MHTML,
        ),
        (b"From ada@example.org Mon Mar  4 10:00:00 2024\n" + MAIL, "a.txt", MediaType.MAILBOX),
        (b"From - Mon Mar 04 10:00:00 2024\nX-Status: 0\n\n" + PROSE, "a", MediaType.MAILBOX),
        (b"WARC/1.0\r\nWARC-Type: response\r\n", "a.txt", MediaType.WARC),
        (base64.encodebytes(bytes(range(256)) * 2), "a.txt", MediaType.BASE64),
        (base64.b64encode(bytes(range(256)) * 300), "a", MediaType.BASE64),
        (PROSE, "a.eml", MediaType.MAIL),
        (PROSE, "a.mbox", MediaType.MAILBOX),
        (PROSE, "a.MHT", MediaType.MHTML),
        (PROSE, "a.csv", MediaType.CSV),
        (PROSE.decode().encode("utf-16"), "a.tsv", MediaType.TSV),
        (PROSE, "a.yml", MediaType.YAML),
        (PROSE, "a.tex", MediaType.TEX),
        (PROSE, "a.srt", MediaType.SUBTITLES),
        (PROSE, "a.log", MediaType.LOG),
        (PROSE, "a.ini", MediaType.CONFIGURATION),
        (PROSE, "a.py", MediaType.SOURCE_CODE),
    ],
)
def test_text_that_is_no_article_is_told_by_what_programs_write_and_by_its_extension(
    head: bytes, name: str, expected: MediaType
) -> None:
    assert detect_media_type(head, name) is expected
    assert expected in FOREIGN


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
    assert detect_media_type(head, f"a{extension}") is MediaType.TEXT


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"text": "A"}\n{"text": "B"}\n', MediaType.NDJSON),
        (b"<!DOCTYPE html><html><p>Hi", MediaType.HTML),
    ],
)
def test_content_goes_before_an_extension(head: bytes, expected: MediaType) -> None:
    assert {detect_media_type(head, f"a{extension}") for extension in (".csv", ".log", ".py", ".eml")} == {expected}


def test_a_head_cut_inside_a_character_is_still_text() -> None:
    head = ("é" * 40_000).encode()[:65_535]

    assert detect_media_type(head, "a.txt") is MediaType.TEXT


def test_only_the_head_is_looked_at() -> None:
    assert detect_media_type(PROSE * 1000 + b"\0" * 10**6, "a.txt") is MediaType.TEXT


@given(st.binary(max_size=200), st.text(max_size=12))
def test_any_bytes_under_any_name_have_a_type_and_a_directory_changes_nothing(head: bytes, name: str) -> None:
    name = name.replace(os.sep, "_")

    assert detect_media_type(head, name) is detect_media_type(head, f"elsewhere/{name}")


@given(st.text(alphabet="<>{}[]\"':,\n! -abphtml?x", max_size=60))
def test_markup_in_any_order_has_a_type(text: str) -> None:
    assert detect_media_type(text.encode(), "a.html") in set(MediaType)


def test_only_json_lines_hold_many_documents() -> None:
    assert {kind for kind in MediaType if is_container(kind)} == {MediaType.NDJSON}
    assert {kind: member_type(kind) for kind in MediaType if member_type(kind) is not kind} == {
        MediaType.NDJSON: MediaType.JSON
    }


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7", "a PDF document"),
        (b"\0\0\0\x18ftypmp42", "an MP4 or HEIF file"),
        (b"<?xml version='1.0'?><rss>", "XML that is not a web page"),
        (b"\0\1\2\3", "a binary file"),
    ],
)
def test_binaries_are_named(data: bytes, expected: str) -> None:
    assert describe_binary(data) == expected


def test_a_broken_json_file_is_no_prose() -> None:
    assert detect_media_type(b"{", "a.json") == MediaType.JSON
    assert detect_media_type(b"{sic} he said", "a.txt") == MediaType.TEXT


def test_a_head_of_nothing_but_declarations_is_read_in_one_go() -> None:
    head = b"<?xml?>" * 9000
    assert detect_media_type(head + b"<html>", "a.txt") is MediaType.HTML
    assert detect_media_type(head, "a.txt") is MediaType.TEXT
