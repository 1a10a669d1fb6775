"""docs/reference/chrome.md has every rule, and how many phrases each language has for it."""

import re
from pathlib import Path

from ingest.cleaning.phrase_book import BOOK, RULES, read_book
from ingest.cleaning.phrase_coverage import coverage_tables

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "chrome.md"


def test_the_reference_has_the_tables_of_coverage() -> None:
    text = REFERENCE.read_text("utf-8")
    documented = re.search(r"<!-- coverage.*?-->\n\n(.*)\n\n<!-- /coverage -->", text, re.DOTALL)
    assert documented is not None
    assert documented[1] == coverage_tables(BOOK), "python -m ingest.cleaning.phrase_coverage prints the tables"


def test_the_reference_names_every_rule() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    others = {"byline", "dateline", "divider", "footer", "headline", "kicker", "recurring"}  # those of no phrase
    assert documented == sorted({*others, *(rule for rules in RULES.values() for rule in rules)})


def test_phrases_patterns_and_words_are_counted_by_language() -> None:
    example = "taken = 'a'\nleft = 'b'\n"
    book = read_book(
        {
            "de": f"[anywhere.form]\n{example}phrases = '''\na\nb\n'''\n[edge.navigation]\n{example}phrases = 'c'",
            "en": f"[[edge.date.patterns]]\n{example}pattern = '{{by}}'\n[words]\nby = ['by', 'from']",
        }
    )
    assert coverage_tables(book).splitlines() == [
        "| rule       |   de |   en |",
        "|------------|-----:|-----:|",
        "| date       |      |    1 |",
        "| form       |    2 |      |",
        "| navigation |    1 |      |",
        "| all        |    3 |    1 |",
        "",
        "| words |   de |   en |",
        "|-------|-----:|-----:|",
        "| by    |      |    2 |",
        "| all   |      |    2 |",
    ]
