"""The tables. What each is for stands in its docstring; the statements that change them stand in `db/ledger.py`.

Files and documents draw their ids from one sequence, so that an id names one thing and `work` and `failures` can
speak of either: a file is work while its documents are being unpacked, a document in every other stage.
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
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from ingest.metadata.codec import METADATA

__all__ = [
    "Article",
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


_SQL_TYPES: Final[dict[type, TypeEngine[Any]]] = {
    datetime: DateTime(timezone=True),
    str: Text(),
    int: BigInteger(),
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
    """One row per distinct (sha256, media type). A container's progress is the offset and line it is unpacked to."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("sha256", "media_type"),
        Index("ix_files_failed", "finished_at", postgresql_where=text("error is not null")),
    )

    id: Mapped[int] = mapped_column(item_id, primary_key=True, server_default=item_id.next_value())
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    is_container: Mapped[bool]
    unpacked_bytes: Mapped[int] = mapped_column(server_default=text("0"))
    unpacked_lines: Mapped[int] = mapped_column(server_default=text("0"))
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Sighting(Base):
    """Where and when a file's bytes were seen; a path with unchanged stat is not read again."""

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
    inode: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IntakeError(Base):
    """A path that was seen and could not be accepted yet; the row goes when it is, or when the path is gone."""

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
    """Permanent and quiet: written at registration and once more when it is finished or replayed."""

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


class Work(Base):
    """The hot part of the ledger: one narrow row per unfinished item, deleted when it finishes.

    The one index besides the key is on (lane, id). It costs no HOT updates, because a row's lane changes once, when it
    is admitted, and else only when it has waited long; an index on stage or state brought HOT updates from 97% to 0%
    (measured).
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
    stage: Mapped[str]
    generation: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int]
    lane: Mapped[int] = mapped_column(SmallInteger)
    alone: Mapped[bool] = mapped_column(server_default=text("false"))
    strikes: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    losses: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    waits: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    next_attempt_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    lease_token: Mapped[int | None]


class Lease(Base):
    """One claim of a batch by one worker; rows of work name it by its token. The worker's heartbeat renews it."""

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
    """A running role (`worker`, `sweep`, `watch`) and its heartbeat; what a worker did last is its `moved_at`."""

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


class Failure(Base):
    """A failed attempt at an item. Never pruned by a retry."""

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

    `sources` names where each value of the metadata was read, by column; it is null in rows of older versions.
    """

    __tablename__ = "articles"
    # New entries gather in a list that the sweeper merges (`worker.duties.search_index`); `store` has to, only
    # beyond this limit.
    __table_args__ = (
        *(Column(column.name, _SQL_TYPES[column.type]) for column in METADATA.columns),
        Index(None, "search", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 16384}),  # KiB
    )

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    sources: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    text: Mapped[str]
    word_count: Mapped[int] = mapped_column(Integer)
    char_count: Mapped[int] = mapped_column(Integer)
    # PostgreSQL refuses a tsvector over 1 MiB: 200,000 characters stay below it whatever they are.
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("to_tsvector('simple', left(coalesce(title, '') || ' ' || text, 200000))", persisted=True)
    )


class Tombstone(Base):
    """A blob that was taken out, or is about to be, by its hash; `refused`: these bytes are not to be taken again.

    The row is there before the blob goes (`removed_at`), and stays for a while after it: by it intake knows which of
    the blobs that it has just written may have been taken from under it (`db.erasure.tombstones`).
    """

    __tablename__ = "forgotten"
    __table_args__ = (Index(None, "removed_at"),)

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    forgotten_at: Mapped[datetime] = mapped_column(server_default=func.now())
    refused: Mapped[bool]
    removed_at: Mapped[datetime | None]


class LeftOut(Base):
    """A path with forgotten bytes, by the hash of its name, and its stat: it need not be read at every scan."""

    __tablename__ = "left_out"
    __table_args__ = (Index(None, "sha256"),)

    path_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size_bytes: Mapped[int]
    mtime_ns: Mapped[int]
    ctime_ns: Mapped[int]
    inode: Mapped[int]


class BackupFreeze(Base):
    """A backup that runs: no blob goes until it has ended, or has not been heard of for too long."""

    __tablename__ = "blob_holds"

    name: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
