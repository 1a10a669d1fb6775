"""Digests in PostgreSQL: which of the texts that documents have are digests, and so which links count.

`ingest.similarity.digests` has the rule. A text becomes a digest by what is stored beside it, and ceases to be one when
that goes. All changes happen under the label lock, in the transaction that changes the labels.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    SQLColumnExpression,
    all_,
    and_,
    any_,
    cast,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import BIT, insert

from db.expressions import array, unnested
from db.index_models import Digest, Link
from db.models import Document
from ingest.similarity.digests import LEAST_TOGETHER_PERCENT, Extent, Share, is_digest

__all__ = ["COUNTS", "settle"]

_Column = SQLColumnExpression[Any]


def _is_digest(text_id: _Column) -> ColumnElement[bool]:
    return select(Digest.text_id).where(Digest.text_id == text_id).exists()


COUNTS: Final = and_(
    or_(func.coalesce(Link.low_extent, 0) == int(Extent.WHOLE), not_(_is_digest(Link.low_text_id))),
    or_(func.coalesce(Link.high_extent, 0) == int(Extent.WHOLE), not_(_is_digest(Link.high_text_id))),
)
"""Whether a link counts for clusters: of a digest only those with what has the whole of it."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """Which texts documents have once this transaction is over: those of `came`, and those that others have."""

    connection: Connection
    came: Collection[int] = ()
    arriving: Collection[int] = field(default=())

    def among(self, texts: Collection[int]) -> set[int]:
        found = self.connection.scalars(_WITH_DOCUMENT, {"texts": texts, "arriving": self.arriving})
        return set(found) | set(self.came).intersection(texts)


_asked = unnested("asked", text_id=array("texts"))


def _has_document(text_id: _Column) -> ColumnElement[bool]:
    return (
        select(Document.id)
        .where(Document.text_id == text_id, Document.cluster_id.is_not(None), Document.id != all_(array("arriving")))
        .exists()
    )


_WITH_DOCUMENT = select(_asked.c.text_id).where(_has_document(_asked.c.text_id))


def settle(
    connection: Connection,
    touched: Collection[int],
    *,
    came: Collection[int] = (),
    arriving: Collection[int] = (),
) -> set[int]:
    """Finds anew what are digests. Returns the clusters in which other links count than before.

    `came` are the texts of the documents `arriving`, which are not written yet. `touched` are texts of which documents
    went, or which may have other links than before. The caller holds the label lock.
    """
    stored = _Stored(connection, came, arriving)
    new = set(came) - set(touched)
    new -= _Stored(connection, (), arriving).among(new)
    changed = new | set(touched)
    if not changed:
        return set()
    sides = _sides(connection, changed)
    others = {side.other for linked in sides.values() for side in linked}
    were = set(connection.scalars(_DIGESTS, {"texts": changed | others}))
    there = stored.among(changed | others)
    are = _among_changed(sides, changed & there, there)
    are |= _still(connection, stored, sides, were, changed, there)
    are |= _new_digests(connection, sides, new | (set(touched) & there), (others & there) - changed - were, stored)
    gone, added = were - are, are - were
    if gone:
        connection.execute(_DROP, {"texts": gone})
    if added:
        connection.execute(_ADD, {"texts": sorted(added)})
    flipped = (gone | added) - new
    if not flipped:
        return set()
    near = {side.other for linked in _sides(connection, gone & flipped & there).values() for side in linked}
    return set(connection.scalars(_CLUSTERS, {"texts": flipped | near, "arriving": arriving}))


_DIGESTS = select(Digest.text_id).where(Digest.text_id == any_(array("texts")))
_DROP = delete(Digest).where(Digest.text_id == any_(array("texts")))
_added = unnested("added", text_id=array("texts"))
_ADD = insert(Digest).from_select(["text_id"], select(_added)).on_conflict_do_nothing()
_CLUSTERS = (
    select(Document.cluster_id)
    .where(
        Document.text_id == any_(array("texts")),
        Document.cluster_id.is_not(None),
        Document.id != all_(array("arriving")),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class _Side:
    """A link as one of its two texts sees it: the other text, what that has of this one, and this of that."""

    other: int
    share: Share
    of_other: Share


_LINKED = union_all(
    select(
        Link.low_text_id.label("text_id"),
        Link.high_text_id.label("other_id"),
        Link.low_extent.label("extent"),
        Link.low_places.label("places"),
        Link.high_extent.label("other_extent"),
        Link.high_places.label("other_places"),
    ).where(Link.low_text_id == any_(array("texts"))),
    select(
        Link.high_text_id,
        Link.low_text_id,
        Link.high_extent,
        Link.high_places,
        Link.low_extent,
        Link.low_places,
    ).where(Link.high_text_id == any_(array("texts"))),
)


def _sides(connection: Connection, texts: Collection[int]) -> Mapping[int, Sequence[_Side]]:
    found: defaultdict[int, list[_Side]] = defaultdict(list)
    for row in connection.execute(_LINKED, {"texts": texts}) if texts else ():
        share = Share(Extent(row.extent or 0), row.places or 0)
        of_other = Share(Extent(row.other_extent or 0), row.other_places or 0)
        found[row.text_id].append(_Side(row.other_id, share, of_other))
    return found


def _among_changed(sides: Mapping[int, Sequence[_Side]], texts: Collection[int], there: Collection[int]) -> set[int]:
    return {id_ for id_ in texts if is_digest([side.share for side in sides.get(id_, ()) if side.other in there])}


def _still(
    connection: Connection,
    stored: _Stored,
    sides: Mapping[int, Sequence[_Side]],
    were: Collection[int],
    changed: Collection[int],
    there: Collection[int],
) -> set[int]:
    """Returns the digests among the others that are digests without what went, too."""
    others = set(were) - set(changed)
    lost = {side.other for id_, linked in sides.items() if id_ not in there for side in linked}
    doubtful = _sides(connection, others & lost)
    near = stored.among({side.other for linked in doubtful.values() for side in linked})
    return (others - lost) | _among_changed(doubtful, doubtful, near)


_came = unnested("came", text_id=array("texts"), places=array("places"))


def _bits(value: _Column) -> ColumnElement[int]:
    return func.bit_count(cast(value, BIT(64)))


def _beside(own: _Column, places: _Column, extent: _Column, other: _Column, *, parts_only: bool) -> Select[Any]:
    """Returns the query for a stored text that is apart from what came, by the links on one side of a text."""
    is_apart = 100 * _bits(places.op("&")(_came.c.places)) < literal(LEAST_TOGETHER_PERCENT, Integer()) * func.least(
        _bits(places), _bits(_came.c.places)
    )
    is_there = or_(other == any_(array("stored")), _has_document(other))
    least = extent == int(Extent.PART) if parts_only else extent > int(Extent.NOISE)
    return select(literal(1).label("one")).where(own == _came.c.text_id, least, is_apart, is_there)


def _parted(*, parts_only: bool) -> Select[Any]:
    beside = union_all(
        _beside(Link.low_text_id, Link.low_places, Link.low_extent, Link.high_text_id, parts_only=parts_only),
        _beside(Link.high_text_id, Link.high_places, Link.high_extent, Link.low_text_id, parts_only=parts_only),
    )
    one = beside.limit(1).lateral("one")
    return select(_came.c.text_id).distinct().select_from(_came.join(one, true()))


# A part counts beside anything else, and anything else beside parts, which have small indexes of their own.
_PARTED_BY_PART = _parted(parts_only=False)
_PARTED_BY_PARTS = _parted(parts_only=True)


def _new_digests(
    connection: Connection,
    sides: Mapping[int, Sequence[_Side]],
    came: Collection[int],
    texts: Collection[int],
    stored: _Stored,
) -> set[int]:
    """Returns those of these texts that are digests by what came."""
    found: set[int] = set()
    linked = [side for id_ in came for side in sides.get(id_, ()) if side.other in texts and side.of_other.extent]
    for is_part, statement in ((True, _PARTED_BY_PART), (False, _PARTED_BY_PARTS)):
        mine = [side for side in linked if (side.of_other.extent is Extent.PART) == is_part]
        if mine:
            parameters = {
                "texts": [side.other for side in mine],
                "places": [side.of_other.places for side in mine],
                "stored": stored.came,
                "arriving": stored.arriving,
            }
            found |= set(connection.scalars(statement, parameters))
    return found
