"""How two versions of one article differ: which sentences the one adds to the other, and which it lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.similarity.passages import passage_texts

__all__ = ["Difference", "difference", "sentences_of"]

_SENTENCE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version adds and lacks: the number of sentences, and the first of them in the order of their text.

    A sentence of more than 1,000 characters is cut there and ends in `…`.
    """

    adds_count: int
    lacks_count: int
    adds: tuple[str, ...]
    lacks: tuple[str, ...]


def sentences_of(text: str) -> dict[int, str]:
    """Returns the sentences of an article's text, each once, by the keys of their wording and in reading order."""
    return passage_texts(tuple(text.split("\n\n")))


def difference(canonical: Mapping[int, str], version: Mapping[int, str], *, limit: int) -> Difference:
    """Returns what `version` adds to `canonical` and what it lacks of it, at most `limit` sentences of each.

    Both are as `sentences_of` returns them. Case, quotation marks, punctuation, the order of sentences and repetitions
    make no difference.
    """
    adds = [sentence for key, sentence in version.items() if key not in canonical]
    lacks = [sentence for key, sentence in canonical.items() if key not in version]
    return Difference(len(adds), len(lacks), _first(adds[:limit]), _first(lacks[:limit]))


def _first(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(s if len(s) <= _SENTENCE_CHARS else f"{s[:_SENTENCE_CHARS]}…" for s in sentences)
