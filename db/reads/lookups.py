"""What the roles and commands look up in the ledger; status, history and export stand in modules of their own."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, text

from db.reads.patterns import glob_regex

__all__ = [
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


def origins(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """How messages name items: the path as first seen, and the line if the file holds many documents.

    What was forgotten meanwhile has no name left.
    """
    rows = connection.execute(
        text("""
        select i.id, d.ordinal, f.is_container,
               (select s.path from sightings s where s.file_id = f.id order by s.id limit 1) as path
        from unnest(cast(:ids as bigint[])) as i (id)
        left join documents d on d.id = i.id
        join files f on f.id = coalesce(d.file_id, i.id)
        """),
        {"ids": list(ids)},
    )
    return dict.fromkeys(ids, "(forgotten)") | {
        row.id: f"{row.path} line {row.ordinal}" if row.is_container and row.ordinal is not None else row.path
        for row in rows
    }


def stages_of(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The stage of each of these items that is unfinished."""
    rows = connection.execute(
        text("select id, stage from work where id = any(cast(:ids as bigint[]))"), {"ids": list(ids)}
    )
    return {row.id: row.stage for row in rows}


def known_sightings(connection: Connection, seen: Mapping[str, tuple[int, int, int, int]]) -> dict[str, bytes]:
    """Which of the paths were taken with just this stat (size, mtime, ctime, inode), and the SHA-256 of each then.

    They need not be read again.
    """
    paths = list(seen)
    rows = connection.execute(
        text("""
        select s.path, s.size_bytes, s.mtime_ns, s.ctime_ns, s.inode, f.sha256 from sightings s
        join unnest(cast(:paths as text[])) as p (path) on md5(s.path) = md5(p.path) and s.path = p.path
        join files f on f.id = s.file_id
        """),
        {"paths": paths},
    )
    return {
        row.path: bytes(row.sha256)
        for row in rows
        if (row.size_bytes, row.mtime_ns, row.ctime_ns, row.inode % (1 << 64)) == seen[row.path]
    }


def paths_of_digests(connection: Connection, digests: Collection[bytes]) -> dict[bytes, str]:
    """A path at which a file with these bytes was seen, for each of the hashes that a file has."""
    rows = connection.execute(
        text("""
        select distinct on (f.sha256) f.sha256, s.path from files f join sightings s on s.file_id = f.id
        where f.sha256 = any(cast(:digests as bytea[])) order by f.sha256, s.id
        """),
        {"digests": list(digests)},
    )
    return {bytes(row.sha256): row.path for row in rows}


def outcomes_of(connection: Connection, file_ids: Sequence[int]) -> dict[str, int]:
    """How many documents of these files have each outcome; under "" those that are not finished."""
    rows = connection.execute(
        text("""
        select coalesce(outcome, '') as outcome, count(*) as n from documents
        where file_id = any(cast(:ids as bigint[])) group by 1 order by 1
        """),
        {"ids": list(file_ids)},
    )
    return {row.outcome: row.n for row in rows}


def reasons_of(connection: Connection, file_ids: Sequence[int]) -> list[tuple[str, str]]:
    """What of these files failed, and why; at most a hundred, by the path at which each was first seen.

    A document of a container has its number behind the path: `feed.jsonl:4`.
    """
    rows = connection.execute(
        text("""
        select s.path || coalesce(':' || r.ordinal, '') as path, r.reason
        from (
            select f.id, case when f.is_container then d.ordinal end as ordinal, d.reason
            from documents d join files f on f.id = d.file_id
            where f.id = any(cast(:ids as bigint[])) and d.outcome = 'failed'
            union all select id, null, error from files where id = any(cast(:ids as bigint[])) and error is not null
            limit 100
        ) as r
        cross join lateral (select path from sightings where file_id = r.id order by id limit 1) as s
        """),
        {"ids": list(file_ids)},
    )
    return [(row.path, row.reason) for row in rows]


def unsettled(connection: Connection, file_ids: Sequence[int]) -> dict[int, int]:
    """Of these files, those with unfinished work, and how many items each still has.

    A finished document that is to be cleaned again, as what recurs in it has changed, is unfinished work, too.
    """
    rows = connection.execute(
        text("""
        select f.id, count(*) as n from unnest(cast(:ids as bigint[])) as f (id)
        join lateral (
            select w.id from documents d join work w on w.id = d.id where d.file_id = f.id
            union all select d.id from documents d join revisits r on r.document_id = d.id where d.file_id = f.id
            union all select w.id from work w where w.id = f.id
        ) as open_items on true
        group by 1
        """),
        {"ids": list(file_ids)},
    )
    return {row.id: row.n for row in rows}


def files_of_path(connection: Connection, path: str) -> list[int]:
    """The files seen under this path, in the order in which they were first seen."""
    return list(
        connection.scalars(
            text(
                "select file_id from sightings where md5(path) = md5(:path) and path = :path"
                " group by file_id order by min(id)"
            ),
            {"path": path},
        )
    )


def files_below(connection: Connection, folder: str) -> list[int]:
    """The files seen in this folder or one within it, likewise; reads all sightings."""
    return list(
        connection.scalars(
            text("select file_id from sightings where starts_with(path, :prefix) group by file_id order by min(id)"),
            {"prefix": folder.rstrip("/") + "/"},
        )
    )


def files_matching(connection: Connection, pattern: str) -> list[int]:
    """The files seen at a path that this shell pattern matches (`db.reads.patterns`); reads all sightings."""
    return list(
        connection.scalars(
            text("select file_id from sightings where path ~ :regex group by file_id order by min(id)"),
            {"regex": glob_regex(pattern)},
        )
    )


def intake_error_paths(connection: Connection) -> list[str]:
    """The paths that could not be accepted yet."""
    return list(connection.scalars(text("select path from intake_errors order by id")))
