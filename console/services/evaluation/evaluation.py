"""Scores a labelled set: how much of its text, titles, authors and dates is found, beside trafilatura in the same run.

A set is a folder in one of two layouts. Pages: `truth.jsonl` has for each page `id`, `text`, `title`, `author` and
`publish_date`, and `html/` has it as `ID.html` or `ID.html.gz`. Files of any kinds: `expected.jsonl` has for each
`file` (a path in the folder) the number of its `documents`, and `titles`, `dates` and phrases (`contains`) that are
in it, and what is not (`not_contains`). Where a label is missing, it is not scored.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any

from console.services.evaluation.reading import Outcome, reader
from console.services.evaluation.scores import Answer, Figures, folded, page_figures
from console.services.progress import Activity, Report, unreported
from ingest.cleaning.clean import clean
from ingest.documents import Fact, Metadata, PublicationDate, value_of
from ingest.formats.parse import parse
from newsmill.errors import NewsmillError, NoArticleError, TerminalError

__all__ = ["Evaluation", "Missed", "evaluate"]

_PAGES, _FILES = "truth.jsonl", "expected.jsonl"
_ENDINGS = (".html", ".html.gz", ".htm")


@dataclass(frozen=True, slots=True)
class Missed:
    """A file of which something is missed, and what."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of each row: of a side for pages, of a kind of files for files. `count`: so many pages or files.

    Shares are from 0 to 1; `cpu_ms` is CPU time a page in milliseconds. `without_trafilatura`: it is not installed.
    """

    count: int
    rows: Mapping[str, Figures]
    missed: tuple[Missed, ...] = ()
    without_trafilatura: bool = False


def evaluate(folder: Path, min_words: int, *, every: int = 1, report: Report = unreported) -> Evaluation:
    """Scores every n-th page or file of a labelled set.

    Raises TerminalError for a folder in no known layout, and for labels that cannot be read.
    """
    if (folder / _PAGES).is_file():
        return _evaluate_pages(folder, _labels(folder / _PAGES, every), report)
    if (folder / _FILES).is_file():
        return _evaluate_files(folder, _labels(folder / _FILES, every), min_words, report)
    raise TerminalError(f"{folder}: no labelled set: there is neither {_PAGES} nor {_FILES} in it")


def _labels(path: Path, every: int) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in islice(lines, 0, None, every)]
    except (OSError, ValueError) as error:
        raise TerminalError(f"{path}: its labels cannot be read: {error}") from error


def _evaluate_pages(folder: Path, labels: Sequence[dict[str, Any]], report: Report) -> Evaluation:
    sides: dict[str, Callable[[bytes], Answer]] = {"newsmill": _newsmill}
    if trafilatura := _trafilatura():
        sides["trafilatura"] = trafilatura
    answers: dict[str, list[Answer]] = {name: [] for name in sides}
    seconds = dict.fromkeys(sides, 0.0)
    activity = Activity("reading pages", report, len(labels))
    for label in labels:
        data = _page(folder / "html", str(label.get("id")))
        for name, read in sides.items():
            began = time.process_time()
            answers[name].append(read(data))
            seconds[name] += time.process_time() - began
        activity.advance(1)
    rows = {name: page_figures(answers[name], labels) for name in sides} if labels else {}
    for name, figures in rows.items():
        figures["cpu_ms"] = 1000 * seconds[name] / len(labels)
    return Evaluation(len(labels), rows, without_trafilatura=trafilatura is None)


def _page(folder: Path, id_: str) -> bytes:
    path = next((path for ending in _ENDINGS if (path := folder / f"{id_}{ending}").is_file()), None)
    if path is None:
        raise TerminalError(f"{folder}: there is no page {id_}.html or {id_}.html.gz")
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _newsmill(data: bytes) -> Answer:
    try:
        article = clean(parse(data, "text/html"))
    except (TerminalError, NoArticleError):
        return {}
    return {"text": article.text} | _facts(article.metadata)


def _facts(metadata: Metadata) -> Answer:
    known = {"title": metadata.title, "author": metadata.byline, "publish_date": metadata.published}
    return {name: str(value_of(fact)) for name, fact in known.items() if fact}


def _trafilatura() -> Callable[[bytes], Answer] | None:
    try:
        from trafilatura import extract
    except ImportError:
        return None
    return lambda data: {"text": extract(data, include_comments=False) or ""}


@dataclass(slots=True)
class _Tally:
    """So many of so many are right."""

    right: int = 0
    of: int = 0

    def add(self, right: int, of: int) -> None:
        self.right += right
        self.of += of


_MEASURES = ("documents", "titles", "dates", "phrases", "clean")


def _evaluate_files(folder: Path, labels: Sequence[dict[str, Any]], min_words: int, report: Report) -> Evaluation:
    tallies: dict[str, dict[str, _Tally]] = {}
    missed: list[Missed] = []
    activity = Activity("reading files", report, len(labels))
    with reader(min_words) as read:
        for label in labels:
            file = str(label.get("file"))
            try:
                outcomes = list(read.read(folder / file))
            except OSError as error:
                raise TerminalError(f"{folder / file}: it cannot be read: {error.strerror}") from error
            except NewsmillError as error:
                outcomes = [Outcome(None, str(error))]
            found = dict(_measured(label, outcomes))
            kind = file.partition("/")[0] if "/" in file else Path(file).suffix.lstrip(".") or "other"
            for row in (kind, "all"):
                for name, (right, of) in found.items():
                    tallies.setdefault(row, {}).setdefault(name, _Tally()).add(right, of)
            missed += _missed(file, label, outcomes, found)
            activity.advance(1)
    total = tallies.pop("all", {})
    rows = {kind: _shares(tallies[kind]) for kind in sorted(tallies)} | {"all": _shares(total)}
    return Evaluation(len(labels), rows, tuple(missed))


def _shares(tallies: Mapping[str, _Tally]) -> Figures:
    return {name: tally.right / tally.of for name in _MEASURES if (tally := tallies.get(name)) and tally.of}


def _measured(label: Mapping[str, Any], outcomes: Sequence[Outcome]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yields for each measure how many are right, and how many there are."""
    articles = [one.article for one in outcomes if one.article is not None]
    text = folded(" ".join(article.text for article in articles))
    titles = {folded(value_of(article.metadata.title)) for article in articles}
    days = {_exported_day(article.metadata.published) for article in articles}
    if "documents" in label:
        yield "documents", (int(len(articles) == label["documents"]), 1)
    for name, labels, is_found in (
        ("titles", label.get("titles", ()), lambda one: folded(one) in titles),
        ("dates", label.get("dates", ()), lambda one: one[:10] in days),
        ("phrases", label.get("contains", ()), lambda one: folded(one) in text),
        ("clean", label.get("not_contains", ()), lambda one: folded(one) not in text),
    ):
        yield name, (sum(map(is_found, labels)), len(labels))


def _exported_day(published: Fact[PublicationDate] | None) -> str:
    """Returns the day of a date as exports write it: in UTC, whatever zone its source has."""
    return "" if published is None else published.value.at.astimezone(UTC).date().isoformat()


def _missed(
    file: str, label: Mapping[str, Any], outcomes: Sequence[Outcome], found: Mapping[str, tuple[int, int]]
) -> Iterator[Missed]:
    wrong = [f"{right} of {of} {name}" for name, (right, of) in found.items() if right < of and name != "documents"]
    articles = sum(one.article is not None for one in outcomes)
    if "documents" in label and articles != label["documents"]:
        wrong.insert(0, f"{articles} documents, not {label['documents']}")
    if wrong:
        reason = next((one.reason for one in outcomes if one.reason), "")
        yield Missed(file, ", ".join(wrong) + (f" ({reason})" if reason else ""))
