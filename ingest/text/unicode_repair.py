"""Repairs the Unicode of one paragraph: mojibake, normal form (NFC), invisible and control characters, white space.

Quotation marks, dashes and every other visible character stay as the source wrote them.
"""

import re
import unicodedata
from functools import cache

from ftfy import TextFixerConfig, fix_text
from ftfy.badness import is_bad
from ftfy.chardata import ALTERED_UTF8_RE

from ingest.text.double_encoding import decode_twice_encoded

__all__ = ["repair", "repair_pieces"]

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
# Bytes of which ftfy makes more than UTF-8: surrogates (ED), NUL (C0), and what another program has replaced (1A).
_LEFT_TO_FTFY = frozenset(b"\xed\xc0\x1a")
# The repair of one layer may uncover another. ftfy itself goes on until nothing changes.
_MAX_ROUNDS = 4


# ftfy takes some 100 µs for a paragraph, and 15 µs more for a sequence in one that it cannot decode as a whole.
_PIECES_OF_PARAGRAPH = 8


def repair_pieces(text: str) -> int:
    """Returns how many pieces the repair of mojibake has to try one by one, in `text` as a paragraph; 0 for most.

    A piece takes some 15 µs. What is mojibake throughout is decoded at once, and has none.
    """
    if text.isascii():
        return 0
    text, goes_on = _decode_whole(decode_twice_encoded(text))
    if not (goes_on or _is_mojibake_possible(text, text.isprintable())):
        return 0
    return _PIECES_OF_PARAGRAPH + len(_MOJIBAKE.findall(text))


def repair(text: str, *, mojibake: bool = True) -> str:
    """Returns the text repaired and on one line; "" if nothing in it is visible. `repair(repair(x)) == repair(x)`.

    With `mojibake=False` mojibake stays where it has to be repaired piece by piece, which is what takes time.
    """
    if text.isascii() and text.isprintable():  # most paragraphs of English
        return " ".join(text.split())
    for _ in range(_MAX_ROUNDS):
        before = text
        text, goes_on = _decode_whole(decode_twice_encoded(before))
        printable = text.isprintable()
        broken = mojibake and (goes_on or _is_mojibake_possible(text, printable))
        if printable and not broken and text == before:
            break
        repaired = _repair_once(text, broken)
        if repaired == before:
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


def _decode_whole(text: str) -> tuple[str, bool]:
    """Returns `text` as ftfy repairs it where it is mojibake throughout, in a twentieth of the time; else as it is.

    The second value tells whether something was repaired and ftfy would go on.
    """
    for done in range(_MAX_ROUNDS):
        if not _MOJIBAKE.search(text) or "\x1b" in text or not is_bad(text):
            return text, done > 0 and is_bad(text)
        decoded = _decode_once(text)
        if decoded is None:
            return text, done > 0
        text = decoded
    return text, True


def _decode_once(text: str) -> str | None:
    """Returns what the text was before its UTF-8 was read as Latin-1 or Windows-1252; None where ftfy has to look."""
    for codec in ("latin-1", "sloppy-windows-1252"):
        try:
            data = text.encode(codec)
            if ALTERED_UTF8_RE.search(data) or not _LEFT_TO_FTFY.isdisjoint(data):
                return None
            return data.decode("utf-8")
        except UnicodeError:
            continue
    return None


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
