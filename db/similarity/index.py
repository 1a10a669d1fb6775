"""The near-duplicate index: distinct texts, their sketches' shingles and the links between them.

All of it is a pure function of texts, so every write here may be repeated by anybody at any time. Publish first, in a
transaction of its own, then probe: of two texts handled at the same moment at least one sees the other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, REAL, insert

from db.expressions import CLOCK, array, array_of, seconds, unnested
from db.index_models import Link, Orphan, Shingle, TextVersion
from db.ledger.labels import orphaned
from db.types import bigint_literal
from ingest.similarity.digests import NOT_SHARED, Share
from ingest.similarity.pair_rule import PAIR_RULE
from ingest.similarity.pair_rule import Link as FoundLink
from ingest.similarity.reference import HUBS
from ingest.similarity.sketches import Sketch, pack_sketch, unpack_sketch

__all__ = [
    "ORPHAN_SECONDS",
    "IndexedText",
    "TextLink",
    "bodies",
    "candidates",
    "link",
    "owned",
    "prefer_indexes",
    "probed",
    "publish",
    "remove",
    "sketches",
]

ORPHAN_SECONDS: Final = 3600.0
"""How long a published text is kept without a document.

Much longer than a document takes from `deduplicate` to the end of `store`: one whose text is gone begins again there.
What a dead letter has published counts for so long as a group of its own, unless the mill rests before.
"""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A text to publish: its id and hash, its normalised form, its sketch, and the passages of a base text."""

    id: int
    hash: bytes
    body: str
    sketch: Sketch
    passages: tuple[int, ...] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class TextLink:
    """Two texts, least id first, that the pair rule takes for the same report, and what is shared of each."""

    low_text_id: int
    high_text_id: int
    kind: str
    score: float
    of_low: Share = NOT_SHARED
    of_high: Share = NOT_SHARED

    @classmethod
    def between(cls, one: int, other: int, link: FoundLink, shares: tuple[Share, Share]) -> "TextLink":
        """Returns the link of two texts, with what is shared of the one and of the other."""
        of_one, of_other = shares
        if one < other:
            return cls(one, other, link.kind, link.score, of_one, of_other)
        return cls(other, one, link.kind, link.score, of_other, of_one)


# Raw: settings have no rows, and one query sets all three.
_PREFER_INDEXES = text(
    "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),"
    " set_config('enable_seqscan', 'off', true)"
)


def prefer_indexes(connection: Connection) -> None:
    """Has PostgreSQL look up rows by their keys, one by one, until the transaction ends.

    The tables of the index grow faster than their statistics: without this, PostgreSQL takes one for small and reads it
    whole for each batch.
    """
    connection.execute(_PREFER_INDEXES)


_new = unnested(
    "new",
    id=array("ids"),
    hash=array("hashes", LargeBinary()),
    body=array("bodies", Text()),
    sketch=array("sketches", LargeBinary()),
    passages=array("passages", Text()),
)
_added = (
    insert(TextVersion)
    .from_select(
        ["id", "hash", "body", "sketch", "passages"],
        select(_new.c.id, _new.c.hash, _new.c.body, _new.c.sketch, cast(_new.c.passages, ARRAY(BigInteger()))),
    )
    .on_conflict_do_nothing(index_elements=[TextVersion.id])
    .returning(TextVersion.id)
    .cte("added")
)
_published = unnested("published", id=array("ids"))
_PUBLISH = select(_added.c.id).add_cte(
    orphaned(
        select(_published.c.id, CLOCK + seconds(literal(ORPHAN_SECONDS))).where(
            or_(
                _published.c.id.in_(select(_added.c.id)),
                select(Orphan.text_id).where(Orphan.text_id == _published.c.id).exists(),
            )
        )
    ).cte("orphaned")
)

_keys_of_texts = unnested("key", shingle=array("shingles"), text_id=array("text_ids"))
_ADD_SHINGLES = insert(Shingle).from_select(["shingle", "text_id"], select(_keys_of_texts)).on_conflict_do_nothing()


def publish(connection: Connection, texts: Sequence[IndexedText]) -> None:
    """Adds the texts that are new, with their shingles.

    Rows go in by id order, so two workers with texts in common cannot deadlock. A text that was there without the
    passages of a base text, or with others, gets them with its group (`db.similarity.groups`). Until a document is
    stored with it (`owned`), a text is an orphan, which goes in time: nobody has to know what was published by whom.
    """
    new = sorted({t.id: t for t in texts}.values(), key=lambda t: t.id)
    added = set(
        connection.scalars(
            _PUBLISH,
            {
                "ids": [t.id for t in new],
                "hashes": [t.hash for t in new],
                "bodies": [t.body for t in new],
                "sketches": [pack_sketch(t.sketch) for t in new],
                "passages": [None if t.passages is None else bigint_literal(t.passages) for t in new],
            },
        )
    )
    if added:
        shingles, ids = _keys({t.id: t.sketch for t in new if t.id in added})
        connection.execute(_ADD_SHINGLES, {"shingles": shingles, "text_ids": ids})


def _keys(sketches: Mapping[int, Sketch]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the index keys of all these texts, and of each the text's id."""
    keys = [sketch.keys for sketch in sketches.values()]
    ids = np.repeat(np.fromiter(sketches, np.int64), np.fromiter(map(len, keys), np.int64))
    return np.concatenate(keys or [ids]), ids


_is_asked = TextVersion.id == any_(array("ids"))
_PROBED = (
    select(TextVersion.id)
    .where(_is_asked, TextVersion.probed, TextVersion.pair_rule == PAIR_RULE)
    .order_by(TextVersion.id)
)
_PROBED_LOCKED = _PROBED.with_for_update(read=True, key_share=True)


def probed(connection: Connection, ids: Collection[int], *, lock: bool = False) -> set[int]:
    """Returns those of the texts that are published with all their links; with `lock` they stay until the end.

    Links of another version of the pair rule do not count.
    """
    return set(connection.scalars(_PROBED_LOCKED if lock else _PROBED, {"ids": ids}))


# Raw: a probe for each key, of which the least texts are an array, reads as what it is.
_CANDIDATES = text("""
    with asked as materialized (
        select q.*, array(select s.text_id from shingles s where s.shingle = q.shingle order by 1 limit :hubs) as least
        from unnest(:shingles, :text_ids, :shared) as q (shingle, text_id, shared)
    ), pairs as (
        select text_id, shared, unnest(least) as other_id from asked where cardinality(least) > 1
        union all
        -- A text that is a hub itself meets everybody.
        select a.text_id, a.shared, s.text_id
        from asked a join shingles s on s.shingle = a.shingle and s.text_id > a.least[:hubs]
        where cardinality(a.least) = :hubs and a.text_id <= a.least[:hubs]
    ), counted as (
        select text_id, other_id, count(*) as count from pairs where text_id <> other_id
        group by text_id, shared, other_id having count(*) >= shared
    )
    select text_id, array_agg(other_id) as others, array_agg(count) as counts from counted group by 1
""").bindparams(array("shingles"), array("text_ids"), array("shared"), bindparam("hubs", type_=Integer()))


def candidates(
    connection: Connection, sketches: Mapping[int, Sketch], shared: Mapping[int, int], hubs: int = HUBS
) -> dict[int, dict[int, int]]:
    """Returns for each of these texts the others with which it shares `shared` index keys or more, and how many.

    Of a key that more than `hubs` texts have, only the pairs with one of its `hubs` least texts count, so the work that
    a text makes is bounded however often something recurs.
    """
    prefer_indexes(connection)
    shingles, ids = _keys(sketches)
    rows = connection.execute(
        _CANDIDATES,
        {"shingles": shingles, "text_ids": ids, "shared": (shared[id_] for id_ in ids.tolist()), "hubs": hubs},
    )
    found = {row.text_id: dict(zip(row.others, row.counts, strict=True)) for row in rows}
    return {text_id: found.get(text_id, {}) for text_id in sketches}


_SKETCHES = select(TextVersion.id, TextVersion.sketch).where(_is_asked)


def sketches(connection: Connection, ids: Collection[int]) -> dict[int, Sketch]:
    """Returns the sketches of those of the texts that are published."""
    return {row.id: unpack_sketch(row.sketch) for row in connection.execute(_SKETCHES, {"ids": ids})}


_BODIES = select(TextVersion.id, TextVersion.body).where(_is_asked)


def bodies(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Returns the normalised texts themselves, of those that are published."""
    return {row.id: row.body for row in connection.execute(_BODIES, {"ids": ids})}


_found = unnested(
    "found",
    low=array("low"),
    high=array("high"),
    kind=array("kinds", Text()),
    score=array("scores", REAL()),
    low_extent=array("low_extents"),
    low_places=array("low_places"),
    high_extent=array("high_extents"),
    high_places=array("high_places"),
)
_ADD_LINKS = (
    insert(Link)
    .from_select(
        [
            *("low_text_id", "high_text_id", "kind", "score"),
            *("low_extent", "low_places", "high_extent", "high_places", "pair_rule"),
        ],
        select(_found, literal(PAIR_RULE, SmallInteger())),
    )
    .on_conflict_do_nothing(index_elements=[Link.low_text_id, Link.high_text_id])
)
_DROP_OLD_LINKS = tuple(
    delete(Link).where(end == any_(array("ids")), Link.pair_rule != PAIR_RULE)
    for end in (Link.low_text_id, Link.high_text_id)
)
_MARK_PROBED = (
    update(TextVersion)
    .where(
        TextVersion.id.in_(
            select(TextVersion.id)
            .where(_is_asked, or_(~TextVersion.probed, TextVersion.pair_rule != PAIR_RULE))
            .order_by(TextVersion.id)
            .with_for_update()
            .correlate(None)
        )
    )
    .values(probed=True, pair_rule=PAIR_RULE)
)


def link(connection: Connection, probed: Iterable[int], links: Sequence[TextLink]) -> None:
    """Writes the links that were found and marks the texts whose links are now complete.

    What another version of the pair rule had linked with these texts goes: what holds of it was found anew.
    """
    complete = sorted(probed)
    for statement in _DROP_OLD_LINKS:
        connection.execute(statement, {"ids": complete})
    ordered = sorted(links, key=lambda entry: (entry.low_text_id, entry.high_text_id))
    if ordered:
        connection.execute(
            _ADD_LINKS,
            {
                "low": [entry.low_text_id for entry in ordered],
                "high": [entry.high_text_id for entry in ordered],
                "kinds": [entry.kind for entry in ordered],
                "scores": [entry.score for entry in ordered],
                "low_extents": [int(entry.of_low.extent) for entry in ordered],
                "low_places": [entry.of_low.places for entry in ordered],
                "high_extents": [int(entry.of_high.extent) for entry in ordered],
                "high_places": [entry.of_high.places for entry in ordered],
            },
        )
    connection.execute(_MARK_PROBED, {"ids": complete})


_OWN = delete(Orphan).where(
    Orphan.text_id
    == any_(
        array_of(
            select(Orphan.text_id)
            .where(Orphan.text_id == any_(array("ids")))
            .with_for_update(skip_locked=True)
            .correlate(None)
        )
    )
)


def owned(connection: Connection, ids: Collection[int]) -> None:
    """Says that these texts have documents, stored in this transaction: they are no orphans.

    It waits for nobody. A row that the sweeper has in hand is the sweeper's to delete, or to leave.
    """
    connection.execute(_OWN, {"ids": ids})


_REMOVE_SHINGLES = delete(Shingle).where(
    Shingle.shingle == _keys_of_texts.c.shingle, Shingle.text_id == _keys_of_texts.c.text_id
)
_REMOVE_TEXTS = (
    delete(Link).where(Link.low_text_id == any_(array("ids"))),
    delete(Link).where(Link.high_text_id == any_(array("ids"))),
    delete(TextVersion).where(_is_asked),
)


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Takes texts out of the index with their shingles and links; groups are not its concern."""
    shingles, of_texts = _keys(sketches(connection, ids))
    connection.execute(_REMOVE_SHINGLES, {"shingles": shingles, "text_ids": of_texts})
    for statement in _REMOVE_TEXTS:
        connection.execute(statement, {"ids": ids})
