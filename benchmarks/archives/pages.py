"""Pages a second out of a web archive: Newsmill's unpacking, parsing and cleaning, beside fastwarc and trafilatura.

python -m benchmarks.archives.pages FOLDER [--rounds 3] [--json]

FOLDER has real pages as `html/ID.html.gz`. They are written into one archive, which both sides read in turn.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import trafilatura
from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from newsmill.errors import TerminalError
from tests.support.documents import each_document

__all__ = ["main", "newsmill", "theirs"]


def newsmill(path: Path) -> int:
    """Takes each capture through parse and clean; returns how many pages gave an article."""
    found = 0
    for document in each_document(path.read_bytes(), path.name):
        try:
            clean(parse(document.data, document.media_type))
            found += 1
        except TerminalError:
            continue
    return found


def theirs(path: Path) -> int:
    """Takes each response through trafilatura; returns how many pages gave a text."""
    found = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            found += trafilatura.bare_extraction(record.reader.read(), with_metadata=True) is not None
    return found


def _write(folder: Path, path: Path) -> int:
    pages = sorted(folder.glob("html/*.gz"))
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for page in pages:
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            body = BytesIO(gzip.decompress(page.read_bytes()))
            address = f"https://news.example/{page.name}"
            writer.write_record(writer.create_warc_record(address, "response", payload=body, http_headers=head))
    return len(pages)


def _timed(side: Callable[[Path], int], path: Path) -> tuple[int, float]:
    began = time.process_time()
    found = side(path)
    return found, time.process_time() - began


def main() -> None:
    """Prints pages with an article, and pages a second of CPU, of both sides."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    sides = {"newsmill": newsmill, "fastwarc + trafilatura": theirs}
    runs: dict[str, list[tuple[int, float]]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "pages.warc.gz")
        pages = _write(options.folder, path)
        for _ in range(options.rounds):
            for name, side in sides.items():
                runs[name].append(_timed(side, path))
    figures = {
        name: {"articles": of[0][0], "pages_per_cpu_second": round(pages / median(seconds for _, seconds in of), 1)}
        for name, of in runs.items()
    }
    if options.as_json:
        print(json.dumps({"pages": pages} | figures))
        return
    for name, of_side in figures.items():
        print(
            f"{name:<24}{of_side['articles']:6,} of {pages:,} pages, {of_side['pages_per_cpu_second']:,} a CPU second"
        )


if __name__ == "__main__":
    main()
