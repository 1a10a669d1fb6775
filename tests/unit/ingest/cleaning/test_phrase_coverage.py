"""How many phrases each language has for a rule, and that docs/reference/chrome.md names every rule."""

import re
from pathlib import Path

from ingest.cleaning.phrase_book import RULES, read_book
from ingest.cleaning.phrase_coverage import coverage_tables

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "chrome.md"


def test_the_reference_names_every_rule() -> None:
    documented = re.findall(r"^\| `(?!page-)([a-z-]+)` \|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    others = {
        "byline",
        "credit",
        "dateline",
        "divider",
        "footer",
        "headline",
        "kicker",
        "recurring",
    }  # those of no phrase
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
