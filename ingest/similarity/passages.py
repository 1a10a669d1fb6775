"""Passages, which are the sentences of a document: their keys, and the document without those that recur."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from operator import not_
from typing import Final, NamedTuple

from ingest.documents import Removal
from ingest.similarity.fingerprint import BLOCK_CHARS, Fingerprint, analyse, hash_lines, normalise
from newsmill.errors import TerminalError
from newsmill.vocabulary import Ruling

__all__ = [
    "MAX_PASSAGES",
    "RECURRING_GROUPS",
    "Reading",
    "passage_keys",
    "passage_texts",
    "read",
    "require_few_passages",
    "ruled_out",
    "without_recurring",
]

# If more groups of versions than this hold a passage, it is no story's own. Over a labelled set of 1,295 documents a
# limit of 8 cost articles .3% of their lines, 12 .2% and 16 .1%, and all three removed the same boilerplate.
RECURRING_GROUPS: Final = 16

MAX_PASSAGES: Final = 20_000
"""A long novel has 10,000 sentences. Who brings more of them brings no article, and each is a row for each group."""

# In half words, as `hash_lines` counts them. Fewer than 4 words are a fragment: what an abbreviation cuts off, or a
# sentence that many texts have ("He agreed.").
_FRAGMENT: Final = 2 * 4
# A recurring sentence of fewer than 8 words may stand anywhere ("He declined to comment."). It is chrome only where
# chrome stands: at the ends of a document, or in a block of sentences that recur.
_TELLING: Final = 2 * 8
_BLOCK_PARAGRAPHS: Final = 2
# The head of a document may begin with its headline, which no other document has.
_HEAD_PARAGRAPHS: Final = 2

# What is more than this on end is no chrome: somebody quotes an article, or publishes it again, or it is the article
# that others quote. The longest block of chrome in the labelled set, 17 sentences about rights, has 144 words.
_QUOTATION: Final = 2 * 150
# Nor is what takes more than a quarter of the document on end, or two fifths at all, whatever its order: an article of
# which others quote every second sentence keeps all of them. A short item may have longer chrome, but no more than half
# of it is. Generated articles of 200 words have up to .39 of chrome in three places.
_MOST_ON_END: Final = 1 / 4
_MOST_OF_DOCUMENT: Final = 2 / 5
_ALWAYS: Final = 2 * 60
_MOST_OF_ITEM: Final = 1 / 2
# Chrome has paragraphs of its own: of 1,077 places in the labelled set all have. So of sentences that stand between
# those of the article, in a paragraph with them, only two or so can be chrome (text that lost its line breaks).
_MOST_WITHIN: Final = 1 / 20
_ALWAYS_WITHIN: Final = 2 * 24

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


def require_few_passages(paragraphs: Sequence[str]) -> None:
    """Raises TerminalError for a text of more than MAX_PASSAGES different sentences."""
    if sum(map(len, paragraphs)) <= 2 * MAX_PASSAGES:  # each has a letter and what parts it from the next
        return
    count = len(passage_keys(paragraphs))
    if count > MAX_PASSAGES:
        raise TerminalError(
            f"it has {count:,} different sentences or lines, many times those of an article;"
            " drop its articles one by one"
        )


def _keys(split: _Split) -> tuple[int, ...]:
    return tuple(sorted({passage.key for passages in split for passage in passages}))


def passage_texts(paragraphs: Sequence[str]) -> dict[int, str]:
    """Returns the passages by their keys, in reading order, each as it is written where it comes first."""
    texts: dict[int, str] = {}
    for passages in _read(paragraphs)[0]:
        for passage in passages:
            texts.setdefault(passage.key, passage.text.strip())
    return texts


def ruled_out(rulings: Mapping[int, Ruling]) -> set[int]:
    """Returns the passages that a person called boilerplate, of passages and their rulings."""
    return {passage for passage, ruling in rulings.items() if ruling == Ruling.BOILERPLATE}


def without_recurring(
    paragraphs: Sequence[str], recurring: Collection[int], ruled: Collection[int] = ()
) -> tuple[tuple[str, ...], tuple[Removal, ...]]:
    """Returns the paragraphs without the passages whose keys are in `recurring`, and the removals in reading order.

    A sentence that recurs may still be part of an article. So two rules limit what goes:

    - A paragraph of which every sentence recurs goes with the run of such paragraphs around it. The run goes if it
      touches the document's start (its first or second paragraph) or its end, if it has two paragraphs or more, or if
      it holds a sentence of 8 words or more.
    - In any other paragraph a sentence that recurs goes if it has 8 words or more.

    Nor can anybody empty an article by quoting it. These stay, but for the passages in `ruled` (keys in `recurring`
    that a person called boilerplate):

    - what recurs on end for more than 150 words, or a quarter of the document;
    - what stands in paragraphs together with sentences of the article, if more than 24 words of it and more than a
      twentieth of the document's are between others, or where it has such a stretch besides;
    - all, if more than two fifths of the document would go.

    Of a short document 60 words may go in any case, but at most half.

    Nothing goes if no word would be left. `recurring` is looked up once for each passage, so it should be a set or a
    mapping.
    """
    pieces = list(zip(range(len(paragraphs)), paragraphs, _read(paragraphs)[0], strict=True))
    kept, removed = _limited(pieces, recurring, ruled)
    if not removed or not any(passages for _, _, passages in kept):
        return tuple(paragraphs), ()
    removed.sort(key=lambda item: item[0])
    return tuple(paragraph for _, paragraph, _ in kept), tuple(replace(one, place=at) for at, one in removed)


_Pieces = list[tuple[int, str, Sequence[_Passage]]]
"""What is left of the paragraphs: for each its place in the document, its text and its passages."""


_Removed = list[tuple[int, Removal]]
"""The removals by their place in the document."""


def _limited(pieces: _Pieces, recurring: Collection[int], ruled: Collection[int]) -> tuple[_Pieces, _Removed]:
    """Returns what is left of the pieces, and the removals, within the limits on what recurrence may take."""
    in_order = [passage for _, _, passages in pieces for passage in passages if passage.key not in ruled]
    words = sum(passage.half_words for passage in in_order)
    may_go = _without_quotations(pieces, recurring, ruled, words)
    kept, removed = _take_out_all(pieces, may_go)
    left = sum(p.half_words for _, _, passages in kept for p in passages if p.key not in ruled)
    if words - left > _most(_MOST_OF_DOCUMENT, words):
        return _take_out_all(pieces, ruled) if ruled else (pieces, [])
    return kept, removed


def _most(share: float, words: int) -> float:
    """Returns how many half words may go of so many, by the share of a document that is not short."""
    return max(share * words, min(_ALWAYS, _MOST_OF_ITEM * words))


def _without_quotations(
    pieces: _Pieces, recurring: Collection[int], ruled: Collection[int], words: int
) -> Collection[int]:
    """Returns the keys of what recurs and is no quotation. `words` counts the document's half words."""
    quoted: set[int] = set()
    within: set[int] = set()
    within_words = 0
    for run in _runs(pieces, recurring):
        half_words = sum(passage.half_words for passage in run.passages if passage.key not in ruled)
        if half_words > min(_QUOTATION, _most(_MOST_ON_END, words)):
            quoted.update(passage.key for passage in run.passages)
        elif run.shares_paragraph:
            within.update(passage.key for passage in run.passages)
            within_words += half_words if run.is_inside else 0
    if quoted or within_words > max(_MOST_WITHIN * words, _ALWAYS_WITHIN):
        quoted |= within
    quoted.difference_update(ruled)
    if not quoted:
        return recurring
    return {p.key for _, _, passages in pieces for p in passages if p.key in recurring and p.key not in quoted}


class _Run(NamedTuple):
    """Passages that recur on end. `is_inside`: there are others before and behind, if perhaps in other paragraphs."""

    passages: list[_Passage]
    shares_paragraph: bool
    is_inside: bool


def _runs(pieces: _Pieces, recurring: Collection[int]) -> Iterator[_Run]:
    in_order = [(at, passage) for at, _, passages in pieces for passage in passages]
    start = 0
    while start < len(in_order):
        end = start
        while end < len(in_order) and in_order[end][1].key in recurring:
            end += 1
        if end > start:
            before = start > 0 and in_order[start - 1][0] == in_order[start][0]
            behind = end < len(in_order) and in_order[end][0] == in_order[end - 1][0]
            is_inside = start > 0 and end < len(in_order)
            yield _Run([passage for _, passage in in_order[start:end]], before or behind, is_inside)
        start = end + 1


def _take_out_all(pieces: _Pieces, recurring: Collection[int]) -> tuple[_Pieces, _Removed]:
    removed: _Removed = []
    while True:
        kept, more = _take_out(pieces, recurring)
        if not more:
            return kept, removed
        removed += more
        pieces = kept


def _take_out(pieces: _Pieces, recurring: Collection[int]) -> tuple[_Pieces, _Removed]:
    """Returns what is left of the pieces, and the removals by their place in the document."""
    doomed = _paragraphs_that_go([passages for _, _, passages in pieces], recurring)
    kept: _Pieces = []
    removed = []
    shortened: list[int] = []
    for (at, paragraph, passages), goes in zip(pieces, doomed, strict=True):
        stays = [p.half_words < _TELLING or p.key not in recurring for p in passages]
        if goes:
            removed.append((at, Removal(paragraph, "recurring")))
        elif all(stays) or not any(stays):
            kept.append((at, paragraph, passages))
        else:
            removed += [(at, Removal(p.text.strip(), "recurring")) for p in compress(passages, map(not_, stays))]
            left = "".join(p.text for p in compress(passages, stays)).strip()
            shortened.append(len(kept))
            kept.append((at, left, ()))
    for place, passages in zip(shortened, _read([kept[place][1] for place in shortened])[0], strict=True):
        kept[place] = (*kept[place][:2], passages)
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
    split: list[Sequence[_Passage]] = []
    first = 0
    for parts in sentences:
        split.append(_passages(parts, [known.get(at, (0, 0)) for at in range(first, first + len(parts))]))
        first += len(parts)
    _key_fragments(split)
    normal_form = analysis.normal_form if known else normalise("\n\n".join(paragraphs))
    return split, normal_form, analysis.fingerprint


_RECENT_CHARS: Final = 20_000
_read_lately = lru_cache(maxsize=256)(_read_anew)


def _passages(parts: Sequence[str], hashed: Sequence[tuple[int, int]]) -> list[_Passage]:
    """Returns the passages of a paragraph; one without a key if all its words are in fragments."""
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
    return [_Passage(before, 0, 0)]


def _key_fragments(split: list[Sequence[_Passage]]) -> None:
    """Gives paragraphs of fragments alone the key of all their words.

    Together, as hashing has a fixed cost: one by one, a list of 240,000 words took 45 s.
    """
    places = [at for at, passages in enumerate(split) if passages and not passages[0].half_words]
    for page in _pages(places, [len(split[at][0].text) + 1 for at in places]):
        lines = hash_lines("\n".join([split[at][0].text.replace("\n", " ") for at in page]))
        keys, half_words = lines.keys.tolist(), lines.half_words.tolist()
        for line, key, length in zip(lines.at.tolist(), keys, half_words, strict=True):
            split[page[line]] = (_Passage(split[page[line]][0].text, key, length),)


def _pages(places: Sequence[int], sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yields the places in pages whose sizes add up to no more than is hashed at once, so that no border is in one."""
    first, size = 0, 0
    for at, added in enumerate(sizes):
        if at > first and size + added > BLOCK_CHARS:
            yield places[first:at]
            first, size = at, 0
        size += added
    if first < len(places):
        yield places[first:]


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
