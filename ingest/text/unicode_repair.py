"""Unicode repair of one paragraph: mojibake undone, NFC, invisible and control characters out, white space folded.

Quotation marks, dashes and every visible character stay as the source wrote them.
"""

import re
import unicodedata
from functools import cache

from ftfy import TextFixerConfig, fix_text

__all__ = ["repair"]

# How the bytes 0x80 to 0xBF of UTF-8 look when they were read as Latin-1 or Windows-1252.
_CONTINUATION = r"\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
# ftfy costs about 2 ms a document, so it runs only where a lead byte meets a continuation, where C1 controls stand,
# or at the marks of UTF-8 read as Windows-1251 or Mac Roman.
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
# Controls that are no white space, soft hyphen, zero-width and bidirectional marks, fillers, lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
# Joiners (ZWNJ, ZWJ) carry meaning after letters of Semitic, Indic and South-East Asian scripts and inside emoji.
_STRAY_JOINER = re.compile(
    "(?<![\u0590-\u1fff\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U00010000-\U000e0fff])[\u200c\u200d]"
)
# The normal form takes quadratic time in a run of combining marks (a quarter of a MiB of them: 13 s); UAX #15 allows
# for 30. What lies beyond, nobody can see.
_MAX_MARKS = 30
# Repairing one layer may uncover another; ftfy itself goes on until nothing changes.
_MAX_ROUNDS = 4


def repair(text: str, *, mojibake: bool = True) -> str:
    """The text on one line, repaired; "" when nothing visible is in it. `repair(repair(x)) == repair(x)`.

    Without `mojibake` that is left as it is, for it is what takes the time.
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
    """`text` in NFC, without the combining marks that follow _MAX_MARKS others."""
    if text.isascii():
        return text
    several, too_many = _runs_of_marks()
    if not several.search(text):
        return unicodedata.normalize("NFC", text)
    # A few marks are two in NFC.
    return too_many.sub(r"\1", unicodedata.normalize("NFC", too_many.sub(r"\1", text)))


@cache
def _runs_of_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A quick pattern that finds half of too many marks, or what may be marks, and an exact one; made in some 50 ms.

    Each mark beyond U+FFFF would cost every character a comparison: a paragraph took 60 µs instead of 5.
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
