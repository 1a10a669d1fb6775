"""Passages, which are the sentences of a document: their keys, and the document without those that recur."""

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

# If more groups of versions than this hold a passage, it is no story's own. Over a labelled set of 1,295 documents a
# limit of 8 cost articles .3% of their lines, 12 .2% and 16 .1%, and all three removed the same boilerplate.
RECURRING_GROUPS: Final = 16

# In half words, as `hash_lines` counts them. Fewer than 4 words are a fragment: what an abbreviation cuts off, or a
# sentence that many texts have ("He agreed.").
_FRAGMENT: Final = 2 * 4
# A recurring sentence of fewer than 8 words may stand anywhere ("He declined to comment."). It is chrome only where
# chrome stands: at the ends of a document, or in a block of sentences that recur.
_TELLING: Final = 2 * 8
_BLOCK_PARAGRAPHS: Final = 2
# The head of a document may begin with its headline, which no other document has.
_HEAD_PARAGRAPHS: Final = 2

_CLOSERS: Final = "\"'”’»)\\]}」』）】》〉"
_OPENERS: Final = "\"'“‘«‹(\\[{¿¡„"
_SPACED_STOPS: Final = ".!?…‼⁇⁈⁉؟۔।॥։።፧።။៕"
_STOPS: Final = "。！？｡"  # no space need follow
# Where a sentence ends. It takes linear time: no match begins within a run of stops, and repetitions are possessive.
_END: Final = re.compile(
    rf"(?<![{_SPACED_STOPS}{_STOPS}])[{_SPACED_STOPS}{_STOPS}]++"
    rf"(?:(?<=[{_STOPS}])[{_CLOSERS}]*+\s*+|[{_CLOSERS}]*+\s++)"
    rf"(?=[{_OPENERS}]*+(.))",
    re.DOTALL,
)


class _Passage(NamedTuple):
    """A sentence as it is written, with the fragments before it. `half_words` counts the sentence alone."""

    text: str
    key: int
    half_words: int


_Split = Sequence[Sequence[_Passage]]
"""The passages of each paragraph. Together their texts are the paragraph; one without words has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one reading of the paragraphs gives: `normalise` and `fingerprint` of their text, and the passages' keys."""

    normal_form: str
    fingerprint: Fingerprint
    passage_keys: tuple[int, ...]


def read(paragraphs: Sequence[str]) -> Reading:
    """Returns all that deduplication needs of a document, at half the cost of asking for one after the other."""
    split, normal_form, prints = _read(paragraphs)
    return Reading(normal_form, prints, _keys(split))


def passage_keys(paragraphs: Sequence[str]) -> tuple[int, ...]:
    """Returns the distinct keys of the passages, ascending: a signed 64-bit hash of each sentence's words.

    A fragment of fewer than four words goes with the sentence after it, or before it at the end of a paragraph. It has
    no part in that sentence's key, so that the keys do not depend on line breaks. Only a paragraph of fragments alone
    has one key for all of them. In a text without stops each paragraph is a sentence.
    """
    return _keys(_read(paragraphs)[0])


def _keys(split: _Split) -> tuple[int, ...]:
    return tuple(sorted({passage.key for passages in split for passage in passages}))


def passage_texts(paragraphs: Sequence[str]) -> dict[int, str]:
    """Returns the passages by their keys, in reading order, each as it is written where it comes first."""
    texts: dict[int, str] = {}
    for passages in _read(paragraphs)[0]:
        for passage in passages:
            texts.setdefault(passage.key, passage.text.strip())
    return texts


def without_recurring(
    paragraphs: Sequence[str], recurring: Collection[int]
) -> tuple[tuple[str, ...], tuple[Removal, ...]]:
    """Returns the paragraphs without the passages whose keys are in `recurring`, and the removals in reading order.

    A sentence that recurs may still be part of an article. So two rules limit what goes:

    - A paragraph of which every sentence recurs goes with the run of such paragraphs around it. The run goes if it
      touches the document's start (its first or second paragraph) or its end, if it has two paragraphs or more, or if
      it holds a sentence of 8 words or more.
    - In any other paragraph a sentence that recurs goes if it has 8 words or more.

    Nothing goes if no word would be left. Another application changes nothing. `recurring` is looked up once for each
    passage, so it should be a set or a mapping.
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
"""What is left of the paragraphs: for each its place in the document, its text and its passages."""


def _take_out(pieces: _Pieces, recurring: Collection[int]) -> tuple[_Pieces, list[tuple[int, Removal]]]:
    """Returns what is left of the pieces, and the removals by their place in the document."""
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
    # Who asks for a document's keys will soon ask for the document without some of its passages.
    is_short = sum(map(len, paragraphs)) <= _RECENT_CHARS
    return _read_lately(tuple(paragraphs)) if is_short else _read_anew(paragraphs)


def _read_anew(paragraphs: Sequence[str]) -> tuple[_Split, str, Fingerprint]:
    sentences = [_sentences(paragraph) for paragraph in paragraphs]
    # Sentences end at white space, or behind a full stop that is no part of a word. So a line feed there leaves words
    # and normal form as they are, unless the text has symbols alone.
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
    """Returns the sentences, each with the white space behind it."""
    parts = []
    start = 0
    for end in _END.finditer(paragraph):
        if not end[1].islower():
            parts.append(paragraph[start : end.end()])
            start = end.end()
    if start < len(paragraph):
        parts.append(paragraph[start:])
    return parts
