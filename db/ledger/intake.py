"""Registers files, the documents of containers, and what could not be taken."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from db.ledger.leases import end_lease
from db.records import (
    NewDocument,
    NewFile,
)
from ingest.containers.container import Cursor
from ingest.containers.locator import Range, locator_to_json
from newsmill.vocabulary import Lane, Stage

__all__ = ["clear_intake_error", "finish_unpacking", "note_intake_error", "register_files", "register_page"]


def register_files(connection: Connection, files: Sequence[NewFile]) -> dict[tuple[bytes, str], int]:
    """Registers files, sightings, documents and work in the caller's transaction; returns the files' ids.

    The same bytes again add a sighting and nothing else, whoever registers them at the same moment: the unique key on
    (sha256, media type) decides. Rows go in by key order, so two registrars cannot deadlock.
    """
    distinct = sorted({(f.sha256, f.media_type): f for f in files}.items())
    connection.execute(
        text("""
        with incoming as (
            select * from unnest(cast(:sha256 as bytea[]), cast(:media_type as text[]), cast(:size_bytes as bigint[]),
                                 cast(:is_container as boolean[]), cast(:lane as smallint[]))
                     as t (sha256, media_type, size_bytes, is_container, lane)
        ), new_files as (
            insert into files (sha256, media_type, size_bytes, is_container)
            select sha256, media_type, size_bytes, is_container from incoming order by sha256, media_type
            on conflict (sha256, media_type) do nothing
            returning id, sha256, media_type, size_bytes, is_container
        ), new_documents as (
            insert into documents (file_id, ordinal, size_bytes, media_type)
            select id, 1, size_bytes, media_type from new_files where not is_container
            returning id, file_id, size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select coalesce(d.id, f.id), case when f.is_container then :unpack else :parse end, 0,
               case when f.is_container then 0 else f.size_bytes end, i.lane
        from new_files f
        join incoming i using (sha256, media_type)
        left join new_documents d on d.file_id = f.id
        order by 1
        """),
        {
            "sha256": [f.sha256 for _, f in distinct],
            "media_type": [f.media_type for _, f in distinct],
            "size_bytes": [f.size_bytes for _, f in distinct],
            "is_container": [f.is_container for _, f in distinct],
            "lane": [int(Lane.FRESH if f.fresh else Lane.BULK) for _, f in distinct],
            "unpack": Stage.UNPACK,
            "parse": Stage.PARSE,
        },
    )
    rows = connection.execute(
        text("""
        select f.id, f.sha256, f.media_type from files f
        join unnest(cast(:sha256 as bytea[]), cast(:media_type as text[])) as t (sha256, media_type)
          on f.sha256 = t.sha256 and f.media_type = t.media_type
        """),
        {"sha256": [f.sha256 for _, f in distinct], "media_type": [f.media_type for _, f in distinct]},
    )
    ids = {(bytes(row.sha256), row.media_type): row.id for row in rows}
    connection.execute(
        text("""
        with gone as (delete from intake_errors using unnest(cast(:path as text[])) as p (path)
                      where md5(intake_errors.path) = md5(p.path))
        insert into sightings (file_id, path, size_bytes, mtime_ns, ctime_ns, inode)
        select * from unnest(cast(:file_id as bigint[]), cast(:path as text[]), cast(:size_bytes as bigint[]),
                             cast(:mtime_ns as bigint[]), cast(:ctime_ns as bigint[]), cast(:inode as bigint[]))
        on conflict (md5(path), file_id, mtime_ns)
        do update set ctime_ns = excluded.ctime_ns, inode = excluded.inode, seen_at = now()
        """),
        _columns(
            {
                (f.path, ids[f.sha256, f.media_type], f.mtime_ns): f for f in sorted(files, key=lambda f: f.path)
            }.values(),
            ids,
        ),
    )
    return ids


def _columns(files: Iterable[NewFile], ids: dict[tuple[bytes, str], int]) -> dict[str, list[Any]]:
    rows = list(files)
    return {
        "file_id": [ids[f.sha256, f.media_type] for f in rows],
        "path": [f.path for f in rows],
        "size_bytes": [f.size_bytes for f in rows],
        "mtime_ns": [f.mtime_ns for f in rows],
        "ctime_ns": [f.ctime_ns for f in rows],
        # An inode number may use all 64 bits; PostgreSQL's bigint is signed.
        "inode": [f.inode - (1 << 64) if f.inode >= 1 << 63 else f.inode for f in rows],
    }


def register_page(
    connection: Connection,
    token: int,
    file_id: int,
    page: Sequence[NewDocument],
    cursors: Sequence[Cursor],
) -> bool:
    """Registers a page of a container's documents and how far it is unpacked, together; False if the lease is lost.

    `cursors` are those after the last document of the page, outermost container first.
    """
    outermost, *within = cursors
    held = connection.execute(
        text("""
        update files set unpacked_bytes = :unpacked_bytes, unpacked_lines = :unpacked_lines,
                         unpacked_within = cast(:unpacked_within as jsonb)
        where id = (select id from work where id = :file_id and lease_token = :token for update)
        """),
        {
            "file_id": file_id,
            "token": token,
            "unpacked_bytes": outermost.position,
            "unpacked_lines": outermost.ordinal,
            "unpacked_within": json.dumps(within) if within else None,
        },
    )
    if held.rowcount == 0:
        return False
    connection.execute(
        text("""
        with new_documents as (
            insert into documents (file_id, ordinal, offset_bytes, size_bytes, media_type, locator)
            select :file_id, ordinal, offset_bytes, size_bytes, media_type, cast(locator as jsonb)
            from unnest(cast(:ordinal as bigint[]), cast(:offset_bytes as bigint[]), cast(:size_bytes as bigint[]),
                        cast(:media_type as text[]), cast(:locator as text[]))
                 as t (ordinal, offset_bytes, size_bytes, media_type, locator)
            on conflict (file_id, ordinal) do nothing
            returning id, size_bytes
        )
        insert into work (id, stage, generation, size_bytes, lane)
        select id, :parse, 0, size_bytes, :lane from new_documents order by id
        """),
        {
            "file_id": file_id,
            "ordinal": [d.ordinal for d in page],
            "offset_bytes": list(map(_offset_bytes, page)),
            "size_bytes": [d.size_bytes for d in page],
            "media_type": [d.media_type for d in page],
            "locator": [json.dumps(locator_to_json(d.locator)) for d in page],
            "parse": Stage.PARSE,
            "lane": int(Lane.BULK),
        },
    )
    return True


def _offset_bytes(document: NewDocument) -> int:
    """Returns where workers of older code read the document: they know no container but JSON Lines."""
    place = document.locator[0].place
    return place.offset_bytes if isinstance(place, Range) else 0


def finish_unpacking(connection: Connection, token: int, file_id: int) -> bool:
    """Ends a container's own work, once; False if the lease is lost."""
    gone = connection.execute(
        text("delete from work where id = :id and lease_token = :token"), {"id": file_id, "token": token}
    )
    if gone.rowcount == 0:
        return False
    connection.execute(text("update files set finished_at = now(), error = null where id = :id"), {"id": file_id})
    end_lease(connection, token)
    return True


def note_intake_error(connection: Connection, path: str, error_class: str, message: str) -> None:
    """Remembers why a path could not be accepted, once a path, however often it is tried."""
    connection.execute(
        text("""
        insert into intake_errors (path, error_class, message) values (:path, :error_class, :message)
        on conflict (md5(path)) do update set error_class = excluded.error_class, message = excluded.message,
                                         attempts = intake_errors.attempts + 1, last_at = now()
        """),
        {"path": path, "error_class": error_class, "message": message},
    )


def clear_intake_error(connection: Connection, path: str) -> None:
    """Forgets a path's trouble: it was accepted, or it is gone."""
    connection.execute(text("delete from intake_errors where md5(path) = md5(:path)"), {"path": path})
