"""What a set of documents settles to: the reference for the stream, whose rows must be the same in the end."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.clusters import DisjointSets, Member, Placement, settle_clusters
from ingest.documents import CleanDocument, Metadata
from ingest.fingerprint import Fingerprint, fingerprint, normal_form_hash, normalise, text_id
from ingest.pairs import CANDIDATE_SHARED, OPEN, compare_sketches_many, compare_texts
from ingest.passages import RECURRING_GROUPS, Ruling, passage_keys, without_recurring
from ingest.sketches import GROUP_SHARED, Sketch, same_group_many

__all__ = ["GROUP_SHARED", "HUBS", "Settled", "Settlement", "Source", "candidates", "settle"]

# Of a shingle that more texts hold than this, only the 64 with the least ids are paired, with all of its holders. So
# what a text costs is bounded, however often something recurs, and the copies of a story still meet through those 64.
HUBS: Final = 64

_PAIRS_AT_ONCE: Final = 4096  # 2 MiB of shingles
_FINGERPRINTS_KEPT: Final = 4096
_NO_PINS: Final[Mapping[int, Ruling]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Source:
    """A document to settle, as `ingest.clean.clean` left it; `sha256` of its file and `ordinal` in it rank equals."""

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

    `settled`: by document id. `recurring`: the passages that are taken out, and how many groups hold each. `groups`: of
    each base text, by id, the least id in its group.
    """

    settled: dict[int, Settled]
    recurring: dict[int, int]
    groups: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text without its words, which are made anew from the paragraphs: those of 100,000 texts take a gigabyte."""

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
    """TODO."""
    base: _Texts = {}
    base_ids = []
    for source in sources:
        text = _Text.of(source.document.paragraphs)
        base_ids.append(text.id)
        base.setdefault(text.id, text)
    groups = _least_ids(_connect(base, GROUP_SHARED, _same_group(base)))
    keys = [np.array(passage_keys(source.document.paragraphs), np.int64) for source in sources]
    recurring = _recurring(keys, [groups[id_] for id_ in base_ids], limit, pins)
    clean: _Texts = {}
    members, texts = [], []
    for source, id_, held in zip(sources, base_ids, keys, strict=True):
        paragraphs = source.document.paragraphs
        text = base[id_]
        if not recurring.keys().isdisjoint(held.tolist()):
            paragraphs, removed = without_recurring(paragraphs, recurring)
            text = _Text.of(paragraphs) if removed else text
        clean.setdefault(text.id, text)
        texts.append((paragraphs, text.hash))
        members.append(_member(source, paragraphs, text))
    clusters = _connect(clean, CANDIDATE_SHARED, _versions(clean))
    placements = settle_clusters(members, clusters.representatives().items())
    settled = {
        source.document_id: Settled(*text, placements[source.document_id])
        for source, text in zip(sources, texts, strict=True)
    }
    return Settlement(settled, recurring, groups)


def candidates(keys: Mapping[int, NDArray[np.int64]], shared: int) -> Iterator[tuple[int, list[int]]]:
    """Of each text the others of greater id that come into question: with so many index keys in common, or more.

    A key that more than HUBS texts hold counts only for pairs with one of the HUBS least ids among them. Texts without
    such others are left out; `keys` by text id, each int64, distinct.
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


_Judge = Callable[[DisjointSets[int], int, Sequence[int]], Iterator[int]]


def _connect(texts: _Texts, shared: int, linked: _Judge) -> DisjointSets[int]:
    """The components of the texts; a pair that is connected already is not looked at."""
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
        near = same_group_many(texts[id_].sketch, [texts[other].sketch for other in others])
        return (others[at] for at in np.flatnonzero(near).tolist())

    return linked


def _versions(texts: _Texts) -> _Judge:
    @lru_cache(maxsize=_FINGERPRINTS_KEPT)
    def prints(id_: int) -> Fingerprint:
        return fingerprint(_body(texts[id_].paragraphs))

    def linked(sets: DisjointSets[int], id_: int, others: Sequence[int]) -> Iterator[int]:
        links = compare_sketches_many(texts[id_].sketch, [texts[other].sketch for other in others])
        undecided = []
        for other, link in zip(others, links, strict=True):
            if link is OPEN:
                undecided.append(other)
            elif link is not None:
                yield other
        for other in undecided:
            if sets.find(other) != sets.find(id_) and compare_texts(prints(id_), prints(other)):
                yield other

    return linked


def _least_ids(sets: DisjointSets[int]) -> dict[int, int]:
    roots = sets.representatives()
    least: dict[int, int] = {}
    for id_, root in roots.items():
        least[root] = min(id_, least.get(root, id_))
    return {id_: least[root] for id_, root in roots.items()}


def _recurring(
    keys: Sequence[NDArray[np.int64]], groups: Sequence[int], limit: int, pins: Mapping[int, Ruling]
) -> dict[int, int]:
    """The passages to take out, and how many groups hold each; `keys` and `groups` are those of the documents."""
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


def _member(source: Source, paragraphs: tuple[str, ...], text: _Text) -> Member:
    return Member(
        document_id=source.document_id,
        text_id=text.id,
        char_count=len("\n\n".join(paragraphs)),
        metadata_count=_metadata_count(source.document.metadata),
        text_hash=text.hash,
        sha256=source.sha256,
        ordinal=source.ordinal,
    )


def _metadata_count(metadata: Metadata) -> int:
    facts = (getattr(metadata, field.name) for field in fields(metadata) if field.name != "published_precision")
    return sum(fact is not None for fact in facts)
