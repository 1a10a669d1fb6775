"""The tables of the near-duplicate index: texts, what they share, and what recurs in them.

All of it is a pure function of texts, except groups, rulings and what is still to be done.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import ARRAY, REAL
from sqlalchemy.orm import Mapped, mapped_column

from db.models import Base

__all__ = [
    "Base",
    "Digest",
    "GroupLink",
    "Link",
    "Orphan",
    "Passage",
    "Recurring",
    "RecurringLimit",
    "Revisit",
    "Shingle",
    "TextVersion",
]


class TextVersion(Base):
    """A distinct text in its normalised form (`body`), by its hash: what near-duplicate search works on.

    It is the clean text of some documents, or the text of some before recurring passages went (their base text), or
    both. All but `group_id` is a pure function of texts, as are `shingles` and `links`, so no row is ever fenced,
    withdrawn or replayed. Which texts count follows from the documents that name them. The id is the beginning of the
    hash. A base text has the keys of its `passages`, and a group. `probed` says that its links are complete by the pair
    rule of that number.
    """

    __tablename__ = "texts"
    __table_args__ = (Index(None, "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[str]
    sketch: Mapped[bytes] = mapped_column(LargeBinary)
    probed: Mapped[bool] = mapped_column(server_default=text("false"))
    pair_rule: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    passages: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    group_id: Mapped[int | None]


class Shingle(Base):
    """A shingle of a text's sketch. The plain btree takes .13 to .5 ms a probe at 300,000 documents (measured)."""

    __tablename__ = "shingles"

    shingle: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Link(Base):
    """Two texts that the pair rule of this number takes for the same report; least id first.

    What each has of the other is an extent and places (`ingest.similarity.digests`): `low_extent` is how much of the
    low text the high one has. Rows of older versions have none.
    """

    __tablename__ = "links"
    __table_args__ = (
        Index(None, "high_text_id"),
        Index("ix_links_low_part", "low_text_id", postgresql_where=text("low_extent = 1")),
        Index("ix_links_high_part", "high_text_id", postgresql_where=text("high_extent = 1")),
        CheckConstraint("low_text_id < high_text_id", name="order"),
    )

    low_text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    high_text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    score: Mapped[float] = mapped_column(REAL)
    pair_rule: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    low_extent: Mapped[int | None] = mapped_column(SmallInteger)
    low_places: Mapped[int | None]
    high_extent: Mapped[int | None] = mapped_column(SmallInteger)
    high_places: Mapped[int | None]


class Digest(Base):
    """A text that some document has, and that is a digest. These rows change under the label lock, with the labels."""

    __tablename__ = "digests"

    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class GroupLink(Base):
    """Two base texts of one group, by the group rule; least id first. Groups are the connected components."""

    __tablename__ = "group_links"
    __table_args__ = (Index(None, "high_text_id"), CheckConstraint("low_text_id < high_text_id", name="order"))

    low_text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    high_text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Passage(Base):
    """A group in which some text holds this passage. A passage recurs as often as it has rows."""

    __tablename__ = "passages"

    passage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Recurring(Base):
    """A passage that was learned to recur (`learned`), or that somebody has ruled `article` or `boilerplate`."""

    __tablename__ = "recurring"

    passage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    ruling: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class RecurringLimit(Base):
    """The limit in force, which a command changes, and the passage up to which all were counted by it; None: all are.

    `NEWSMILL_RECURRING_GROUPS` is what the first process gives a database that has none.
    """

    __tablename__ = "recurring_limits"

    groups: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counted_to: Mapped[int | None]


class Revisit(Base):
    """A finished document that has to go through `clean` again, as what recurs in it has changed."""

    __tablename__ = "revisits"

    document_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Orphan(Base):
    """A text that perhaps no finished document has. It goes from the index when it is due, unless one has it then.

    Every published text has a row here or a document: a row from its publication until a document is stored with it,
    and again from when a document that had it has another, or goes.
    """

    __tablename__ = "orphans"

    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due: Mapped[datetime] = mapped_column(server_default=func.now())
