"""What was forgotten and is not to be taken again, and which blobs may go; `worker.duties.blobs` says why that is safe.

Every statement here that decides about blobs runs under one advisory lock: shared by those who register files, alone
for those who remove blobs or rows of `files`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from db import locks

__all__ = [
    "Doubts",
    "allow",
    "clear_old",
    "digests",
    "end_hold",
    "forgotten",
    "has_removable",
    "hold",
    "is_held",
    "known_left_out",
    "leave_out",
    "left_out_since",
    "lock",
    "mark",
    "named",
    "note_removed",
    "register_lock",
    "removable",
]

_KEPT_SECONDS = 7200
_LATE_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Doubts:
    """What intake has to look at before it registers blobs that it has written.

    `refused` are forgotten and when; `doubtful` may have been removed since they were written; `late`: so much time has
    gone by that nobody can say.
    """

    refused: dict[bytes, datetime]
    doubtful: set[bytes]
    late: bool


def lock(connection: Connection) -> None:
    """Until the transaction ends nobody else removes a blob or a row of `files`, and nobody registers a file."""
    locks.lock(connection, locks.LockKey.BLOBS)


def register_lock(connection: Connection, digests: Collection[bytes], staged_at: datetime) -> Doubts:
    """Until the transaction ends no blob goes; says which of these, that were written after `staged_at`, may be gone.

    `staged_at` is what `forgotten` returned before they were written.
    """
    locks.lock_shared(connection, locks.LockKey.BLOBS)
    rows = connection.execute(
        text("select sha256, refused, forgotten_at from forgotten where sha256 = any(cast(:digests as bytea[]))"),
        {"digests": list(digests)},
    ).all()
    late = connection.execute(
        text("select clock_timestamp() - cast(:at as timestamptz) > make_interval(secs => :late)"),
        {"at": staged_at, "late": _LATE_SECONDS},
    ).scalar_one()
    return Doubts(
        refused={bytes(row.sha256): row.forgotten_at for row in rows if row.refused},
        doubtful={bytes(row.sha256) for row in rows if not row.refused},
        late=late,
    )


def forgotten(connection: Connection, digests: Collection[bytes]) -> tuple[dict[bytes, datetime], datetime]:
    """Those of the bytes that are not to be taken again, with the time they were forgotten; and the time now."""
    rows = connection.execute(
        text("select sha256, forgotten_at from forgotten where refused and sha256 = any(cast(:digests as bytea[]))"),
        {"digests": list(digests)},
    ).all()
    now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
    return {bytes(row.sha256): row.forgotten_at for row in rows}, now


def mark(connection: Connection, digests: Collection[bytes], *, refused: bool) -> None:
    """Lets these blobs be removed once no file has them; with `refused` their bytes are not taken again."""
    connection.execute(
        text("""
        insert into forgotten (sha256, refused)
        select sha256, :refused from unnest(cast(:digests as bytea[])) as d (sha256) order by 1
        on conflict (sha256) do update set removed_at = null, forgotten_at = now(),
                                           refused = forgotten.refused or excluded.refused
        """),
        {"digests": sorted(digests), "refused": refused},
    )


def named(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Those of the blobs that a file has."""
    rows = connection.scalars(
        text("select sha256 from files where sha256 = any(cast(:digests as bytea[]))"), {"digests": list(digests)}
    )
    return {bytes(sha256) for sha256 in rows}


def has_removable(connection: Connection) -> bool:
    """Whether there are blobs that may go; a look, without the lock."""
    waits = connection.scalar(text("select exists (select from forgotten where removed_at is null)"))
    return bool(waits) and not is_held(connection)


def digests(connection: Connection, first_byte: int) -> set[bytes]:
    """What the files have whose SHA-256 begins with this byte."""
    rows = connection.scalars(
        text("select sha256 from files where sha256 between :low and :high"),
        {"low": bytes([first_byte]), "high": bytes([first_byte]) + bytes([255] * 31)},
    )
    return {bytes(sha256) for sha256 in rows}


def removable(connection: Connection, limit: int) -> list[bytes]:
    """Of the next so many marks, the blobs that may go now: none while a backup runs. The caller holds the lock.

    What a file has (again) stays, and its mark has no more to say about the blob: the next call looks at others.
    """
    if is_held(connection):
        return []
    # Only these are compared with the files: comparing all marks each time made 100,000 of them take 83 ms a page.
    # The order is that of the index, or what was removed long ago would be read, too.
    page = connection.scalars(
        text("select sha256 from forgotten where removed_at is null order by removed_at limit :limit"), {"limit": limit}
    )
    marked = [bytes(sha256) for sha256 in page]
    kept = named(connection, marked)
    note_removed(connection, kept)
    return [sha256 for sha256 in marked if sha256 not in kept]


def note_removed(connection: Connection, digests: Collection[bytes]) -> None:
    """These blobs have no name any more, or are to keep it: their marks are done with."""
    connection.execute(
        text("update forgotten set removed_at = clock_timestamp() where sha256 = any(cast(:digests as bytea[]))"),
        {"digests": list(digests)},
    )


def clear_old(connection: Connection) -> None:
    """Drops the marks that nobody needs any more: removed long ago, and not to be refused."""
    connection.execute(
        text("""
        delete from forgotten
        where not refused and removed_at < clock_timestamp() - make_interval(secs => :kept)
        """),
        {"kept": _KEPT_SECONDS},
    )
    connection.execute(text("delete from blob_holds where expires_at < clock_timestamp()"))


def allow(connection: Connection, digests: Collection[bytes]) -> set[bytes]:
    """Lets these bytes be taken again; returns those that were refused until now."""
    rows = connection.scalars(
        text("""
        update forgotten set refused = false where refused and sha256 = any(cast(:digests as bytea[]))
        returning sha256
        """),
        {"digests": list(digests)},
    )
    lifted = {bytes(sha256) for sha256 in rows}
    connection.execute(
        text("delete from left_out where sha256 = any(cast(:digests as bytea[]))"), {"digests": list(lifted)}
    )
    return lifted


def leave_out(connection: Connection, seen: Iterable[tuple[str, bytes, int, int, int, int]]) -> None:
    """Remembers files with forgotten bytes: path, SHA-256 and the stat they were read under (as in `sightings`)."""
    rows = list({row[0]: row for row in seen}.values())
    connection.execute(
        text("""
        insert into left_out (path_hash, sha256, size_bytes, mtime_ns, ctime_ns, inode)
        select sha256(convert_to(path, 'UTF8')), sha256, size_bytes, mtime_ns, ctime_ns, inode
        from unnest(cast(:paths as text[]), cast(:digests as bytea[]), cast(:sizes as bigint[]),
                    cast(:mtimes as bigint[]), cast(:ctimes as bigint[]), cast(:inodes as bigint[]))
             as t (path, sha256, size_bytes, mtime_ns, ctime_ns, inode) order by 1
        on conflict (path_hash) do update set
            sha256 = excluded.sha256, size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns,
            ctime_ns = excluded.ctime_ns, inode = excluded.inode
        """),
        {
            "paths": [row[0] for row in rows],
            "digests": [row[1] for row in rows],
            "sizes": [row[2] for row in rows],
            "mtimes": [row[3] for row in rows],
            "ctimes": [row[4] for row in rows],
            # An inode number may use all 64 bits; PostgreSQL's bigint is signed.
            "inodes": [row[5] - (1 << 64) if row[5] >= 1 << 63 else row[5] for row in rows],
        },
    )


def known_left_out(connection: Connection, seen: Mapping[str, tuple[int, int, int, int]]) -> set[str]:
    """Which of the paths held forgotten bytes under just this stat (size, mtime, ctime, inode)."""
    rows = connection.execute(
        text("""
        select p.path, l.size_bytes, l.mtime_ns, l.ctime_ns, l.inode
        from unnest(cast(:paths as text[])) as p (path)
        join left_out l on l.path_hash = sha256(convert_to(p.path, 'UTF8'))
        """),
        {"paths": list(seen)},
    )
    return {
        row.path
        for row in rows
        if (row.size_bytes, row.mtime_ns, row.ctime_ns, row.inode % (1 << 64)) == seen[row.path]
    }


def left_out_since(connection: Connection, path: str) -> datetime | None:
    """When the bytes at this path were forgotten, if they were left out for that."""
    at: datetime | None = connection.scalar(
        text("""
        select f.forgotten_at from left_out l join forgotten f using (sha256)
        where l.path_hash = sha256(convert_to(:path, 'UTF8')) and f.refused
        """),
        {"path": path},
    )
    return at


def hold(connection: Connection, name: str, seconds: float) -> None:
    """From the commit on no blob is removed for so long: until it is renewed, ended or forgotten by its owner."""
    lock(connection)
    connection.execute(
        text("""
        insert into blob_holds values (:name, clock_timestamp() + make_interval(secs => :seconds))
        on conflict (name) do update set expires_at = excluded.expires_at
        """),
        {"name": name, "seconds": seconds},
    )


def end_hold(connection: Connection, name: str) -> None:
    """Blobs may go again."""
    connection.execute(text("delete from blob_holds where name = :name"), {"name": name})


def is_held(connection: Connection) -> bool:
    """Whether a backup runs."""
    return bool(connection.scalar(text("select exists (select from blob_holds where expires_at > clock_timestamp())")))
