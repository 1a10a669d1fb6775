"""Groups: the connected components of base texts under the group rule, and which of them hold which passages.

All changes happen under one lock, so no merge and no count is missed. A batch holds it for milliseconds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    any_,
    bindparam,
    cast,
    column,
    delete,
    except_,
    func,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from db.expressions import array, unnested
from db.index_models import GroupLink, Passage, Recurring, TextVersion
from db.similarity.boilerplate import lock, relearn, wording_of
from db.similarity.index import prefer_indexes
from db.types import bigint_literal
from ingest.similarity.clusters import components
from newsmill.vocabulary import Ruling

__all__ = ["grouped", "join", "leave", "recurring_in"]
_GROUPED = select(TextVersion.id, TextVersion.passages).where(
    TextVersion.id == any_(array("ids")), TextVersion.group_id.is_not(None)
)


def grouped(connection: Connection, texts: Mapping[int, Collection[int]]) -> set[int]:
    """Returns those of these base texts (with their passages) that have a group which is known to hold these."""
    rows = connection.execute(_GROUPED, {"ids": texts})
    return {row.id for row in rows if set(texts[row.id]) <= set(row.passages)}


_HAVE_GROUPS = (
    select(TextVersion.id, TextVersion.group_id.is_not(None).label("grouped"))
    .where(TextVersion.id == any_(array("ids")))
    .order_by(TextVersion.id)
)
_HAVE_GROUPS_LOCKED = _HAVE_GROUPS.with_for_update(read=True)
_its = func.unnest(TextVersion.passages).table_valued(column("passage", BigInteger())).render_derived(name="its")
_its_passages = _its.lateral("its")
_RECURRING_IN = (
    select(TextVersion.id, Recurring.passage, Recurring.ruling)
    .select_from(TextVersion)
    .join(_its_passages, true())
    .join(Recurring, (Recurring.passage == _its_passages.c.passage) & (Recurring.ruling != Ruling.ARTICLE))
    .where(TextVersion.id == any_(array("ids")))
)


def recurring_in(
    connection: Connection, ids: Collection[int], *, lock_texts: bool = False
) -> dict[int, dict[int, Ruling]]:
    """Returns what recurs in each of these base texts, and its ruling; nothing is said of a text without a group.

    With `lock_texts`, what recurs in them does not change until the transaction ends.
    """
    rows = connection.execute(_HAVE_GROUPS_LOCKED if lock_texts else _HAVE_GROUPS, {"ids": ids})
    found: dict[int, dict[int, Ruling]] = {row.id: {} for row in rows if row.grouped}
    for row in connection.execute(_RECURRING_IN, {"ids": found}):
        found[row.id][row.passage] = Ruling(row.ruling)
    return found


_linked = unnested("linked", low=array("low"), high=array("high"))
_ADD_LINKS = insert(GroupLink).from_select(["low_text_id", "high_text_id"], select(_linked)).on_conflict_do_nothing()
_JOINING = (
    select(TextVersion.id, TextVersion.group_id, TextVersion.passages)
    .where(TextVersion.id == any_(array("ids")))
    .order_by(TextVersion.id)
    .with_for_update(key_share=True)
)


def join(
    connection: Connection,
    texts: Mapping[int, Collection[int]],
    links: Iterable[tuple[int, int]],
    wording: Callable[[int], str],
    limit: int,
) -> None:
    """Gives published base texts (with their passages) their groups; `links` are what the group rule found for them.

    Groups that they connect become one. What recurs is learned or forgotten with that, by the limit on groups.
    """
    lock(connection)
    prefer_indexes(connection)
    pairs = sorted(links)
    connection.execute(_ADD_LINKS, {"low": [low for low, _ in pairs], "high": [high for _, high in pairs]})
    rows = connection.execute(_JOINING, {"ids": sorted(texts)}).all()
    labels = {row.id: row.group_id for row in rows if row.group_id is not None}
    new = [row.id for row in rows if row.group_id is None]
    moved, collapsed = _settle(connection, new, labels)
    labels = {id_: moved.get(label, label) for id_, label in labels.items()}
    had = {row.id: set(row.passages or ()) for row in rows}
    grown = _hold(connection, {id_: had[id_] | set(texts[id_]) for id_ in labels}, labels, had)
    relearn(connection, grown | collapsed, wording, limit=limit)


_left = (
    select(TextVersion.id, TextVersion.group_id)
    .where(TextVersion.id == any_(array("ids")), TextVersion.group_id.is_not(None))
    .cte("left_group")
)
_LEAVE = (
    update(TextVersion)
    .where(TextVersion.id == _left.c.id)
    .values(group_id=None)
    .returning(TextVersion.id, _left.c.group_id, TextVersion.passages)
)
_DROP_LINKS = (
    delete(GroupLink).where(GroupLink.low_text_id == any_(array("ids"))),
    delete(GroupLink).where(GroupLink.high_text_id == any_(array("ids"))),
)


def leave(connection: Connection, ids: Collection[int], *, limit: int) -> None:
    """Takes base texts out of their groups, which may split; their rows are left to the caller, who holds the lock."""
    gone = connection.execute(_LEAVE, {"ids": ids}).all()
    if not gone:
        return
    members = {row.id: row.group_id for row in gone}
    broken = _may_split(connection, members)
    for statement in _DROP_LINKS:
        connection.execute(statement, {"ids": ids})
    touched = _release(connection, [(row.group_id, row.passages) for row in gone if row.group_id not in broken])
    touched |= _settle_anew(connection, broken, {key for row in gone if row.group_id in broken for key in row.passages})
    relearn(connection, touched, lambda passage: wording_of(connection, passage), limit=limit)


_LINKS_AMONG = select(GroupLink.low_text_id, GroupLink.high_text_id).where(
    GroupLink.low_text_id == any_(array("ids")), GroupLink.high_text_id == any_(array("ids"))
)


def _may_split(connection: Connection, gone: Mapping[int, int]) -> set[int]:
    """Returns the groups of the texts that left (text: group) that may split.

    A group stays whole while the neighbours of those that left are connected among themselves: any way through one that
    left has another then. A group that loses the text whose id is its label counts as split: the label must go with
    that text, or the text could come back to another group.
    """
    broken = {group for id_, group in gone.items() if id_ == group}
    group_of = {
        other: group
        for id_, other, group in _neighbours(connection, gone)
        if group is not None and group == gone[id_] and group not in broken
    }
    links = connection.execute(_LINKS_AMONG, {"ids": group_of})
    roots = components(group_of, [(row.low_text_id, row.high_text_id) for row in links])
    root_of_group: dict[int, int] = {}
    for id_, group in group_of.items():
        if root_of_group.setdefault(group, roots[id_]) != roots[id_]:
            broken.add(group)
    return broken


_released = unnested("released", group_id=array("groups"), passage=array("keys"))
_no_more_held = except_(
    select(_released.c.group_id, _released.c.passage),
    select(TextVersion.group_id, _its_passages.c.passage)
    .select_from(TextVersion)
    .join(_its_passages, true())
    .where(TextVersion.group_id == any_(array("groups")), _its_passages.c.passage == any_(array("keys"))),
).subquery("no_more_held")
_RELEASE = (
    delete(Passage)
    .where(Passage.passage == _no_more_held.c.passage, Passage.group_id == _no_more_held.c.group_id)
    .returning(Passage.passage)
)


def _release(connection: Connection, gone: Sequence[tuple[int, Sequence[int]]]) -> set[int]:
    """Takes from groups what only the texts that left held, given as (group, passages); returns these passages."""
    held = sorted({(group, passage) for group, passages in gone for passage in passages})
    parameters = {"groups": [group for group, _ in held], "keys": [passage for _, passage in held]}
    return set(connection.scalars(_RELEASE, parameters))


_in_groups = TextVersion.group_id == any_(array("groups"))
_MEMBERS = select(TextVersion.id, TextVersion.passages).where(_in_groups)
_key = unnested("key", passage=array("keys"))
_DROP_PASSAGES = delete(Passage).where(Passage.passage == _key.c.passage, Passage.group_id == any_(array("groups")))
_DISSOLVE = update(TextVersion).where(_in_groups).values(group_id=None)


def _settle_anew(connection: Connection, groups: Collection[int], gone: Collection[int]) -> set[int]:
    """Makes groups anew of what is left in these; returns their passages and `gone`, those of the texts that left."""
    left = connection.execute(_MEMBERS, {"groups": groups}).all()
    touched = {passage for row in left for passage in row.passages}.union(gone)
    connection.execute(_DROP_PASSAGES, {"keys": touched, "groups": groups})
    connection.execute(_DISSOLVE, {"groups": groups})
    labels: dict[int, int] = {}
    _settle(connection, [row.id for row in left], labels)
    _hold(connection, {row.id: set(row.passages) for row in left}, labels, {})
    return touched


_labelled = unnested("labelled", id=array("ids"), group_id=array("groups"))
_LABEL = update(TextVersion).where(TextVersion.id == _labelled.c.id).values(group_id=_labelled.c.group_id)


def _settle(connection: Connection, new: Sequence[int], labels: dict[int, int]) -> tuple[dict[int, int], set[int]]:
    """Adds the groups of `new` to `labels`; returns the groups that became another, and the passages both held."""
    neighbours = _neighbours(connection, new)
    roots = components(
        [("text", id_) for id_ in new],
        [(("text", a), ("text", b) if label is None else ("group", label)) for a, b, label in neighbours],
    )
    parts: defaultdict[tuple[str, int], set[tuple[str, int]]] = defaultdict(set)
    for node, root in roots.items():
        parts[root].add(node)
    moved: dict[int, int] = {}
    collapsed: set[int] = set()
    for part in parts.values():
        members = [id_ for kind, id_ in part if kind == "text"]
        groups = _largest_first(connection, [id_ for kind, id_ in part if kind == "group"])
        label = groups[0] if groups else min(members)
        for other in groups[1:]:
            moved[other] = label
            collapsed |= _merge(connection, other, label)
        labels |= dict.fromkeys(members, label)
    connection.execute(_LABEL, {"ids": new, "groups": [labels[id_] for id_ in new]})
    return moved, collapsed


_neighbour = union_all(
    select(GroupLink.low_text_id.label("id"), GroupLink.high_text_id.label("other_id")).where(
        GroupLink.low_text_id == any_(array("ids"))
    ),
    select(GroupLink.high_text_id, GroupLink.low_text_id).where(GroupLink.high_text_id == any_(array("ids"))),
).subquery("neighbour")
_NEIGHBOURS = select(_neighbour.c.id, _neighbour.c.other_id, TextVersion.group_id).join(
    TextVersion, TextVersion.id == _neighbour.c.other_id
)


def _neighbours(connection: Connection, ids: Collection[int]) -> list[tuple[int, int, int | None]]:
    """Returns (text, linked text, its group) of these texts; linked texts without a group only if they are of these."""
    rows = connection.execute(_NEIGHBOURS, {"ids": ids})
    asked = set(ids)
    return [(row.id, row.other_id, row.group_id) for row in rows if row.group_id is not None or row.other_id in asked]


_LARGEST_FIRST = (
    select(TextVersion.group_id)
    .where(_in_groups)
    .group_by(TextVersion.group_id)
    .order_by(func.count().desc(), TextVersion.group_id)
)


def _largest_first(connection: Connection, groups: Sequence[int]) -> list[int]:
    if len(groups) <= 1:
        return list(groups)
    return list(connection.scalars(_LARGEST_FIRST, {"groups": groups}))


_PASSAGES_OF = select(func.unnest(TextVersion.passages)).where(TextVersion.group_id == bindparam("group")).distinct()
_MOVE = update(TextVersion).where(TextVersion.group_id == bindparam("group")).values(group_id=bindparam("into"))
_DROP_FROM_GROUP = delete(Passage).where(Passage.group_id == bindparam("group"), Passage.passage == any_(array("keys")))


def _merge(connection: Connection, group: int, into: int) -> set[int]:
    """Makes a group part of another; returns the passages that both held."""
    passages = set(connection.scalars(_PASSAGES_OF, {"group": group}))
    connection.execute(_MOVE, {"group": group, "into": into})
    connection.execute(_DROP_FROM_GROUP, {"group": group, "keys": passages})
    return passages - _insert(connection, [(passage, into) for passage in passages])


_changed = unnested("changed", id=array("ids"), passages=array("passage_lists", Text()))
_SET_PASSAGES = (
    update(TextVersion)
    .where(TextVersion.id == _changed.c.id)
    .values(passages=cast(_changed.c.passages, ARRAY(BigInteger())))
)


def _hold(
    connection: Connection,
    passages: Mapping[int, set[int]],
    labels: Mapping[int, int],
    had: Mapping[int, set[int]],
) -> set[int]:
    """Notes the passages of texts whose groups are `labels`; returns those that another group holds now."""
    changed = {id_: keys for id_, keys in passages.items() if keys != had.get(id_) or not keys}
    if changed:
        literals = [bigint_literal(sorted(keys)) for keys in changed.values()]
        connection.execute(_SET_PASSAGES, {"ids": changed, "passage_lists": literals})
    return _insert(connection, {(passage, labels[id_]) for id_, keys in passages.items() for passage in keys})


_held = unnested("held", passage=array("keys"), group_id=array("groups"))
_added = (
    insert(Passage)
    .from_select(["passage", "group_id"], select(_held))
    .on_conflict_do_nothing()
    .returning(Passage.passage)
    .cte("added")
)
# In one row: they are dozens a document.
_ADD_PASSAGES = select(func.array_agg(_added.c.passage, type_=ARRAY(BigInteger())))


def _insert(connection: Connection, rows: Iterable[tuple[int, int]]) -> set[int]:
    """Adds (passage, group); returns the passages of those that were new."""
    ordered = sorted(rows)
    if not ordered:
        return set()
    parameters = {"keys": [passage for passage, _ in ordered], "groups": [group for _, group in ordered]}
    return set(connection.scalar(_ADD_PASSAGES, parameters) or ())
