"""The parse stage as a whole: whatever comes in, a document or a TerminalError comes out."""

import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Metadata, ParsedDocument
from ingest.formats.detect import detect
from ingest.formats.parse import parse
from ingest.formats.registry import REGISTRY
from ingest.markup import page
from newsmill.errors import TerminalError
from tests.support.metadata import values

TEXT = "The bridge is closed."
READABLE = ["text/plain", "text/html", "text/markdown", "application/json"]


def zipped(*names: str, content: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (TEXT, "text/plain"),
        (f"<html><body><p>{TEXT}</p></body></html>", "text/html"),
        (f"*{TEXT[:-1]}*.", "text/markdown"),
        (f'{{"text": "{TEXT}"}}', "application/json"),
    ],
)
def test_each_format_is_read(data: str, media_type: str) -> None:
    assert parse(data.encode(), media_type) == ParsedDocument(Metadata(), (TEXT,))


@pytest.mark.parametrize("media_type", REGISTRY.media_types)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        *(
            (blank, "the file holds nothing but white space")
            for blank in (b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe \x00")
        ),
    ],
)
def test_an_empty_file_says_so(data: bytes, message: str, media_type: str) -> None:
    with pytest.raises(TerminalError, match=f"^{message}$"):
        parse(data, media_type)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped("_rels/.rels", "[Content_Types].xml"), "this is an Office file .*, not text; convert it to plain"),
        (zipped("mimetype", "content.xml"), "this is an OpenDocument file .*, not text; convert it to plain text or H"),
        (b"\x89PNG\r\n\x1a\n", "this is a PNG image, not text; convert it"),
        (b"\x00\x01\x02", "this is a binary file, not text"),
    ],
)
def test_a_binary_is_named_with_the_next_step(data: bytes, message: str) -> None:
    with pytest.raises(TerminalError, match=message):
        parse(data, "application/octet-stream")


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (
            "title: A",
            "a.yaml",
            "this is a YAML file; make it JSON Lines, one article a line as an object with title and text",
        ),
        ("A", "a.log", "this is a log; if it is an article after all, give its name the ending .txt"),
    ],
)
def test_text_that_is_no_article_is_named_with_the_next_step(data: str, name: str, message: str) -> None:
    with pytest.raises(TerminalError) as caught:
        parse(data.encode(), detect(data.encode(), name))
    assert str(caught.value) == message


def test_a_container_is_no_document() -> None:
    with pytest.raises(TerminalError, match="many documents"):
        parse(b'{"text": "a"}', "application/x-ndjson")


@given(data=st.binary(max_size=400), media_type=st.sampled_from(REGISTRY.media_types))
def test_any_bytes_as_any_type(data: bytes, media_type: str) -> None:
    check(data, media_type)


MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<div", ">", "<table>", "<td>", "<li>", "<b>", "</b>", "<h1>", "<html>", "<body>", "<!--",
         "-->", "<script>", "</script>", "<title>", "<meta charset=utf-16>", "<br>", "&amp;", "&#0;", "&#xd800;", "\0",
         "\u2028", "- ", "# ", "> ", "|", "---\n", "\n", '{"text": "', '"}', "[", "](", "`", "words of text ", "x",
         "<a rel=author>", "July 30, 2024", "<time datetime="]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(text=MARKUP, media_type=st.sampled_from(READABLE))
def test_any_markup_as_any_readable_type(text: str, media_type: str) -> None:
    check(text.encode(), media_type)
    check(text.encode(), detect(text.encode(), "a.txt"))


def check(data: bytes, media_type: str) -> None:
    try:
        document = parse(data, media_type)
    except TerminalError:
        return
    assert document.paragraphs
    assert all(paragraph.strip() and "\0" not in paragraph for paragraph in document.paragraphs)
    assert parse(data, media_type) == document
    repr(document).encode()
    "".join(document.paragraphs).encode()
    "".join(values(document.metadata).values()).encode()


def test_too_many_paragraphs_are_refused_with_the_next_step() -> None:
    data = b'{"text": [' + b'"a", ' * 50_000 + b'"b"]}'
    with pytest.raises(TerminalError, match=r"^it has 50,001 paragraphs, many .*; drop its articles one by one$"):
        parse(data, "application/json")


def test_memory_that_runs_out_is_not_the_documents_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(json, "loads", no_memory)
    monkeypatch.setattr(page, "lay_out", no_memory)
    for data, media_type in ((b'{"text": "a"}', "application/json"), (b"<p>a", "text/html")):
        with pytest.raises(MemoryError):
            parse(data, media_type)
