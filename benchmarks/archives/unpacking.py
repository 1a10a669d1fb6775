"""Unpacks a large ZIP archive and a large web archive, in pages as the unpack stage does, each in a process of its own.

python -m benchmarks.archives [--files 200000] [--mib 1024] [--json]

Prints how many members are found a second of CPU, and the peak memory of the process. Then three processes die on
their way, each followed by another that goes on at its cursors: together they find as many (`resumed`). fastwarc's own
count of the web archive stands beside.
"""

import argparse
import json
import resource
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.generated_news import generate
from ingest.blobs.members import find_documents
from ingest.containers.container import Cursor
from ingest.formats.detect import detect
from ingest.formats.registry import REGISTRY
from ingest.kinds import HEAD_BYTES

__all__ = ["main", "unpacked"]

_DEATHS = 3
_ARTICLES = 1000


def unpacked(path: str, cursors: tuple[Cursor, ...], most: int | None) -> tuple[int, tuple[Cursor, ...], float, int]:
    """Finds the documents from the cursors on, `most` of them.

    Returns how many there are, the cursors after the last, CPU seconds, and the peak memory of this process in KiB.
    """
    began = time.process_time()
    with Path(path).open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        container = REGISTRY.containers[detect(head, path)]
        documents = 0
        for found in islice(find_documents(stream, container, cursors), most):
            cursors = found.cursors
            documents += found.skipped is None
    return documents, cursors, time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _measured(path: Path, members: int) -> dict[str, float]:
    """Reads the file once in one process, and once in four that go on where the one before died."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        documents, _, seconds, peak_kib = process.submit(unpacked, str(path), (), None).result()
    resumed, cursors = 0, ()
    for number in range(_DEATHS + 1):
        with ProcessPoolExecutor(1, mp_context=context) as process:
            most = None if number == _DEATHS else members // (_DEATHS + 1)
            more, cursors, _, peak = process.submit(unpacked, str(path), cursors, most).result()
        resumed, peak_kib = resumed + more, max(peak_kib, peak)
    return {
        "documents": documents,
        "resumed": resumed,
        "per_cpu_second": documents / seconds,
        "peak_mib": peak_kib / 1024,
        "file_mib": path.stat().st_size / (1 << 20),
    }


def _pages() -> Iterator[bytes]:
    """Yields pages that are repeated with edits."""
    articles = list(generate(1, _ARTICLES))
    for number in count():
        article = articles[number % _ARTICLES]
        paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs)
        yield f"<html><head><title>{article.title} {number}</title></head><body>{paragraphs}</body></html>".encode()


def _write_zip(path: Path, files: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, page in enumerate(islice(_pages(), files)):
            archive.writestr(f"news/{number % 100}/{number}.html", page)


def _write_warc(path: Path, mib: int) -> int:
    records = 0
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        size = 0
        for page in _pages():
            if size >= mib << 20:
                return records
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            address = f"https://news.example/{records}"
            writer.write_record(
                writer.create_warc_record(address, "response", payload=BytesIO(page), http_headers=head)
            )
            size += len(page)
            records += 1
    return records


def main() -> None:
    """Writes both archives into a temporary folder and prints what unpacking them takes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=200_000, help="files in the ZIP archive")
    parser.add_argument("--mib", type=int, default=1024, help="MiB of pages in the web archive, unpacked")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive, captures = Path(folder, "a.zip"), Path(folder, "a.warc.gz")
        _write_zip(archive, options.files)
        records = _write_warc(captures, options.mib)
        report = {"zip": _measured(archive, options.files), "warc": _measured(captures, records)}
        began = time.process_time()
        with captures.open("rb") as stream:
            theirs = sum(1 for _ in ArchiveIterator(stream, record_types=WarcRecordType.response))
        report["warc"] |= {"fastwarc": theirs, "fastwarc_per_cpu_second": theirs / (time.process_time() - began)}
    if options.json:
        print(json.dumps(report, indent=2))
        return
    for name, figures in report.items():
        print(f"{name:<6}" + "  ".join(f"{figure} {value:,.0f}" for figure, value in figures.items()))
