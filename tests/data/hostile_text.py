"""Hostile plain text: Unicode tricks, and texts that could slow down cleaning, headlines, fingerprints or pair rule."""

from collections.abc import Callable
from random import Random

from tests.data.hostile_bytes import PROSE, fill

__all__ = ["TEXTS"]

_MARKS = "\u0301\u0323"  # not in canonical order, so that each pair has to be sorted
_DATES = (
    "date 99999-99-99", "2024-02-30", "July 99, 2024", "9999-12-31T23:59:60+99:99", "0000-00-00", "2024-W99-9",
    "2024-999", "9999999999", "-9999999999999", "Tue, 30 Jul 2024 99:99:99 -9999", "31/12/99999", "Published: 1e999",
    "1400-01-01T00:00:00+23:59", "2200-12-31T24:00:00-23:59", "٢٠٢٤-٠٧-٣٠",
)  # fmt: skip

_REPORT = "The ferry of line {} left the quay of Varnholt at {} and came back in the evening. "


def _with_giant_word(seed: int) -> Callable[[int], bytes]:
    """Makes a text that differs from that of another seed by one word, and so may be a report of the same form."""

    def make(size: int) -> bytes:
        word = "".join(Random(seed).choices("abcdefghij", k=size))
        return (
            3 * f"The office reports that in the town of {word[: size // 3]} the water stood high and fell. "
        ).encode()

    return make


def _repeated(unit: str, first: str = "", last: str = "") -> Callable[[int], bytes]:
    return lambda size: first.encode() + fill(unit, size) + last.encode()


def _numbered(line: str, first: str = "") -> Callable[[int], bytes]:
    """Makes lines that differ, so that a cached result of one does not help with the next."""

    def make(size: int) -> bytes:
        count = max(1, size // (len(line.encode()) + 4))
        return (first + "".join(line.replace("#", str(n)) + "\n\n" for n in range(count))).encode()

    return make


def _passes(size: int) -> bytes:
    """Makes a text in which each pass of cleaning removes one line, and uncovers one for the next pass."""
    labels = "".join(f"date 2024-07-30 Home {n}\n" for n in range(200))
    return labels.encode() + fill("Ports\n", size // 2) + fill("Home\n", size // 4) + PROSE.encode()


TEXTS: dict[str, Callable[[int], bytes]] = {
    "right_to_left.txt": _repeated("\u202etxt.exe\u202c \u2066\u2067\u2068\u2069 \u200f\u061c word "),
    "zero_width.txt": _repeated("w\u200bo\u200dr\u200cd\u2060\ufeff\u00ad ", "A word. "),
    "zero_width_only.txt": _repeated("\u200b\u200d\u2060\ufeff"),
    "zero_width_spaced.txt": _repeated("a\u200b"),
    "joiners.txt": _repeated("\u200d\u200c"),
    "tags_and_selectors.txt": _repeated("a\ufe0f\U000e0061\U000e0100\U0010ffff\ufdd0\uffff"),
    "zalgo.txt": lambda size: ("Z" + _MARKS * (size // 4) + " words follow here.").encode(),
    "zalgo_many.txt": _repeated("Z" + _MARKS * 500 + " "),
    "zalgo_title.html": lambda size: (
        f"<html><title>A title {_MARKS * (size // 8)}</title><body><p>{PROSE}{_MARKS * (size // 8)}".encode()
    ),
    "zalgo.json": lambda size: f'{{"title": "Z{_MARKS * 400}", "text": "Z{_MARKS * (size // 4)}"}}'.encode(),
    "marks_between_invisible.txt": _repeated("\u0301\u0323" * 15 + "\u200b"),
    "marks_half_width.txt": _repeated("\u0301" * 29 + "\uff9e"),
    "marks_tibetan.txt": _repeated("\u0f73\u0f71"),
    "marks_beyond_16_bits.txt": _repeated("\U0001d165\U0001e8d0"),
    "hangul.txt": _repeated("\u1100\u1161\u11a8"),
    "expanding.txt": _repeated("\ufdfa"),
    "expanding_folded.txt": _repeated("\u0390\u1fb7\ufb03\u3300"),
    "mojibake.txt": _repeated("Ã¢â‚¬â„¢ Ãƒâ€šÃ‚Â© "),
    "mojibake_deep.txt": _repeated("".join("’".encode().decode("cp1252") for _ in range(4)) + "Ã"),
    "mojibake_lead_bytes.txt": _repeated("Ã‚"),
    "mojibake_cyrillic.txt": _repeated("вЂ"),
    "mojibake_cyrillic_of_windows.txt": _repeated("РњРѕСЃС‚ ", "", "Р"),
    "mojibake_cyrillic_nearly.txt": _repeated("РњРѕСЃС‚ Мост длинный "),
    "mojibake_dashes.txt": _repeated("–—†°"),
    "mojibake_greek.txt": _repeated("ΞΟ\xa0"),
    "mojibake_pages.html": lambda size: b"<html><body><p>" + fill("Ð\x9cÐ¾Ñ\x81Ñ\x82 Ã\x83Â©", size),
    "utf16_look_alike.txt": lambda size: fill(b"a\0 \0b\x04", size),
    "utf16_look_alike_big.txt": lambda size: fill(b"\0a\0 \x30\x42", size),
    "utf16_blocks.txt": lambda size: fill("Мост through 橋 は ".encode("utf-16-be"), size) + b"\xd8",
    "utf16_look_alike.html": lambda size: fill("<p>Мост и река".encode("utf-16-le"), size),
    "entity_flood.txt": _repeated("&amp;amp;amp;amp;lt;", "A text. "),
    "entity_flood_of_lines.txt": _repeated("&ldquo;a&rdquo; &lt;b &amp;lt;\n", "A text.\n"),
    "entity_flood_of_one.txt": lambda size: b"A text. &" + fill("amp;", size),
    "entity_flood_of_one.html": lambda size: b"<html><body><p>A text. &" + fill("amp;", size),
    "entity_flood_of_tags.txt": _repeated("&lt;abc ", "A text. &ldquo;"),
    "entity_flood.json": lambda size: b'{"text":"A text. &' + fill("amp;amp;lt;", size) + b'"}',
    "paragraphs_short.txt": _repeated("ab\n\n", "A headline\n\n"),
    "paragraphs_short.html": lambda size: b"<html><body>" + fill("<p>ab.</p>", size),
    "paragraphs_of_scripts.txt": _repeated("ab\n\nмост\n\n橋は\n\nجسر\n\n"),
    "paragraphs_indented.txt": _repeated("  a b\nc\n \t", PROSE + "\n"),
    "lists_written.json": lambda size: b'{"text":"A text.","author":"[' + fill("'Jane \\\\' Doe' ", size) + b']"}',
    "lists_written_unclosed.json": lambda size: b'{"text":"A text.","author":"[' + fill("'\\\\'", size) + b']"}',
    "mojibake_controls.txt": _repeated("\u0080\u0099a"),
    "private.txt": _repeated("\ue000\uf8ff\U000f0000"),
    "separators.txt": _repeated("a\x85b\u2028c\u2029d\x0be\x0cf\x1cg"),
    "emoji.txt": _repeated("\U0001f468\u200d\U0001f469\u200d\U0001f467 "),
    "dates.txt": _repeated("\n".join(_DATES) + "\n", "A headline of some words\n", PROSE),
    "date_prefixes.txt": _repeated("date 2024-07-30 "),
    "date_lines.txt": _repeated("Harbour Post, 2024-07-30 | Home | 2024-07-30\n"),
    "passes.txt": _passes,
    "titles.txt": _repeated("Crane falls into harbour\n", "", PROSE),
    "kickers.txt": _repeated("Ports\n\nCrane falls into harbour\n\n", "", PROSE),
    "menus.txt": _repeated("Home\nNews\nSport\nPorts\n"),
    "menu_lines.txt": _numbered("Home | News | Sport | # | Menu"),
    "appeals.txt": _numbered("A message from # readers like you:", PROSE + "\n\n"),
    "appeal_bodies.txt": _numbered("Please support our journalism # with a donation, as little as $1 a month."),
    "related.txt": _repeated("Read also:\nA headline of five words\n"),
    "promotions.txt": _repeated("skip past newsletter promotion\n\n"),
    "bylines.txt": _repeated("By Jane Doe, Jane Doe, Jane Doe\n", "A headline of some words\n"),
    "bold.txt": _repeated("**"),
    "bold_lines.txt": _repeated("**a\n\n"),
    "dividers.txt": _repeated("***\n\n---\n\n"),
    "wrapped.txt": _repeated("words that fill a line so that a program might have broken it at this\n", PROSE + "\n"),
    "wrapped_blocks.txt": _repeated(("word " * 13 + "\n") * 3 + "\n"),
    "common_lines.txt": _repeated("Home\n\nTechnology\n\n" * 3 + PROSE + "\n\n"),
    "numbers.txt": _repeated("1 22 333 4444 55555 "),
    "words_of_one_letter.txt": _repeated("a b c d e f g "),
    "words_of_two_letters.txt": _repeated("ab cd ef gh ij "),
    "words_that_differ.txt": lambda size: " ".join(f"{n:x}" for n in range(size // 6)).encode(),
    "signs.txt": _repeated("汉字かな"),
    "symbols.txt": _repeated("☃$%&/() "),
    "second_words.txt": lambda size: " ".join(f"w{n:x} a{n:x}" for n in range(size // 14)).encode(),
    "second_words_other.txt": lambda size: " ".join(f"w{n:x} b{n:x}" for n in range(size // 14)).encode(),
    "equal_words.txt": _repeated("word "),
    "form_of_reports.txt": lambda size: "".join(_REPORT.format(3 * n, 5 * n + 1) for n in range(size // 80)).encode(),
    "form_of_reports_other.txt": lambda size: "".join(_REPORT.format(7 * n, 4 * n) for n in range(size // 80)).encode(),
    "giant_word.txt": _with_giant_word(1),
    "giant_word_other.txt": _with_giant_word(2),
    "half_shared_words.txt": lambda size: "".join(
        f"shared words {n % 7} and {n:x} " for n in range(size // 25)
    ).encode(),
    "half_shared_words_other.txt": lambda size: "".join(
        f"shared words {n % 7} and {n * 3:x} " for n in range(size // 25)
    ).encode(),
}
"""Makers of hostile texts by file name. Each takes the approximate size in bytes."""
