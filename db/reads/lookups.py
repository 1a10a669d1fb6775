"""What the roles and commands look up in the ledger; status, history and export stand in modules of their own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from db.expressions import array, unnested
from db.models import Document, File, IntakeError, Sighting, Work
from db.reads.patterns import glob_regex
from db.records import FileStamp
from db.sightings import first_path
from ingest.containers.locator import name_text
from newsmill.vocabulary import Outcome

__all__ = [
    "FailedItem",
    "files_below",
    "files_matching",
    "files_of_path",
    "intake_error_paths",
    "known_sightings",
    "origins",
    "outcomes_of",
    "paths_of_digests",
    "reasons_of",
    "stages_of",
    "unsettled",
]


@dataclass(frozen=True, slots=True)
class FailedItem:
    """A document or container that failed, by its path, and why."""

    path: str
    reason: str


_JSON_LINES = "application/x-ndjson"
_asked = unnested("asked", id=array("ids"))
_ORIGINS = (
    select(
        _asked.c.id,
        Document.ordinal,
        Document.locator,
        File.is_container,
        File.media_type,
        first_path(File.id).label("path"),
    )
    .select_from(_asked)
    .outerjoin(Document, Document.id == _asked.c.id)
    .join(File, File.id == func.coalesce(Document.file_id, _asked.c.id))
)


def origins(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Returns how messages name items: the path as first seen, and which document of a file that holds many.

    In JSON Lines that is the line, in an archive the number and the name.

    An item that was forgotten meanwhile has no name left.
    """
    return dict.fromkeys(ids, "(forgotten)") | {
        row.id: f"{row.path} {_member(row.media_type)} {row.ordinal}{_named(row.locator)}"
        if row.is_container and row.ordinal is not None
        else row.path
        for row in connection.execute(_ORIGINS, {"ids": ids})
    }


def _named(locator: Sequence[Any] | None) -> str:
    name = name_text(locator)
    return f" ({name})" if name else ""


def _member(media_type: str) -> str:
    return "line" if media_type == _JSON_LINES else "document"


_STAGES = select(Work.id, Work.stage).where(Work.id == any_(array("ids")))


def stages_of(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Returns the stage of each of these items that is unfinished."""
    return {row.id: row.stage for row in connection.execute(_STAGES, {"ids": ids})}


_seen = unnested("seen", path=array("paths", Text()))
_KNOWN = (
    select(Sighting.path, File.sha256, Sighting.size_bytes, Sighting.mtime_ns, Sighting.ctime_ns, Sighting.inode)
    # The hash is what the index has, the path what is meant.
    .join(_seen, (func.md5(Sighting.path) == func.md5(_seen.c.path)) & (Sighting.path == _seen.c.path))
    .join(File, File.id == Sighting.file_id)
)


def known_sightings(connection: Connection, seen: Mapping[str, FileStamp]) -> dict[str, bytes]:
    """Returns the SHA-256 of the files that were taken at these paths under just this stamp.

    They need not be read again.
    """
    rows = connection.execute(_KNOWN, {"paths": list(seen)})
    return {path: sha256 for path, sha256, *stamp in rows if FileStamp(*stamp) == seen[path]}


_PATHS_OF_DIGESTS = (
    select(File.sha256, Sighting.path)
    .join(Sighting, Sighting.file_id == File.id)
    .where(File.sha256 == any_(array("digests", LargeBinary())))
    .order_by(File.sha256, Sighting.id)
    .ext(distinct_on(File.sha256))
)


def paths_of_digests(connection: Connection, digests: Collection[bytes]) -> dict[bytes, str]:
    """Returns a path at which a file with these bytes was seen, for each of the hashes that a file has."""
    return {row.sha256: row.path for row in connection.execute(_PATHS_OF_DIGESTS, {"digests": list(digests)})}


_OUTCOMES = (
    select(func.coalesce(Document.outcome, "").label("outcome"), func.count().label("n"))
    .where(Document.file_id == any_(array("ids")))
    .group_by(Document.outcome)
    .order_by("outcome")
)


def outcomes_of(connection: Connection, file_ids: Sequence[int]) -> dict[str, int]:
    """Returns how many documents of these files have each outcome; under "" those that are not finished."""
    return {row.outcome: row.n for row in connection.execute(_OUTCOMES, {"ids": file_ids})}


_failed = (
    union_all(
        select(File.id, case((File.is_container, Document.ordinal)).label("ordinal"), Document.reason)
        .join(Document, Document.file_id == File.id)
        .where(File.id == any_(array("ids")), Document.outcome == Outcome.FAILED),
        select(File.id, cast(null(), BigInteger()), File.error).where(
            File.id == any_(array("ids")), File.error.is_not(None)
        ),
    )
    .limit(100)
    .subquery("failed")
)
_REASONS = select(
    (first_path(_failed.c.id) + func.coalesce(literal(":") + cast(_failed.c.ordinal, Text()), "")).label("path"),
    _failed.c.reason,
)


def reasons_of(connection: Connection, file_ids: Sequence[int]) -> list[FailedItem]:
    """Returns what of these files failed, and why; at most a hundred, by the path at which each was first seen.

    A document of a container has its number behind the path: `feed.jsonl:4`.
    """
    return [FailedItem(row.path, row.reason) for row in connection.execute(_REASONS, {"ids": file_ids})]


# Raw: three probes for each of thousands of files, whatever the planner takes the tables for.
_UNSETTLED = text("""
    select f.id, count(*) as n from unnest(:ids) as f (id)
    join lateral (
        select w.id from documents d join work w on w.id = d.id where d.file_id = f.id
        union all select d.id from documents d join revisits r on r.document_id = d.id where d.file_id = f.id
        union all select w.id from work w where w.id = f.id
    ) as open_items on true
    group by 1
""").bindparams(array("ids"))


def unsettled(connection: Connection, file_ids: Sequence[int]) -> dict[int, int]:
    """Returns how many unfinished items each of these files still has, if it has any.

    A finished document that is to be cleaned again, as what recurs in it has changed, is unfinished, too.
    """
    return {row.id: row.n for row in connection.execute(_UNSETTLED, {"ids": file_ids})}


_files_as_seen = select(Sighting.file_id).group_by(Sighting.file_id).order_by(func.min(Sighting.id))
_path = bindparam("path", type_=Text())
_FILES_OF_PATH = _files_as_seen.where(func.md5(Sighting.path) == func.md5(_path), Sighting.path == _path)


def files_of_path(connection: Connection, path: str) -> list[int]:
    """Returns the files seen under this path, in the order in which they were first seen."""
    return list(connection.scalars(_FILES_OF_PATH, {"path": path}))


_FILES_BELOW = _files_as_seen.where(func.starts_with(Sighting.path, bindparam("prefix", type_=Text())))


def files_below(connection: Connection, folder: str) -> list[int]:
    """Returns the files seen in this folder or one within it, likewise; reads all sightings."""
    return list(connection.scalars(_FILES_BELOW, {"prefix": folder.rstrip("/") + "/"}))


_FILES_MATCHING = _files_as_seen.where(Sighting.path.regexp_match(bindparam("regex", type_=Text())))


def files_matching(connection: Connection, pattern: str) -> list[int]:
    """Returns the files seen at a path that this shell pattern matches (`db.reads.patterns`); reads all sightings."""
    return list(connection.scalars(_FILES_MATCHING, {"regex": glob_regex(pattern)}))


_ERROR_PATHS = select(IntakeError.path).order_by(IntakeError.id)


def intake_error_paths(connection: Connection) -> list[str]:
    """Returns the paths that could not be taken yet."""
    return list(connection.scalars(_ERROR_PATHS))
