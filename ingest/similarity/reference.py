"""The reference: what a set of documents settles to. The rows that the stream leaves in the end must be the same.

Every document has a place. A text that says too little to compare stands alone but for its exact copies: one of fewer
than 12 words, one of fewer than 10 distinct 3-grams (a word, a word repeated, a headline), and one of symbols alone,
which is compared symbol by symbol. Tables of numbers are versions of each other if they share 70% of their distinct
numbers and the order of their words. In Chinese, Japanese and Thai a character is a word; Arabic and all other scripts
are as English. A text of 5 MB is compared as a whole, the order of its words by the first 10,000. A document of which
`clean` leaves nothing has no place: `clean` raises NoArticleError for it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.documents import CleanDocument
from ingest.metadata.codec import METADATA
from ingest.similarity.alignment import Wording
from ingest.similarity.clusters import DisjointSets, Member, Placement, settle_clusters
from ingest.similarity.digests import Share, counts, is_digest, may_hold_part_many, shares_by_sketch, shares_by_words
from ingest.similarity.fingerprint import fingerprint, normal_form_hash, normalise, text_id
from ingest.similarity.pair_rule import CANDIDATE_SHARED, OPEN, Link, Open, compare_sketches_many, compare_texts
from ingest.similarity.passages import RECURRING_GROUPS, passage_keys, ruled_out, without_recurring
from ingest.similarity.sketches import GROUP_SHARED, Sketch, same_group_many
from newsmill.vocabulary import Ruling

__all__ = ["GROUP_SHARED", "HUBS", "Settled", "Settlement", "Source", "candidates", "settle"]

# If more texts than this hold a shingle, only the 16 of least id are paired, with all of its holders. This bounds what
# a text costs, however often something recurs, and the copies of a story still meet through those 16.
HUBS: Final = 16

_PAIRS_AT_ONCE: Final = 4096  # 2 MiB of shingles
_WORDINGS_KEPT: Final = 4096
_NO_PINS: Final[Mapping[int, Ruling]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Source:
    """A document to settle, as `ingest.cleaning.clean.clean` left it.

    `sha256` is that of its file and `ordinal` its place in the file: they rank documents that are equal otherwise.
    """

    document_id: int
    document: CleanDocument
    sha256: bytes
    ordinal: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A document's clean paragraphs, the hash of their normalised text, and its place among the others."""

    paragraphs: tuple[str, ...]
    text_hash: bytes
    placement: Placement


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a set of documents settles to.

    `settled` is by document id. `recurring` has the keys of the passages that are taken out, and how many groups hold
    each. `groups` has for the id of each base text the least id in its group. `digests` has the ids of the documents
    whose clean texts are digests.
    """

    settled: dict[int, Settled]
    recurring: dict[int, int]
    groups: dict[int, int]
    digests: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Text:
    """A text without its words: those of 100,000 texts take a gigabyte, so they are made anew from the paragraphs."""

    hash: bytes
    sketch: Sketch
    paragraphs: tuple[str, ...]

    @classmethod
    def of(cls, paragraphs: tuple[str, ...]) -> "_Text":
        body = _body(paragraphs)
        return cls(normal_form_hash(body), Sketch.of(fingerprint(body)), paragraphs)

    @property
    def id(self) -> int:
        return text_id(self.hash)


_Texts = dict[int, _Text]


def settle(
    sources: Sequence[Source], *, limit: int = RECURRING_GROUPS, pins: Mapping[int, Ruling] = _NO_PINS
) -> Settlement:
    """Returns what `sources` settle to. The result is a function of the set of documents: their order does not matter.

    The definition has six layers. Each stands on the ones before it alone, so there is no cycle.

    1. The *base text* of a document is its paragraphs as `clean` left them. Documents whose normalised texts are equal
       share one base text.
    2. *Groups* are the connected components of base texts under `same_group`: two texts that have most of the larger
       one in common.
    3. A *passage* is a sentence (`passage_keys`). A passage *recurs* if more than `limit` groups hold it: it is an
       appeal, a footer or a menu. `pins` overrule the count by the key of a passage: `article` never recurs,
       `boilerplate` always does.
    4. The *clean text* is the base text without the passages that recur (`without_recurring`).
    5. *Links* join clean texts by the pair rule (`ingest.similarity.pair_rule`). A *digest* is a text of which two that
       are linked with it have different places (`ingest.similarity.digests`): it holds both, and joins neither.
    6. *Clusters* are the connected components of clean texts under the links that count: of a digest those with what
       has the whole of it. `settle_clusters` chooses each cluster's canonical member and places the others.

    Layers 2 and 5 compare only texts whose index keys share enough (`candidates`). Layer 3 counts groups and not
    documents, so that a story of a thousand copies keeps its text. It counts sentences and not lines, so that line
    breaks do not matter. While at most HUBS texts hold a shingle, more documents can only merge groups. Beyond that, a
    new text of lesser id may take another's place among the texts that are paired. More documents may part clusters: a
    text becomes a digest by what there is of it.

    Near-duplicates are versions of one report. A version may

    - republish the report whole or in large part, truncated, reordered or updated;
    - have another headline, other quotation marks, or other chrome around it;
    - have up to half of its sentences rewritten;
    - quote the report in full;
    - come from OCR, with its errors.

    Reports of one form with other values are none (`ingest.similarity.alignment`), nor are digests, excerpts, other
    reports of one event, or short items with one long appeal. A cluster may be a chain, whose ends are unlike.
    """
    base, base_ids = _base_texts(sources)
    groups = _least_ids(_connect(base, GROUP_SHARED, _same_group(base)))
    passages = [np.array(passage_keys(source.document.paragraphs), np.int64) for source in sources]
    recurring = _recurring(passages, [groups[id_] for id_ in base_ids], limit, pins)
    clean = [
        _without(base[id_], source.document.paragraphs, held.tolist(), recurring, ruled_out(pins))
        for source, id_, held in zip(sources, base_ids, passages, strict=True)
    ]
    settled, digests = _placed(sources, clean)
    return Settlement(settled, recurring, groups, digests)


def candidates(keys: Mapping[int, NDArray[np.int64]], shared: int) -> Iterator[tuple[int, list[int]]]:
    """Yields each text with the texts of greater id that share at least `shared` index keys with it.

    A key that more than HUBS texts hold counts for a pair only if one of the two is among its HUBS least ids. A text
    without such others is left out. `keys` has for each text id its distinct keys, int64 of one dimension.
    """
    ids = sorted(keys)
    lengths = [len(keys[id_]) for id_ in ids]
    flat = np.concatenate([*(keys[id_] for id_ in ids), np.zeros(0, np.int64)])
    order = np.argsort(flat, kind="stable")  # stable: the holders of a key are in the order of their ids
    holders = np.repeat(np.arange(len(ids)), lengths)[order]
    is_first = np.diff(flat[order], prepend=~flat[order[:1]]) != 0
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(flat)), 0))
    end = np.append(np.flatnonzero(is_first)[1:], len(flat))[np.cumsum(is_first) - 1]
    places = np.empty_like(order)
    places[order] = np.arange(len(flat))
    start = 0
    for id_, length in zip(ids, lengths, strict=True):
        mine = places[start : start + length]
        start += length
        mine = mine[(mine - first[mine] < HUBS) & (mine + 1 < end[mine])]
        if not len(mine):
            continue
        others, counts = np.unique(
            np.concatenate([holders[place + 1 : end[place]] for place in mine.tolist()]), return_counts=True
        )
        if len(others := others[counts >= shared]):
            yield id_, [ids[other] for other in others.tolist()]


def _base_texts(sources: Sequence[Source]) -> tuple[_Texts, list[int]]:
    """Returns the base texts by id, and the id of each document's."""
    texts: _Texts = {}
    ids = []
    for source in sources:
        text = _Text.of(source.document.paragraphs)
        ids.append(text.id)
        texts.setdefault(text.id, text)
    return texts, ids


_Clean = tuple[_Text, tuple[str, ...]]
"""A document's clean text, and its paragraphs as this document has them."""


def _without(
    base: _Text, paragraphs: tuple[str, ...], held: list[int], recurring: Mapping[int, int], ruled: Collection[int]
) -> _Clean:
    if recurring.keys().isdisjoint(held):
        return base, paragraphs
    left, removed = without_recurring(paragraphs, recurring, ruled)
    return (_Text.of(left), left) if removed else (base, paragraphs)


def _placed(sources: Sequence[Source], clean: Sequence[_Clean]) -> tuple[dict[int, Settled], frozenset[int]]:
    """Returns the place of each document, and which of them are digests."""
    texts: _Texts = {}
    for text, _ in clean:
        texts.setdefault(text.id, text)
    clusters, digests = _clusters(texts)
    members = [_member(source, text, paragraphs) for source, (text, paragraphs) in zip(sources, clean, strict=True)]
    placements = settle_clusters(members, clusters.representatives().items())
    settled = {
        source.document_id: Settled(paragraphs, text.hash, placements[source.document_id])
        for source, (text, paragraphs) in zip(sources, clean, strict=True)
    }
    return settled, frozenset(
        source.document_id for source, (text, _) in zip(sources, clean, strict=True) if text.id in digests
    )


_Judge = Callable[[DisjointSets[int], int, Sequence[int]], Iterator[int]]


def _connect(texts: _Texts, shared: int, linked: _Judge) -> DisjointSets[int]:
    """Returns the components of the texts. A pair that is connected already is not compared."""
    sets = DisjointSets(texts)
    for id_, others in candidates({id_: text.sketch.keys for id_, text in texts.items()}, shared):
        for start in range(0, len(others), _PAIRS_AT_ONCE):
            root = sets.find(id_)
            apart = [other for other in others[start : start + _PAIRS_AT_ONCE] if sets.find(other) != root]
            for other in linked(sets, id_, apart):
                sets.join(id_, other)
    return sets


def _same_group(texts: _Texts) -> _Judge:
    def linked(_sets: DisjointSets[int], id_: int, others: Sequence[int]) -> Iterator[int]:
        near = same_group_many([texts[id_].sketch] * len(others), [texts[other].sketch for other in others])
        return (others[at] for at in np.flatnonzero(near).tolist())

    return linked


_Sides = dict[int, list[tuple[int, Share]]]
"""For each text the texts that are linked with it, and what they have of it."""


def _clusters(texts: _Texts) -> tuple[DisjointSets[int], set[int]]:
    """Returns the components of the links that count, and the digests.

    All links of what may be a digest are looked at. Of the others it is enough to find the components.
    """
    pairs = list(candidates({id_: text.sketch.keys for id_, text in texts.items()}, CANDIDATE_SHARED))
    judge = _Judged(texts)
    may_be = {max(pair, key=judge.size) for id_, others in pairs for pair in judge.parts(id_, others)}
    sides: _Sides = {id_: [] for id_ in may_be}
    for id_, others in pairs:
        for other, (ours, theirs) in judge.links(id_, [o for o in others if id_ in may_be or o in may_be]):
            sides.setdefault(id_, []).append((other, ours))
            sides.setdefault(other, []).append((id_, theirs))
    digests = {id_ for id_ in may_be if is_digest([share for _, share in sides[id_]])}
    sets = DisjointSets(texts)
    cut = {(id_, other) for id_ in digests for other, share in sides[id_] if not counts(share, of_digest=True)}
    for id_, linked in sides.items():
        for other, _ in linked:
            if (id_, other) not in cut and (other, id_) not in cut:
                sets.join(id_, other)
    for id_, others in pairs:
        for start in range(0, len(others), _PAIRS_AT_ONCE):
            page = [o for o in others[start : start + _PAIRS_AT_ONCE] if id_ not in may_be and o not in may_be]
            root = sets.find(id_)
            for other in judge.linked(id_, [o for o in page if sets.find(o) != root], sets):
                sets.join(id_, other)
    return sets, digests


class _Judged:
    """The pair rule over these texts. It keeps the words of some."""

    def __init__(self, texts: _Texts) -> None:
        self._sketches = {id_: text.sketch for id_, text in texts.items()}
        self._wording = lru_cache(maxsize=_WORDINGS_KEPT)(
            lambda id_: Wording.of_normal_form(_body(texts[id_].paragraphs))
        )

    def size(self, id_: int) -> tuple[int, int]:
        return self._sketches[id_].shingle_count, id_

    def parts(self, id_: int, others: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yields the pairs with this text of which one may be a part of the other."""
        for page in _pages(others):
            may_be = may_hold_part_many([self._sketches[id_]] * len(page), [self._sketches[other] for other in page])
            yield from ((id_, page[at]) for at in np.flatnonzero(may_be).tolist())

    def links(self, id_: int, others: Sequence[int]) -> Iterator[tuple[int, tuple[Share, Share]]]:
        """Yields those that the rule links with this text, with what each has of the other."""
        for page in _pages(others):
            for other, link in zip(page, self._by_sketch(id_, page), strict=True):
                if link is OPEN:
                    if compare_texts(self._wording(id_), self._wording(other)):
                        yield other, shares_by_words(self._wording(id_), self._wording(other))
                elif link is not None:
                    yield other, shares_by_sketch(self._sketches[id_], self._sketches[other])

    def linked(self, id_: int, others: Sequence[int], sets: DisjointSets[int]) -> Iterator[int]:
        """Yields those of up to _PAIRS_AT_ONCE others that the rule links with this text, if they are still apart."""
        undecided = []
        for other, link in zip(others, self._by_sketch(id_, others), strict=True):
            if link is OPEN:
                undecided.append(other)
            elif link is not None:
                yield other
        for other in undecided:
            if sets.find(other) != sets.find(id_) and compare_texts(self._wording(id_), self._wording(other)):
                yield other

    def _by_sketch(self, id_: int, others: Sequence[int]) -> list[Link | Open | None]:
        return compare_sketches_many([self._sketches[id_]] * len(others), [self._sketches[other] for other in others])


def _pages(others: Sequence[int]) -> Iterator[Sequence[int]]:
    return (others[start : start + _PAIRS_AT_ONCE] for start in range(0, len(others), _PAIRS_AT_ONCE))


def _least_ids(sets: DisjointSets[int]) -> dict[int, int]:
    roots = sets.representatives()
    least: dict[int, int] = {}
    for id_, root in roots.items():
        least[root] = min(id_, least.get(root, id_))
    return {id_: least[root] for id_, root in roots.items()}


def _recurring(
    keys: Sequence[NDArray[np.int64]], groups: Sequence[int], limit: int, pins: Mapping[int, Ruling]
) -> dict[int, int]:
    """Returns the passages to take out and how many groups hold each. `keys` and `groups` are by document."""
    flat = np.concatenate([*keys, np.zeros(0, np.int64)])
    holders = np.repeat(np.array(groups, np.int64), list(map(len, keys)))
    order = np.lexsort((holders, flat))
    flat, holders = flat[order], holders[order]
    is_new = (np.diff(flat, prepend=~flat[:1]) != 0) | (np.diff(holders, prepend=~holders[:1]) != 0)
    passages, counts = np.unique(flat[is_new], return_counts=True)
    pinned = np.isin(passages, np.array(list(pins), np.int64))
    listed = (counts > limit) | pinned
    held = dict(zip(passages[listed].tolist(), counts[listed].tolist(), strict=True))
    ruled: Collection[int] = [passage for passage, ruling in pins.items() if ruling == Ruling.BOILERPLATE]
    learned = {passage: count for passage, count in held.items() if count > limit and passage not in pins}
    return learned | {passage: held.get(passage, 0) for passage in ruled}


def _body(paragraphs: Sequence[str]) -> str:
    return normalise("\n\n".join(paragraphs))


def _member(source: Source, text: _Text, paragraphs: tuple[str, ...]) -> Member:
    return Member(
        document_id=source.document_id,
        text_id=text.id,
        char_count=len("\n\n".join(paragraphs)),
        metadata_count=METADATA.count(source.document.metadata),
        text_hash=text.hash,
        sha256=source.sha256,
        ordinal=source.ordinal,
    )
