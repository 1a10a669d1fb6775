"""Counts what the phrase book has for each language, so that thin languages show.

`python -m ingest.cleaning.phrase_coverage` prints the tables; `docs/reference/chrome.md` has them, too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from ingest.cleaning.phrase_book import BOOK, PhraseBook

__all__ = ["coverage_tables"]


def coverage_tables(book: PhraseBook = BOOK) -> str:
    """Returns two Markdown tables: phrases and patterns by rule and language, words by list and language."""
    rules: Counter[tuple[str, str]] = Counter()
    for section in book.sections:
        rules[section.rule, section.language] += len(section.phrases) + len(section.patterns)
    words = Counter(
        {(name, code): len(listed) for name, by_code in book.words.items() for code, listed in by_code.items()}
    )
    return f"{_table('rule', rules, book.languages)}\n\n{_table('words', words, book.languages)}"


def _table(head: str, counts: Mapping[tuple[str, str], int], languages: Sequence[str]) -> str:
    names = sorted({name for name, _ in counts})
    rows = [[name, *(counts.get((name, code), 0) for code in languages)] for name in names]
    rows.append(["all", *(sum(counts.get((name, code), 0) for name in names) for code in languages)])
    width = max(map(len, (*names, head)))
    lines = [
        f"| {head:{width}} | {' | '.join(f'{code:>4}' for code in languages)} |",
        f"|{'-' * (width + 2)}|{'|'.join(['-----:'] * len(languages))}|",
    ]
    lines += [f"| {row[0]:{width}} | {' | '.join(f'{count or chr(32):>4}' for count in row[1:])} |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    print(coverage_tables())  # noqa: T201
