"""Passages, the sentences of a document: their keys, and the document without those that recur everywhere."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from operator import not_
from typing import Final, NamedTuple

from ingest.documents import Removal
from ingest.similarity.fingerprint import Fingerprint, analyse, hash_lines, normalise

__all__ = ["RECURRING_GROUPS", "Reading", "passage_keys", "passage_texts", "read", "without_recurring"]

# A passage held by more groups of versions than this is no story's own. Over a labelled set of 1,295 documents, 8 cost
# articles .3% of their lines, 12 .2% and 16 .1%, and all three remove the same boilerplate.
RECURRING_GROUPS: Final = 16

# In half words, as `hash_lines` counts them. Fewer than 4 words are a fragment: what an abbreviation leaves, or a
# sentence ("He agreed.") that many texts have.
_FRAGMENT: Final = 2 * 4
# A recurring sentence of fewer than 8 words may stand anywhere ("He declined to comment."), and is chrome only where
# chrome is: at the ends of a document, or in a block of its like.
_TELLING: Final = 2 * 8
_BLOCK_PARAGRAPHS: Final = 2
# The head of a document may begin with its headline, which nobody else has.
_HEAD_PARAGRAPHS: Final = 2

_CLOSERS: Final = "\"'”’»)\\]}」』）】》〉"
_OPENERS: Final = "\"'“‘«‹(\\[{¿¡„"
_SPACED_STOPS: Final = ".!?…‼⁇⁈⁉؟۔।॥։።፧።။៕"
_STOPS: Final = "。！？｡"  # no space need follow
# Where a sentence ends. No match begins within a run of stops and all repetition is possessive, so that it is linear.
_END: Final = re.compile(
    rf"(?<![{_SPACED_STOPS}{_STOPS}])[{_SPACED_STOPS}{_STOPS}]++"
    rf"(?:(?<=[{_STOPS}])[{_CLOSERS}]*+\s*+|[{_CLOSERS}]*+\s++)"
    rf"(?=[{_OPENERS}]*+(.))",
    re.DOTALL,
)


class _Passage(NamedTuple):
    """A sentence as it was written, with the fragments before it; `half_words` are those of the sentence alone."""

    text: str
    key: int
    half_words: int


_Split = Sequence[Sequence[_Passage]]
"""The passages of each paragraph, none where it has no words; together their texts are the paragraph."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Paragraphs read once for all: `normalise` and `fingerprint` of their text, and their passages' keys."""

    normal_form: str
    fingerprint: Fingerprint
    passage_keys: tuple[int, ...]


def read(paragraphs: Sequence[str]) -> Reading:
    """What deduplication has to know of a document, at half the cost of asking for one after the other."""
    split, normal_form, prints = _read(paragraphs)
    return Reading(normal_form, prints, _keys(split))


def passage_keys(paragraphs: Sequence[str]) -> tuple[int, ...]:
    """The distinct keys of the passages, ascending: a signed 64-bit hash of each sentence's words.

    Fragments of fewer than four words go with the sentence that follows (or, at a paragraph's end, precedes) and have
    no part in its key, so that the keys do not depend on where lines break; only a paragraph of nothing else has one
    key. A text without stops is one sentence a paragraph.
    """
    return _keys(_read(paragraphs)[0])


def _keys(split: _Split) -> tuple[int, ...]:
    return tuple(sorted({passage.key for passages in split for passage in passages}))


def passage_texts(paragraphs: Sequence[str]) -> dict[int, str]:
    """The passages by their keys, each as it is written where it comes first, in reading order."""
    texts: dict[int, str] = {}
    for passages in _read(paragraphs)[0]:
        for passage in passages:
            texts.setdefault(passage.key, passage.text.strip())
    return texts


def without_recurring(
    paragraphs: Sequence[str], recurring: Collection[int]
) -> tuple[tuple[str, ...], tuple[Removal, ...]]:
    """The paragraphs without the passages whose keys are in `recurring`, and what was taken out, in reading order.

    Out of context, a sentence that recurs may be part of an article. So a paragraph of which every sentence recurs goes
    only if the run of such paragraphs that it is in touches the document's start (its first or second paragraph) or
    end, has two paragraphs or more, or holds a sentence of 8 words or more; and among others, only a sentence of 8
    words or more goes. If no word would be left, nothing is taken out. To do it again changes nothing. `recurring` is
    asked once a passage, so it had better be a set or a mapping.
    """
    pieces = list(zip(range(len(paragraphs)), paragraphs, _read(paragraphs)[0], strict=True))
    removed: list[tuple[int, Removal]] = []
    while True:
        kept, more = _take_out(pieces, recurring)
        if not more:
            break
        removed += more
        pieces = kept
    if not removed or not any(passages for _, _, passages in pieces):
        return tuple(paragraphs), ()
    removed.sort(key=lambda item: item[0])
    kept_paragraphs = tuple(paragraph for _, paragraph, _ in pieces)
    return kept_paragraphs, tuple(replace(removal, place=at) for at, removal in removed)


_Pieces = list[tuple[int, str, Sequence[_Passage]]]
"""What is left of the paragraphs: the place of each in the document, its text, and its passages."""


def _take_out(pieces: _Pieces, recurring: Collection[int]) -> tuple[_Pieces, list[tuple[int, Removal]]]:
    """What is left of the pieces, and what is not, by its place."""
    doomed = _paragraphs_that_go([passages for _, _, passages in pieces], recurring)
    kept: _Pieces = []
    removed = []
    for (at, paragraph, passages), goes in zip(pieces, doomed, strict=True):
        stays = [p.half_words < _TELLING or p.key not in recurring for p in passages]
        if goes:
            removed.append((at, Removal(paragraph, "recurring")))
        elif all(stays) or not any(stays):
            kept.append((at, paragraph, passages))
        else:
            removed += [(at, Removal(p.text.strip(), "recurring")) for p in compress(passages, map(not_, stays))]
            left = "".join(p.text for p in compress(passages, stays)).strip()
            kept.append((at, left, _read([left])[0][0]))
    return kept, removed


def _paragraphs_that_go(split: Sequence[Sequence[_Passage]], recurring: Collection[int]) -> list[bool]:
    recurs = [bool(passages) and all(p.key in recurring for p in passages) for passages in split]
    goes = [False] * len(split)
    start = 0
    while start < len(split):
        end = start
        while end < len(split) and recurs[end]:
            end += 1
        if end > start:
            at_edge = start < _HEAD_PARAGRAPHS or end == len(split)
            telling = any(p.half_words >= _TELLING for passages in split[start:end] for p in passages)
            goes[start:end] = [at_edge or telling or end - start >= _BLOCK_PARAGRAPHS] * (end - start)
        start = end + 1
    return goes


def _read(paragraphs: Sequence[str]) -> tuple[_Split, str, Fingerprint]:
    # Whoever asks for a document's keys will soon ask what it is without some.
    is_short = sum(map(len, paragraphs)) <= _RECENT_CHARS
    return _read_lately(tuple(paragraphs)) if is_short else _read_anew(paragraphs)


def _read_anew(paragraphs: Sequence[str]) -> tuple[_Split, str, Fingerprint]:
    sentences = [_sentences(paragraph) for paragraph in paragraphs]
    # Sentences are parted at white space, or behind a full stop that is no part of a word: line feeds in their place
    # change neither words nor normal form, unless there are symbols alone.
    analysis = analyse("\n".join([part.replace("\n", " ") for parts in sentences for part in parts]))
    lines = analysis.lines
    known = dict(zip(lines.at.tolist(), zip(lines.keys.tolist(), lines.half_words.tolist(), strict=True), strict=True))
    split = []
    first = 0
    for parts in sentences:
        split.append(_passages(parts, [known.get(at, (0, 0)) for at in range(first, first + len(parts))]))
        first += len(parts)
    normal_form = analysis.normal_form if known else normalise("\n\n".join(paragraphs))
    return split, normal_form, analysis.fingerprint


_RECENT_CHARS: Final = 20_000
_read_lately = lru_cache(maxsize=256)(_read_anew)


def _passages(parts: Sequence[str], hashed: Sequence[tuple[int, int]]) -> list[_Passage]:
    whole = sum(half_words for _, half_words in hashed)
    passages: list[_Passage] = []
    before = ""
    for part, (key, half_words) in zip(parts, hashed, strict=True):
        before += part
        if half_words >= _FRAGMENT:
            passages.append(_Passage(before, key, half_words))
            before = ""
    if not before or not whole:
        return passages
    if passages:
        last = passages.pop()
        passages.append(_Passage(last.text + before, last.key, last.half_words))
        return passages
    lines = hash_lines(before.replace("\n", " "))
    return [_Passage(before, int(lines.keys[0]), int(lines.half_words[0]))]


def _sentences(paragraph: str) -> list[str]:
    """The sentences with the white space behind them."""
    parts = []
    start = 0
    for end in _END.finditer(paragraph):
        if not end[1].islower():
            parts.append(paragraph[start : end.end()])
            start = end.end()
    if start < len(paragraph):
        parts.append(paragraph[start:])
    return parts
