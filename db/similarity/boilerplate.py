"""Passages that recur: which there are, how many groups hold each, and what people have ruled about them.

The counts are those of rows of `passages`, so they cannot be wrong; `recurring` remembers which are over the limit.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db import locks
from db.types import bigints
from ingest.similarity.passages import passage_texts
from newsmill.vocabulary import Ruling

__all__ = [
    "RecurringPassage",
    "Ruling",
    "count_anew",
    "known",
    "lock",
    "pin",
    "recurring_passages",
    "relearn",
    "wording_of",
]

_LEAST_KEY = -(1 << 63)


@dataclass(frozen=True, slots=True)
class RecurringPassage:
    """A passage by its key, as one document words it, how many groups hold it, and since when it is ruled so."""

    passage: int
    text: str
    groups: int
    ruling: Ruling
    since: datetime


def lock(connection: Connection) -> None:
    """Whoever changes groups or what recurs does it alone, until the transaction ends: so no count is ever missed."""
    locks.lock(connection, locks.LockKey.GROUPS)


def known(connection: Connection, passages: Collection[int]) -> set[int]:
    """Those of the passages that are to be taken out."""
    return set(
        connection.scalars(
            text("select passage from recurring where passage = any(cast(:keys as bigint[])) and ruling <> :article"),
            {"keys": bigints(passages), "article": Ruling.ARTICLE},
        )
    )


def recurring_passages(connection: Connection, limit: int) -> list[RecurringPassage]:
    """What is known to recur or ruled, most held first."""
    rows = connection.execute(
        text("""
        select r.passage, r.text, r.ruling, r.since,
               (select count(*) from passages p where p.passage = r.passage) as groups
        from recurring r order by groups desc, r.passage limit :limit
        """),
        {"limit": limit},
    )
    return [RecurringPassage(row.passage, row.text, row.groups, Ruling(row.ruling), row.since) for row in rows]


def pin(connection: Connection, passage: int, ruling: Ruling | None, wording: str, *, limit: int) -> int:
    """Rules that a passage is part of articles or boilerplate, or takes a ruling back (None).

    Returns how many documents go through `clean` again for it.
    """
    lock(connection)
    before = known(connection, [passage])
    begun = 0
    if ruling is None:
        connection.execute(text("delete from recurring where passage = :passage"), {"passage": passage})
        begun = relearn(connection, [passage], lambda _: wording, limit=limit)
    else:
        connection.execute(
            text("""
            insert into recurring (passage, text, ruling) values (:passage, :text, :ruling)
            on conflict (passage) do update set ruling = excluded.ruling, since = now()
            """),
            {"passage": passage, "text": wording, "ruling": ruling},
        )
    if before == known(connection, [passage]):
        return 0
    return begun or _revisit_holders(connection, [passage])


def relearn(connection: Connection, passages: Collection[int], wording: Callable[[int], str], *, limit: int) -> int:
    """Counts these passages anew: what is held by more than `limit` groups is learned, and what no more is, forgotten.

    The documents that hold what changed go through `clean` again; returns how many. The caller holds the lock;
    `wording` gives the text of a passage that is learned.
    """
    rows = connection.execute(
        text("""
        select passage, is_known from (
            select q.passage, r.passage is not null as is_known,
                   exists (select from passages p where p.passage = q.passage offset :limit) as recurs
            from unnest(cast(:keys as bigint[])) as q (passage) left join recurring r on r.passage = q.passage
            where r.passage is null or r.ruling = :learned
        ) as counted where is_known <> recurs
        """),
        {"keys": bigints(passages), "limit": limit, "learned": Ruling.LEARNED},
    ).all()
    learned = sorted(row.passage for row in rows if not row.is_known)
    forgotten = sorted(row.passage for row in rows if row.is_known)
    if learned:
        connection.execute(
            text("""
            insert into recurring (passage, text, ruling)
            select *, :learned from unnest(cast(:keys as bigint[]), cast(:texts as text[]))
            """),
            {"keys": bigints(learned), "texts": list(map(wording, learned)), "learned": Ruling.LEARNED},
        )
    if forgotten:
        connection.execute(
            text("delete from recurring where passage = any(cast(:keys as bigint[]))"), {"keys": bigints(forgotten)}
        )
    return _revisit_holders(connection, [*learned, *forgotten]) if learned or forgotten else 0


def count_anew(connection: Connection, *, limit: int, page: int) -> bool:
    """Brings what is learned to another limit, so many passages a call; True when there is no more to do."""
    in_force = connection.execute(text("select groups, counted_to from recurring_limits")).one_or_none()
    if in_force is not None and in_force.groups == limit and in_force.counted_to is None:
        return True
    lock(connection)
    if in_force is None or in_force.groups != limit:
        connection.execute(text("delete from recurring_limits"))
        connection.execute(
            text("insert into recurring_limits values (:limit, :least) on conflict do nothing"),
            {"limit": limit, "least": _LEAST_KEY},
        )
    after = connection.scalar(text("select counted_to from recurring_limits"))
    passages = connection.scalars(
        text("""
        select passage from (
            select passage from passages where passage > :after group by passage having count(*) > :limit
            union select passage from recurring where passage > :after and ruling = :learned
        ) as due order by passage limit :page
        """),
        {"after": after, "limit": limit, "learned": Ruling.LEARNED, "page": page},
    ).all()
    relearn(connection, passages, lambda passage: wording_of(connection, passage), limit=limit)
    connection.execute(
        text("update recurring_limits set counted_to = :last"),
        {"last": passages[-1] if len(passages) == page else None},
    )
    return len(passages) < page


def wording_of(connection: Connection, passage: int) -> str:
    """A passage as a stored article words it; empty where none has it any more."""
    words = connection.scalar(
        text("""
        select a.text from passages p
        join texts t on t.group_id = p.group_id and t.passages @> array[cast(:passage as bigint)]
        join documents d on d.base_text_id = t.id
        join articles a on a.document_id = d.id
        where p.passage = :passage limit 1
        """),
        {"passage": passage},
    )
    return "" if words is None else passage_texts(words.split("\n\n")).get(passage, "")


def _revisit_holders(connection: Connection, passages: Collection[int]) -> int:
    # `store` holds a share lock on the texts of the documents that it stores, and looks at what recurs after it has it:
    # either it sees what this transaction changes, or this waits for it here, and then sees its documents.
    holders = connection.scalars(
        text("""
        select t.id from texts t
        where t.group_id in (select group_id from passages where passage = any(cast(:keys as bigint[])))
          and t.passages && cast(:keys as bigint[])
        order by t.id for no key update
        """),
        {"keys": bigints(passages)},
    ).all()
    return connection.execute(
        text("""
        insert into revisits select id from documents where base_text_id = any(cast(:holders as bigint[]))
        order by id on conflict do nothing
        """),
        {"holders": bigints(holders)},
    ).rowcount
