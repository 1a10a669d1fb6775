"""Guesses the charset of bytes that declare none: of all decodings, the one that reads like a language wins.

Each candidate decodes a sample. The decoded text is judged by the n-grams of the language that it is most likely in, by
faults that no text has (a letter of another script within a word, a capital behind a small letter, a sign between
letters), and by how common the charset is. It takes 4 ms, whatever the size.
"""

import codecs
import re
import unicodedata
from typing import Final

from ingest.text.language import likelihood

__all__ = ["guess_codec", "is_plausible"]

_SAMPLE_BYTES: Final = 1200
_LOOKED_AT_BYTES: Final = 64 * 1024
_CONTEXT_WORDS: Final = 6

# In nats, by codec: how much rarer it is than windows-1252. It decides on texts with a few accents.
_RARE, _DOS, _MAC, _ODD = -3.0, -6.0, -5.0, -9.0
_PRIORS: Final = {
    "cp1252": 0.0, "cp1251": -1.0, "cp1250": -2.0,
    "gb18030": -1.0, "cp932": -1.0, "cp949": -1.0, "big5hkscs": -2.0, "euc-jp": -2.0,
    "koi8-r": _RARE, "koi8-u": _RARE, "cp1253": _RARE, "cp1254": _RARE, "cp1255": _RARE, "cp1256": _RARE,
    "cp1257": _RARE, "cp1258": _RARE, "cp874": _RARE, "cp866": _RARE,
    "iso8859-2": _RARE, "iso8859-5": _RARE, "iso8859-7": _RARE,
    "iso8859-4": _DOS, "iso8859-6": _DOS, "iso8859-8": _DOS, "iso8859-13": _DOS,
    "cp437": _DOS, "cp737": _DOS, "cp775": _DOS, "cp850": _DOS, "cp852": _DOS, "cp855": _DOS, "cp857": _DOS,
    "cp862": _DOS, "cp865": _DOS,
    "mac-roman": _MAC, "mac-cyrillic": _ODD, "mac-greek": _ODD, "mac-latin2": _ODD, "mac-turkish": _ODD,
}  # fmt: skip
_NOT_JAPANESE: Final = frozenset({"gb18030", "big5hkscs", "cp949"})  # they have kana, and hardly a text with any
_MAX_KANA: Final = 5

_FAULT_NATS: Final = -10.0
_UNKNOWN: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd-\uffff\ue000-\uf8ff]")
# A letter of another script within a word, a capital behind a small letter, two before one, a final form inside one,
# a sign between letters or one that never follows a letter, a combining mark that follows none, and what is no letter
# of a living script at all. Classes of characters are those of `_Classes`.
_FAULT: Final = re.compile(
    r"(?<=[lL])[cCgGhatkjofs]|(?<=[cC])[lLgGhafs]|(?<=[gGs])[lLcCha]|(?<=[hf])[lLcCga]|(?<=a)[lLcCgGhf]"
    r"|(?<=t)[lLcCgGha]|(?<=[kjo])[lLcCgGha]"
    r"|(?<=[lcg])[LCG]|(?<![lLcCgG])[LCG](?=[LCG][lcg])|[fs](?=[hfgGs])"
    r"|(?<=[lLcCgGhato])[qx](?=[lLcCgGhato])|(?<=[lLcCgG])[QS]|(?<=[lcCLgG ])m|x"
)
_SCRIPTS: Final = {
    "LATIN": "l", "CYRILLIC": "c", "GREEK": "g", "HEBREW": "h", "ARABIC": "a", "THAI": "t", "HANGUL": "o",
    "CJK": "k", "IDEOGRAPHIC": "k", "HIRAGANA": "j", "KATAKANA": "j", "KATAKANA-HIRAGANA": "j",
}  # fmt: skip
_CASED: Final = "lcg"
_FINAL: Final = {"h": "f", "g": "s"}
_SIGNS: Final = {**dict.fromkeys("’‘“”«»–—…·‹›\xa0®©", "q"), **dict.fromkeys("‚„", "Q"), **dict.fromkeys("£€§°№", "S")}

# A declared charset is believed at once if no fault is seen, and most letters are ASCII or cost so little each.
# Otherwise another one has to read better by so much.
_FEW_SHARE: Final = 0.3
_PLAUSIBLE_NATS: Final = -2.5
_DECLARED_NATS: Final = 30.0


_MAX_CLASSES: Final = 20_000  # as many characters as texts of all languages have; they are kept


class _Classes(dict[int, str]):
    """The class of each character by its code point, for str.translate: its script, or what sign it is."""

    def __missing__(self, point: int) -> str:
        found = _class_of(chr(point))
        if len(self) < _MAX_CLASSES:
            self[point] = found
        return found


def _class_of(character: str) -> str:
    if character.isascii():
        return "L" if character.isupper() else "l" if character.isalpha() else " "
    if sign := _SIGNS.get(character):
        return sign
    category, name = unicodedata.category(character), unicodedata.name(character, "")
    if category.startswith("L"):
        script = "x" if "HALFWIDTH" in name else _SCRIPTS.get(name.split(" ", 1)[0], "x")
        if " FINAL " in name:
            return _FINAL.get(script, script)
        return script.upper() if script in _CASED and character.isupper() else script
    if category.startswith("M"):
        return "m"
    return "k" if "\u3000" <= character < "\u3030" or "\uff00" <= character < "\uff60" else "x"


_CLASSES: Final = _Classes()


def guess_codec(data: bytes, declared: str | None = None) -> str | None:
    """Returns the codec by which `data` reads most like a language; None where none of the candidates reads it.

    `declared`, a codec that reads `data`, is passed over only for one that reads it much better.
    """
    sample = _sample(data)
    priors = _PRIORS if declared is None else {**_PRIORS, declared: _DECLARED_NATS}
    readings = [(codec, text) for codec in priors if (text := _decoded(sample, codec)) is not None]
    bounds = [priors[codec] + _FAULT_NATS * _faults(text, codec) for codec, text in readings]
    best, found = float("-inf"), None
    for bound, (codec, text) in sorted(zip(bounds, readings, strict=True), key=lambda reading: -reading[0]):
        if bound <= best:  # a likelihood is 0 nats at the most
            break
        if (nats := bound + likelihood(text)) > best:
            best, found = nats, codec
    return found


def is_plausible(data: bytes, codec: str) -> bool:
    """Tells whether `data` reads like a text by this codec."""
    text = _decoded(_sample(data), codec)
    if text is None or _faults(text, codec):
        return False
    letters = [character for character in text if character.isalpha()]
    high = sum(not letter.isascii() for letter in letters)
    return high <= _FEW_SHARE * len(letters) or likelihood(text) >= _PLAUSIBLE_NATS * high


def _sample(data: bytes) -> bytes:
    """Returns the words with bytes beyond ASCII and some around them.

    Words are cut at white space, which is no part of a character in any of the charsets.
    """
    if len(data) <= _SAMPLE_BYTES:
        return data
    words = data[:_LOOKED_AT_BYTES].split()
    sample: list[bytes] = []
    size = done = 0
    for at, word in enumerate(words):
        if word.isascii():
            continue
        end = min(len(words), at + _CONTEXT_WORDS + 1)
        for near in words[max(done, at - _CONTEXT_WORDS) : end]:
            sample.append(near)
            size += len(near) + 1
        done = max(done, end)
        if size > _SAMPLE_BYTES:
            break
    return b" ".join(sample)[:_SAMPLE_BYTES]


def _decoded(sample: bytes, codec: str) -> str | None:
    """Returns the sample as text, without a character that is cut off at its end; None where it is no such text."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeError:
        return None
    return None if _UNKNOWN.search(text) else text


def _faults(text: str, codec: str) -> int:
    classes = text.translate(_CLASSES)
    kana = min(_MAX_KANA, classes.count("j")) if codec in _NOT_JAPANESE else 0
    # "ProQuest" says nothing of a charset: all read it alike.
    faults = (text[max(0, match.start() - 1) : match.end() + 2] for match in _FAULT.finditer(classes))
    return sum(not fault.isascii() for fault in faults) + kana
