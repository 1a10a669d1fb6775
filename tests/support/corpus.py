"""Generates news from a seed: stories that have nothing in common, and planted copies of some.

Every text differs from every other in its bytes; `cluster` says which belong together.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

_SYLLABLES = [c + v for c in "bdfghklmnprstv" for v in "aeo"]


def _vocabulary() -> list[str]:
    """Invented words, the short ones first, as the commonest words of a language are."""
    random_ = random.Random("vocabulary")
    words = {"".join(random_.choices(_SYLLABLES, k=length)) for length, count in _LENGTHS for _ in range(count)}
    return sorted(words, key=lambda word: (len(word), word))


_LENGTHS = [(1, 100), (2, 2_000), (3, 12_000), (4, 6_000)]
_WORDS = _vocabulary()
# Zipf's law: the n-th word is as frequent as 1/n, flattened at the head as in English (Mandelbrot 1953).
_WEIGHTS = list(accumulate(1 / (rank + 8) for rank in range(len(_WORDS))))


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file to drop: its name, its text, and the number of the story it tells."""

    name: str
    text: str
    cluster: int
    kind: str


def generate(seed: int, count: int, *, copies_share: float = 0.25) -> list[GeneratedFile]:
    """Returns `count` files in a shuffled order; about `copies_share` of them are copies of an earlier story."""
    random_ = random.Random(seed)
    stories = count - int(count * copies_share)
    files = []
    for number in range(count):
        if number < stories:
            cluster, kind = number, "original"
            text = _story(random.Random(f"{seed} {number}"))
        else:
            # Some stories are copied often, most never.
            cluster = (
                min(int(random_.paretovariate(0.4)) - 1, stories - 1) if number % 5 == 0 else random_.randrange(stories)
            )
            kind = random_.choice(sorted(_COPIES))
            text = _COPIES[kind](random.Random(f"{seed} {number}"), _story(random.Random(f"{seed} {cluster}")))
        files.append(GeneratedFile(f"{number:06d}.txt", f"{text}\n", cluster, kind))
    random_.shuffle(files)
    return files


def write(files: list[GeneratedFile], folder: Path) -> None:
    """Writes the files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_text(file.text, encoding="utf-8")


def _word(random_: random.Random) -> str:
    return random_.choices(_WORDS, cum_weights=_WEIGHTS)[0]


def sentence(random_: random.Random) -> str:
    """An invented sentence of nine to twenty words."""
    words = random_.choices(_WORDS, cum_weights=_WEIGHTS, k=random_.randint(9, 20))
    sentence = " ".join(words).capitalize()
    if random_.random() < 0.2:
        sentence = f'"{sentence}," {_word(random_).capitalize()} {_word(random_).capitalize()} said'
    return sentence + "."


def _paragraphs(random_: random.Random) -> Iterator[str]:
    for _ in range(random_.randint(5, 9)):
        yield " ".join(sentence(random_) for _ in range(random_.randint(2, 4)))


def _story(random_: random.Random) -> str:
    headline = " ".join(_word(random_).capitalize() for _ in range(random_.randint(4, 8)))
    return "\n".join([headline, *_paragraphs(random_)])


def _with_other_headline(random_: random.Random, text: str) -> str:
    headline = " ".join(_word(random_).capitalize() for _ in range(6))
    return "\n".join([headline, *text.split("\n")[1:]])


def _curly(random_: random.Random, text: str) -> str:
    return _with_other_headline(random_, text).replace(' "', " “").replace('\n"', "\n“").replace('"', "”")


def _truncated(random_: random.Random, text: str) -> str:
    lines = _with_other_headline(random_, text).split("\n")
    return "\n".join(lines[: max(4, len(lines) * 3 // 4)])


def _with_chrome(random_: random.Random, text: str) -> str:
    headline, *body = _with_other_headline(random_, text).split("\n")
    return "\n".join(["Skip to content", headline, headline, *body, "Read also:", _word(random_).capitalize()])


def _edited(random_: random.Random, text: str) -> str:
    headline, *body = _with_other_headline(random_, text).split("\n")
    place = random_.randrange(len(body))
    body[place] = f"{body[place]} {sentence(random_)}"
    return "\n".join([headline, *body])


_COPIES = {
    "other headline": _with_other_headline,
    "curly quotes": _curly,
    "truncated": _truncated,
    "chrome": _with_chrome,
    "edited": _edited,
}
