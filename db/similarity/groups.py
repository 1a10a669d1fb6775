"""Groups: the connected components of base texts under the group rule, and which of them hold which passages.

Everything here happens under one lock, so that no merge and no count is missed; a batch holds it for milliseconds.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from db.plans import prefer_indexes
from db.similarity.boilerplate import lock, relearn, wording_of
from db.types import bigint_literal, bigints
from ingest.similarity.clusters import components

__all__ = ["grouped", "join", "leave", "recurring_in"]


def grouped(connection: Connection, texts: Mapping[int, Collection[int]]) -> set[int]:
    """Those of these base texts (with their passages) that have a group which knows that they hold these."""
    rows = connection.execute(
        text("select id, passages from texts where id = any(cast(:ids as bigint[])) and group_id is not null"),
        {"ids": bigints(texts)},
    )
    return {row.id for row in rows if set(texts[row.id]) <= set(row.passages)}


def recurring_in(connection: Connection, ids: Collection[int], *, lock_texts: bool = False) -> dict[int, set[int]]:
    """What is to be taken out of each of these base texts; nothing is said of a text without a group.

    With `lock_texts`, what recurs in them does not change until the transaction ends.
    """
    query = "select id, group_id is not null as grouped from texts where id = any(cast(:ids as bigint[])) order by id"
    rows = connection.execute(text(query + " for share" * lock_texts), {"ids": bigints(ids)}).all()
    found: dict[int, set[int]] = {row.id: set() for row in rows if row.grouped}
    held = connection.execute(
        text("""
        select t.id, r.passage from texts t cross join lateral unnest(t.passages) as p (passage)
        join recurring r on r.passage = p.passage and r.ruling <> 'article'
        where t.id = any(cast(:ids as bigint[]))
        """),
        {"ids": bigints(found)},
    )
    for row in held:
        found[row.id].add(row.passage)
    return found


def join(
    connection: Connection,
    texts: Mapping[int, Collection[int]],
    links: Iterable[tuple[int, int]],
    wording: Callable[[int], str],
    *,
    limit: int,
) -> None:
    """Gives published base texts (with their passages) their groups; `links` are what the group rule found for them.

    Groups that they connect become one, and what recurs is learned or forgotten with that.
    """
    lock(connection)
    prefer_indexes(connection)
    pairs = sorted(links)
    connection.execute(
        text("""
        insert into group_links select * from unnest(cast(:low as bigint[]), cast(:high as bigint[]))
        on conflict do nothing
        """),
        {"low": bigints(low for low, _ in pairs), "high": bigints(high for _, high in pairs)},
    )
    rows = connection.execute(
        text("""
        select id, group_id, passages from texts where id = any(cast(:ids as bigint[])) order by id for no key update
        """),
        {"ids": bigints(sorted(texts))},
    ).all()
    labels = {row.id: row.group_id for row in rows if row.group_id is not None}
    new = [row.id for row in rows if row.group_id is None]
    moved, collapsed = _settle(connection, new, labels)
    labels = {id_: moved.get(label, label) for id_, label in labels.items()}
    had = {row.id: set(row.passages or ()) for row in rows}
    grown = _hold(connection, {id_: had[id_] | set(texts[id_]) for id_ in labels}, labels, had)
    relearn(connection, grown | collapsed, wording, limit=limit)


def leave(connection: Connection, ids: Collection[int], *, limit: int) -> None:
    """Takes base texts out of their groups, which may fall apart; their rows are left to the caller. Needs the lock."""
    gone = connection.execute(
        text("""
        with old as (select id, group_id from texts where id = any(cast(:ids as bigint[])) and group_id is not null)
        update texts t set group_id = null from old where t.id = old.id
        returning t.id, old.group_id, t.passages
        """),
        {"ids": bigints(ids)},
    ).all()
    if not gone:
        return
    members = {row.id: row.group_id for row in gone}
    broken = _may_fall_apart(connection, members)
    for side in ("low", "high"):
        connection.execute(
            text(f"delete from group_links where {side}_text_id = any(cast(:ids as bigint[]))"),  # noqa: S608
            {"ids": bigints(ids)},
        )
    touched = _release(connection, [(row.group_id, row.passages) for row in gone if row.group_id not in broken])
    touched |= _settle_anew(connection, broken, {key for row in gone if row.group_id in broken for key in row.passages})
    relearn(connection, touched, lambda passage: wording_of(connection, passage), limit=limit)


def _may_fall_apart(connection: Connection, gone: Mapping[int, int]) -> set[int]:
    """Those of the groups of these texts, which are in them no more, that cannot be told to hold without a look at all.

    A group holds if what was linked to those who went is connected without them: any way through them has another then.
    The label of one that lost the text it is named by must go with it, or the text could come back to another group.
    """
    broken = {group for id_, group in gone.items() if id_ == group}
    group_of = {
        other: group
        for id_, other, group in _neighbours(connection, gone)
        if group is not None and group == gone[id_] and group not in broken
    }
    links = connection.execute(
        text("""
        select low_text_id, high_text_id from group_links
        where low_text_id = any(cast(:ids as bigint[])) and high_text_id = any(cast(:ids as bigint[]))
        """),
        {"ids": bigints(group_of)},
    )
    roots = components(group_of, [(row.low_text_id, row.high_text_id) for row in links])
    root_of_group: dict[int, int] = {}
    for id_, group in group_of.items():
        if root_of_group.setdefault(group, roots[id_]) != roots[id_]:
            broken.add(group)
    return broken


def _release(connection: Connection, gone: Sequence[tuple[int, Sequence[int]]]) -> set[int]:
    """Takes from groups what only the (group, passages) of those who went held; returns these passages."""
    held = sorted({(group, passage) for group, passages in gone for passage in passages})
    rows = connection.execute(
        text("""
        delete from passages using (
            select * from unnest(cast(:groups as bigint[]), cast(:keys as bigint[])) as q (group_id, passage)
            except
            select t.group_id, p.passage from texts t cross join lateral unnest(t.passages) as p (passage)
            where t.group_id = any(cast(:groups as bigint[])) and p.passage = any(cast(:keys as bigint[]))
        ) as q
        where passages.passage = q.passage and passages.group_id = q.group_id
        returning passages.passage
        """),
        {"groups": bigints(group for group, _ in held), "keys": bigints(passage for _, passage in held)},
    )
    return {row.passage for row in rows}


def _settle_anew(connection: Connection, groups: Collection[int], gone: Collection[int]) -> set[int]:
    """Makes groups anew of what is left in these; returns their passages, with `gone`, those of who went."""
    left = connection.execute(
        text("select id, passages from texts where group_id = any(cast(:groups as bigint[]))"),
        {"groups": bigints(groups)},
    ).all()
    touched = {passage for row in left for passage in row.passages}.union(gone)
    connection.execute(
        text("""
        delete from passages using unnest(cast(:keys as bigint[])) as q (passage)
        where passages.passage = q.passage and group_id = any(cast(:groups as bigint[]))
        """),
        {"keys": bigints(touched), "groups": bigints(groups)},
    )
    connection.execute(
        text("update texts set group_id = null where group_id = any(cast(:groups as bigint[]))"),
        {"groups": bigints(groups)},
    )
    labels: dict[int, int] = {}
    _settle(connection, [row.id for row in left], labels)
    _hold(connection, {row.id: set(row.passages) for row in left}, labels, {})
    return touched


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
    connection.execute(
        text("""
        update texts t set group_id = q.group_id
        from unnest(cast(:ids as bigint[]), cast(:groups as bigint[])) as q (id, group_id) where t.id = q.id
        """),
        {"ids": bigints(new), "groups": bigints(labels[id_] for id_ in new)},
    )
    return moved, collapsed


def _neighbours(connection: Connection, ids: Collection[int]) -> list[tuple[int, int, int | None]]:
    """(text, linked text, its group) of the texts; only those linked texts that have a group or are asked for, too."""
    rows = connection.execute(
        text("""
        select l.id, l.other_id, t.group_id from (
            select low_text_id as id, high_text_id as other_id from group_links
            where low_text_id = any(cast(:ids as bigint[]))
            union all
            select high_text_id, low_text_id from group_links where high_text_id = any(cast(:ids as bigint[]))
        ) l join texts t on t.id = l.other_id
        """),
        {"ids": bigints(ids)},
    )
    asked = set(ids)
    return [(row.id, row.other_id, row.group_id) for row in rows if row.group_id is not None or row.other_id in asked]


def _largest_first(connection: Connection, groups: Sequence[int]) -> list[int]:
    if len(groups) <= 1:
        return list(groups)
    rows = connection.execute(
        text("""
        select group_id from texts where group_id = any(cast(:groups as bigint[]))
        group by 1 order by count(*) desc, group_id
        """),
        {"groups": bigints(groups)},
    )
    return [row.group_id for row in rows]


def _merge(connection: Connection, group: int, into: int) -> set[int]:
    """Makes a group part of another; returns the passages that both held."""
    passages = set(
        connection.scalars(
            text("select distinct unnest(passages) from texts where group_id = :group"), {"group": group}
        )
    )
    connection.execute(
        text("update texts set group_id = :into where group_id = :group"), {"group": group, "into": into}
    )
    connection.execute(
        text("delete from passages where group_id = :group and passage = any(cast(:keys as bigint[]))"),
        {"group": group, "keys": bigints(passages)},
    )
    return passages - _insert(connection, [(passage, into) for passage in passages])


def _hold(
    connection: Connection,
    passages: Mapping[int, set[int]],
    labels: Mapping[int, int],
    had: Mapping[int, set[int]],
) -> set[int]:
    """Notes the passages of texts whose groups are `labels`; returns those that another group holds now."""
    changed = {id_: keys for id_, keys in passages.items() if keys != had.get(id_) or not keys}
    if changed:
        connection.execute(
            text("""
            update texts t set passages = cast(q.passages as bigint[])
            from unnest(cast(:ids as bigint[]), cast(:passages as text[])) as q (id, passages) where t.id = q.id
            """),
            {"ids": bigints(changed), "passages": [bigint_literal(sorted(keys)) for keys in changed.values()]},
        )
    return _insert(connection, {(passage, labels[id_]) for id_, keys in passages.items() for passage in keys})


def _insert(connection: Connection, rows: Iterable[tuple[int, int]]) -> set[int]:
    """Adds (passage, group); returns the passages of those that were new."""
    ordered = sorted(rows)
    if not ordered:
        return set()
    added: list[int] = connection.execute(  # in one row: they are dozens a document
        text("""
        with added as (
            insert into passages select * from unnest(cast(:passages as bigint[]), cast(:groups as bigint[]))
            on conflict do nothing returning passage
        )
        select coalesce(array_agg(passage), '{}') from added
        """),
        {
            "passages": bigints(passage for passage, _ in ordered),
            "groups": bigints(group for _, group in ordered),
        },
    ).scalar_one()
    return set(added)
