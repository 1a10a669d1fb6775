"""What people and programs ask: where every file and document stands. Reads only; all of it from the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from db.models import Stage
from db.sessions import Database
from ingest.sketches import estimate_containment, unpack_sketch

__all__ = [
    "EXPORT_FIELDS",
    "STATES",
    "Counts",
    "IntakeTrouble",
    "Rates",
    "Status",
    "failed_documents",
    "failed_files",
    "files_of_path",
    "history",
    "intake_trouble",
    "known_sightings",
    "origins",
    "outcomes_of",
    "overview",
    "reasons_of",
    "rows_for_export",
    "status",
    "unsettled",
]

STATES = ("ready", "dispatched", "running", "waiting", "done", "failed")

EXPORT_FIELDS = (
    "id", "file", "sightings", "ordinal", "sha256", "outcome", "cluster_id", "canonical_id", "similarity", "title",
    "byline", "publisher", "published_at", "language", "url", "text", "error",
)  # fmt: skip

# The state of a row of work; the order of the tests is that of db.ledger.
_STATE = """
    case when w.lane <> 0 then 'ready' when w.lease_token is not null then 'running'
         when w.dispatched_at is not null then 'dispatched' when w.next_attempt_at > clock_timestamp() then 'waiting'
         else 'ready' end
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are, in each state and (documents) with each outcome and at each stage if unfinished."""

    total: int
    by_state: dict[str, int]
    by_outcome: dict[str, int]
    by_stage: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rates:
    """Documents finished a second: over the last ten seconds, the last minute, and since the first was registered."""

    now: float
    last_minute: float
    since_start: float


@dataclass(frozen=True, slots=True)
class IntakeTrouble:
    """A file that was seen and could not be taken yet."""

    path: str
    error_class: str
    message: str
    attempts: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `newsmill status` shows; `eta_seconds` is None when nothing moves or nothing is left."""

    files: Counts
    documents: Counts
    rates: Rates
    oldest_unfinished_at: datetime | None
    eta_seconds: float | None
    intake_errors: list[IntakeTrouble]
    latest_failures: list[str]


def origins(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """How messages name items: the path as first seen, and the line if the file holds many documents."""
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
    return {
        row.id: f"{row.path} line {row.ordinal}" if row.is_container and row.ordinal is not None else row.path
        for row in rows
    }


def known_sightings(connection: Connection, seen: Mapping[str, tuple[int, int, int, int]]) -> set[str]:
    """Which of the paths were taken with just this stat (size, mtime, ctime, inode): they need not be read again."""
    paths = list(seen)
    rows = connection.execute(
        text("""
        select s.path, s.size_bytes, s.mtime_ns, s.ctime_ns, s.inode from sightings s
        join unnest(cast(:paths as text[])) as p (path) on md5(s.path) = md5(p.path) and s.path = p.path
        """),
        {"paths": paths},
    )
    return {
        row.path
        for row in rows
        if (row.size_bytes, row.mtime_ns, row.ctime_ns, row.inode % (1 << 64)) == seen[row.path]
    }


def status(connection: Connection) -> Status:
    """One consistent picture (a single transaction's worth) of all that is in the mill."""
    documents = _document_counts(connection)
    rates = _rates(connection)
    left = sum(documents.by_stage.values())
    pace = rates.now or rates.last_minute
    oldest = connection.scalar(
        text(
            "select registered_at from documents where id = (select min(w.id) from work w join documents d on d.id = w.id)"
        )
    )
    troubles = connection.execute(
        text("select path, error_class, message, attempts, last_at from intake_errors order by last_at desc limit 1000")
    )
    return Status(
        files=_file_counts(connection),
        documents=documents,
        rates=rates,
        oldest_unfinished_at=oldest,
        eta_seconds=left / pace if left and pace else None,
        intake_errors=[IntakeTrouble(*row) for row in troubles],
        latest_failures=_latest_failures(connection),
    )


def _document_counts(connection: Connection) -> Counts:
    finished = connection.execute(
        text("select outcome, count(*) as n from documents where finished_at is not null group by 1")
    )
    by_outcome = dict.fromkeys(("unique", "near_duplicate", "exact_duplicate", "rejected", "failed"), 0)
    by_outcome |= {row.outcome: row.n for row in finished}
    by_state = dict.fromkeys(STATES, 0)
    by_state["failed"] = by_outcome["failed"]
    by_state["done"] = sum(by_outcome.values()) - by_outcome["failed"]
    by_stage = {stage.value: 0 for stage in Stage if stage is not Stage.UNPACK}
    total = sum(by_outcome.values())
    rows = connection.execute(
        text(f"""
        select {_STATE} as state, w.stage, d.outcome, count(*) as n
        from work w join documents d on d.id = w.id group by 1, 2, 3
        """)  # noqa: S608 - a constant
    )
    for row in rows:
        by_state[row.state] += row.n
        by_stage[row.stage] += row.n
        if row.outcome is None:
            total += row.n
        else:  # replayed: its old outcome stays visible, but it is at work now
            by_state["failed" if row.outcome == "failed" else "done"] -= row.n
    return Counts(total, by_state, by_outcome, by_stage)


def _file_counts(connection: Connection) -> Counts:
    """A file is as far as its documents: done when all of them are, failed when it could not be unpacked."""
    row = connection.execute(
        text("""
        select count(*) as total, count(*) filter (where error is not null) as failed from files
        """)
    ).one()
    by_state = dict.fromkeys(STATES, 0)
    unfinished = connection.execute(
        text(f"""
        select state, count(*) as n from (
            select coalesce(d.file_id, w.id) as file_id, min({_STATE}) as state
            from work w left join documents d on d.id = w.id group by 1
        ) as open_files group by 1
        """)  # noqa: S608 - a constant
    )
    for open_files in unfinished:
        by_state[open_files.state] += open_files.n
    by_state["failed"] = row.failed
    by_state["done"] = row.total - sum(by_state.values())
    return Counts(row.total, by_state, {}, {})


def _rates(connection: Connection) -> Rates:
    row = connection.execute(
        text("""
        select count(*) filter (where finished_at > clock_timestamp() - interval '10 seconds') / 10.0 as now,
               count(*) / 60.0 as last_minute
        from documents where finished_at > clock_timestamp() - interval '60 seconds'
        """)
    ).one()
    whole = connection.execute(
        text("""
        select (select max(id) from documents) as any_id,
               (select count(*) from documents where finished_at is not null)
               / greatest(extract(epoch from (select max(finished_at) from documents)
                                  - (select registered_at from documents order by id limit 1)), 0.001) as since_start
        """)
    ).one()
    return Rates(float(row.now), float(row.last_minute), float(whole.since_start or 0))


def _latest_failures(connection: Connection) -> list[str]:
    return list(
        connection.scalars(
            text("""
            (select reason as message, finished_at from documents where outcome = 'failed' order by finished_at desc limit 20)
            union all
            (select error, finished_at from files where error is not null order by finished_at desc limit 20)
            order by finished_at desc limit 20
            """)
        )
    )


def intake_trouble(connection: Connection, path: str) -> IntakeTrouble | None:
    """Why the file at this path could not be taken yet, if so."""
    row = connection.execute(
        text("""
        select path, error_class, message, attempts, last_at from intake_errors
        where md5(path) = md5(:path) and path = :path
        """),
        {"path": path},
    ).one_or_none()
    return None if row is None else IntakeTrouble(*row)


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


def reasons_of(connection: Connection, file_ids: Sequence[int]) -> list[str]:
    """Why documents of these files, or the files themselves, failed; at most a hundred."""
    return list(
        connection.scalars(
            text("""
            select reason from documents where file_id = any(cast(:ids as bigint[])) and outcome = 'failed'
            union all select error from files where id = any(cast(:ids as bigint[])) and error is not null
            limit 100
            """),
            {"ids": list(file_ids)},
        )
    )


def unsettled(connection: Connection, file_ids: Sequence[int]) -> dict[int, int]:
    """Of these files, those with unfinished work, and how many items each still has."""
    rows = connection.execute(
        text("""
        select f.id, count(*) as n from unnest(cast(:ids as bigint[])) as f (id)
        join lateral (
            select w.id from documents d join work w on w.id = d.id where d.file_id = f.id
            union all select w.id from work w where w.id = f.id
        ) as open_items on true
        group by 1
        """),
        {"ids": list(file_ids)},
    )
    return {row.id: row.n for row in rows}


def failed_documents(connection: Connection) -> list[int]:
    """The documents that ended as failed and are not being retried."""
    return list(
        connection.scalars(
            text("""
            select id from documents d where outcome = 'failed' and not exists (select from work w where w.id = d.id)
            order by id
            """)
        )
    )


def failed_files(connection: Connection) -> list[int]:
    """The containers that could not be unpacked."""
    return list(connection.scalars(text("select id from files where error is not null order by id")))


def files_of_path(connection: Connection, path: str) -> list[int]:
    """The files seen under this path, in the order in which they were first seen."""
    return list(
        connection.scalars(
            text(
                "select file_id from sightings where md5(path) = md5(:path) and path = :path group by 1 order by min(id)"
            ),
            {"path": path},
        )
    )


def history(connection: Connection, item_id: int, *, documents_limit: int) -> dict[str, Any] | None:
    """All that is known of a file or, with its file, of one document; None if nobody has that id.

    A file's documents are listed up to the limit, the failed ones first.
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
        select f.*, (select count(*) from documents d where d.file_id = f.id) as document_count from files f where f.id = :id
        """),
        {"id": file_id},
    ).one()
    sightings = connection.execute(
        text("select path, size_bytes, mtime_ns, seen_at from sightings where file_id = :id order by id"),
        {"id": file_id},
    )
    documents = connection.execute(
        text(f"""
        select d.*, {_STATE} as work_state, w.stage, w.next_attempt_at, w.strikes, w.id is not null as open,
               a.title, a.byline, a.publisher, a.published_at, a.published_precision, a.language, a.url, a.word_count
        from documents d left join work w on w.id = d.id left join articles a on a.document_id = d.id
        where d.file_id = :file_id and (d.id = :id or :id = :file_id)
        order by (d.outcome = 'failed') desc nulls last, d.ordinal limit :limit
        """),  # noqa: S608 - a constant
        {"id": item_id, "file_id": file_id, "limit": documents_limit},
    ).all()
    return {
        "file": {
            "id": file.id,
            "sha256": file.sha256.hex(),
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "registered_at": file.registered_at,
            "documents": file.document_count,
            "error": file.error,
            "failures": _failures(connection, file.id) if file.is_container else [],
        },
        "sightings": [
            {"path": s.path, "size_bytes": s.size_bytes, "mtime_ns": s.mtime_ns, "seen_at": s.seen_at}
            for s in sightings
        ],
        "documents": [_document(connection, row) for row in documents],
    }


def _document(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    state = row.work_state if row.open else "failed" if row.outcome == "failed" else "done"
    return {
        "id": row.id,
        "ordinal": row.ordinal,
        "state": state,
        "stage": row.stage if row.open else None,
        "next_attempt_at": row.next_attempt_at if row.open else None,
        "generation": row.generation,
        "registered_at": row.registered_at,
        "finished_at": row.finished_at,
        "outcome": row.outcome,
        "reason": row.reason,
        "title": row.title,
        "byline": row.byline,
        "publisher": row.publisher,
        "published_at": _published(row),
        "language": row.language,
        "url": row.url,
        "word_count": row.word_count,
        "journey": row.journey or [],
        "failures": _failures(connection, row.id),
        "cluster_id": row.cluster_id,
        "cluster": _cluster(connection, row.cluster_id),
    }


def _failures(connection: Connection, item_id: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        text("""
        select stage, generation, occurred_at, worker, error_class, message from failures where item_id = :id order by id
        """),
        {"id": item_id},
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


def _cluster(connection: Connection, cluster_id: int | None) -> list[dict[str, Any]]:
    if cluster_id is None:
        return []
    rows = connection.execute(
        text("""
        select d.id, d.outcome, a.title,
               (select s.path from sightings s where s.file_id = d.file_id order by s.id limit 1) as path
        from documents d left join articles a on a.document_id = d.id
        where d.cluster_id = :id order by (d.outcome = 'unique') desc, d.id limit 100
        """),
        {"id": cluster_id},
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001


def _published(row: Row[Any]) -> str | None:
    """The date to the precision that the source gave."""
    if row.published_at is None:
        return None
    digits = {"year": 4, "month": 7, "day": 10}.get(row.published_precision)
    whole: str = row.published_at.isoformat()
    return whole[:digits] if digits else whole


def rows_for_export(database: Database, *, everything: bool) -> Iterator[dict[str, Any]]:
    """The corpus, or every document, in id order; streamed, so memory is bounded whatever the size."""
    query = text(f"""
        select d.id, d.ordinal, d.outcome, d.cluster_id, d.reason, f.sha256,
               (select array_agg(path order by first) from (
                    select path, min(s.id) as first from sightings s where s.file_id = d.file_id group by path) as p
               ) as paths,
               c.id as canonical_id, t.sketch, t.shingle_count, d.text_id,
               ct.sketch as canonical_sketch, ct.shingle_count as canonical_shingle_count, c.text_id as canonical_text_id,
               a.title, a.byline, a.publisher, a.published_at, a.published_precision, a.language, a.url, a.text
        from documents d
        join files f on f.id = d.file_id
        left join articles a on a.document_id = d.id
        left join documents c on c.cluster_id = d.cluster_id and c.outcome = 'unique'
        left join texts t on t.id = d.text_id
        left join texts ct on ct.id = c.text_id
        {"" if everything else "where d.outcome = 'unique'"}
        order by d.id
    """)  # noqa: S608 - two constants
    with database.stream() as connection:
        for row in connection.execute(query):
            yield {
                "id": row.id,
                "file": row.paths[0] if row.paths else None,
                "sightings": row.paths or [],
                "ordinal": row.ordinal,
                "sha256": row.sha256.hex(),
                "outcome": row.outcome,
                "cluster_id": row.cluster_id,
                "canonical_id": row.canonical_id,
                "similarity": _similarity(row),
                "title": row.title,
                "byline": row.byline,
                "publisher": row.publisher,
                "published_at": _published(row),
                "language": row.language,
                "url": row.url,
                "text": row.text,
                "error": row.reason,
            }


def overview(connection: Connection) -> list[dict[str, Any]]:
    """Every document in a line: for small mills, such as the demo's."""
    rows = connection.execute(
        text("""
        select d.ordinal, d.outcome, d.cluster_id, d.journey, d.reason, f.is_container, a.title, a.published_at,
               a.published_precision,
               (select s.path from sightings s where s.file_id = f.id order by s.id limit 1) as path
        from documents d join files f on f.id = d.file_id left join articles a on a.document_id = d.id
        order by path, d.ordinal
        """)
    )
    return [dict(row._mapping) | {"published_at": _published(row)} for row in rows]  # noqa: SLF001


def _similarity(row: Row[Any]) -> float | None:
    """To the canonical article: 1 for the same text, else the containment that the two sketches tell."""
    if row.text_id is None or row.canonical_text_id is None:
        return None
    if row.text_id == row.canonical_text_id:
        return 1.0
    estimate = estimate_containment(
        unpack_sketch(row.sketch), row.shingle_count, unpack_sketch(row.canonical_sketch), row.canonical_shingle_count
    )
    return round(estimate, 3)
