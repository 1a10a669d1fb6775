"""The tables; each docstring says what a row is for. The statements that change the ledger stand in `db/ledger/`.

Files and documents draw their ids from one sequence, so an id names one thing, and `work` and `failures` can speak of
either: a file is work while its documents are being unpacked, a document is in every other stage.

`text()` stands here for parts of definitions (defaults, index expressions), which migrations spell the same way.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Text,
    UniqueConstraint,
    and_,
    case,
    func,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column
from sqlalchemy.types import TypeEngine

from db.expressions import CLOCK
from db.types import UnsignedBigint
from ingest.metadata.codec import METADATA
from newsmill.vocabulary import LATER_BYTES, Stage

__all__ = [
    "EMBARGOED",
    "Article",
    "AuditEntry",
    "BackupFreeze",
    "Base",
    "Document",
    "Failure",
    "File",
    "IntakeError",
    "Lease",
    "LeftOut",
    "Pause",
    "Process",
    "Sighting",
    "Tombstone",
    "Work",
]


EMBARGOED: Final = "embargoed until ([0-9T:-]+Z); it is tried again then$"
"""The end of the reason of a document that is under an embargo (`ingest.formats.xml.standing`)."""

_SQL_TYPES: Final[dict[type, TypeEngine[Any]]] = {
    datetime: DateTime(timezone=True),
    str: Text(),
    int: BigInteger(),
    dict: JSONB(),
}


class Base(DeclarativeBase):
    """Base of all models; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = _SQL_TYPES


item_id = Sequence("item_id_seq", metadata=Base.metadata)


class File(Base):
    """One row per distinct (sha256, media type).

    A container's progress is its cursor: the position at which its next member begins (`unpacked_bytes`: an offset, or
    what else the container counts by) and the number of its last document (`unpacked_lines`). `unpacked_within` has the
    cursors of the containers in it that are halfway through, outermost first, as JSON: [[position, ordinal], …].
    `skipped` counts what it holds besides documents, by the reason: {"a folder": 3}.
    """

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("sha256", "media_type"),
        Index("ix_files_failed", "finished_at", postgresql_where=text("error is not null")),
        Index("ix_files_containers", "id", postgresql_where=text("is_container")),
    )

    id: Mapped[int] = mapped_column(item_id, primary_key=True, server_default=item_id.next_value())
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_container: Mapped[bool]
    unpacked_bytes: Mapped[int] = mapped_column(server_default=text("0"))
    unpacked_lines: Mapped[int] = mapped_column(server_default=text("0"))
    unpacked_within: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    skipped: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))


class Sighting(Base):
    """Where and when a file's bytes were seen. A path with an unchanged stat is not read again."""

    __tablename__ = "sightings"
    # Paths may be longer than a btree entry may be (2.7 kB): the hash stands in for them.
    __table_args__ = (
        Index("uq_sightings_path", text("md5(path)"), "file_id", "mtime_ns", unique=True),
        Index(None, "file_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    path: Mapped[str]
    size_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    ctime_ns: Mapped[int]
    inode: Mapped[int] = mapped_column(UnsignedBigint)
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IntakeError(Base):
    """A path that was seen and could not be taken yet. The row goes once the file is taken, or its path is gone."""

    __tablename__ = "intake_errors"
    __table_args__ = (Index("uq_intake_errors_path", text("md5(path)"), unique=True),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    path: Mapped[str]
    error_class: Mapped[str]
    message: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    first_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Document(Base):
    """A document for good. The row is written at registration, and again when the document finishes or is replayed.

    `locator` says where a member of a container is, as `ingest.containers.locator` writes it; it is null for a document
    that is its file. `offset_bytes` and `size_bytes` repeat it as a range of the file, for workers of older code.
    These, too, insert rows without `media_type` and `locator`: the documents of their one container are JSON.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("file_id", "ordinal"),
        CheckConstraint("(finished_at is null) = (outcome is null)", name="finished_with_outcome"),
        Index(None, "cluster_id"),
        Index("uq_documents_canonical", "cluster_id", unique=True, postgresql_where=text("outcome = 'unique'")),
        Index(None, "text_id"),
        Index("ix_documents_first_of_text", "text_id", postgresql_where=text("outcome = 'near_duplicate'")),
        Index(None, "base_text_id"),
        Index(None, "finished_at"),
        Index(
            "ix_documents_without_article",
            "outcome",
            "finished_at",
            postgresql_where=text("outcome in ('failed', 'rejected')"),
        ),
        Index(
            "ix_documents_embargoed",
            text(f"substring(reason, '{EMBARGOED}')"),
            postgresql_where=text(f"outcome = 'failed' and reason ~ '{EMBARGOED}'"),
        ),
    )

    id: Mapped[int] = mapped_column(item_id, primary_key=True, server_default=item_id.next_value())
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    ordinal: Mapped[int]
    offset_bytes: Mapped[int] = mapped_column(server_default=text("0"))
    size_bytes: Mapped[int]
    generation: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    text_id: Mapped[int | None] = mapped_column(ForeignKey("texts.id"))
    base_text_id: Mapped[int | None] = mapped_column(ForeignKey("texts.id"))
    cluster_id: Mapped[int | None]
    journey: Mapped[list[Any] | None] = mapped_column(JSONB)
    media_type: Mapped[str | None]
    locator: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))


class Work(Base):
    """The hot part of the ledger: one narrow row per unfinished item, deleted when it finishes.

    The one index besides the key is on (lane, id). It costs no HOT updates: a row's lane changes when it is admitted,
    and else only when it has waited long. An index on stage or state brought HOT updates from 97% to 0% (measured).

    `state`, `is_due` and `is_later` are expressions, also of an alias: `select(Work.id).where(Work.is_due)`.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index(None, "lane", "id"),
        {
            "postgresql_with": {
                "fillfactor": "50",
                "autovacuum_vacuum_scale_factor": "0.02",
                "autovacuum_vacuum_threshold": "2000",
                "autovacuum_vacuum_cost_delay": "0",
            }
        },
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage: Mapped[str] = mapped_column()
    generation: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column()
    lane: Mapped[int] = mapped_column(SmallInteger)
    alone: Mapped[bool] = mapped_column(server_default=text("false"))
    strikes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    losses: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    waits: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_attempt_at: Mapped[datetime | None] = mapped_column()
    dispatched_at: Mapped[datetime | None] = mapped_column()
    lease_token: Mapped[int | None] = mapped_column()

    is_due: Mapped[bool] = column_property(or_(next_attempt_at.is_(None), next_attempt_at <= CLOCK), deferred=True)
    """Whether its next attempt may begin."""

    is_later: Mapped[bool] = column_property(
        and_(stage != Stage.UNPACK, or_(alone, size_bytes > LATER_BYTES)), deferred=True
    )
    """Whether it goes behind all other work, as `Dispatch.is_later` says."""

    state: Mapped[str] = column_property(
        case(
            (lease_token.is_not(None), "running"),
            (dispatched_at.is_not(None), "dispatched"),
            (next_attempt_at > CLOCK, "waiting"),
            else_="ready",
        ),
        deferred=True,
    )
    """Where it stands, as `status` and `show` say it. The order of the tests is that of `db.ledger`."""


class Lease(Base):
    """One worker's claim of a batch. Rows of `work` name it by its token, and the worker's heartbeat renews it."""

    __tablename__ = "leases"
    __table_args__ = (Index(None, "worker"),)

    # Drawn at random: a claim is not durable, and after a crash of PostgreSQL a sequence may give a number out again.
    token: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    worker: Mapped[str]
    task_id: Mapped[str]
    stage: Mapped[str]
    claimed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class Process(Base):
    """A running role (`worker`, `sweep`, `watch`) and its heartbeat; `moved_at` is when it last got something done."""

    __tablename__ = "processes"

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    moved_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Pause(Base):
    """A stage, or `intake`, that somebody has paused."""

    __tablename__ = "holds"

    scope: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(Base):
    """What somebody changed through the web console or the HTTP API: `who`, which `action`, and of what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    who: Mapped[str]
    action: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Failure(Base):
    """A failed attempt at an item. A retry leaves the row."""

    __tablename__ = "failures"
    __table_args__ = (Index(None, "item_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    item_id: Mapped[int]
    generation: Mapped[int] = mapped_column(Integer)
    stage: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    worker: Mapped[str]
    error_class: Mapped[str]
    message: Mapped[str]


class Article(Base):
    """What users came for: the clean article of a document, with the columns of its metadata.

    `sources` names where each value of the metadata was read, by column, and `recurring_words` counts the words that
    were taken out as recurring; both are null in rows of older versions.
    """

    __tablename__ = "articles"
    # New entries gather in a list, which the sweeper merges (`worker.duties.search_index`). Beyond this limit `store`
    # has to merge them itself.
    __table_args__ = (
        *(Column(column.name, _SQL_TYPES[column.type]) for column in METADATA.columns),
        Index(None, "search", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 16384}),  # KiB
        # `extra @> '{"desk": "sports"}'`; few rows have many values, and all of them go at once.
        Index("ix_articles_extra", "extra", postgresql_using="gin", postgresql_ops={"extra": "jsonb_path_ops"}),
        # Captures of one address are revisions. An address may be longer than an entry of an index can be.
        Index("ix_articles_url", text("md5(url)"), postgresql_where=text("url is not null")),
        Index("ix_articles_losses", "recurring_words", postgresql_where=text("recurring_words > word_count")),
    )

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    sources: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    text: Mapped[str]
    word_count: Mapped[int] = mapped_column(Integer)
    char_count: Mapped[int] = mapped_column(Integer)
    recurring_words: Mapped[int | None] = mapped_column(Integer)
    # PostgreSQL refuses a tsvector over 1 MiB: 200,000 characters stay below it whatever they are.
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', left(coalesce(title, '') || ' ' || text, 200000))", persisted=True)
    )


class Tombstone(Base):
    """The hash of a blob that is removed, or is about to be. With `refused`, its bytes are not taken again.

    The row stands before the blob goes (`removed_at`), and for a while after it: it tells intake which of the blobs
    that it has just written may be gone already (`db.erasure.marks`).
    """

    __tablename__ = "forgotten"
    __table_args__ = (Index(None, "removed_at"),)

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    forgotten_at: Mapped[datetime] = mapped_column(server_default=func.now())
    refused: Mapped[bool]
    removed_at: Mapped[datetime | None]


class LeftOut(Base):
    """The hash of a path that holds forgotten bytes, and its stat, so that a scan need not read the file again."""

    __tablename__ = "left_out"
    __table_args__ = (Index(None, "sha256"),)

    path_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    ctime_ns: Mapped[int]
    inode: Mapped[int] = mapped_column(UnsignedBigint)


class BackupFreeze(Base):
    """A backup that runs. No blob goes until it ends, or until it has not renewed this row in time."""

    __tablename__ = "blob_holds"

    name: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
