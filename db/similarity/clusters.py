"""Cluster labels in PostgreSQL: what `ingest.similarity.clusters` needs is read, and what it says is written.

Labels follow from the links between the texts of finished documents, so they depend on the set of documents alone
(promise 4). They change under one transaction-level advisory lock: with a single lock there is no order to get wrong,
no deadlock and no lost merge, and a batch holds it for milliseconds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Select, all_, any_, func, select, true, union_all
from sqlalchemy.orm import aliased

from db import articles, locks
from db.expressions import array, unnested
from db.index_models import Link, TextVersion
from db.ledger import labels
from db.models import Article, Document, File
from db.records import Arrival
from db.similarity import digests
from db.similarity.index import prefer_indexes
from ingest.metadata.codec import METADATA
from ingest.similarity.clusters import Member, Placement, settle_clusters
from newsmill.vocabulary import Outcome

__all__ = ["lock", "place", "settle_anew", "withdraw"]


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored document as a member of its cluster, and the label and outcome that it has."""

    member: Member
    cluster_id: int
    outcome: str

    @property
    def id(self) -> int:
        return self.member.document_id

    @property
    def text_id(self) -> int:
        return self.member.text_id


def lock(connection: Connection) -> None:
    """Keeps others from changing labels until the transaction ends."""
    locks.lock(connection, locks.LockKey.LABELS)


_PLACED = select(Document.id, Document.text_id, Document.cluster_id).where(
    Document.id == any_(array("ids")), Document.cluster_id.is_not(None)
)


def place(connection: Connection, arrivals: Sequence[Arrival]) -> dict[int, Placement]:
    """Returns where these documents belong, and relabels the others of their clusters; the caller writes the arrivals.

    An arrival may have had a place before (a replay). The label lock is held until the transaction ends. Of a cluster
    that only grows, the canonical document and those whose texts arrive once more are read, and no others: so a story
    of thousands of copies costs no more than one of two.
    """
    lock(connection)
    arriving = {arrival.id for arrival in arrivals}
    placed = connection.execute(_PLACED, {"ids": arriving}).all()
    texts = {arrival.text_id for arrival in arrivals}
    came_again = {row.id for row in placed}
    touched = {arrival.text_id for arrival in arrivals if arrival.id in came_again}
    touched |= {row.text_id for row in placed} - {None}  # the index was made anew since by a migration
    broken = {row.cluster_id for row in placed}
    broken |= digests.settle(connection, touched, came=texts, arriving=arriving)
    links = _links_of(connection, texts)
    cluster_of = _clusters_of(connection, texts | {text_id for pair in links for text_id in pair}, arriving)
    firsts = _firsts(connection, set(cluster_of.values()) - broken, texts)
    loose = [stored for stored in _members(connection, broken) if stored.id not in arriving]
    pairs = _pairs(links, cluster_of, firsts, texts | {stored.text_id for stored in loose})
    loose_texts = {stored.text_id for stored in loose}
    pairs |= {pair for pair in _links_of(connection, loose_texts) if loose_texts.issuperset(pair)}
    members = [*_newcomers(connection, arrivals), *(stored.member for stored in [*firsts, *loose])]
    placements = _with_labels(settle_clusters(members, pairs), firsts)
    labels.demote(connection, arriving)
    _relabel(connection, [*firsts, *loose], placements)
    renamed = {stored.cluster_id: placements[stored.id].cluster_id for stored in firsts}
    labels.rename_clusters(connection, {old: new for old, new in renamed.items() if old != new})
    return {id_: placements[id_] for id_ in arriving}


def _pairs(
    links: Iterable[tuple[int, int]], cluster_of: Mapping[int, int], firsts: Sequence[_Stored], texts: Collection[int]
) -> set[tuple[int, int]]:
    """Returns the links among these texts and the clusters that only grow, whose canonical text stands for all."""
    canonical = {stored.cluster_id: stored.text_id for stored in firsts if stored.outcome == Outcome.UNIQUE}
    stands_for = {text_id: canonical.get(cluster_id, text_id) for text_id, cluster_id in cluster_of.items()}
    known = {*texts, *canonical.values()}
    pairs = {(stands_for.get(low, low), stands_for.get(high, high)) for low, high in links}
    return {(low, high) for low, high in pairs if low in known and high in known} | {
        (stored.text_id, canonical[stored.cluster_id]) for stored in firsts
    }


def withdraw(connection: Connection, ids: Collection[int]) -> None:
    """Takes documents out of their clusters, with their articles, and settles the rest: they failed for good or go."""
    if not ids:
        return
    lock(connection)
    broken, texts = labels.unplace(connection, ids)
    articles.remove(connection, ids)
    settle_anew(connection, broken | digests.settle(connection, texts))


def settle_anew(connection: Connection, clusters: Collection[int]) -> None:
    """Labels the documents of these clusters as if they had just been found. The caller holds the lock."""
    stored = _members(connection, clusters)
    left = {one.text_id for one in stored}
    links = [pair for pair in _links_of(connection, left) if left.issuperset(pair)]
    _relabel(connection, stored, settle_clusters([one.member for one in stored], links))


_ends = select(Link.low_text_id, Link.high_text_id).where(digests.COUNTS)
_LINKS_OF = union_all(
    _ends.where(Link.low_text_id == any_(array("texts"))), _ends.where(Link.high_text_id == any_(array("texts")))
)


def _links_of(connection: Connection, texts: Collection[int]) -> set[tuple[int, int]]:
    return {(row.low_text_id, row.high_text_id) for row in connection.execute(_LINKS_OF, {"texts": texts})}


_asked = unnested("asked", text_id=array("texts"))
_one = (
    select(Document.cluster_id)
    .where(Document.text_id == _asked.c.text_id, Document.cluster_id.is_not(None), Document.id != all_(array("but")))
    .limit(1)
    .lateral("one")
)
_CLUSTERS_OF = select(_asked.c.text_id, _one.c.cluster_id).select_from(_asked.join(_one, true()))


def _clusters_of(connection: Connection, texts: Collection[int], but: Collection[int]) -> dict[int, int]:
    """Returns the clusters of these texts, by documents other than `but`; a text's documents are in one cluster."""
    rows = connection.execute(_CLUSTERS_OF, {"texts": texts, "but": but})
    return {row.text_id: row.cluster_id for row in rows}


# What ranks an article among the members of its cluster; the reference counts by `METADATA.count`.
_rank = (
    TextVersion.hash,
    File.sha256,
    Article.char_count,
    func.num_nonnulls(*(Article.__table__.c[name] for name in METADATA.ranking_columns)).label("metadata_count"),
)


def _stored(documents: FromClause) -> Select[Any]:
    """Returns the query for the stored documents among these, as members of their clusters."""
    document = aliased(Document, documents)
    return (
        select(document.id, document.text_id, document.cluster_id, document.outcome, document.ordinal, *_rank)
        .join(Article, Article.document_id == document.id)
        .join(TextVersion, TextVersion.id == document.text_id)
        .join(File, File.id == document.file_id)
        .order_by(document.id)
    )


_in_clusters = select(
    Document.id, Document.text_id, Document.cluster_id, Document.outcome, Document.ordinal, Document.file_id
).where(Document.cluster_id == any_(array("clusters")))
_MEMBERS = _stored(_in_clusters.subquery("d"))
# Each half by an index of its own: a cluster may have a hundred thousand members.
_FIRSTS = _stored(
    union_all(
        _in_clusters.where(Document.outcome == Outcome.UNIQUE),
        _in_clusters.where(Document.text_id == any_(array("texts")), Document.outcome == Outcome.NEAR_DUPLICATE),
    ).subquery("d")
)


def _members(connection: Connection, clusters: Collection[int]) -> list[_Stored]:
    """Returns the documents of these clusters."""
    if not clusters:
        return []
    prefer_indexes(connection)
    return list(map(_of_row, connection.execute(_MEMBERS, {"clusters": clusters})))


def _firsts(connection: Connection, clusters: Collection[int], texts: Collection[int]) -> list[_Stored]:
    """Returns the canonical documents of these clusters, and the first of each of these texts in them."""
    if not clusters:
        return []
    prefer_indexes(connection)
    return list(map(_of_row, connection.execute(_FIRSTS, {"clusters": clusters, "texts": texts})))


_arriving = unnested("arriving", id=array("ids"), text_id=array("texts"))
_NEWCOMERS = (
    select(Document.id, _arriving.c.text_id, Document.ordinal, *_rank)
    .select_from(_arriving)
    .join(Document, Document.id == _arriving.c.id)
    .join(Article, Article.document_id == Document.id)
    .join(File, File.id == Document.file_id)
    .join(TextVersion, TextVersion.id == _arriving.c.text_id)
)


def _newcomers(connection: Connection, arrivals: Sequence[Arrival]) -> list[Member]:
    parameters = {"ids": [arrival.id for arrival in arrivals], "texts": [arrival.text_id for arrival in arrivals]}
    return list(map(_member, connection.execute(_NEWCOMERS, parameters)))


def _member(row: Row[Any]) -> Member:
    return Member(
        document_id=row.id,
        text_id=row.text_id,
        char_count=row.char_count,
        metadata_count=row.metadata_count,
        text_hash=row.hash,
        sha256=row.sha256,
        ordinal=row.ordinal,
    )


def _of_row(row: Row[Any]) -> _Stored:
    return _Stored(_member(row), row.cluster_id, row.outcome)


def _with_labels(placements: dict[int, Placement], firsts: Iterable[_Stored]) -> dict[int, Placement]:
    """Returns the placements under the least document ids; for members that were not read, that is their old label."""
    least = {placement.canonical_id: placement.cluster_id for placement in placements.values()}
    for stored in firsts:
        canonical_id = placements[stored.id].canonical_id
        least[canonical_id] = min(least[canonical_id], stored.cluster_id)
    return {id_: replace(placement, cluster_id=least[placement.canonical_id]) for id_, placement in placements.items()}


def _relabel(connection: Connection, stored: Sequence[_Stored], placements: Mapping[int, Placement]) -> None:
    """Writes the places of those that have another now."""
    found = {one.id: placements[one.id] for one in stored}
    was = {one.id: (one.cluster_id, one.outcome) for one in stored}
    labels.relabel(connection, {id_: p for id_, p in found.items() if was[id_] != (p.cluster_id, p.outcome)})
