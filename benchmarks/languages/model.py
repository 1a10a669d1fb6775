"""Makes the model of `ingest.text.language` out of py3langid's: `python -m benchmarks.languages.model [--file FILE]`.

py3langid 0.4 counts byte n-grams and weighs them by naive Bayes: 100,053 in 142 languages, 78 MB in memory, 95 µs
to walk through 127 bytes. Some 27,000 of two to five bytes tell the languages as well (docs/decisions.md). They are
those that tell one language from the mean of all by most, in turn for each language, as far as a hash table has room.
Weights are in eighths of a nat below the greatest of the n-gram, and take a byte.

What comes out is the same, to the byte, for the same version of py3langid and numpy.
"""

from argparse import ArgumentParser
from collections import deque
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.text.language import LENGTHS, MODEL, SLOTS, slots_and_keys

_CANDIDATES: Final = 30_000
_EIGHTHS: Final = 8

# Varieties and withdrawn names under the code that ISO 639-1 has for the language; "zxx" is no language at all.
_MERGED: Final = {
    "yue": "zh", "wuu": "zh", "arz": "ar", "ary": "ar", "sdh": "ku", "kik": "ki", "gug": "gn", "grc": "el", "hbo": "he",
    "uzs": "uz",
}  # fmt: skip
# Close to larger languages.
_LEFT_OUT: Final = "ace bcl ext gcf gom nso pcm gcr guw kab lij ltg vec fuv crh vo an oc wa"
# In nats. A few words of a small language are like those of a large one, and what is written in them is less.
_LARGE: Final = "en de fr es it pt nl ru zh ja ko ar tr pl sv no da fi cs hu el ro uk vi id th fa he hi"
_MIDDLE: Final = """bg sk hr sr sl lt lv et ms bn ta te ur mr ml ca is sq mk bs az ka hy kk be tl sw km my ne si gl eu
mn uz ky pa gu kn"""
_MIDDLE_PRIOR, _SMALL_PRIOR = -4, -8


def main() -> None:
    parser = ArgumentParser(description=__doc__, prog="python -m benchmarks.languages.model")
    parser.add_argument("--file", type=Path, default=Path(str(files("ingest.text") / MODEL)))
    path = parser.parse_args().file
    grams, weights, languages = _learned()
    taken, slots, keys = _table(grams, _order(grams, weights))
    below = weights[taken] - weights[taken].max(axis=1, keepdims=True)
    bytes_ = np.clip(np.round(below * _EIGHTHS), -127, 0).astype(np.int8)
    large, middle = set(_LARGE.split()), set(_MIDDLE.split())
    prior = [0 if one in large else _MIDDLE_PRIOR if one in middle else _SMALL_PRIOR for one in languages]
    with path.open("wb") as stream:
        np.savez_compressed(
            stream,
            languages=np.array(languages),
            prior=np.array(prior, np.float32) * _EIGHTHS,
            slots=slots,
            keys=keys,
            weights=np.concatenate([np.zeros((1, len(languages)), np.int8), bytes_]).T,
        )
    print(f"{path}: {len(taken):,} n-grams, {len(languages)} languages, {path.stat().st_size:,} bytes")


def _learned() -> tuple[list[bytes], NDArray[np.float32], list[str]]:
    """Returns py3langid's n-grams, the log of how often each is in each language, and the languages."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

    learned = LanguageIdentifier.from_model_file(MODEL_FILE)
    # Its automaton stands at the longest n-gram that ends here: the shortest way to a state spells it.
    spelled, queue = {0: b""}, deque([0])
    while queue:
        state = queue.popleft()
        row = learned.tk_row[state] << 8
        for byte, following in enumerate(learned.tk_nextmove[row : row + 256]):
            if following not in spelled:
                spelled[following] = spelled[state] + bytes([byte])
                queue.append(following)
    grams: dict[int, bytes] = {}
    for state, gram in spelled.items():
        if learned.tk_output[state] >= 0:
            grams.setdefault(learned.tk_output[state], gram)
    logs = np.asarray(learned.nb_ptc, np.float32)
    names = [_MERGED.get(name, name) for name in learned.nb_classes]
    languages = sorted(set(names) - set(_LEFT_OUT.split()))
    columns = [logs[:, [at for at, name in enumerate(names) if name == one]].max(axis=1) for one in languages]
    return [grams[at] for at in range(len(grams))], np.stack(columns, axis=1), languages


def _order(grams: list[bytes], weights: NDArray[np.float32]) -> list[int]:
    """Returns the n-grams of the lengths that count, those first that tell any language by most."""
    shares = np.exp(weights)
    tells = np.abs(shares * (weights - np.log(shares.mean(axis=1, keepdims=True))))
    ranks = np.empty(tells.shape, np.int32)
    for at, order in enumerate(np.argsort(-tells, axis=0, kind="stable").T):
        ranks[order, at] = np.arange(len(grams))
    best = np.argsort(ranks.min(axis=1), kind="stable")
    return [int(at) for at in best if len(grams[at]) in LENGTHS][:_CANDIDATES]


def _table(grams: list[bytes], order: list[int]) -> tuple[list[int], NDArray[np.uint16], NDArray[np.uint32]]:
    """Returns which n-grams have a slot to themselves, and the table: of each slot its n-gram (from 1 on) and key."""
    codes = np.array([int.from_bytes(grams[at], "big") for at in order], np.uint64)
    lengths = np.array([len(grams[at]) for at in order])
    slots, keys = np.zeros(SLOTS, np.uint16), np.zeros(SLOTS, np.uint32)
    taken: list[int] = []
    for at, code, length in zip(order, codes, lengths, strict=True):
        (slot,), (key,) = slots_and_keys(np.array([code]), int(length))
        if not slots[slot]:
            taken.append(at)
            slots[slot], keys[slot] = len(taken), key
    return taken, slots, keys


if __name__ == "__main__":
    main()
