"""Clusters of near-duplicate documents: the connected components of their links, one canonical member in each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

__all__ = ["Member", "Outcome", "Placement", "settle_clusters"]


class Outcome(StrEnum):
    """What became of a document; the first three are said of articles, and depend on the other articles."""

    UNIQUE = "unique"
    NEAR_DUPLICATE = "near_duplicate"
    EXACT_DUPLICATE = "exact_duplicate"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Member:
    """A document that is to be placed; documents of one `text_id` have equal normalised text.

    What follows the ids ranks the members of a cluster, so that nothing depends on the order in which ids were given:
    `char_count` of the clean text and `metadata_count`, how much is known besides (title, date and so on; larger is
    better), then `text_hash`, `sha256` of the raw file and the document's `ordinal` in it (smaller is better).
    """

    document_id: int
    text_id: int
    char_count: int
    metadata_count: int
    text_hash: bytes
    sha256: bytes
    ordinal: int

    @property
    def rank(self) -> tuple[int, int, bytes, bytes, int, int]:
        """The sort key, best first; the id only makes the order total, as no two documents agree in all the rest."""
        return -self.char_count, -self.metadata_count, self.text_hash, self.sha256, self.ordinal, self.document_id


@dataclass(frozen=True, slots=True)
class Placement:
    """A document's cluster (the least document id in it), what that makes of the document, and the canonical member."""

    cluster_id: int
    outcome: Outcome
    canonical_id: int


def settle_clusters(members: Sequence[Member], links: Iterable[tuple[int, int]]) -> dict[int, Placement]:
    """The placement of every member by its document id; `links` are pairs of text ids, in any order and direction.

    The best-ranked member of a cluster is canonical and unique; another is an exact duplicate if a better-ranked member
    has its text, else a near-duplicate. A link to a text that no member has joins all the same what it touches.
    """
    roots = _components({member.text_id for member in members}, links)
    clusters: defaultdict[int, list[Member]] = defaultdict(list)
    for member in members:
        clusters[roots[member.text_id]].append(member)
    placements = {}
    for cluster in clusters.values():
        placements.update(_place(cluster))
    return placements


def _place(cluster: list[Member]) -> dict[int, Placement]:
    ranked = sorted(cluster, key=attrgetter("rank"))
    cluster_id = min(member.document_id for member in cluster)
    canonical = ranked[0]
    seen_texts: set[int] = set()
    placements = {}
    for member in ranked:
        if member is canonical:
            outcome = Outcome.UNIQUE
        elif member.text_id in seen_texts:
            outcome = Outcome.EXACT_DUPLICATE
        else:
            outcome = Outcome.NEAR_DUPLICATE
        seen_texts.add(member.text_id)
        placements[member.document_id] = Placement(cluster_id, outcome, canonical.document_id)
    return placements


def _components(text_ids: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """A representative of the connected component of every text, by union-find with path halving (Tarjan 1975)."""
    parents = {text_id: text_id for text_id in text_ids}

    def find(text_id: int) -> int:
        while (parent := parents.setdefault(text_id, text_id)) != text_id:
            parents[text_id] = parents[parent]
            text_id = parents[text_id]
        return text_id

    for one, other in links:
        parents[find(one)] = find(other)
    return {text_id: find(text_id) for text_id in list(parents)}
