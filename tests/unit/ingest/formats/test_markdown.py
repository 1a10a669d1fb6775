"""Markdown articles."""

from datetime import datetime

import pytest

from ingest.documents import DatePrecision, FactSource, Metadata, ParsedDocument, PublicationDate
from ingest.formats.markdown import parse
from tests.support.metadata import core, day, facts

_EVERYTHING = """---
title: "Old bridge: closed"   # quoted
Date: 2024-07-30
authors:
  - Ada Quill
  - 'Ben Ash'
tags: [bridge, river]
lang: en-GB
canonical_url: https://amber.example/bridge
---
# Old bridge: closed

The *council* of **Amberford** [voted](http://x.example) to close
the `old` bridge.\\
It is ![a photo](x.png) old.

## Traffic

- Mill road
  is open
- Ferry
  1. sails

> “Painful”, said the mayor.

| Day | Cars |
|-----|------|
| Mon | 1    |

```
toll = 2
```

<div>Raw <b>html</b></div>
"""


def test_front_matter_and_markup_are_read() -> None:
    text = _EVERYTHING

    assert core(parse(text.encode())) == ParsedDocument(
        facts(
            FactSource.FRONT_MATTER,
            title="Old bridge: closed",
            byline="Ada Quill, Ben Ash",
            published=day(2024, 7, 30),
            language="en",
            url="https://amber.example/bridge",
        ),
        (
            "Old bridge: closed",
            "The council of Amberford voted to close the old bridge.",
            "It is old.",
            "Traffic",
            "Mill road is open",
            "Ferry",
            "sails",
            "“Painful”, said the mayor.",
            "Day | Cars",
            "Mon | 1",
            "toll = 2",
            "Raw html",
        ),
    )


@pytest.mark.parametrize("heading", ["# Old *bridge* closes", "Old bridge closes\n==="])
def test_the_first_top_level_heading_is_the_title(heading: str) -> None:
    text = f"Kicker\n\n{heading}\n\nIt is closed.\n\n# More\n"

    assert parse(text.encode()) == ParsedDocument(
        facts(FactSource.HEADING, title="Old bridge closes"), ("Kicker", "It is closed.", "More")
    )


@pytest.mark.parametrize("text", ["---\nno end\n", "--- a\n---\nb", "---"])
def test_a_rule_is_no_front_matter(text: str) -> None:
    assert parse(text.encode()).metadata == Metadata()


@pytest.mark.parametrize("mark", ["> ", "- ", "*a ", "[", "`", "<", "**_", "![", "|a", "&", "<a ", "- [", "\\"])
def test_repeated_marks_come_to_an_end(mark: str) -> None:
    document = parse((mark * 5_000 + "end").encode())

    assert isinstance(document, ParsedDocument)


def test_a_huge_file_keeps_its_markup() -> None:
    text = "---\ntitle: Old bridge\n---\n" + "The *old* bridge.\n\n" * 40_000

    assert parse(text.encode()) == ParsedDocument(
        facts(FactSource.FRONT_MATTER, title="Old bridge"), ("The *old* bridge.",) * 40_000
    )


def test_lists_in_front_matter_are_flat() -> None:
    nested = "[" * 5000 + "a" + "]" * 5000
    document = parse(f"---\nauthor: [Ada Quill, 'Ben Ash']\npublisher: {nested}\n---\nThe text.".encode())
    assert document == ParsedDocument(
        facts(FactSource.FRONT_MATTER, byline="Ada Quill, Ben Ash", publisher=nested[1:1001]), ("The text.",)
    )


def test_toml_front_matter_is_read() -> None:
    front = (
        'title = "Old bridge"\ndate = 2024-07-30T09:15:00+02:00\nauthors = ["Ada Quill", "Ben Ash"]\ndraft = false\n'
    )
    document = parse(f"+++\n{front}[params]\nlang = 'de'\n+++\nThe text.".encode())
    assert document == ParsedDocument(
        facts(
            FactSource.FRONT_MATTER,
            title="Old bridge",
            byline="Ada Quill, Ben Ash",
            published=PublicationDate(datetime.fromisoformat("2024-07-30T09:15:00+02:00"), DatePrecision.SECOND),
        ),
        ("The text.",),
    )


@pytest.mark.parametrize("front", ["title: Old bridge", "a = " + "[" * 5000, "a = 1\na = 2"])
def test_front_matter_that_is_no_toml_says_nothing(front: str) -> None:
    assert parse(f"+++\n{front}\n+++\nThe text.".encode()) == ParsedDocument(Metadata(), ("The text.",))


def test_cells_that_a_row_lacks_are_not_made_up() -> None:
    table = "| Day | Cars | Boats |\n|-|-|-|\n| Mon |\n| | 2 |\n|\n| Tue | | 3 |\n"
    assert parse(f"# A title\n\n{table}".encode()).paragraphs == ("Day | Cars | Boats", "Mon", " | 2", "Tue |  | 3")
