"""WACZ files: the web archives in them, and nothing else."""

import io
import zipfile

from ingest.formats.detect import detect
from tests.support.containers.captures import Capture, written
from tests.support.documents import documents_of


def test_only_the_web_archives_are_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.warc.gz", written([Capture("https://news.example/1")], gzip=True))
        archive.writestr("indexes/index.cdx", "a b c")
        archive.writestr("pages/pages.jsonl", '{"title": "A", "text": "The text of a page in the index of pages."}')
    data = stream.getvalue()
    assert detect(data, "a.bin") == detect(data, "a.wacz") == "application/wacz"
    assert [one.media_type for one in documents_of(data, "a.wacz")] == ["application/x-web-record"]
