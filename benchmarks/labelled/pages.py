"""Scores what is read of labelled web pages, and the CPU it takes, beside trafilatura's extraction in the same run.

python -m benchmarks.labelled.pages FOLDER [--every 1] [--rounds 1] [--json]

FOLDER has `html/ID.html.gz` and `truth.jsonl`, a line a page: id, text, title, author, publish_date (the
articles of the public set WCXB have these). Text is compared by words: precision, recall and F1 of a page, averaged.
A title is right with the same words, or as a part of the other of half its words; an author, if each surname is in it;
a date, if the day is the same.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import trafilatura

from console.services.evaluation.scores import Answer, page_figures
from ingest.cleaning.clean import clean
from ingest.documents import value_of
from ingest.formats.parse import parse
from newsmill.errors import TerminalError

__all__ = ["main"]


def newsmill(data: bytes) -> tuple[Answer, float]:
    """Parses and cleans a page; returns what it says, and the CPU seconds of parsing."""
    began = time.process_time()
    try:
        parsed = parse(data, "text/html")
        seconds = time.process_time() - began
        document = clean(parsed)
    except TerminalError:
        return {}, time.process_time() - began
    facts = document.metadata
    known = {"title": facts.title, "author": facts.byline, "publish_date": facts.published}
    return {"text": document.text} | {name: str(value_of(fact)) for name, fact in known.items() if fact}, seconds


def trafilaturas(data: bytes) -> tuple[Answer, float]:
    """Extracts a page's text with trafilatura, at its defaults but without comments."""
    began = time.process_time()
    text = trafilatura.extract(data, include_comments=False)
    return {"text": text or ""}, time.process_time() - began


SIDES: dict[str, Callable[[bytes], tuple[Answer, float]]] = {"newsmill": newsmill, "trafilatura": trafilaturas}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the pages by turns, and prints the scores and the ratio of CPU time."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.labelled.pages", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="read one page in so many")
    parser.add_argument("--rounds", type=int, default=1, help="times to read each page; the least CPU time counts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with (options.folder / "truth.jsonl").open(encoding="utf-8") as lines:
        truth = [json.loads(line) for line in islice(lines, 0, None, options.every)]
    answers: dict[str, list[Answer]] = {name: [] for name in SIDES}
    seconds = dict.fromkeys(SIDES, 0.0)
    for page in truth:
        data = gzip.decompress((options.folder / "html" / f"{page['id']}.html.gz").read_bytes())
        for name, read in SIDES.items():
            tries = [read(data) for _ in range(options.rounds)]
            answers[name].append(tries[0][0])
            seconds[name] += min(cpu for _, cpu in tries)
    report = {
        name: page_figures(answers[name], truth) | {"cpu_ms": 1000 * seconds[name] / len(truth)} for name in SIDES
    }
    report["ratio"] = {"cpu": seconds["newsmill"] / seconds["trafilatura"]}
    if options.json:
        print(json.dumps({"pages": len(truth), **report}, indent=2))
        return
    print(f"{len(truth)} pages")
    for name, figures in report.items():
        print(f"{name:<12}" + "  ".join(f"{figure} {value:.3f}" for figure, value in figures.items()))


if __name__ == "__main__":
    main()
