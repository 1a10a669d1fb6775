"""Clusters of near-duplicate documents: the connected components of their links, each with one canonical member."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

from newsmill.vocabulary import Outcome

__all__ = ["DisjointSets", "Member", "Placement", "components", "settle_clusters"]

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Member:
    """A document to place. Documents of one `text_id` have equal normalised texts.

    The fields after the ids rank the members of a cluster, so that nothing depends on the order in which ids were
    given. First come `char_count`, the length of the clean text, and `metadata_count`, how many facts are known besides
    (title, date and so on): larger is better. Then come `text_hash`, `sha256` of the raw file and the document's
    `ordinal` in it: smaller is better.
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
        """The sort key, best first. No two documents agree in all but the id, which only makes the order total."""
        return -self.char_count, -self.metadata_count, self.text_hash, self.sha256, self.ordinal, self.document_id


@dataclass(frozen=True, slots=True)
class Placement:
    """A document's cluster (the least document id in it), its outcome there, and the cluster's canonical member."""

    cluster_id: int
    outcome: Outcome
    canonical_id: int


def settle_clusters(members: Sequence[Member], links: Iterable[tuple[int, int]]) -> dict[int, Placement]:
    """Returns the placement of every member by its document id.

    `links` are pairs of text ids, in any order and direction. A link joins its texts even if no member has one of them.
    The best-ranked member of a cluster is canonical and unique. Another member is an exact duplicate if a better-ranked
    one has its text, and else a near-duplicate.
    """
    roots = components({member.text_id for member in members}, links)
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


def components(nodes: Iterable[Node], links: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """Returns for every node, also one that only links name, the representative of its connected component."""
    sets = DisjointSets(nodes)
    for one, other in links:
        sets.join(one, other)
    return sets.representatives()


class DisjointSets(Generic[Node]):
    """Connected components that grow link by link: union-find with path halving (Tarjan 1975)."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._parents = {node: node for node in nodes}

    def find(self, node: Node) -> Node:
        """Returns the representative of the node's component, which the next link may change. A new node has itself."""
        parents = self._parents
        while (parent := parents.setdefault(node, node)) != node:
            parents[node] = parents[parent]
            node = parents[node]
        return node

    def join(self, one: Node, other: Node) -> None:
        """Makes the components of two nodes one."""
        self._parents[self.find(one)] = self.find(other)

    def representatives(self) -> dict[Node, Node]:
        """Returns the representative of every node's component."""
        return {node: self.find(node) for node in list(self._parents)}
