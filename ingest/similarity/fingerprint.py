"""What near-duplicate search knows of a text: its exact hash, its words, their 3-gram shingles and a bottom-k sketch.

Every hash is a fixed integer function of the text, so all processes, machines and stored rows agree on it.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLOCK_CHARS",
    "INDEX_SIZE",
    "SHINGLE_WORDS",
    "SKETCH_SIZE",
    "Analysis",
    "Fingerprint",
    "Lines",
    "analyse",
    "distinct",
    "fingerprint",
    "first_in_order",
    "hash_lines",
    "normal_form_hash",
    "normalise",
    "shingles_in_order",
    "sketch_order",
    "text_hash",
    "text_id",
    "word_starts",
]

SHINGLE_WORDS: Final = 3

BLOCK_CHARS: Final = 1 << 20
"""How many characters are hashed at once. This bounds the working arrays to some 60 MiB; a word that crosses a border
counts as two."""

# The first half of a sketch finds the pairs that belong together, so the index holds that half alone. The whole sketch
# decides on most pairs, alike or not, without a look at the texts.
SKETCH_SIZE: Final = 64
INDEX_SIZE: Final = 32

_KEPT_POWERS: Final = 1 << 16  # enough for nearly all articles, in 1 MiB
_LINE_FEED: Final = ord("\n")

# The normal form takes quadratic time in a run of combining marks: 3 s for 64,000 of them. UAX #15 allows for 30.
_MAX_MARKS: Final = 30

# Zero-width characters and the soft hyphen: they change how a word is drawn, not which word it is.
_INVISIBLE: Final = ("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")

# The compatibility forms of two letters are combining marks. NFKC spells one sign out in 18 characters, which would
# make a text of it twelve times as long; the abbreviation of the same words will do.
_COMPATIBLE: Final = (("\uff9e", "\u3099"), ("\uff9f", "\u309a"), ("\ufdfa", "\u0635\u0644\u0639\u0645"))

# Scripts written without spaces, where one character is one word: Thai, Lao, Myanmar, Khmer, kana, Han.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# Where characters are assigned. The second range holds variation selectors; all else is private or a tag.
_ASSIGNED: Final = ((0, 0x40000), (0xE0100, 0xE01F0))

# Classes of characters, in an order by which comparisons are enough. A sign is a letter of an unspaced script.
_OTHER, _MARK, _SIGN_MARK, _SIGN, _LETTER, _DIGIT = range(6)

# Odd numbers are invertible modulo 2**64. The golden ratio's digits and the primes of xxHash64 lack structure.
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_BASE_INVERSE: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_POSITIONS: Final = np.array([0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], dtype=np.uint64)
_SKETCH_ORDER: Final = np.uint64(0x85EBCA77C2B2AE63)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """One text's words as 64-bit hashes. Every array is int64 of one dimension, as PostgreSQL's bigint stores it.

    `words` are the words in reading order. `shingles` are the distinct 3-grams of words, ascending; a text of one or
    two words has one. `sketch` has the SKETCH_SIZE shingles that come first in a fixed random order, or all if there
    are fewer, ascending. `numbers` are the words that begin with a decimal digit, in reading order.
    """

    words: NDArray[np.int64]
    shingles: NDArray[np.int64]
    sketch: NDArray[np.int64]
    numbers: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The lines of a text that have words. All arrays are int64 of one dimension and of equal length.

    `at` are the lines' places in the text, ascending, and `keys` the hashes of their words. `half_words` are their
    lengths: a word counts two and a letter of a script without spaces one, for such scripts write a word in about two.
    """

    at: NDArray[np.int64]
    keys: NDArray[np.int64]
    half_words: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What `normalise`, `fingerprint` and `hash_lines` return for a text."""

    normal_form: str
    fingerprint: Fingerprint
    lines: Lines


def analyse(text: str) -> Analysis:
    """Returns all three of a text, at little more than the cost of one."""
    if len(text) > BLOCK_CHARS:
        return _analyse_blocks(text)
    folded = _fold(text)
    points = _code_points(folded)
    classes = _classes().take(points)
    words, first_classes, lines = _hash_words(points, classes)
    return Analysis(
        _spaced_words(points, classes).strip(" ") or " ".join(folded.split()),
        _fingerprint(words, first_classes),
        _lines(words, first_classes, lines),
    )


def _analyse_blocks(text: str) -> Analysis:
    spaced: list[str] = []
    hashed, passed = [], 0
    for block in _blocks(text):
        points, classes = _classified(block)
        _add_spaced(spaced, points, classes)
        words, first_classes, lines = _hash_words(points, classes)
        hashed.append((words, first_classes, lines + passed))
        passed += block.count("\n")
    words, first_classes, lines = map(np.concatenate, zip(*hashed, strict=True))
    normal_form = "".join(spaced).strip(" ") or normalise(text)
    return Analysis(normal_form, _fingerprint(words, first_classes), _lines(words, first_classes, lines))


def normalise(text: str) -> str:
    """Returns the words of `text`, with case and compatibility forms folded and one space between words.

    The result is equal for texts of equal wording: quotation marks, dashes, other punctuation, symbols, invisible
    characters and white space make no difference. A text without a letter or digit keeps its symbols, or all such texts
    would be equal.
    """
    parts: list[str] = []
    for block in _blocks(text):  # a list of its words would take up to twelve times the text's size
        _add_spaced(parts, *_classified(block))
    return "".join(parts).strip(" ") or " ".join("".join(map(_fold, _blocks(text))).split())


def _add_spaced(parts: list[str], points: NDArray[np.uint32], classes: NDArray[np.uint8]) -> None:
    part = _spaced_words(points, classes)
    if part := part.removeprefix(" ") if parts and parts[-1].endswith(" ") else part:
        parts.append(part)


def text_hash(text: str) -> bytes:
    """Returns the 16-byte BLAKE2b hash of the normalised text: equal for equal wording, in practice for no other."""
    return normal_form_hash(normalise(text))


def normal_form_hash(normalised: str) -> bytes:
    """Returns the same for a text that `normalise` returned."""
    return hashlib.blake2b(normalised.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def text_id(hash_: bytes) -> int:
    """Returns the id of the text with this hash: its first eight bytes, as a signed integer. It depends on no order."""
    return int.from_bytes(hash_[:8], "big", signed=True)


def fingerprint(text: str) -> Fingerprint:
    """Returns the fingerprint of any text; a text without words has four empty arrays.

    The sketch is a bottom-k sketch (Cohen 1997): the more two sets of shingles share, the more their sketches do.
    """
    blocks = [_hash_words(*_classified(block))[:2] for block in _blocks(text)]
    return _fingerprint(*map(np.concatenate, zip(*blocks, strict=True)))


def _fingerprint(words: NDArray[np.uint64], classes: NDArray[np.uint8]) -> Fingerprint:
    signed = words.view(np.int64)
    shingles = distinct(shingles_in_order(signed))
    return Fingerprint(signed, shingles, first_in_order(shingles, SKETCH_SIZE), numbers=signed[classes == _DIGIT])


def hash_lines(text: str) -> Lines:
    """Returns the lines of `text` that have words. A line ends in a line feed; equal words give equal keys."""
    parts, passed = [], 0
    for block in _blocks(text):
        words, classes, line = _hash_words(*_classified(block))
        parts.append((words, classes, line + passed))
        passed += block.count("\n")
    return _lines(*map(np.concatenate, zip(*parts, strict=True)))


def _lines(words: NDArray[np.uint64], classes: NDArray[np.uint8], lines: NDArray[np.int64]) -> Lines:
    starts = np.flatnonzero(_begins(lines))
    if not len(starts):
        return Lines(*np.zeros((3, 0), np.int64))
    weights = np.where(classes == _SIGN, 1, 2)
    return Lines(lines[starts], _mix(_polynomials(words, starts)).view(np.int64), np.add.reduceat(weights, starts))


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns each value once, ascending. A set of six million takes a gigabyte, and np.unique ten times as long."""
    ordered = np.sort(values)
    once: NDArray[np.int64] = ordered[_begins(ordered)]
    return once


def _begins(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tells of each value whether a run of equal values begins there."""
    begins = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins


def first_in_order(values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Returns the `size` values (all, if fewer) that come first in the sketch's order; ascending if `values` are."""
    if len(values) <= size:
        return values
    return np.sort(values[np.argpartition(sketch_order(values), size)[:size]])


def shingles_in_order(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the hash of the SHINGLE_WORDS words from each word on, in reading order; of all words, if fewer."""
    width = min(SHINGLE_WORDS, len(words))
    runs = np.full(len(words) - width + 1 if width else 0, np.uint64(width))
    for at in range(width):
        runs += words[at : at + len(runs)].view(np.uint64) * _POSITIONS[at]
    return _mix(runs).view(np.int64)


def word_starts(normal_form: str, limit: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Returns where the first `limit` words of a normal form start, and of each whether it is a letter of an unspaced
    script. Of a text of more than BLOCK_CHARS it finds those in the first block."""
    points = _code_points(normal_form[:BLOCK_CHARS])
    classes = _classes().take(points)
    starts = np.flatnonzero(_starts_word(classes))[:limit]
    return starts, (classes == _SIGN).take(starts)


def sketch_order(shingles: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Returns the place of each shingle in the fixed random order, of which a sketch holds the first."""
    return _mix(shingles.view(np.uint64) ^ _SKETCH_ORDER)


def _blocks(text: str) -> list[str]:
    return [text[at : at + BLOCK_CHARS] for at in range(0, max(len(text), 1), BLOCK_CHARS)]


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    for character in _INVISIBLE:
        if character in text:
            text = text.replace(character, "")
    for character, plain in _COMPATIBLE:
        text = text.replace(character, plain)
    text = unicodedata.normalize("NFKC", _limit_marks(text)).casefold()
    # Case folding may decompose. A second pass costs little, for NFKC checks first whether there is anything to do.
    return unicodedata.normalize("NFKC", text)


def _limit_marks(text: str) -> str:
    """Returns `text` without the combining marks that follow _MAX_MARKS others."""
    points = _code_points(text)
    classes = _classes().take(points)
    marks = (classes == _MARK) | (classes == _SIGN_MARK)
    if np.count_nonzero(marks) <= _MAX_MARKS:
        return text
    places = np.arange(len(points))
    last_base = np.maximum.accumulate(np.where(marks, -1, places))
    return _text(points[places - last_base <= _MAX_MARKS])


def _classified(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Returns the code points of the folded text, and their classes."""
    points = _code_points(_fold(text))
    return points, _classes().take(points)


def _spaced_words(points: NDArray[np.uint32], classes: NDArray[np.uint8]) -> str:
    """Returns the text with a space for each run of characters that are neither letters nor digits."""
    other = classes == _OTHER
    first_or_word = ~other
    first_or_word[:1] = True
    first_or_word[1:] |= ~other[:-1]
    return _text(np.where(other, np.uint32(ord(" ")), points)[first_or_word])


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _text(points: NDArray[np.uint32]) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _classes() -> NDArray[np.uint8]:
    """Returns the class of every code point. A process makes them once, in some 80 ms."""
    classes = np.zeros(0x110000, dtype=np.uint8)
    of_category = {"L": _LETTER, "M": _MARK, "N": _LETTER}
    for point in chain.from_iterable(range(*bounds) for bounds in _ASSIGNED):
        category = unicodedata.category(chr(point))
        classes[point] = _DIGIT if category == "Nd" else of_category.get(category[0], _OTHER)
    for first, last in _UNSPACED:
        script = classes[first : last + 1]
        script[script == _LETTER] = _SIGN
        script[script == _MARK] = _SIGN_MARK
    return classes


def _hash_words(
    points: NDArray[np.uint32], classes: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.uint8], NDArray[np.int64]]:
    """Returns for each word of a folded text its hash, its first character's class, and the line feeds before it."""
    starts = np.flatnonzero(_starts_word(classes))
    if not len(starts):
        return np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(0, np.int64)
    # What stands between two words counts as zero.
    words = _mix(_polynomials(points * (classes != _OTHER), starts))
    return words, classes.take(starts), np.searchsorted(np.flatnonzero(points == _LINE_FEED), starts)


def _starts_word(classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    before = np.concatenate((np.zeros(1, np.uint8), classes[:-1]))
    after_sign = (before == _SIGN) | (before == _SIGN_MARK)
    starts: NDArray[np.bool_] = (
        (classes == _SIGN) | ((classes >= _LETTER) & after_sign) | ((classes != _OTHER) & (before == _OTHER))
    )
    return starts


def _polynomials(values: NDArray[np.uint32] | NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Returns for each run of values, from one start to the next, the polynomial in _BASE modulo 2**64."""
    # Powers count from the first value of all; the inverse power at a run's start takes them back to the run.
    count = len(values)
    powers, inverses = _powers(count) if count > _KEPT_POWERS else _kept_powers()
    polynomials: NDArray[np.uint64] = np.add.reduceat(powers[:count] * values, starts)
    polynomials *= inverses.take(starts)
    return polynomials


@cache
def _kept_powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    return _powers(_KEPT_POWERS)


def _powers(count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    bases = np.full(count, _BASE), np.full(count, _BASE_INVERSE)
    return np.cumprod(bases[0], dtype=np.uint64), np.cumprod(bases[1], dtype=np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Applies the finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection in which each bit moves all others."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
