"""How two versions of one article differ: the sentences that the one adds to the other, and those it lacks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.similarity.passages import passage_texts

__all__ = ["Difference", "difference", "sentences_of"]

_SENTENCE_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version adds and lacks: how many sentences, and the first of them in the order of their text.

    A sentence of more than 1,000 characters is cut there, and ends in `…`.
    """

    adds_count: int
    lacks_count: int
    adds: tuple[str, ...]
    lacks: tuple[str, ...]


def sentences_of(text: str) -> dict[int, str]:
    """The sentences of an article's text, each once, by the key of its normalised wording, in reading order."""
    return passage_texts(tuple(text.split("\n\n")))


def difference(canonical: Mapping[int, str], version: Mapping[int, str], *, limit: int) -> Difference:
    """What `version` adds to `canonical` and lacks of it (as `sentences_of` gives them), at most `limit` of each.

    Case, quotes, punctuation, the order of sentences and how often one is said make no difference.
    """
    adds = [sentence for key, sentence in version.items() if key not in canonical]
    lacks = [sentence for key, sentence in canonical.items() if key not in version]
    return Difference(len(adds), len(lacks), _first(adds[:limit]), _first(lacks[:limit]))


def _first(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(s if len(s) <= _SENTENCE_CHARS else f"{s[:_SENTENCE_CHARS]}…" for s in sentences)
