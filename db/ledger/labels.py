"""A document's place among the others: its texts, its cluster, and which of a cluster is canonical.

`db.similarity.clusters` says what the places are, and holds the label lock while they change.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    FromClause,
    Select,
    SQLColumnExpression,
    Text,
    any_,
    column,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.dialects.postgresql import array as sql_array

from db.expressions import array, unnested
from db.index_models import Orphan
from db.models import Document
from ingest.similarity.clusters import Placement
from newsmill.vocabulary import Outcome

__all__ = ["demote", "either_of", "orphaned", "relabel", "rename_clusters", "unplace"]


def either_of(text_id: SQLColumnExpression[Any], base_text_id: SQLColumnExpression[Any], name: str) -> FromClause:
    """Returns the texts that a row names, a row each, to join with that row."""
    both = func.unnest(sql_array([text_id, base_text_id])).table_valued(column("id", BigInteger()))
    return both.render_derived(name=name).lateral(name)


def orphaned(texts: Select[Any]) -> Insert:
    """Returns the statement that makes orphans of these texts; what is due later stays so.

    A second column says when they are due. Without one they are due now.
    """
    columns = [Orphan.text_id, Orphan.due][: len(texts.selected_columns)]
    new = insert(Orphan).from_select(columns, texts)
    return new.on_conflict_do_update(
        index_elements=[Orphan.text_id], set_={Orphan.due: func.greatest(Orphan.due, new.excluded.due)}
    )


_DEMOTE = (
    update(Document)
    .where(Document.id == any_(array("ids")), Document.outcome == Outcome.UNIQUE)
    .values(outcome=Outcome.NEAR_DUPLICATE)
)


def demote(connection: Connection, ids: Collection[int]) -> None:
    """Makes near-duplicates of those of these documents that are canonical."""
    connection.execute(_DEMOTE, {"ids": ids})


_placed = unnested("placed", id=array("ids"), cluster_id=array("cluster_ids"), outcome=array("outcomes", Text()))
_RELABEL = (
    update(Document)
    .where(Document.id == _placed.c.id)
    .values(cluster_id=_placed.c.cluster_id, outcome=_placed.c.outcome)
)


def relabel(connection: Connection, placements: Mapping[int, Placement]) -> None:
    """Gives these stored documents their places."""
    if not placements:
        return
    # A cluster has one canonical document at every moment (a unique index says so): give up the old ones first.
    demote(connection, placements)
    connection.execute(
        _RELABEL,
        {
            "ids": placements,
            "cluster_ids": [placement.cluster_id for placement in placements.values()],
            "outcomes": [placement.outcome for placement in placements.values()],
        },
    )


_renamed = unnested("renamed", old=array("old"), new=array("new"))
_RENAME = update(Document).where(Document.cluster_id == _renamed.c.old).values(cluster_id=_renamed.c.new)


def rename_clusters(connection: Connection, labels: Mapping[int, int]) -> None:
    """Gives all documents of whole clusters another label: from the old one to the new one."""
    if labels:
        connection.execute(_RENAME, {"old": labels, "new": labels.values()})


_placed_before = (
    select(Document.id, Document.cluster_id, Document.text_id, Document.base_text_id)
    .where(Document.id == any_(array("ids")))
    .with_for_update()
    .cte("placed_before")
)
_text = either_of(_placed_before.c.text_id, _placed_before.c.base_text_id, name="text")
_UNPLACE = (
    update(Document)
    .where(Document.id == _placed_before.c.id)
    .values(cluster_id=None, text_id=None, base_text_id=None)
    .returning(_placed_before.c.cluster_id, _placed_before.c.text_id)
    .add_cte(
        orphaned(
            select(_text.c.id)
            .distinct()
            .select_from(_placed_before)
            .join(_text, true())
            .where(_text.c.id.is_not(None))
            .order_by(_text.c.id)
        ).cte("orphaned")
    )
)


def unplace(connection: Connection, ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Takes documents out of their clusters, and makes orphans of their texts; returns the clusters and the texts."""
    rows = connection.execute(_UNPLACE, {"ids": ids}).all()
    return {row.cluster_id for row in rows} - {None}, {row.text_id for row in rows} - {None}
