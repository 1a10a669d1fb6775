"""Passages that recur: which there are, how many groups hold each, and what people have ruled about them.

The counts are those of rows of `passages`, so they cannot be wrong; `recurring` remembers which are over the limit.
The limit is the database's, since results depend on it: two processes with other settings would undo each other's work
for ever. What a process is set up with (`default`) counts where the database has none yet.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    any_,
    bindparam,
    column,
    delete,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import array as sql_array
from sqlalchemy.dialects.postgresql import insert

from db import locks
from db.expressions import array, array_of, unnested
from db.index_models import Passage, Recurring, RecurringLimit, Revisit, TextVersion
from db.models import Article, Document
from ingest.similarity.passages import passage_texts
from newsmill.vocabulary import Ruling

__all__ = [
    "KnownPassage",
    "RecurringPassage",
    "Ruling",
    "count_anew",
    "known",
    "limit_in_force",
    "lock",
    "pin",
    "recurring_passages",
    "relearn",
    "rulings_of",
    "set_limit",
    "take_revisits",
    "wording_of",
]

_LEAST_KEY: Final = -(1 << 63)


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """What is known of a passage that recurs or is pinned: its ruling, and its text as one document words it."""

    ruling: Ruling
    text: str


@dataclass(frozen=True, slots=True)
class RecurringPassage:
    """A passage by its key, as one document words it, how many groups hold it, and since when it is ruled so."""

    passage: int
    text: str
    groups: int
    ruling: Ruling
    since: datetime


def lock(connection: Connection) -> None:
    """Keeps others from changing groups or what recurs until the transaction ends, so that no count is missed."""
    locks.lock(connection, locks.LockKey.GROUPS)


_is_asked = Recurring.passage == any_(array("keys"))
_KNOWN = select(Recurring.passage).where(_is_asked, Recurring.ruling != Ruling.ARTICLE)


def known(connection: Connection, passages: Collection[int]) -> set[int]:
    """Returns those of the passages that are to be taken out."""
    return set(connection.scalars(_KNOWN, {"keys": passages}))


_RULINGS = select(Recurring.passage, Recurring.ruling, Recurring.text).where(_is_asked)


def rulings_of(connection: Connection, passages: Collection[int]) -> dict[int, KnownPassage]:
    """Returns the ruling and the text of those of the passages that recur or are pinned."""
    rows = connection.execute(_RULINGS, {"keys": passages})
    return {row.passage: KnownPassage(Ruling(row.ruling), row.text) for row in rows}


_groups = select(func.count()).where(Passage.passage == Recurring.passage).scalar_subquery().label("groups")
_RECURRING = (
    select(Recurring.passage, Recurring.text, _groups, Recurring.ruling, Recurring.since)
    .order_by(_groups.desc(), Recurring.passage)
    .limit(bindparam("limit"))
)


def recurring_passages(connection: Connection, limit: int) -> list[RecurringPassage]:
    """Returns what is known to recur or ruled, the passages that most groups hold first."""
    rows = connection.execute(_RECURRING, {"limit": limit})
    return [RecurringPassage(row.passage, row.text, row.groups, Ruling(row.ruling), row.since) for row in rows]


_FORGET = delete(Recurring).where(_is_asked)
_ruled = insert(Recurring).values(passage=bindparam("passage"), text=bindparam("text"), ruling=bindparam("ruling"))
_RULE = _ruled.on_conflict_do_update(
    index_elements=[Recurring.passage], set_={Recurring.ruling: _ruled.excluded.ruling, Recurring.since: func.now()}
)


def pin(connection: Connection, passage: int, ruling: Ruling | None, wording: str, *, limit: int) -> int:
    """Rules that a passage is part of articles or boilerplate, or takes a ruling back (None).

    Returns how many documents go through `clean` again for it.
    """
    lock(connection)
    before = _in_force(connection, passage)
    begun = 0
    if ruling is None:
        connection.execute(_FORGET, {"keys": [passage]})
        begun = relearn(connection, [passage], lambda _: wording, limit=limit)
    else:
        connection.execute(_RULE, {"passage": passage, "text": wording, "ruling": ruling})
    if before == _in_force(connection, passage):
        return 0
    return begun or _revisit_holders(connection, [passage])


def _in_force(connection: Connection, passage: int) -> Ruling | None:
    """Returns by which ruling the passage is taken out of texts, if at all."""
    found = rulings_of(connection, [passage]).get(passage)
    return None if found is None or found.ruling == Ruling.ARTICLE else found.ruling


_key = unnested("key", passage=array("keys"))
_counted = (
    select(
        _key.c.passage,
        Recurring.passage.is_not(None).label("is_known"),
        select(Passage.passage)
        .where(Passage.passage == _key.c.passage)
        .offset(bindparam("limit"))
        .exists()
        .label("recurs"),
    )
    .select_from(_key.outerjoin(Recurring, Recurring.passage == _key.c.passage))
    .where(or_(Recurring.passage.is_(None), Recurring.ruling == Ruling.LEARNED))
    .subquery("counted")
)
_CHANGED = select(_counted.c.passage, _counted.c.is_known).where(_counted.c.is_known != _counted.c.recurs)

_learned = unnested("learned", passage=array("keys"), text=array("texts", Text()))
_LEARN = insert(Recurring).from_select(
    ["passage", "text", "ruling"],
    select(_learned.c.passage, _learned.c.text, bindparam("as_ruling", Ruling.LEARNED, type_=Text())),
)


def relearn(connection: Connection, passages: Collection[int], wording: Callable[[int], str], *, limit: int) -> int:
    """Counts these passages anew: learns what more groups hold than the limit in force, and forgets what no more do.

    The documents that hold what changed go through `clean` again; returns how many. The caller holds the lock;
    `wording` gives the text of a passage that is learned, `limit` is what counts where the database has none yet.
    """
    in_force = _settled_limit(connection, limit)
    rows = connection.execute(_CHANGED, {"keys": passages, "limit": in_force}).all()
    learned = sorted(row.passage for row in rows if not row.is_known)
    forgotten = sorted(row.passage for row in rows if row.is_known)
    if learned:
        connection.execute(_LEARN, {"keys": learned, "texts": list(map(wording, learned))})
    if forgotten:
        connection.execute(_FORGET, {"keys": forgotten})
    return _revisit_holders(connection, [*learned, *forgotten]) if learned or forgotten else 0


_LIMIT = select(RecurringLimit.groups, RecurringLimit.counted_to)
_DROP_LIMIT = delete(RecurringLimit)
_SET_LIMIT = (
    insert(RecurringLimit)
    .values(groups=bindparam("limit", type_=Integer()), counted_to=_LEAST_KEY)
    .on_conflict_do_nothing(index_elements=[RecurringLimit.groups])
)
_COUNTED_TO = select(RecurringLimit.counted_to)
_COUNT_TO = update(RecurringLimit).values(counted_to=bindparam("last"))

_after = bindparam("after", type_=BigInteger())
_due = union(
    select(Passage.passage)
    .where(Passage.passage > _after)
    .group_by(Passage.passage)
    .having(func.count() > bindparam("limit", type_=Integer())),
    select(Recurring.passage).where(Recurring.passage > _after, Recurring.ruling == Ruling.LEARNED),
).subquery("due")
_DUE = select(_due.c.passage).order_by(_due.c.passage).limit(bindparam("page"))


def limit_in_force(connection: Connection, default: int) -> int:
    """Returns the limit that counts: the database's, or `default` where it has none yet."""
    in_force = connection.execute(_LIMIT).one_or_none()
    return default if in_force is None else int(in_force.groups)


def _settled_limit(connection: Connection, default: int) -> int:
    """Returns the limit that counts; `default` becomes it where there is none yet. The caller holds the lock."""
    in_force = connection.execute(_LIMIT).one_or_none()
    if in_force is None:
        connection.execute(_SET_LIMIT, {"limit": default})
        return default
    return int(in_force.groups)


def set_limit(connection: Connection, limit: int) -> None:
    """Makes this the limit; the sweeper counts all passages anew by it (`count_anew`)."""
    lock(connection)
    connection.execute(_DROP_LIMIT)
    connection.execute(_SET_LIMIT, {"limit": limit})


def count_anew(connection: Connection, default: int, page: int) -> bool:
    """Brings what is learned to the limit in force, `page` passages a call; returns True when there is no more to do.

    `default` is what counts where the database has no limit yet.
    """
    in_force = connection.execute(_LIMIT).one_or_none()
    if in_force is not None and in_force.counted_to is None:
        return True
    lock(connection)
    limit = _settled_limit(connection, default)
    after = connection.scalar(_COUNTED_TO)
    if after is None:  # another sweeper was here before this one had the lock
        return True
    passages = connection.scalars(_DUE, {"after": after, "limit": limit, "page": page}).all()
    relearn(connection, passages, lambda passage: wording_of(connection, passage), limit=limit)
    connection.execute(_COUNT_TO, {"last": passages[-1] if len(passages) == page else None})
    return len(passages) < page


_WORDING = (
    select(Article.text)
    .select_from(Passage)
    .join(
        TextVersion,
        (TextVersion.group_id == Passage.group_id)
        & TextVersion.passages.contains(sql_array([bindparam("passage", type_=BigInteger())])),
    )
    .join(Document, Document.base_text_id == TextVersion.id)
    .join(Article, Article.document_id == Document.id)
    .where(Passage.passage == bindparam("passage", type_=BigInteger()))
    .limit(1)
)


def wording_of(connection: Connection, passage: int) -> str:
    """Returns a passage as a stored article words it; empty where none has it any more."""
    words = connection.scalar(_WORDING, {"passage": passage})
    return "" if words is None else passage_texts(words.split("\n\n")).get(passage, "")


_its = func.unnest(TextVersion.passages).table_valued(column("passage", BigInteger())).render_derived(name="its")
_its_passages = _its.lateral("its")
# `passages && keys` compares each passage with each key: for a text with 55,000 and 25,000 keys that took 10 s.
_HOLDERS = (
    select(TextVersion.id)
    .where(
        TextVersion.group_id.in_(select(Passage.group_id).where(Passage.passage == any_(array("keys")))),
        select(_its_passages.c.passage)
        .where(_its_passages.c.passage == any_(array("keys")))  # which hashes the keys, once
        .correlate(TextVersion)
        .exists(),
    )
    .order_by(TextVersion.id)
    .with_for_update(key_share=True)
)
_REVISIT = (
    insert(Revisit)
    .from_select(
        ["document_id"],
        select(Document.id).where(Document.base_text_id == any_(array("holders"))).order_by(Document.id),
    )
    .on_conflict_do_nothing(index_elements=[Revisit.document_id])
    .execution_options(preserve_rowcount=True)  # SQLAlchemy keeps that of updates and deletions alone
)


def _revisit_holders(connection: Connection, passages: Collection[int]) -> int:
    # `store` holds a share lock on the texts of the documents that it stores, and looks at what recurs after it has it:
    # either it sees what this transaction changes, or this waits for it here, and then sees its documents.
    holders = connection.scalars(_HOLDERS, {"keys": passages}).all()
    return connection.execute(_REVISIT, {"holders": holders}).rowcount


_TAKE_REVISITS = (
    delete(Revisit)
    .where(
        Revisit.document_id
        == any_(
            array_of(
                select(Revisit.document_id)
                .order_by(Revisit.document_id)
                .limit(bindparam("limit"))
                .with_for_update(skip_locked=True)
                .correlate(None)
            )
        )
    )
    .returning(Revisit.document_id)
)


def take_revisits(connection: Connection, limit: int) -> list[int]:
    """Takes so many documents off the list of those that go through `clean` again; returns them."""
    return list(connection.scalars(_TAKE_REVISITS, {"limit": limit}))
