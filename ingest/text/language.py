"""Tells the language of a text from its own letters, by the n-grams of their UTF-8 and naive Bayes.

The method is that of langid.py (Lui and Baldwin, ACL 2012), the weights are from py3langid's model. `languages.npz` has
them, and `benchmarks.languages.model` says how it is made. It tells 112 languages, in some 100 µs however long the text
is, with 6 MB of memory that all workers share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["LENGTHS", "MODEL", "SLOTS", "Guess", "guess_language", "likelihood", "load_model", "slots_and_keys"]

MODEL: Final = "languages.npz"
"""The file beside this module that holds the weights."""

LENGTHS: Final = range(2, 6)
"""So many bytes has an n-gram. Of those that end at one place the longest counts."""

_SLOT_BITS: Final = 17
SLOTS: Final = 1 << _SLOT_BITS
"""The size of the hash table of n-grams."""

# More tells no more: of 208 sentences the first 60 characters are told as well as the whole, .98.
_CHARACTERS: Final = 150
_MAX_BYTES: Final = 240  # 150 letters of Hindi are 450, and 80 of them suffice
_PARAGRAPHS: Final = 3
_EIGHTHS: Final = 8.0
_NO_LANGUAGE: Final = "zxx"  # ISO 639-2: no linguistic content
_MIN_BYTES: Final = 8
_MIN_NGRAMS: Final = 4
_MIN_SURE_NGRAMS: Final = 12

# How far the first language is before the second, in nats by the square root of the number of n-grams. Of texts of 20
# letters that are told wrong most are below SURE, and one in four of those that are told right; of headlines few.
_SURE: Final = 2.0
_LIKELY: Final = 0.25
# The mean of an n-gram's weight below that of the language that has it most: mojibake and random letters are below it.
_MIN_FIT: Final = -3.5

# Their short texts are one language, or nobody can tell them apart. What is declared among them is believed.
_ALIKE: Final = (frozenset({"no", "nb", "nn"}), frozenset({"hr", "bs", "sr", "sh"}), frozenset({"id", "ms"}))
_WRITTEN: Final = {"nn": "no"}
# Kanji that were simplified in Japan alone. A list of places may have no kana.
_JAPANESE: Final = frozenset("県駅働込峠畑辻栃匂塀枠円圏戦対総発検権広売読実気駆沢浜渋焼縄図鉄労関覧")

_CONTINUATION_MASK, _CONTINUATION, _LAST_ASCII = 0xC0, 0x80, 0x7F
_UNKNOWN_NATS: Final = -7.0  # what a character beyond ASCII costs that ends no known n-gram

_CODES: Final = {length: np.uint64(length << 40) for length in LENGTHS}
_SHIFTS: Final = {length: np.uint64(8 * (length - 1)) for length in LENGTHS}
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio: Fibonacci hashing, Knuth 6.4
_SLOT_SHIFT: Final = np.uint64(64 - _SLOT_BITS)
_KEY_SHIFT, _KEY_MASK = np.uint64(8), np.uint64(0xFFFFFFFF)
_ROW_BITS, _ROW_MASK = np.uint64(16), np.uint64(0xFFFF)
_CODE_COLUMN: Final = np.array([[_CODES[length]] for length in LENGTHS], np.uint64)


@dataclass(frozen=True, slots=True)
class Guess:
    """A language by its ISO 639-1 code. `sure`: enough to believe it against what the document declares."""

    language: str
    sure: bool

    def is_like(self, declared: str) -> bool:
        """Tells whether `declared` is this language, or one that nobody tells from it by a few words."""
        return declared == self.language or any({declared, self.language} <= alike for alike in _ALIKE)


@dataclass(frozen=True, slots=True)
class _Model:
    """`table` has the key of an n-gram, and its row, in the slot of its hash; `weights` are in eighths of a nat.

    `others`: of each language those that are told from it.
    """

    languages: tuple[str, ...]
    prior: NDArray[np.float32]
    table: NDArray[np.uint64]
    weights: NDArray[np.int8]
    others: tuple[NDArray[np.intp], ...]


def guess_language(paragraphs: Sequence[str]) -> Guess | None:
    """Returns the language of a text, by its three longest paragraphs; None where nobody can tell.

    It never fails, whatever characters there are, and takes no longer for a long text.
    """
    sample = _sample(paragraphs)
    model = load_model()
    data = sample.encode("utf-8", "ignore")[:_MAX_BYTES]
    if len(data) < _MIN_BYTES:
        return None
    rows = _ngrams(model, data)
    found = rows[rows > 0]
    if len(found) < _MIN_NGRAMS:
        return None
    count = len(found)
    scores = np.ones(count, np.float32) @ model.weights.take(found, axis=0).astype(np.float32) + model.prior
    best = int(scores.argmax())
    language = model.languages[best]
    reached = float(scores[best])
    margin = (reached - float(scores.take(model.others[best]).max())) / _EIGHTHS / sqrt(count)
    fit = (reached - float(model.prior[best])) / _EIGHTHS / count
    if language == _NO_LANGUAGE or margin < _LIKELY or fit < _MIN_FIT:
        return None
    if language == "zh" and not _JAPANESE.isdisjoint(sample):
        language = "ja"
    return Guess(_WRITTEN.get(language, language), margin >= _SURE and count >= _MIN_SURE_NGRAMS)


def _sample(paragraphs: Sequence[str]) -> str:
    """Returns the beginnings of the longest paragraphs: a quotation or a list may stand first."""
    lengths = list(map(len, paragraphs))
    longest = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)[:_PARAGRAPHS]
    share = _CHARACTERS // max(1, len(longest))
    sample = "\n".join(paragraphs[at][:share] for at in sorted(longest))
    return sample.lower() if sample.isupper() else sample


def likelihood(text: str) -> float:
    """Returns how likely `text` is in the language in which it is most likely: nats, 0 at the most.

    Of each character counts the n-gram that ends with it. It tells decodings of the same bytes apart, and no more.
    """
    model = load_model()
    data = text.encode("utf-8", "ignore")
    if len(data) < _MIN_BYTES:
        return 0.0
    letters = np.frombuffer(data, np.uint8)
    is_last = np.append((letters[1:] & _CONTINUATION_MASK) != _CONTINUATION, True)
    rows = _ngrams(model, data)[is_last]
    unknown = int(((rows == 0) & (letters[is_last] > _LAST_ASCII)).sum())
    scores = model.weights[rows[rows > 0]].sum(axis=0, dtype=np.int64) + model.prior
    return float(scores.max() / _EIGHTHS + _UNKNOWN_NATS * unknown)


def _ngrams(model: _Model, text: bytes) -> NDArray[np.intp]:
    """Returns for each byte of `text` the row of the longest known n-gram that ends there; 0 where there is none."""
    letters = np.frombuffer(text, np.uint8).astype(np.uint64)
    codes = np.zeros((len(LENGTHS), len(letters)), np.uint64)
    latest = letters
    for at, length in enumerate(LENGTHS):  # of all lengths at once: an array of 300 takes hardly longer than one of 75
        latest = (letters[: 1 - length] << _SHIFTS[length]) | latest[1:]
        codes[at, length - 1 :] = latest
    codes |= _CODE_COLUMN
    codes *= _MULTIPLIER
    entries = model.table[(codes >> _SLOT_SHIFT).astype(np.intp)]
    rows = (entries & _ROW_MASK) * (entries >> _ROW_BITS == (codes >> _KEY_SHIFT) & _KEY_MASK)
    longest = rows[-1]
    for shorter in rows[-2::-1]:
        longest = np.where(longest, longest, shorter)
    found: NDArray[np.intp] = longest.astype(np.intp)
    return found


def slots_and_keys(codes: NDArray[np.uint64], length: int) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
    """Returns where n-grams of one length have their slot, and what tells them from others that hash to it.

    `codes`: their bytes, the last one lowest.
    """
    hashed = (codes | _CODES[length]) * _MULTIPLIER  # modulo 2^64; of arrays, numpy does not complain of that
    return (hashed >> _SLOT_SHIFT).astype(np.intp), (hashed >> _KEY_SHIFT).astype(np.uint32)


@cache
def load_model() -> _Model:
    """Returns the weights. The first call reads them, in some 30 ms: a worker's parent does that before it forks."""
    with (files(__package__) / MODEL).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        arrays: dict[str, NDArray[Any]] = {name: stored[name] for name in stored.files}
    languages = tuple(map(str, arrays["languages"]))
    others = [
        [at for at, other in enumerate(languages) if not Guess(one, sure=True).is_like(other)] for one in languages
    ]
    return _Model(
        languages,
        arrays["prior"],
        arrays["keys"].astype(np.uint64) << _ROW_BITS | arrays["slots"],
        np.ascontiguousarray(arrays["weights"].T),
        tuple(np.array(those, np.intp) for those in others),
    )
