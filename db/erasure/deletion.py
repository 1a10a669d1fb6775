"""Takes documents and files out, in an order that agrees with whoever works on them.

The rows of `work` go first. Without them no lease holds the document, so whatever a worker still makes of it is written
nowhere. Then, under the label lock, the document loses its place among the others, its article and its own rows. Its
texts become orphans, which the sweeper takes out of the index unless another document has them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from db import ledger
from db.erasure import marks, tombstones
from db.erasure.tombstones import RefusedFile
from db.expressions import CLOCK, array
from db.index_models import Revisit
from db.models import Article, Document, File, Sighting, Work
from db.records import FileStamp
from db.sightings import paths_of
from db.similarity import clusters
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
    "files_of",
    "files_without_documents",
    "has_file",
    "old_counts",
    "old_documents",
    "places",
    "replace_blob",
    "resolve",
    "same_bytes",
    "stop_unpacking",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of which something is to be forgotten: some documents, or all of it (`documents` is None)."""

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


_id = bindparam("id", type_=BigInteger())
_of_file, _of_id = aliased(Document), aliased(Document)
_RESOLVE = (
    select(
        File.id,
        File.sha256,
        File.media_type,
        File.size_bytes,
        Document.id.label("document_id"),
        select(func.count()).where(_of_file.file_id == File.id).scalar_subquery().label("document_count"),
        paths_of(File.id).label("paths"),
        select(Work.id).where(Work.id == File.id).exists().label("unpacking"),
    )
    .outerjoin(Document, (Document.file_id == File.id) & (Document.id == _id))
    .where(File.id == func.coalesce(select(_of_id.file_id).where(_of_id.id == _id).scalar_subquery(), _id))
)


def resolve(connection: Connection, item_id: int) -> Candidate | None:
    """Returns the file of this id, or the file with the document of this id; None if nothing has the id.

    The only document of its file stands for the file, unless that is still being unpacked.
    """
    row = connection.execute(_RESOLVE, {"id": item_id}).one_or_none()
    if row is None:
        return None
    single = row.document_id is not None and (row.document_count > 1 or row.unpacking)
    return Candidate(
        file_id=row.id,
        sha256=row.sha256,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        paths=row.paths,
        document_count=row.document_count,
        documents=[row.document_id] if single else None,
        unpacking=row.unpacking,
    )


_DOCUMENTS_OF_URL = (
    select(Article.document_id).where(Article.__table__.c.url == bindparam("url")).order_by(Article.document_id)
)


def documents_of_url(connection: Connection, url: str) -> list[int]:
    """Returns the documents whose article has just this URL; reads all articles."""
    return list(connection.scalars(_DOCUMENTS_OF_URL, {"url": url}))


_DOCUMENTS_OF = select(Document.id).where(Document.file_id == _id).order_by(Document.id).limit(bindparam("limit"))


def documents_of(connection: Connection, file_id: int, limit: int) -> list[int]:
    """Returns up to `limit` documents of a file, the least ids first."""
    return list(connection.scalars(_DOCUMENTS_OF, {"id": file_id, "limit": limit}))


_FILES_OF = select(Document.file_id).where(Document.id == any_(array("ids"))).distinct().order_by(Document.file_id)


def files_of(connection: Connection, ids: Collection[int]) -> list[int]:
    """Returns the files of these documents."""
    return list(connection.scalars(_FILES_OF, {"ids": ids}))


def stop_unpacking(connection: Connection, file_ids: Collection[int]) -> None:
    """Ends the unpacking of these files: from the commit on no more documents of them are registered."""
    ledger.remove_work(connection, file_ids)


_REMOVE_REVISITS = delete(Revisit).where(Revisit.document_id == any_(array("ids")))


def drop_documents(connection: Connection, ids: Collection[int]) -> list[int]:
    """Takes these documents out; returns the tokens of the leases that held some, as workers may be at them still."""
    ids = sorted(ids)
    tokens = ledger.remove_work(connection, ids)
    clusters.lock(connection)
    ledger.lock_documents(connection, ids)
    tokens += ledger.remove_work(connection, ids)  # begun again (`retry`) before they were locked
    clusters.withdraw(connection, ids)
    connection.execute(_REMOVE_REVISITS, {"ids": ids})
    ledger.remove_documents(connection, ids)
    return tokens


_SEEN = (
    select(Sighting.path, File.sha256, Sighting.size_bytes, Sighting.mtime_ns, Sighting.ctime_ns, Sighting.inode)
    .join(File, File.id == Sighting.file_id)
    .where(File.id == any_(array("ids")))
    .order_by(Sighting.id)
)


def drop_files(connection: Connection, ids: Collection[int], *, refused: bool) -> None:
    """Takes out files without documents, with their sightings; their blobs may go if no other file has them.

    With `refused`, their bytes are not taken again, and what is known of their paths is a hash. The caller holds the
    lock of `db.erasure.marks`.
    """
    ids = sorted(ids)
    ledger.remove_work(connection, ids)
    ledger.lock_files(connection, ids)
    if refused:
        seen = connection.execute(_SEEN, {"ids": ids}).all()
        tombstones.leave_out(
            connection, [RefusedFile(path, sha256, FileStamp(*stamp)) for path, sha256, *stamp in seen]
        )
    marks.mark(connection, ledger.remove_files(connection, ids), refused=refused)


_twin = aliased(File)
_SAME_BYTES = (
    select(_twin.id).join_from(File, _twin, (_twin.sha256 == File.sha256) & (_twin.id != File.id)).where(File.id == _id)
)


def same_bytes(connection: Connection, file_id: int) -> list[int]:
    """Returns the other files with the same bytes, which are of another media type."""
    return sorted(connection.scalars(_SAME_BYTES, {"id": file_id}))


_BLOB_OF = select(File.sha256, CLOCK.label("read_at")).where(File.id == _id)
_RANGES = select(Document.offset_bytes, Document.size_bytes).where(
    Document.file_id == _id, Document.id == any_(array("ids"))
)


def places(connection: Connection, file_id: int, ids: Collection[int]) -> Places | None:
    """Returns where these documents stand in the file; None if the file is gone."""
    row = connection.execute(_BLOB_OF, {"id": file_id}).one_or_none()
    if row is None:
        return None
    ranges = connection.execute(_RANGES, {"id": file_id, "ids": ids})
    return Places(row.sha256, [Range(one.offset_bytes, one.size_bytes) for one in ranges], row.read_at)


_HAS_FILE = select(
    select(File.id).where(File.sha256 == bindparam("sha256"), File.media_type == bindparam("media_type")).exists()
)


def has_file(connection: Connection, sha256: bytes, media_type: str) -> bool:
    """Returns whether there is a file of these bytes and this media type."""
    return bool(connection.scalar(_HAS_FILE, {"sha256": sha256, "media_type": media_type}))


_TIES = (
    select(Document.cluster_id)
    .distinct()
    .where(
        Document.file_id == _id,
        select(_of_file.id).where(_of_file.text_id == Document.text_id, _of_file.file_id != Document.file_id).exists(),
    )
)


def replace_blob(connection: Connection, file_id: int, new: bytes) -> None:
    """Gives a container other bytes of the same length.

    Equal articles of other files may be ranked by these hashes, so their clusters are settled anew.
    """
    clusters.lock(connection)
    ledger.change_blob(connection, file_id, new)
    ties = [cluster_id for cluster_id in connection.scalars(_TIES, {"id": file_id}) if cluster_id is not None]
    clusters.settle_anew(connection, ties)


_outcome = bindparam("outcome", type_=Text())
_is_old: tuple[ColumnElement[Any], ...] = (
    Document.finished_at.is_not(None),
    Document.registered_at < bindparam("before"),
    or_(_outcome.is_(None), Document.outcome == _outcome),
    ~select(Work.id).where(Work.id == Document.id).exists(),
)
_n = func.count().label("n")
_OLD_COUNTS = select(Document.outcome, _n).where(*_is_old).group_by(Document.outcome).order_by(_n.desc())


def old_counts(connection: Connection, old: Old) -> dict[str, int]:
    """Returns how many such documents there are, by outcome; reads the table: seconds at tens of millions of rows."""
    rows = connection.execute(_OLD_COUNTS, {"before": old.before, "outcome": old.outcome})
    return {row.outcome: row.n for row in rows}


_OLD_DOCUMENTS = (
    select(Document.id)
    .where(*_is_old, Document.id > bindparam("after"))
    .order_by(Document.id)
    .limit(bindparam("limit"))
)


def old_documents(connection: Connection, old: Old, *, after: int, limit: int) -> list[int]:
    """Returns the next of them by id."""
    parameters = {"before": old.before, "outcome": old.outcome, "after": after, "limit": limit}
    return list(connection.scalars(_OLD_DOCUMENTS, parameters))


_is_empty = (
    ~select(Document.id).where(Document.file_id == File.id).exists(),
    ~select(Work.id).where(Work.id == File.id).exists(),
)
_EMPTY_FILES = (
    select(File.id)
    .where(File.id > bindparam("after"), File.registered_at < bindparam("before"), *_is_empty)
    .order_by(File.id)
    .limit(bindparam("limit"))
)


def empty_files(connection: Connection, before: datetime, *, after: int, limit: int) -> list[int]:
    """Returns the next files by id that were registered before, have no documents and are not being unpacked."""
    return list(connection.scalars(_EMPTY_FILES, {"before": before, "after": after, "limit": limit}))


_WITHOUT_DOCUMENTS = select(File.id).where(File.id == any_(array("ids")), *_is_empty)


def files_without_documents(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Returns those of these files that have no documents and are not being unpacked."""
    return list(connection.scalars(_WITHOUT_DOCUMENTS, {"ids": ids}))
