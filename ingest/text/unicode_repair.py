"""Repairs the Unicode of one paragraph: mojibake, normal form (NFC), invisible and control characters, white space.

Quotation marks, dashes and every other visible character stay as the source wrote them.
"""

import re
import unicodedata
from functools import cache

from ftfy import TextFixerConfig, fix_text

__all__ = ["repair"]

# How the bytes 0x80 to 0xBF of UTF-8 look if they are read as Latin-1 or Windows-1252.
_CONTINUATION = r"\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# ftfy costs about 2 ms a document. So it runs only where a lead byte stands before a continuation, where there are C1
# controls, or where there are the marks of UTF-8 that was read as Windows-1251 or Mac Roman.
_MOJIBAKE = re.compile(rf"[\xc2-\xf4][{_CONTINUATION}]")
_C1 = re.compile(r"[\x80-\x84\x86-\x9f]")
_OTHER_MARKS = ("вЂ", "‚Ä")
_FTFY = TextFixerConfig(
    unescape_html=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=True,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)
# Controls other than white space, soft hyphens, zero-width and bidirectional marks, fillers, and lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
# Joiners (ZWNJ, ZWJ) have a meaning after letters of Semitic, Indic and South-East Asian scripts and within emoji.
_STRAY_JOINER = re.compile(
    "(?<![\u0590-\u1fff\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U00010000-\U000e0fff])[\u200c\u200d]"
)
# The normal form takes quadratic time in a run of combining marks: 13 s for a quarter of a MiB of them. UAX #15 allows
# for 30, and nobody can see more.
_MAX_MARKS = 30
# The repair of one layer may uncover another. ftfy itself goes on until nothing changes.
_MAX_ROUNDS = 4


def repair(text: str, *, mojibake: bool = True) -> str:
    """Returns the text repaired and on one line; "" if nothing in it is visible. `repair(repair(x)) == repair(x)`.

    With `mojibake=False` mojibake stays: its repair is what takes time.
    """
    for _ in range(_MAX_ROUNDS):
        printable = text.isprintable()
        broken = mojibake and _is_mojibake_possible(text, printable)
        if printable and not broken:
            break
        repaired = _repair_once(text, broken)
        if repaired == text:
            break
        text = repaired
    return " ".join(_normal_form(text).split())


def _normal_form(text: str) -> str:
    """Returns `text` in NFC, without the combining marks that follow _MAX_MARKS others."""
    if text.isascii():
        return text
    several, too_many = _runs_of_marks()
    if not several.search(text):
        return unicodedata.normalize("NFC", text)
    # NFC turns some marks into two.
    return too_many.sub(r"\1", unicodedata.normalize("NFC", too_many.sub(r"\1", text)))


@cache
def _runs_of_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Returns a quick pattern and an exact one for too many marks; they are made once, in some 50 ms.

    The quick pattern finds half as many characters that are or may be marks. It takes all characters beyond U+FFFF for
    marks, for each mark there would cost every character a comparison: a paragraph took 60 µs instead of 5.
    """
    decomposed = ((chr(point), unicodedata.normalize("NFD", chr(point))) for point in range(0x300, 0x20000))
    marks = [character for character, parts in decomposed if unicodedata.combining(parts[0])]
    low, every = "".join(mark for mark in marks if mark <= "\uffff"), "".join(marks)
    return (
        re.compile(f"[{low}\U00010000-\U0001ffff]{{{_MAX_MARKS // 2}}}"),
        re.compile(f"([{every}]{{{_MAX_MARKS}}})[{every}]+"),
    )


def _is_mojibake_possible(text: str, printable: bool) -> bool:
    if text.isascii():
        return False
    if _MOJIBAKE.search(text) or any(mark in text for mark in _OTHER_MARKS):
        return True
    return not printable and _C1.search(text) is not None


def _repair_once(text: str, broken: bool) -> str:
    if broken:
        text = fix_text(text, _FTFY)
    return " ".join(_normal_form(_STRAY_JOINER.sub("", _INVISIBLE.sub("", text))).split())
