"""Registers files, the documents of containers, and what could not be taken."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    LargeBinary,
    SmallInteger,
    Text,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from db.expressions import array, unnested
from db.ledger.leases import end_lease
from db.models import File, IntakeError, Sighting, Work
from db.records import NewDocument, NewFile
from db.types import UnsignedBigint
from ingest.containers.container import Cursor
from ingest.containers.locator import Range, locator_to_json
from newsmill.vocabulary import Lane, Stage

__all__ = [
    "Registration",
    "clear_intake_error",
    "finish_unpacking",
    "note_intake_error",
    "register_files",
    "register_page",
]

# Raw: four steps, each of which reads what the one before returned, say in order what a registration is.
_REGISTER_FILES = text("""
    with incoming as (
        select * from unnest(:digests, :media_types, :sizes, :are_containers, :lanes)
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
    ), new_work as (
        insert into work (id, stage, generation, size_bytes, lane)
        select coalesce(d.id, f.id), case when f.is_container then :unpack else :parse end, 0,
               case when f.is_container then 0 else f.size_bytes end, i.lane
        from new_files f
        join incoming i using (sha256, media_type)
        left join new_documents d on d.file_id = f.id
        order by 1
    )
    select id from new_files
""").bindparams(
    array("digests", LargeBinary()),
    array("media_types", Text()),
    array("sizes"),
    array("are_containers", Boolean()),
    array("lanes", SmallInteger()),
    unpack=Stage.UNPACK,
    parse=Stage.PARSE,
)

_registered = unnested("t", sha256=array("digests", LargeBinary()), media_type=array("media_types", Text()))
_REGISTERED = select(File.id, File.sha256, File.media_type).join(
    _registered, (File.sha256 == _registered.c.sha256) & (File.media_type == _registered.c.media_type)
)

_seen = unnested(
    "seen",
    file_id=array("file_ids"),
    path=array("paths", Text()),
    size_bytes=array("sizes"),
    mtime_ns=array("mtimes"),
    ctime_ns=array("ctimes"),
    inode=array("inodes", UnsignedBigint()),
)
_taken = delete(IntakeError).where(func.md5(IntakeError.path) == func.md5(_seen.c.path)).cte("taken")
_new_sightings = insert(Sighting).from_select([column.name for column in _seen.c], select(_seen))
_SEE = _new_sightings.on_conflict_do_update(
    index_elements=[func.md5(Sighting.path), Sighting.file_id, Sighting.mtime_ns],
    set_={
        Sighting.ctime_ns: _new_sightings.excluded.ctime_ns,
        Sighting.inode: _new_sightings.excluded.inode,
        Sighting.seen_at: func.now(),
    },
).add_cte(_taken)


class Registration(NamedTuple):
    """The ids of files by their bytes' SHA-256 and media type, and which of them are new."""

    ids: dict[tuple[bytes, str], int]
    new: frozenset[int]


def register_files(connection: Connection, files: Sequence[NewFile]) -> Registration:
    """Registers files, sightings, documents and work in the caller's transaction.

    The same bytes again add a sighting and nothing else, whoever registers them at the same moment: the unique key on
    (sha256, media type) decides. Rows go in by key order, so two registrars cannot deadlock.
    """
    distinct = [file for _, file in sorted({(f.sha256, f.media_type): f for f in files}.items())]
    names = {"digests": [f.sha256 for f in distinct], "media_types": [f.media_type for f in distinct]}
    registered = connection.scalars(
        _REGISTER_FILES,
        names
        | {
            "sizes": [f.size_bytes for f in distinct],
            "are_containers": [f.is_container for f in distinct],
            "lanes": [int(Lane.FRESH if f.fresh else Lane.BULK) for f in distinct],
        },
    )
    new = frozenset(registered)
    ids = {(row.sha256, row.media_type): row.id for row in connection.execute(_REGISTERED, names)}
    connection.execute(_SEE, _sightings(files, ids))
    return Registration(ids, new)


def _sightings(files: Sequence[NewFile], ids: dict[tuple[bytes, str], int]) -> dict[str, list[Any]]:
    """Returns the columns of the files' sightings, each sighting once, by path."""
    by_path = sorted(files, key=lambda f: f.path)
    rows = {(f.path, ids[f.sha256, f.media_type], f.mtime_ns): f for f in by_path}
    return {
        "file_ids": [file_id for _, file_id, _ in rows],
        "paths": [path for path, _, _ in rows],
        "sizes": [f.size_bytes for f in rows.values()],
        "mtimes": [mtime_ns for _, _, mtime_ns in rows],
        "ctimes": [f.ctime_ns for f in rows.values()],
        "inodes": [f.inode for f in rows.values()],
    }


_PROGRESS = (
    update(File)
    .where(
        File.id
        == select(Work.id)
        .where(Work.id == bindparam("file_id"), Work.lease_token == bindparam("token"))
        .with_for_update()
        .scalar_subquery()
    )
    .values(
        unpacked_bytes=bindparam("to_bytes"),
        unpacked_lines=bindparam("to_lines"),
        unpacked_within=bindparam("to_within"),
    )
)

# Raw: as _REGISTER_FILES.
_REGISTER_PAGE = text("""
    with new_documents as (
        insert into documents (file_id, ordinal, offset_bytes, size_bytes, media_type, locator)
        select :file_id, ordinal, offset_bytes, size_bytes, media_type, cast(locator as jsonb)
        from unnest(:ordinals, :offsets, :sizes, :media_types, :locators)
             as t (ordinal, offset_bytes, size_bytes, media_type, locator)
        on conflict (file_id, ordinal) do nothing
        returning id, size_bytes
    )
    insert into work (id, stage, generation, size_bytes, lane)
    select id, :parse, 0, size_bytes, :lane from new_documents order by id
""").bindparams(
    array("ordinals"),
    array("offsets"),
    array("sizes"),
    array("media_types", Text()),
    array("locators", Text()),
    bindparam("file_id", type_=BigInteger()),
    parse=Stage.PARSE,
    lane=int(Lane.BULK),
)

# Raw: the sum of two objects, key by key.
_COUNT_SKIPPED = text("""
    update files set skipped = (
        select jsonb_object_agg(reason, total)
        from (
            select reason, sum(times) as total
            from (
                select key as reason, value::bigint as times from jsonb_each_text(coalesce(files.skipped, '{}'))
                union all
                select * from unnest(:reasons, :counts)
            ) each
            group by reason
        ) summed
    )
    where id = :file_id
""").bindparams(array("reasons", Text()), array("counts"), bindparam("file_id", type_=BigInteger()))


def register_page(
    connection: Connection,
    token: int,
    file_id: int,
    page: Sequence[NewDocument],
    cursors: Sequence[Cursor],
    skipped: Mapping[str, int] | None = None,
) -> bool:
    """Registers a page of a container's documents and how far it is unpacked; returns False if the lease is lost.

    `cursors` are those after the last document of the page, outermost container first. `skipped` counts what the page
    holds besides documents, by the reason.
    """
    outermost, *within = cursors
    progress = {"to_bytes": outermost.position, "to_lines": outermost.ordinal, "to_within": within or None}
    if connection.execute(_PROGRESS, {"file_id": file_id, "token": token} | progress).rowcount == 0:
        return False
    if skipped:
        parameters = {"file_id": file_id, "reasons": list(skipped), "counts": list(skipped.values())}
        connection.execute(_COUNT_SKIPPED, parameters)
    connection.execute(
        _REGISTER_PAGE,
        {
            "file_id": file_id,
            "ordinals": [d.ordinal for d in page],
            "offsets": list(map(_offset_bytes, page)),
            "sizes": [d.size_bytes for d in page],
            "media_types": [d.media_type for d in page],
            "locators": [json.dumps(locator_to_json(d.locator)) for d in page],
        },
    )
    return True


def _offset_bytes(document: NewDocument) -> int:
    """Returns where workers of older code read the document: they know no container but JSON Lines."""
    place = document.locator[0].place
    return place.offset_bytes if isinstance(place, Range) else 0


_END_UNPACKING = delete(Work).where(Work.id == bindparam("file_id"), Work.lease_token == bindparam("token"))
_UNPACKED = update(File).where(File.id == bindparam("file_id")).values(finished_at=func.now(), error=None)


def finish_unpacking(connection: Connection, token: int, file_id: int) -> bool:
    """Ends a container's own work, once; returns False if the lease is lost."""
    if connection.execute(_END_UNPACKING, {"file_id": file_id, "token": token}).rowcount == 0:
        return False
    connection.execute(_UNPACKED, {"file_id": file_id})
    end_lease(connection, token)
    return True


_new_error = insert(IntakeError).values(
    path=bindparam("path"), error_class=bindparam("error_class"), message=bindparam("message")
)
_NOTE_ERROR = _new_error.on_conflict_do_update(
    index_elements=[func.md5(IntakeError.path)],
    set_={
        IntakeError.error_class: _new_error.excluded.error_class,
        IntakeError.message: _new_error.excluded.message,
        IntakeError.attempts: IntakeError.attempts + 1,
        IntakeError.last_at: func.now(),
    },
).inline()


def note_intake_error(connection: Connection, path: str, error_class: str, message: str) -> None:
    """Remembers why a path could not be taken: one row a path, however often it is tried."""
    connection.execute(_NOTE_ERROR, {"path": path, "error_class": error_class, "message": message})


_CLEAR_ERROR = delete(IntakeError).where(func.md5(IntakeError.path) == func.md5(bindparam("at_path", type_=Text())))


def clear_intake_error(connection: Connection, path: str) -> None:
    """Removes what is noted of a path: its file is taken, or it is gone."""
    connection.execute(_CLEAR_ERROR, {"at_path": path})
