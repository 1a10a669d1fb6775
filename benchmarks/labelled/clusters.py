"""`python -m benchmarks.labelled.clusters FILE.jsonl...` prints the clusters of labelled documents, as CSV.

Each line of a file has `doc_id` and `text`; a line of the output has `doc_id` and `cluster_id`. Nothing is stored.
"""

import argparse
import csv
import json
import sys
from hashlib import sha256
from pathlib import Path

from ingest.cleaning.clean import clean
from ingest.formats.parse import parse
from ingest.similarity.reference import Source, settle

__all__ = ["main"]


def main() -> int:
    """Reads all files as one set of plain texts and writes the clusters to standard output."""
    parser = argparse.ArgumentParser(description="Settle labelled plain texts by the definition.")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    ids, sources = [], []
    for file in parser.parse_args().files:
        with file.open(encoding="utf-8") as lines:
            for document in map(json.loads, lines):
                content = document["text"].encode()
                parsed = parse(content, "text/plain")
                sources.append(Source(len(ids), clean(parsed), sha256(content).digest(), 1))
                ids.append(document["doc_id"])
    settled = settle(sources).settled
    writer = csv.writer(sys.stdout)
    writer.writerow(["doc_id", "cluster_id"])
    writer.writerows([name, settled[number].placement.cluster_id] for number, name in enumerate(ids))
    return 0


if __name__ == "__main__":
    sys.exit(main())
