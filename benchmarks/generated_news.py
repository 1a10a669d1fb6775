"""Generates news for the near-duplicate index: any number of articles from one seed, each with the story that it tells.

The articles are a stream in bounded memory, some 10,000 a second. They have what real news has: words by Zipf's law,
stock phrases, publishers' appeals and footers, copies of every kind, templates, and now and then a story that all copy.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from math import exp, log

import numpy as np

__all__ = ["COPY_KINDS", "GeneratedArticle", "generate"]

_SYLLABLES = [c + v for c in "bdfghklmnprstvwz" for v in "aeiou"]
_VOCABULARY = 40_000
_ZIPF_SHIFT = 2.7  # Mandelbrot (1953): the n-th word is as frequent as 1 / (n + 2.7)
_DRAWN_AT_ONCE = 1 << 18
_CYCLE = 1 << 20

_SENTENCE_WORDS = (8, 30)
_SENTENCES = (5, 64)
_MEDIAN_SENTENCES, _SIGMA = 32.0, 0.55  # the median article has some 650 words, as on the labelled set of real news
_STOCK_PHRASES, _STOCK_SHARE = 5_000, 0.3
_NUMBER_SHARE = 0.1

_PUBLISHERS = 5_000
_COPIES_POWER = 2.35  # the share of stories with n copies or more is (n + 1) ** -2.35; .4 a story with the viral ones
_VIRAL_COPIES, _VIRAL_EVERY, _FIRST_VIRAL = 500, 20_000, 500
_LATEST_COPY = 200_000  # articles after the first one; how much later is log-uniform

_TEMPLATES, _TEMPLATE_SHARE = 400, 0.04
_TEMPLATE_SENTENCES = 14

COPY_KINDS = ("exact", "chrome", "truncated", "edited")


@dataclass(frozen=True, slots=True)
class GeneratedArticle:
    """An article as `clean` returns it, with nothing left for `clean` to remove.

    Articles with the same `story` belong together. `kind` is `original`, one of COPY_KINDS or `template`.
    """

    number: int
    story: int
    kind: str
    title: str
    publisher: str
    paragraphs: tuple[str, ...]


def generate(seed: int, stop: int, start: int = 0) -> Iterator[GeneratedArticle]:
    """Yields articles `start` to `stop` of the seed's endless stream."""
    return islice(_stream(seed), start, stop)


class _Words:
    """Draws words in bulk and makes sentences of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"{seed} articles")
        self._draw = np.random.default_rng(seed)
        names = random.Random("vocabulary")
        lengths = sorted(names.choices((1, 2, 3, 4), (1, 30, 80, 40), k=2 * _VOCABULARY))
        distinct = dict.fromkeys("".join(names.choices(_SYLLABLES, k=length)) for length in lengths)
        words = list(distinct)[:_VOCABULARY]
        weights = 1 / (np.arange(len(words)) + _ZIPF_SHIFT)
        # Words fill a long table by frequency, and an article picks its entries: ten times as fast as searching each.
        shares = np.searchsorted(np.cumsum(weights), (np.arange(_CYCLE) + 0.5) / _CYCLE * weights.sum())
        self._table = np.array(words, dtype=object)[np.minimum(shares, len(words) - 1)]
        self._drawn: list[str] = []
        self._at = 0
        stock = random.Random("phrases")
        self._phrases = [" ".join(self.take(stock.randint(3, 6))) for _ in range(_STOCK_PHRASES)]
        self._phrase_weights = list(accumulate(1 / (rank + 3) for rank in range(_STOCK_PHRASES)))

    def take(self, count: int) -> list[str]:
        """Returns the next `count` words."""
        if self._at + count > len(self._drawn):
            self._drawn = self._table[self._draw.integers(0, _CYCLE, _DRAWN_AT_ONCE)].tolist()
            self._at = 0
        self._at += count
        return self._drawn[self._at - count : self._at]

    def sentence(self) -> str:
        """Returns a sentence of 8 to 30 words. Some begin with a stock phrase, some have a number."""
        draw = self.random.random
        words = " ".join(self.take(_SENTENCE_WORDS[0] + int(draw() * (_SENTENCE_WORDS[1] - _SENTENCE_WORDS[0] - 4))))
        if draw() < _STOCK_SHARE:
            words = f"{self.random.choices(self._phrases, cum_weights=self._phrase_weights)[0]} {words}"
        if draw() < _NUMBER_SHARE:
            words = f"{words} {int(exp(draw() * 9))}"
        return f"{words[0].upper()}{words[1:]}."

    def sentences(self) -> list[str]:
        """Returns the sentences of one article."""
        drawn = int(self.random.lognormvariate(log(_MEDIAN_SENTENCES), _SIGMA))
        return [self.sentence() for _ in range(min(max(drawn, _SENTENCES[0]), _SENTENCES[1]))]

    def headline(self) -> str:
        """Returns four to eight capitalised words."""
        return " ".join(self.take(4 + int(self.random.random() * 5))).title()


@dataclass(frozen=True, slots=True)
class _Publisher:
    """The passages that a publisher puts before and after its articles, each with its probability."""

    name: str
    head: tuple[tuple[str, float], ...]
    foot: tuple[tuple[str, float], ...]


def _publishers(words: _Words) -> tuple[list[_Publisher], list[float]]:
    """Returns the publishers and their cumulative weights. The largest has a tenth of all articles, most have a few.

    Some passages belong to owners of many publishers, so a passage is in 1 to 20% of the articles.
    """
    owned = [[_passage(words) for _ in range(3)] for _ in range(60)]
    publishers = []
    for _ in range(_PUBLISHERS):
        own = [_passage(words) for _ in range(words.random.randint(0, 4))]
        if words.random.random() < 0.6:
            own += words.random.choice(owned)[: words.random.randint(1, 3)]
        used = [(passage, words.random.choice((0.3, 0.7, 1.0))) for passage in own]
        split = words.random.randint(0, min(1, len(used)))
        publishers.append(_Publisher(words.headline(), tuple(used[:split]), tuple(used[split:])))
    return publishers, list(accumulate(1 / (rank + 1) for rank in range(_PUBLISHERS)))


def _passage(words: _Words) -> str:
    return " ".join(words.sentence() for _ in range(words.random.choice((1, 1, 2, 3))))


class _Templates:
    """Reports that share their wording and differ in their values, like the weather. Each tells its own story."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._texts = [[self._sentence() for _ in range(_TEMPLATE_SENTENCES)] for _ in range(_TEMPLATES)]
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(_TEMPLATES)))

    def _sentence(self) -> str:
        words = self._words.take(9)
        return f"{words[0].title()} {' '.join(words[1:4])} {{}} {' '.join(words[4:7])} {{}} {' '.join(words[7:])}."

    def fill(self) -> list[str]:
        """Returns the sentences of one template with new values, two numbers in each."""
        pick = self._words.random
        text = pick.choices(self._texts, cum_weights=self._weights)[0]
        return [sentence.format(int(pick.random() * 1000), int(pick.random() * 1000)) for sentence in text]


def _stream(seed: int) -> Iterator[GeneratedArticle]:
    words = _Words(seed)
    pick = words.random
    publishers, weights = _publishers(words)
    templates = _Templates(words)
    due: list[tuple[int, int, int, str, tuple[str, ...]]] = []  # when, which of all copies, story, title, sentences
    copies = 0
    number = 0
    while True:
        publisher = pick.choices(publishers, cum_weights=weights)[0]
        if due and due[0][0] <= number:
            _, _, story, title, sentences = heapq.heappop(due)
            kind = pick.choice(COPY_KINDS)
            body: Sequence[str] = _edit(words, kind, sentences)
            title = title if kind == "exact" else words.headline()
        elif pick.random() < _TEMPLATE_SHARE:
            story, kind, title, body = number, "template", words.headline(), templates.fill()
        else:
            story, kind, title, body = number, "original", words.headline(), words.sentences()
            for delay in _copy_delays(pick, number):
                copies += 1
                heapq.heappush(due, (number + delay, copies, story, title, tuple(body)))
        paragraphs = _laid_out(pick, body, publisher, with_chrome=kind != "exact")
        yield GeneratedArticle(number, story, kind, title, publisher.name, paragraphs)
        number += 1


def _copy_delays(pick: random.Random, number: int) -> list[int]:
    """Returns how many articles later each copy of a story follows. Most stories have none; most copies follow soon.

    One story in so many has 500 copies, spread evenly, so that at any time one such story is being copied.
    """
    if number % _VIRAL_EVERY == _FIRST_VIRAL:
        return [pick.randint(1, _VIRAL_EVERY) for _ in range(_VIRAL_COPIES)]
    copies = min(int(pick.random() ** (-1 / _COPIES_POWER)) - 1, _VIRAL_COPIES)
    return [max(1, int(exp(pick.random() * log(_LATEST_COPY)))) for _ in range(copies)]


def _edit(words: _Words, kind: str, sentences: Sequence[str]) -> Sequence[str]:
    pick = words.random
    if kind == "truncated":
        return sentences[: max(_SENTENCES[0], int(len(sentences) * pick.uniform(0.4, 0.95)))]
    if kind == "edited":
        share = pick.uniform(0.1, 0.5)
        return [_rewrite(words, sentence) if pick.random() < share else sentence for sentence in sentences]
    return sentences


def _rewrite(words: _Words, sentence: str) -> str:
    """Returns the sentence with a third of its words exchanged. One in four becomes an entirely new sentence."""
    pick = words.random
    if pick.random() < 0.25:
        return words.sentence()
    return " ".join(words.take(1)[0] if pick.random() < 0.33 else word for word in sentence[:-1].split(" ")) + "."


def _laid_out(
    pick: random.Random, sentences: Sequence[str], publisher: _Publisher, *, with_chrome: bool
) -> tuple[str, ...]:
    """Returns paragraphs of two to four sentences, between the publisher's passages."""
    paragraphs = []
    at = 0
    while at < len(sentences):
        size = 2 + int(pick.random() * 3)
        paragraphs.append(" ".join(sentences[at : at + size]))
        at += size
    if not with_chrome:
        return tuple(paragraphs)
    head = [passage for passage, share in publisher.head if pick.random() < share]
    foot = [passage for passage, share in publisher.foot if pick.random() < share]
    return (*head, *paragraphs, *foot)
