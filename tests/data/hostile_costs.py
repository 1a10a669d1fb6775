"""Texts that cost more than others of their size: many short pieces, each of which is different from the others."""

from collections.abc import Callable, Iterator
from itertools import islice, product
from random import Random

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["COSTLY"]

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def _words() -> Iterator[str]:
    """Yields words of three syllables, 343,000 of them, each once and in no order."""
    every = ["".join(parts) for parts in product(_SYLLABLES, repeat=3)]
    Random(7).shuffle(every)
    return iter(every * 20)


def _joined(words_of_piece: int, end: str, *, separator: str = " ") -> Callable[[int], bytes]:
    """Makes pieces of so many different words."""

    def make(size: int) -> bytes:
        words = _words()
        count = max(1, size // (words_of_piece * 7 + len(end) - 1))
        pieces = (separator.join(islice(words, words_of_piece)).capitalize() + end for _ in range(count))
        return "".join(pieces).encode()

    return make


def _spoilt(unit: str, codec: str, times: int) -> str:
    """Returns what programs make of `unit` that take its UTF-8 for another charset, so many times over."""
    for _ in range(times):
        unit = "".join(_character(byte, codec) for byte in unit.encode())
    return unit


def _character(byte: int, codec: str) -> str:
    try:
        return bytes([byte]).decode(codec)
    except UnicodeDecodeError:
        return chr(byte)


def _twice(unit: str, codec: str, *, times: int = 1, first: str = "", last: str = "") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(_spoilt(unit, codec, times), size) + last.encode()


def _uncovered(first: str, second: str) -> Callable[[int], bytes]:
    """Makes lines of which each goes only once the one above it is gone."""

    def make(size: int) -> bytes:
        pairs = max(1, size // (len(first) + len(second) + 6))
        return ("\n".join(f"{first} {n}\n{second} {n}" for n in range(pairs)) + "\n" + PROSE).encode()

    return make


COSTLY: dict[str, Callable[[int], bytes]] = {
    # Fragments: a paragraph of fewer than four words has a key of its own.
    "costly_words.txt": _joined(1, "\n"),
    "costly_pairs.txt": _joined(2, "\n\n"),
    "costly_words.html": lambda size: b"<html><body>" + _joined(1, "</p>\n<p>")(size),
    "costly_words.md": _joined(1, "\n\n"),
    "costly_words.json": lambda size: b'{"text":"' + _joined(1, "\\n\\n")(size) + b'"}',
    "costly_sentences.txt": _joined(4, ". "),
    "costly_sentences_of_lines.txt": _joined(4, ".\n\n"),
    "costly_fragments.txt": _joined(2, ". "),
    "costly_stops.txt": _joined(1, ". ", separator=". "),
    "costly_one_line.txt": _joined(12, ", "),
    "costly_cjk.txt": lambda size: "".join(
        chr(0x4E00 + n * 7919 % 20000) + ("。" if n % 9 == 0 else "") for n in range(size // 3)
    ).encode(),
    "costly_cjk_lines.txt": lambda size: "".join(
        chr(0x4E00 + n * 7919 % 20000) + ("\n" if n % 3 == 0 else "") for n in range(size // 3)
    ).encode(),
    # Twice encoded text, whole and by lines.
    "costly_twice_latin.txt": _twice("été ", "latin-1"),
    "costly_twice_latin_lines.txt": _twice("café élan\n\n", "latin-1"),
    "costly_twice_windows.txt": _twice("été “là” ", "cp1252"),
    "costly_twice_windows_lines.txt": _twice("Le conseil s’est réuni à l’été.\n\n", "cp1252"),
    "costly_four_times.txt": _twice("é’", "cp1252", times=3),
    "costly_thrice_lines.txt": _twice("café élan\n\n", "latin-1", times=2),
    "costly_twice.html": _twice("été là ", "latin-1", first="<html><body><p>"),
    "costly_twice_paragraphs.html": _twice("<p>été là</p>", "latin-1", first="<html><body>"),
    "costly_twice.md": _twice("été là\n\n", "latin-1"),
    "costly_twice.json": _twice("été là ", "latin-1", first='{"text":"', last='"}'),
    "costly_twice_cyrillic_lines.txt": _twice("мост и река\n\n", "cp1251"),
    "costly_twice_cyrillic_mixed.txt": _twice("мост", "cp1251", last=" мост и река" * 40),
    "costly_twice_greek_lines.txt": _twice("γέφυρα και ποτάμι\n\n", "cp1253"),
    "costly_twice_thai.txt": _twice("สะพาน", "cp874"),
    "costly_twice_dos_lines.txt": _twice("pont élevé\n\n", "cp850"),
    "costly_leads.txt": lambda size: fill("Ãa\x80", size),
    "costly_continuations.txt": lambda size: fill("â€", size),
    # Heads: lines that go one by one.
    "costly_dates_and_names.txt": _uncovered("By Jane Doe", "March 4, 2031"),
    "costly_headings.txt": lambda size: fill("The bridge opens again\n\nShort kicker\n\n", size) + PROSE.encode(),
    "costly_headings_alone.txt": lambda size: fill("The bridge opens again\n\n", size),
    "costly_headings_of_title.txt": lambda size: (
        b"Title: The bridge opens again\n\n" + fill("The bridge opens again\n\nPorts\n\n", size) + PROSE.encode()
    ),
    "costly_headings_that_differ.txt": lambda size: b"".join(
        b"Harbour opens part %d\n\nHarbour opens part %d\n\n" % (n, n) for n in range(size // 50)
    ),
    "costly_prefixes.txt": lambda size: fill("Published: 2031-03-04 | ", size) + PROSE.encode(),
    "costly_bylines_alone.txt": lambda size: fill("By\n\nJane Doe\n\n", size) + PROSE.encode(),
    "costly_labels.txt": lambda size: b"".join(b"Label %d: a value\n" % n for n in range(size // 18)),
    "costly_chrome.txt": lambda size: PROSE.encode() + b"\n\n" + fill("Share\n\nSubscribe to our newsletter\n\n", size),
    "costly_names.html": lambda size: (
        b"<html><body>" + b"".join(b"<p class=byline>By Jane Roe%d</p>" % n for n in range(size // 36))
    ),
    "costly_json_keys.json": lambda size: (
        b"{" + b",".join(b'"key%d":{"text%d":"a"}' % (n, n) for n in range(size // 28)) + b',"text":"A short text."}'
    ),
    "costly_json_lists.json": lambda size: (
        b'{"paragraphs":[' + b",".join(b'["word%d"]' % n for n in range(size // 14)) + b"]}"
    ),
    "costly_marks.txt": lambda size: fill("a" + "\u0301" * 29, size),
    "costly_marks_of_lines.txt": lambda size: fill("a" + "\u0301" * 14 + "\n", size),
}
"""Makers by file name, of the approximate size in bytes."""
