"""`newsmill evaluate` on labelled sets of our own: what is right, what is missed and why."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from console.services.evaluation.evaluation import evaluate
from newsmill.errors import TerminalError
from tests.support.commands import Commands

TEXT = (
    "The council of Varnholt met on Tuesday and decided to rebuild the old bridge over the river Ansel.",
    "The work begins in May, costs four million crowns and will take two years, the mayor said.",
)
PAGE = (
    "<html><head><title>Bridge to be rebuilt</title><meta name=author content='Jane Doe'>"
    "<meta property='article:published_time' content='2031-03-04'></head>"
    f"<body><article><h1>Bridge to be rebuilt</h1>{''.join(f'<p>{one}</p>' for one in TEXT)}</article></body></html>"
)


def labelled(folder: Path, name: str, *labels: dict[str, Any]) -> None:
    (folder / name).write_text("".join(json.dumps(label) + "\n" for label in labels))


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two pages, of which the labels of the second are wrong."""
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html").write_text(PAGE)
    (tmp_path / "html" / "b.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    right = {
        "text": "\n".join(TEXT),
        "title": "Bridge to be rebuilt",
        "author": "Jane Doe",
        "publish_date": "2031-03-04",
    }
    wrong = {"text": TEXT[0], "title": "Ferry is sold", "author": "Rick Roe", "publish_date": "2031-03-05"}
    labelled(tmp_path, "truth.jsonl", {"id": "a", **right}, {"id": "b", **wrong})
    return tmp_path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A page, a container of which a line is broken, and a file that nobody can read."""
    for kind in ("page", "lines", "other"):
        (tmp_path / kind).mkdir()
    (tmp_path / "page" / "a.html").write_text(PAGE)
    line = json.dumps({"title": "Bridge to be rebuilt", "text": "\n\n".join(TEXT)})
    (tmp_path / "lines" / "a.jsonl").write_text(f"{line}\n{{}}\n{line}\n")
    (tmp_path / "other" / "a.txt").write_bytes(bytes(range(256)))
    labelled(
        tmp_path,
        "expected.jsonl",
        {"file": "page/a.html", "documents": 1, "titles": ["Bridge to be rebuilt"], "dates": ["2031-03-04"],
         "contains": [TEXT[1]], "not_contains": ["<p>"]},
        {"file": "lines/a.jsonl", "documents": 3, "titles": ["Bridge to be rebuilt", "Ferry"], "contains": [TEXT[0]]},
        {"file": "other/a.txt", "documents": 1},
    )  # fmt: skip
    return tmp_path


def test_pages_are_scored_by_words_and_facts_beside_trafilatura(pages: Path) -> None:
    found = evaluate(pages, min_words=5)
    ours, theirs = found.rows["newsmill"], found.rows["trafilatura"]
    share = len(TEXT[0].split()) / len(" ".join(TEXT).split())
    assert (found.count, ours["recall"], ours["precision"]) == (2, 1.0, pytest.approx((1 + share) / 2))
    assert [ours[name] for name in ("title", "author", "publish_date")] == [0.5, 0.5, 0.5]
    assert theirs.keys() == {"precision", "recall", "f1", "cpu_ms"}
    assert evaluate(pages, min_words=5, every=2).rows["newsmill"]["f1"] == 1.0


def test_files_are_scored_by_kind_and_what_is_missed_is_told(files: Path) -> None:
    found = evaluate(files, min_words=5)
    assert found.rows == {
        "lines": {"documents": 0.0, "titles": 0.5, "phrases": 1.0},
        "other": {"documents": 0.0},
        "page": {"documents": 1.0, "titles": 1.0, "dates": 1.0, "phrases": 1.0, "clean": 1.0},
        "all": {"documents": 1 / 3, "titles": 2 / 3, "dates": 1.0, "phrases": 1.0, "clean": 1.0},
    }
    assert [one.file for one in found.missed] == ["lines/a.jsonl", "other/a.txt"]
    assert found.missed[0].what.startswith("2 documents, not 3, 1 of 2 titles (the JSON object has no text")
    assert found.missed[1].what.startswith("0 documents, not 1 (this is a binary file")


def test_days_are_compared_as_exports_write_them(tmp_path: Path) -> None:
    record = {"title": "Bridge to be rebuilt", "text": TEXT[0], "date": "2031-03-04T01:30:00+10:30"}
    (tmp_path / "a.json").write_text(json.dumps(record))
    (tmp_path / "b.json").write_text(json.dumps(record | {"date": "2031-03-04"}))
    label = {"documents": 1, "titles": ["Bridge to be rebuilt"]}
    labelled(
        tmp_path,
        "expected.jsonl",
        {"file": "a.json", **label, "dates": ["2031-03-03", "2031-03-04T01:30:00+10:30"]},
        {"file": "b.json", **label, "dates": ["2031-03-04"]},
    )
    found = evaluate(tmp_path, min_words=5)
    assert found.rows["all"]["dates"] == 2 / 3
    assert [(one.file, one.what) for one in found.missed] == [("a.json", "1 of 2 dates")]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("other.jsonl", "", "no labelled set: there is neither truth.jsonl nor expected.jsonl in it"),
        ("truth.jsonl", "{", "its labels cannot be read"),
        ("truth.jsonl", '{"id": "a"}', "there is no page a.html or a.html.gz"),
        ("expected.jsonl", '{"file": "a.txt"}', "a.txt: it cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_labelled_set_is_told(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(TerminalError, match=reason):
        evaluate(tmp_path, min_words=5)


def test_the_command_prints_a_table_and_json(files: Path, tmp_path: Path) -> None:
    commands = Commands(tmp_path, {})
    told = commands("evaluate", str(files)).out.splitlines()
    assert told[0].split() == ["3", "read", "documents", "titles", "dates", "phrases", "clean"]
    assert told[4].split() == ["all", "0.333", "0.667", "1.000", "1.000", "1.000"]
    answer = commands("evaluate", "--json", str(files)).json()
    assert (answer["count"], [one["file"] for one in answer["missed"]]) == (3, ["lines/a.jsonl", "other/a.txt"])
