"""What was forgotten and is refused: the hashes of its bytes, and of the paths at which they still lie."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    SQLColumnExpression,
    Text,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from db.expressions import CLOCK, array, unnested
from db.models import LeftOut, Tombstone
from db.records import FileStamp
from db.types import UnsignedBigint

__all__ = ["RefusedFile", "allow", "forgotten", "known_left_out", "leave_out", "left_out_since"]


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file with forgotten bytes, and the stamp that they were read under."""

    path: str
    sha256: bytes
    stamp: FileStamp


def _path_hash(path: SQLColumnExpression[str]) -> ColumnElement[bytes]:
    return func.sha256(func.convert_to(path, literal_column("'UTF8'")), type_=LargeBinary())


_refused = Tombstone.refused, Tombstone.sha256 == any_(array("digests", LargeBinary()))
_FORGOTTEN = select(Tombstone.sha256, Tombstone.forgotten_at).where(*_refused)
_NOW = select(CLOCK)


def forgotten(connection: Connection, digests: Collection[bytes]) -> tuple[dict[bytes, datetime], datetime]:
    """Returns when those of the bytes that are refused were forgotten, and the time now."""
    rows = connection.execute(_FORGOTTEN, {"digests": list(digests)}).all()
    return {row.sha256: row.forgotten_at for row in rows}, connection.execute(_NOW).scalar_one()


_ALLOW = update(Tombstone).where(*_refused).values(refused=False).returning(Tombstone.sha256)
_FORGET_PATHS = delete(LeftOut).where(LeftOut.sha256 == any_(array("digests", LargeBinary())))


def allow(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Lets these bytes be taken again; returns those that were refused until now."""
    lifted = set(connection.scalars(_ALLOW, {"digests": list(digests)}))
    connection.execute(_FORGET_PATHS, {"digests": list(lifted)})
    return lifted


_seen = unnested(
    "seen",
    path=array("paths", Text()),
    sha256=array("digests", LargeBinary()),
    size_bytes=array("sizes"),
    mtime_ns=array("mtimes"),
    ctime_ns=array("ctimes"),
    inode=array("inodes", UnsignedBigint()),
)
_stat = (_seen.c.sha256, _seen.c.size_bytes, _seen.c.mtime_ns, _seen.c.ctime_ns, _seen.c.inode)
_new = insert(LeftOut).from_select(
    ["path_hash", *(column.name for column in _stat)],
    select(_path_hash(_seen.c.path).label("path_hash"), *_stat).order_by("path_hash"),
)
_LEAVE_OUT = _new.on_conflict_do_update(
    index_elements=[LeftOut.path_hash],
    set_={column.name: _new.excluded[column.name] for column in _stat},
)


def leave_out(connection: Connection, files: Iterable[RefusedFile]) -> None:
    """Remembers files with forgotten bytes, so that a scan need not read them again."""
    by_path = {file.path: file for file in files}
    connection.execute(
        _LEAVE_OUT,
        {
            "paths": list(by_path),
            "digests": [file.sha256 for file in by_path.values()],
            "sizes": [file.stamp.size_bytes for file in by_path.values()],
            "mtimes": [file.stamp.mtime_ns for file in by_path.values()],
            "ctimes": [file.stamp.ctime_ns for file in by_path.values()],
            "inodes": [file.stamp.inode for file in by_path.values()],
        },
    )


_asked = unnested("asked", path=array("paths", Text()))
_LEFT_OUT = select(_asked.c.path, LeftOut.size_bytes, LeftOut.mtime_ns, LeftOut.ctime_ns, LeftOut.inode).join_from(
    _asked, LeftOut, LeftOut.path_hash == _path_hash(_asked.c.path)
)


def known_left_out(connection: Connection, seen: Mapping[str, FileStamp]) -> set[str]:
    """Returns the paths that held forgotten bytes under just this stamp."""
    rows = connection.execute(_LEFT_OUT, {"paths": list(seen)})
    return {path for path, *stamp in rows if FileStamp(*stamp) == seen[path]}


_LEFT_OUT_SINCE = (
    select(Tombstone.forgotten_at)
    .join(LeftOut, LeftOut.sha256 == Tombstone.sha256)
    .where(LeftOut.path_hash == _path_hash(bindparam("path", type_=Text())), Tombstone.refused)
)


def left_out_since(connection: Connection, path: str) -> datetime | None:
    """Returns when the bytes at this path were forgotten, if they were left out for that."""
    return connection.scalar(_LEFT_OUT_SINCE, {"path": path})
