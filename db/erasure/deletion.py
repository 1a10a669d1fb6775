"""Takes documents and files out of the ledger, in an order that agrees with whoever works on them.

First the rows of `work`: without them no lease holds the document any more, so whatever a worker still makes of it is
written nowhere. Then, under the label lock, its place among the others, its article and its own rows. Its texts are
orphans then, which maintenance takes out of the index unless another document has them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db.erasure import tombstones
from db.similarity import clusters
from db.similarity.index import ORPHAN_SECONDS
from db.types import Bigints, bigints
from ingest.containers.locator import Range

__all__ = [
    "Candidate",
    "Old",
    "Places",
    "documents_of",
    "documents_of_url",
    "drop_documents",
    "drop_files",
    "empty_files",
    "files_without_documents",
    "has_file",
    "leases_in_force",
    "old_counts",
    "old_documents",
    "orphans_left",
    "orphans_until",
    "places",
    "replace_blob",
    "resolve",
    "same_bytes",
    "stop_unpacking",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of which something is to be forgotten: these documents, or all of it (None)."""

    file_id: int
    sha256: bytes
    media_type: str
    size_bytes: int
    paths: list[str]
    document_count: int
    documents: list[int] | None
    unpacking: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Where documents stand in their file's blob, and when that was looked up."""

    sha256: bytes
    ranges: list[Range]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Old:
    """Finished documents, not at work, registered before `before`; with an outcome only those that ended so."""

    before: datetime
    outcome: str | None = None


def resolve(connection: Connection, item_id: int) -> Candidate | None:
    """The file of this id, or the document of this id in its file; None if nothing has it.

    The only document of its file stands for the file, unless that is still being unpacked.
    """
    row = connection.execute(
        text("""
        select f.id, f.sha256, f.media_type, f.size_bytes, d.id as document_id,
               (select count(*) from documents o where o.file_id = f.id) as document_count,
               array(select path from sightings s where s.file_id = f.id group by path order by min(s.id)) as paths,
               exists (select from work w where w.id = f.id) as unpacking
        from files f left join documents d on d.file_id = f.id and d.id = :id
        where f.id = coalesce((select file_id from documents where id = :id), :id)
        """),
        {"id": item_id},
    ).one_or_none()
    if row is None:
        return None
    single = row.document_id is not None and (row.document_count > 1 or row.unpacking)
    return Candidate(
        file_id=row.id,
        sha256=bytes(row.sha256),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        paths=list(row.paths),
        document_count=row.document_count,
        documents=[row.document_id] if single else None,
        unpacking=row.unpacking,
    )


def documents_of_url(connection: Connection, url: str) -> list[int]:
    """The documents whose article has just this URL; reads all articles."""
    return list(connection.scalars(text("select document_id from articles where url = :url order by 1"), {"url": url}))


def documents_of(connection: Connection, file_id: int, limit: int) -> list[int]:
    """Some documents of a file."""
    return list(
        connection.scalars(
            text("select id from documents where file_id = :id order by id limit :limit"),
            {"id": file_id, "limit": limit},
        )
    )


def stop_unpacking(connection: Connection, file_ids: Collection[int]) -> None:
    """No more documents of these files are registered from the commit on."""
    connection.execute(text("delete from work where id = any(cast(:ids as bigint[]))"), {"ids": bigints(file_ids)})


def drop_documents(connection: Connection, ids: Collection[int]) -> list[int]:
    """Takes these documents out; returns the tokens of the leases that held some, as workers may be at them still."""
    parameters = {"ids": bigints(sorted(ids))}
    tokens = _drop_work(connection, parameters)
    clusters.lock(connection)
    connection.execute(
        text("select from documents where id = any(cast(:ids as bigint[])) order by id for update"), parameters
    )
    tokens += _drop_work(connection, parameters)  # begun again (`retry`) before they were locked
    clusters.withdraw(connection, ids)
    for statement in (
        "delete from revisits where document_id = any(cast(:ids as bigint[]))",
        "delete from failures where item_id = any(cast(:ids as bigint[]))",
        "delete from documents where id = any(cast(:ids as bigint[]))",
    ):
        connection.execute(text(statement), parameters)
    return tokens


def _drop_work(connection: Connection, parameters: dict[str, Bigints]) -> list[int]:
    """The leases of what was at work; 0 for what was at work and nobody's."""
    rows = connection.scalars(
        text("delete from work where id = any(cast(:ids as bigint[])) returning coalesce(lease_token, 0)"), parameters
    )
    return list(rows)


def drop_files(connection: Connection, ids: Collection[int], *, refused: bool) -> None:
    """Takes out files without documents, with their sightings; their blobs may go if no other file has them.

    With `refused`, their bytes are not taken again, and what is known of their paths is a hash. The caller holds the
    lock of `removals`.
    """
    parameters = {"ids": bigints(sorted(ids))}
    _drop_work(connection, parameters)
    connection.execute(
        text("select from files where id = any(cast(:ids as bigint[])) order by id for update"), parameters
    )
    seen = connection.execute(
        text("""
        select s.path, f.sha256, s.size_bytes, s.mtime_ns, s.ctime_ns, s.inode
        from sightings s join files f on f.id = s.file_id where f.id = any(cast(:ids as bigint[])) order by s.id
        """),
        parameters,
    ).all()
    if refused:
        tombstones.leave_out(connection, (tuple(row) for row in seen))
    for statement in (
        """
        delete from intake_errors using sightings s
        where s.file_id = any(cast(:ids as bigint[])) and md5(intake_errors.path) = md5(s.path)
        """,
        "delete from sightings where file_id = any(cast(:ids as bigint[]))",
        "delete from failures where item_id = any(cast(:ids as bigint[]))",
    ):
        connection.execute(text(statement), parameters)
    digests = connection.scalars(
        text("delete from files where id = any(cast(:ids as bigint[])) returning sha256"), parameters
    )
    tombstones.mark(connection, {bytes(sha256) for sha256 in digests}, refused=refused)


def same_bytes(connection: Connection, file_id: int) -> list[int]:
    """The other files with the same bytes: those of another media type."""
    return list(
        connection.scalars(
            text("""
            select o.id from files f join files o on o.sha256 = f.sha256 and o.id <> f.id where f.id = :id order by 1
            """),
            {"id": file_id},
        )
    )


def places(connection: Connection, file_id: int, ids: Collection[int]) -> Places | None:
    """Where these documents of the file stand; None if the file is gone."""
    row = connection.execute(
        text("select sha256, clock_timestamp() as read_at from files where id = :id"), {"id": file_id}
    ).one_or_none()
    if row is None:
        return None
    ranges = connection.execute(
        text("""
        select offset_bytes, size_bytes from documents where file_id = :file_id and id = any(cast(:ids as bigint[]))
        """),
        {"file_id": file_id, "ids": bigints(ids)},
    )
    return Places(bytes(row.sha256), [Range(one.offset_bytes, one.size_bytes) for one in ranges], row.read_at)


def has_file(connection: Connection, sha256: bytes, media_type: str) -> bool:
    """Whether there is a file of these bytes and this media type."""
    return bool(
        connection.scalar(
            text("select exists (select from files where sha256 = :sha256 and media_type = :media_type)"),
            {"sha256": sha256, "media_type": media_type},
        )
    )


def replace_blob(connection: Connection, file_id: int, new: bytes) -> None:
    """Gives a container other bytes of the same length.

    Equal articles of other files may be ranked by these hashes, so their clusters are settled anew.
    """
    clusters.lock(connection)
    connection.execute(text("update files set sha256 = :new where id = :id"), {"id": file_id, "new": new})
    ties = connection.scalars(
        text("""
        select distinct d.cluster_id from documents d
        where d.file_id = :id and d.cluster_id is not null
          and exists (select from documents o where o.text_id = d.text_id and o.file_id <> d.file_id)
        """),
        {"id": file_id},
    ).all()
    clusters.settle_anew(connection, ties)


def leases_in_force(connection: Connection, tokens: Collection[int]) -> bool:
    """Whether a worker may still be at what these leases held."""
    return bool(
        connection.scalar(
            text("""
            select exists (select from leases where token = any(cast(:tokens as bigint[]))
                           and expires_at > clock_timestamp())
            """),
            {"tokens": bigints(tokens)},
        )
    )


def orphans_until(connection: Connection) -> datetime:
    """When the last of the texts that are orphans now are due."""
    until: datetime = connection.execute(
        text("select clock_timestamp() + make_interval(secs => :seconds)"), {"seconds": ORPHAN_SECONDS}
    ).scalar_one()
    return until


def orphans_left(connection: Connection, until: datetime) -> bool:
    """Whether texts that are due by then wait to be taken out of the index."""
    return bool(connection.scalar(text("select exists (select from orphans where due <= :until)"), {"until": until}))


_OLD = """
    from documents d where d.finished_at is not null and d.registered_at < :before
      and (cast(:outcome as text) is null or d.outcome = :outcome)
      and not exists (select from work w where w.id = d.id)
"""


def old_counts(connection: Connection, old: Old) -> dict[str, int]:
    """How many such documents there are, by outcome; reads the table, some seconds at tens of millions of rows."""
    rows = connection.execute(
        text(f"select d.outcome, count(*) as n {_OLD} group by 1 order by 2 desc"),
        {"before": old.before, "outcome": old.outcome},
    )
    return {row.outcome: row.n for row in rows}


def old_documents(connection: Connection, old: Old, *, after: int, limit: int) -> list[int]:
    """The next of them by id."""
    return list(
        connection.scalars(
            text(f"select d.id {_OLD} and d.id > :after order by d.id limit :limit"),
            {"before": old.before, "outcome": old.outcome, "after": after, "limit": limit},
        )
    )


def empty_files(connection: Connection, before: datetime, *, after: int, limit: int) -> list[int]:
    """The next files by id of before that have no documents (any more) and are not being unpacked."""
    return list(
        connection.scalars(
            text("""
            select f.id from files f
            where f.id > :after and f.registered_at < :before
              and not exists (select from documents d where d.file_id = f.id)
              and not exists (select from work w where w.id = f.id)
            order by f.id limit :limit
            """),
            {"before": before, "after": after, "limit": limit},
        )
    )


def files_without_documents(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these files."""
    return list(
        connection.scalars(
            text("""
            select f.id from files f where f.id = any(cast(:ids as bigint[]))
              and not exists (select from documents d where d.file_id = f.id)
              and not exists (select from work w where w.id = f.id)
            """),
            {"ids": bigints(ids)},
        )
    )
