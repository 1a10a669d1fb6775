"""The whole history of a file or a document: sightings, journey, failures, versions of its story."""

from typing import Any

from sqlalchemy import Connection, Row, text

from db.articles import METADATA_COLUMNS, metadata_of
from db.reads.versions import cluster_size, versions
from ingest.metadata.codec import METADATA

__all__ = ["VERSIONS", "history", "overview"]

_METADATA = ", ".join(f"a.{column.name}" for column in METADATA_COLUMNS)

VERSIONS = 50
"""So many members of a cluster are told of; all are counted."""

WORK_STATE = """
    case when w.lease_token is not null then 'running' when w.dispatched_at is not null then 'dispatched'
         when w.next_attempt_at > clock_timestamp() then 'waiting' else 'ready' end
"""


def history(connection: Connection, item_id: int, *, documents_limit: int) -> dict[str, Any] | None:
    """All that is known of a file or, with its file, of one document; None if nobody has that id.

    A file's documents are listed up to the limit, the failed ones first. How the versions of a story differ is told
    where one document is listed.
    """
    file_id = connection.scalar(
        text("""
        select coalesce((select file_id from documents where id = :id), (select id from files where id = :id))
        """),
        {"id": item_id},
    )
    if file_id is None:
        return None
    file = connection.execute(
        text("""
        select f.*, (select count(*) from documents d where d.file_id = f.id) as document_count,
               h.since as paused_since
        from files f left join work w on w.id = f.id left join holds h on h.scope = w.stage and w.lease_token is null
        where f.id = :id
        """),
        {"id": file_id},
    ).one()
    sightings = connection.execute(
        text("select path, size_bytes, mtime_ns, seen_at from sightings where file_id = :id order by id"),
        {"id": file_id},
    )
    documents = connection.execute(
        text(f"""
        select d.*, {WORK_STATE} as work_state, w.stage, w.next_attempt_at, w.strikes, w.id is not null as open,
               h.since as paused_since,
               {_METADATA}, a.word_count
        from documents d left join work w on w.id = d.id left join articles a on a.document_id = d.id
        left join holds h on h.scope = w.stage and w.lease_token is null
        where d.file_id = :file_id and (d.id = :id or :id = :file_id)
        order by (d.outcome = 'failed') desc nulls last, d.ordinal limit :limit
        """),  # noqa: S608 - constants
        {"id": item_id, "file_id": file_id, "limit": documents_limit},
    ).all()
    return {
        "file": _file(connection, file),
        "sightings": [
            {"path": s.path, "size_bytes": s.size_bytes, "mtime_ns": s.mtime_ns, "seen_at": s.seen_at}
            for s in sightings
        ],
        "documents": [_document(connection, row, alone=len(documents) == 1) for row in documents],
    }


def _file(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "sha256": row.sha256.hex(),
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "registered_at": row.registered_at,
        "documents": row.document_count,
        "error": row.error,
        "paused_since": row.paused_since,
        "failures": _failures(connection, row.id) if row.is_container else [],
    }


def _document(connection: Connection, row: Row[Any], *, alone: bool) -> dict[str, Any]:
    state = row.work_state if row.open else "failed" if row.outcome == "failed" else "done"
    return {
        "id": row.id,
        "ordinal": row.ordinal,
        "state": state,
        "stage": row.stage if row.open else None,
        "next_attempt_at": row.next_attempt_at if row.open else None,
        "paused_since": row.paused_since,
        "generation": row.generation,
        "registered_at": row.registered_at,
        "finished_at": row.finished_at,
        "outcome": row.outcome,
        "reason": row.reason,
        "metadata": metadata_of(row),
        "word_count": row.word_count,
        "journey": row.journey or [],
        "failures": _failures(connection, row.id),
        "cluster_id": row.cluster_id,
        **_cluster(connection, row, differences=alone),
    }


def _failures(connection: Connection, item_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        text("""
        select stage, generation, occurred_at, worker, error_class, message
        from failures where item_id = :id order by id
        """),
        {"id": item_id},
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


def _cluster(connection: Connection, row: Row[Any], *, differences: bool) -> dict[str, Any]:
    """The story's versions, the canonical one first, then the document itself; up to VERSIONS of them."""
    if row.cluster_id is None:
        return {"cluster_size": 0, "cluster": []}
    found = versions(connection, row.cluster_id, first=row.id, limit=VERSIONS, differences=differences)
    return {
        "cluster_size": cluster_size(connection, row.cluster_id),
        "cluster": [{"path": version.file, **version.fields()} for version in found],
    }


def overview(connection: Connection) -> list[dict[str, Any]]:
    """Every document in a line: for small mills, such as the demo's."""
    rows = connection.execute(
        text(f"""
        select d.ordinal, d.outcome, d.cluster_id, d.journey, d.reason, f.is_container, {_METADATA},
               (select s.path from sightings s where s.file_id = f.id order by s.id limit 1) as path
        from documents d join files f on f.id = d.file_id left join articles a on a.document_id = d.id
        order by path, d.ordinal
        """)  # noqa: S608 - a constant
    )
    return [row._asdict() | METADATA.texts(metadata_of(row)) for row in rows]
